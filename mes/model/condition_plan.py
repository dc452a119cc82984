"""A condition made ready for many looks: floats and scale factors found once, and exact decimals only near equality.

A float decides when the two sides are further apart than the digits of a measured value and all rounding can move them;
otherwise the exact decimals of `mes.model.condition_words` do, so that both ways always agree.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mes.model.condition_look import Look, Truth
from mes.model.condition_tree import AllOf, AnyOf, Comparison, Lasting, Negation, Node, misfit
from mes.model.condition_words import COMPARED, Account, sides
from mes.model.expression import Operand, operands
from mes.model.expression_estimate import NEAR, Estimate, estimate_of, rescaled
from mes.model.expression_uom import uom_of
from mes.model.quantity import Quantity
from mes.model.reading import Quality

Judge = Callable[[Look], Truth]
"""Gives how a condition stands at a look, and fills the timers of that look."""

_TRUE, _FALSE, _UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
_GOOD = Quality.GOOD
_INFINITE = math.inf


@dataclass(frozen=True, slots=True)
class Plan:
    """How a condition is judged whose operands have certain units of measure; `misfits` as in `Look`."""

    judge: Judge
    misfits: Mapping[int, str]


def plan_of(root: Node, operand_order: Sequence[Operand], uoms: Sequence[str]) -> Plan:
    """Make a condition ready for looks whose operands have these units of measure, empty where there is none."""
    planner = _Planner(dict(zip(operand_order, uoms, strict=True)))
    return Plan(planner.judge_of(root), planner.misfits)


class _Planner:
    def __init__(self, uoms: dict[Operand, str]) -> None:
        self.uoms = uoms
        self.place = {operand: place for place, operand in enumerate(uoms)}
        self.misfits: dict[int, str] = {}

    def judge_of(self, node: Node) -> Judge:
        match node:
            case Comparison():
                return self._comparison(node)
            case Negation(inner):
                return _opposite(self.judge_of(inner))
            case Lasting(inner):
                return _lasting(self.judge_of(inner), node)
            case AllOf(parts):
                return self._joined(parts, _TRUE, _FALSE)
            case AnyOf(parts):
                return self._joined(parts, _FALSE, _TRUE)

    def _joined(self, parts: tuple[Node, ...], otherwise: Truth, decisive: Truth) -> Judge:
        timed = tuple(self.judge_of(part) for part in parts if _holds_time(part))
        plain = tuple(self.judge_of(part) for part in parts if not _holds_time(part))

        def joined(look: Look) -> Truth:
            truth = otherwise
            for part in timed:  # all of them, for no timer may stop because another part decides
                found = part(look)
                if found is decisive or (found is _UNKNOWN and truth is not decisive):
                    truth = found
            if truth is decisive:
                return truth
            for part in plain:
                found = part(look)
                if found is decisive:
                    return found
                if found is _UNKNOWN:
                    truth = found
            return truth

        return joined

    def _comparison(self, node: Comparison) -> Judge:
        subject, operator, other = sides(node)
        used = {*operands(subject), *operands(other)}
        if wrong := misfit(node, self.uoms.__getitem__):
            self.misfits[id(node)] = wrong
        if wrong or not all(self.uoms[operand] for operand in used):
            return lambda look: _UNKNOWN
        uom = uom_of(subject, self.uoms.__getitem__).uom
        if isinstance(subject, str) and isinstance(other, Quantity):
            return _against_limit(self.place[subject], operator, other.to(uom).value)
        right_uom = uom_of(other, self.uoms.__getitem__).uom
        left = estimate_of(subject, self.place, self.uoms)
        right = rescaled(estimate_of(other, self.place, self.uoms), right_uom, uom)
        return _against_term(node, operator, left, right)


def _holds_time(node: Node) -> bool:
    match node:
        case Comparison():
            return False
        case Negation(inner):
            return _holds_time(inner)
        case Lasting():
            return True
        case AllOf(parts) | AnyOf(parts):
            return any(_holds_time(part) for part in parts)


def _opposite(inner: Judge) -> Judge:
    def opposite(look: Look) -> Truth:
        return ~inner(look)

    return opposite


def _lasting(inner: Judge, node: Lasting) -> Judge:
    key, lasts = str(node), node.lasts

    def lasting(look: Look) -> Truth:
        return look.judge_lasting(key, inner(look), lasts, look.timers)

    return lasting


def _outcomes(operator: str) -> tuple[Truth, Truth]:
    above = _TRUE if operator in {">", ">=", "!="} else _FALSE
    below = _TRUE if operator in {"<", "<=", "!="} else _FALSE
    return above, below


def _against_limit(place: int, operator: str, limit: Decimal) -> Judge:
    above, below = _outcomes(operator)
    compared = COMPARED[operator]
    near = float(limit)
    high, low = near + abs(near) * NEAR, near - abs(near) * NEAR

    def against_limit(look: Look) -> Truth:
        reading = look.readings[place]
        value = reading.value
        if reading.quality is not _GOOD or value is None:
            return _UNKNOWN
        if high < value < _INFINITE:
            return above
        if -_INFINITE < value < low:
            return below
        if not math.isfinite(value):
            return _UNKNOWN
        exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.7g}")
        return _TRUE if compared(exact, limit) else _FALSE

    return against_limit


def _against_term(node: Comparison, operator: str, left: Estimate, right: Estimate) -> Judge:
    above, below = _outcomes(operator)

    def against_term(look: Look) -> Truth:
        first, second = left(look), right(look)
        if first is None or second is None:
            return _UNKNOWN
        apart = first[0] - second[0]
        if abs(apart) > first[1] + second[1]:  # never so when one of them is no number
            return above if apart > 0 else below
        return Account(look).decide(node)

    return against_term
