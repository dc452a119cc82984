"""A look at the plant in exact decimals and in words: how each part stands, with live values and what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import assert_never

from mes.model.condition_look import Look, Timer, Truth, all_true
from mes.model.condition_tree import AllOf, AnyOf, Comparison, Lasting, Negation, Node
from mes.model.expression import Operand, Term, operands
from mes.model.expression_value import Known, Unknown, fitting_value
from mes.model.quantity import Quantity, convert, measured
from mes.model.reading import Quality, Reading

COMPARED: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_SHOWN_DIGITS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One comparison of a condition: its text, the live value in words, what is needed, and whether that is met.

    `needs` has the `not` and the `for` around the comparison in it, and `truth` is about `needs`: the parts that are
    not true are what a condition waits for.
    """

    text: str
    left: str
    needs: str
    truth: Truth


def sides(comparison: Comparison) -> tuple[Term, str, Term]:
    """Give a comparison with what is looked at on the left and what it is compared with on the right."""
    if not any(operands(comparison.left)):
        return comparison.right, MIRRORED[comparison.operator], comparison.left
    return comparison.left, comparison.operator, comparison.right


@dataclass(slots=True)
class Account:
    """The account of one look. `judge` pushes `not` down to the comparisons, so that it always says what is needed."""

    look: Look
    parts: list[Part] = field(default_factory=list)
    place: dict[Operand, int] = field(init=False)
    timers: dict[str, Timer] = field(init=False)

    def __post_init__(self) -> None:
        order: tuple[Operand, ...] = (*self.look.tags, *self.look.references)
        self.place = {operand: at for at, operand in enumerate(order)}
        self.timers = {}

    def judge(self, node: Node, *, wanted: bool = True) -> tuple[Truth, str]:
        """Give how a node (or, when not `wanted`, its opposite) stands and why; its parts are added to `parts`."""
        match node:
            case Comparison():
                return self._compare(node, wanted=wanted)
            case Negation():
                return self.judge(node.inner, wanted=not wanted)
            case Lasting():
                return self._last(node, wanted=wanted)
            case AllOf():
                return self._join(node.parts, wanted=wanted, every=wanted)
            case AnyOf():
                return self._join(node.parts, wanted=wanted, every=not wanted)
            case _:
                assert_never(node)

    def _join(self, parts: tuple[Node, ...], *, wanted: bool, every: bool) -> tuple[Truth, str]:
        # Every part is judged even when the first decides, for the timers in the others must not stop.
        judged = [_bracketed(part, *self.judge(part, wanted=wanted)) for part in parts]
        truths = [truth for truth, _ in judged]
        truth = all_true(truths) if every else ~all_true([~truth for truth in truths])
        if truth is Truth.TRUE:
            return truth, " and ".join(why for found, why in judged if found is truth)
        order = (Truth.FALSE, Truth.UNKNOWN)
        unmet = [why for kind in order for found, why in judged if found is kind]
        return truth, (" and " if every else " or ").join(unmet)

    def decide(self, node: Comparison) -> Truth:
        """Say how a comparison whose units fit stands, without a word."""
        subject, operator, other = sides(node)
        left, right = self._value(subject), self._value(other)
        if isinstance(left, Unknown) or isinstance(right, Unknown):
            return Truth.UNKNOWN
        met = COMPARED[operator](left.quantity.value, right.quantity.to(left.quantity.uom).value)
        return Truth.TRUE if met else Truth.FALSE

    def _compare(self, node: Comparison, *, wanted: bool) -> tuple[Truth, str]:
        subject, operator, other = sides(node)
        wrong = self.look.misfits.get(id(node), "")
        truth = Truth.UNKNOWN if wrong else self.decide(node)
        left = self._words(subject, fits=not wrong)
        need = f"{operator if wanted else OPPOSITE[operator]} {self._words(other, fits=not wrong)}"
        truth = truth if wanted else ~truth
        aside = f" ({wrong})" if wrong else ""
        self.parts.append(Part(text=str(node), left=left + aside, needs=need, truth=truth))
        return truth, f"{left}, {'meets' if truth is Truth.TRUE else 'needs'} {need}{aside}"

    def _value(self, term: Term) -> Known | Unknown:
        if isinstance(term, Quantity):
            return Known(term)
        if isinstance(term, Operand):
            value = self._operand(term)
            return value if isinstance(value, Unknown) else Known(value)
        return fitting_value(term, self._operand)

    def _words(self, term: Term, *, fits: bool) -> str:
        if isinstance(term, Quantity):
            return str(term)
        if isinstance(term, Operand):
            value = self._operand(term)
            return value.why if isinstance(value, Unknown) else f"{term} = {_shown(value)}"
        live = ", ".join(dict.fromkeys(self._words(each, fits=fits) for each in operands(term)))
        live = f" ({live})" if live else ""
        if not fits:
            return f"{term}{live}"
        found = self._value(term)
        if isinstance(found, Unknown):
            return f"{term} is unknown: {found.why}"
        return f"{term} = {_shown(found.quantity)}{live}"

    def _operand(self, operand: Operand) -> Quantity | Unknown:
        place = self.place[operand]
        if not isinstance(operand, str):
            value = self.look.values[place - len(self.look.tags)]
            return Unknown(f"{operand} is unknown ({value.why})") if isinstance(value, Unknown) else value
        uom, found = self.look.uoms[place], self.look.readings[place]
        if not uom:
            return Unknown(f"{operand} is no tag of this plant")
        if not found.is_good or found.value is None:
            return Unknown(f"{operand} is {_fault(found)}")
        # A REAL holds seven digits: 0.1 that comes back as 0.100000001 is 0.1. Whole numbers are compared as they are.
        return Quantity(Decimal(found.value), uom) if isinstance(found.value, int) else measured(found.value, uom)

    def _last(self, node: Lasting, *, wanted: bool) -> tuple[Truth, str]:
        first = len(self.parts)
        inner, why = _bracketed(node.inner, *self.judge(node.inner, wanted=True))
        key = str(node)
        truth = self.look.judge_lasting(key, inner, node.lasts, self.timers)
        self._put_time(first, node, truth if wanted else ~truth, wanted=wanted)
        if inner is Truth.FALSE:
            return (inner, f"{why} for {node.duration}") if wanted else (~inner, why)
        known_at = self.timers[key].known_at
        if known_at is None:
            return inner, f"{why} for {node.duration}"
        why = f"{why} for {_in_uom(self.look.now - known_at, node.duration.uom)} of {node.duration}"
        if truth is Truth.UNKNOWN:
            why = f"{why}, counted from when it was known again"
        elif truth is Truth.TRUE and not wanted:
            why = f"{why}, must not last that long"
        return (truth if wanted else ~truth), why

    def _put_time(self, first: int, node: Lasting, truth: Truth, *, wanted: bool) -> None:
        timer = self.timers.get(str(node))
        lasted = ""
        if timer is not None and timer.known_at is not None:
            lasted = f" for {_in_uom(self.look.now - timer.known_at, node.duration.uom)} {node.duration.uom}"
        for place, part in enumerate(self.parts[first:], first):
            # A comparison that is met, but not yet for long enough, is what is still waited for.
            met = truth if not wanted or part.truth is Truth.TRUE else part.truth
            left = part.left + (lasted if part.truth is Truth.TRUE else "")
            needs = f"{part.needs} for {node.duration}" if wanted else f"not {part.needs} for {node.duration}"
            self.parts[place] = replace(part, left=left, needs=needs, truth=met)


def _bracketed(node: Node, truth: Truth, why: str) -> tuple[Truth, str]:
    while isinstance(node, Negation):
        node = node.inner
    many = isinstance(node, AllOf | AnyOf) and (" and " in why or " or " in why)
    return truth, f"({why})" if many else why


def _shown(quantity: Quantity) -> str:
    digits = len(quantity.value.as_tuple().digits)
    # What was calculated has more digits than anybody reads; what was read or written stays as it is.
    return str(quantity if digits <= 2 * _SHOWN_DIGITS else measured(float(quantity.value), quantity.uom))


def _fault(reading: Reading) -> str:
    if reading.quality is Quality.GOOD:
        return "without a value" if reading.value is None else f"not a finite number ({reading.value})"
    return f"{reading.quality} ({reading.why})" if reading.why else str(reading.quality)


def _in_uom(span: timedelta, uom: str) -> str:
    return f"{convert(span.total_seconds(), 's', uom):.3g}"
