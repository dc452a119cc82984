"""References: what an expression names instead of an amount, such as `$size` or `report("Weigh Li2S", net_weight)`."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class ReferenceKind(StrEnum):
    """Where the value of a reference comes from."""

    SIZE = "size"
    FORMULA = "formula"
    INPUT = "input"
    LOT = "lot"
    REPORT = "report"
    RESULT = "result"
    ANSWER = "answer"


DOLLAR_WORDS = (ReferenceKind.SIZE, ReferenceKind.INPUT, ReferenceKind.LOT)
"""Words after `$` that have a meaning of their own, so that no formula value may bear them."""

LOOKUPS = (ReferenceKind.REPORT, ReferenceKind.RESULT, ReferenceKind.ANSWER)
"""Kinds that are written as a call with a quoted name."""


class BadReference(ValueError):
    """A text that is no reference; the message says how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A value that is known at start, when a lot is scanned or when an earlier step is done; `str` gives its text.

    `name` is the formula value, the input or the quoted name of an element; empty for the batch size. `item` is the
    property of a lot, the value of a report or the name of a result; empty for the others. A quoted name holds any
    characters but `"` and line breaks.
    """

    kind: ReferenceKind
    name: str = ""
    item: str = ""

    def __str__(self) -> str:
        match self.kind:
            case ReferenceKind.SIZE:
                return "$size"
            case ReferenceKind.FORMULA:
                return f"${self.name}"
            case ReferenceKind.INPUT:
                return f"$input.{self.name}"
            case ReferenceKind.LOT:
                return f"$lot.{self.name}.{self.item}"
            case ReferenceKind.ANSWER:
                return f'answer("{self.name}")'
            case _:
                return f'{self.kind}("{self.name}", {self.item})'


def dollar_reference(text: str) -> Reference:
    """Give the reference that a text such as `$size`, `$mill_time`, `$input.Li2S` or `$lot.Li2S.assay` is.

    Raises `BadReference` when it has too few or too many words.
    """
    first, *rest = text.removeprefix("$").split(".")
    match first, rest:
        case "size", []:
            return Reference(kind=ReferenceKind.SIZE)
        case "input", [name]:
            return Reference(kind=ReferenceKind.INPUT, name=name)
        case "lot", [name, item]:
            return Reference(kind=ReferenceKind.LOT, name=name, item=item)
        case "size", _:
            raise BadReference(f"{text!r} has a word too many; the batch size is '$size'")
        case "input", _:
            raise BadReference(f"{text!r} names no input; write '$input.NAME', the need for that input")
        case "lot", _:
            raise BadReference(f"{text!r} names no property of a lot; write '$lot.INPUT.PROPERTY'")
        case _, []:
            return Reference(kind=ReferenceKind.FORMULA, name=first)
    near = get_close_matches(first, ("input", "lot"), n=1, cutoff=0.5)
    meant = f"did you mean '${near[0]}.{'.'.join(rest)}'?" if near else f"a formula value is '${first}'"
    raise BadReference(f"{text!r} is no reference; {meant}")


def named_reference(kind: ReferenceKind, name: str, item: str) -> Reference:
    """Give the reference that a call such as `report("Weigh Li2S", net_weight)` is.

    Raises `BadReference` when the name is empty or a word is missing or too many.
    """
    if not name.strip():
        raise BadReference(f'{kind}("") names nothing; write the name of the element between the quotes')
    if kind is ReferenceKind.ANSWER and item:
        raise BadReference(f"an answer has no {item!r}; write 'answer(\"{name}\")'")
    if kind is not ReferenceKind.ANSWER and not item:
        wanted = "net_weight" if kind is ReferenceKind.REPORT else "li2s_peak"
        raise BadReference(f"which value of the {kind}? Write its name, as in '{kind}(\"{name}\", {wanted})'")
    return Reference(kind=kind, name=name, item=item)
