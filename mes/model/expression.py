"""Expressions: arithmetic over quantities, references and (inside conditions) tags, as a tree that writes its own text.

What its unit of measure is stands in `mes.model.expression_uom`, what its value is in `mes.model.expression_value`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mes.model.quantity import Quantity
from mes.model.reference import Reference

FUNCTIONS = ("min", "max", "abs")
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
_STRONGEST = 3

Operand = str | Reference
"""What an expression takes from outside; a `str` is the name of a tag."""


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """Two terms with `+`, `-`, `*` or `/` between them."""

    left: Term
    operator: str
    right: Term

    def __str__(self) -> str:
        strength = _STRENGTH[self.operator]
        # What stands at the right keeps its brackets even where mathematics would not need them: 8 / (4 / 2).
        return f"{_bracketed(self.left, strength)} {self.operator} {_bracketed(self.right, strength + 1)}"


@dataclass(frozen=True, slots=True)
class Negative:
    """The opposite of a term."""

    inner: Term

    def __str__(self) -> str:
        # -5 g is a quantity of its own, so the opposite of 5 g is written with brackets.
        return f"-({self.inner})" if isinstance(self.inner, Quantity | Arithmetic) else f"-{self.inner}"


@dataclass(frozen=True, slots=True)
class Call:
    """`min` or `max` of two terms or more, or `abs` of one."""

    function: str
    terms: tuple[Term, ...]

    def __str__(self) -> str:
        return f"{self.function}({', '.join(str(term) for term in self.terms)})"


Term = str | Reference | Quantity | Arithmetic | Negative | Call


def _bracketed(term: Term, strength: int) -> str:
    own = _STRENGTH[term.operator] if isinstance(term, Arithmetic) else _STRONGEST
    return f"({term})" if own < strength else str(term)


def operands(term: Term) -> Iterator[Operand]:
    """Give the tags and references of a term in the order of the text, repeated ones each time."""
    match term:
        case str() | Reference():
            yield term
        case Arithmetic(left, _, right):
            yield from operands(left)
            yield from operands(right)
        case Negative(inner):
            yield from operands(inner)
        case Call(_, terms):
            for each in terms:
                yield from operands(each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """An expression; `str` of it is a text that reads back as the same expression."""

    root: Term

    @property
    def references(self) -> frozenset[Reference]:
        """The references it takes values from."""
        return frozenset(found for found in operands(self.root) if isinstance(found, Reference))

    @property
    def tags(self) -> frozenset[str]:
        """The names of the tags it looks at; only a side of a comparison has some."""
        return frozenset(found for found in operands(self.root) if isinstance(found, str))

    @property
    def is_amount(self) -> bool:
        """True when it is nothing but one quantity."""
        return isinstance(self.root, Quantity)

    def __str__(self) -> str:
        return str(self.root)
