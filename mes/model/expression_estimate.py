"""Estimates of terms in floats, each with how far it may be from the exact value, for decisions far from equality."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import assert_never

from mes.model.condition_look import Look
from mes.model.expression import Arithmetic, Call, Negative, Operand, Term
from mes.model.expression_uom import uom_of
from mes.model.expression_value import Unknown
from mes.model.quantity import Quantity, has_own_zero
from mes.model.reading import Quality
from mes.model.reference import Reference
from mes.model.uom_algebra import product_uom

NEAR = 1e-6
"""Relative distance within which exact decimals decide: seven digits of a REAL move a value by half of it at most."""

_ROUNDING = 1e-12
_GOOD = Quality.GOOD
_ZERO, _THOUSAND = Decimal(0), Decimal(1000)
_NO_ESTIMATE = (0.0, math.inf)

Estimate = Callable[[Look], "tuple[float, float] | None"]
"""Gives a value and how far the exact one may be from it (infinite when floats cannot tell); None when unknown."""


def estimate_of(term: Term, place: Mapping[Operand, int], uoms: Mapping[Operand, str]) -> Estimate:
    """Make the estimate of a term whose units were found to fit, in the unit of measure of the term.

    `place` gives where a look holds an operand: the tags first, then the references.
    """
    match term:
        case Quantity():
            value = float(term.value)
            fixed = (value, abs(value) * _ROUNDING)
            return lambda look: fixed
        case str():
            return _tag(place[term])
        case Reference():
            return _reference(place[term])
        case Negative(inner):
            return _negative(estimate_of(inner, place, uoms))
        case Call(function, terms):
            uom = uom_of(term, uoms.__getitem__).uom
            parts = [_in_uom(each, uom, place, uoms) for each in terms]
            return _absolute(parts[0]) if function == "abs" else _choice(parts, min if function == "min" else max)
        case Arithmetic():
            return _arithmetic(term, place, uoms)
        case _:
            assert_never(term)


def rescaled(inner: Estimate, source: str, target: str) -> Estimate:
    """Make an estimate in another unit of measure of the same kind."""
    if source == target:
        return inner
    zero, thousand = (float(Quantity(number, source).to(target).value) for number in (_ZERO, _THOUSAND))
    factor, offset = (thousand - zero) / 1000, zero

    def scaled(look: Look) -> tuple[float, float] | None:
        found = inner(look)
        if found is None:
            return None
        value = found[0] * factor
        return value + offset, found[1] * abs(factor) + (abs(value) + abs(offset)) * _ROUNDING

    return scaled


def _in_uom(term: Term, uom: str, place: Mapping[Operand, int], uoms: Mapping[Operand, str]) -> Estimate:
    return rescaled(estimate_of(term, place, uoms), uom_of(term, uoms.__getitem__).uom, uom)


def _tag(place: int) -> Estimate:
    def tag(look: Look) -> tuple[float, float] | None:
        reading = look.readings[place]
        value = reading.value
        if reading.quality is not _GOOD or value is None or not math.isfinite(value):
            return None
        return float(value), abs(value) * NEAR

    return tag


def _reference(place: int) -> Estimate:
    def reference(look: Look) -> tuple[float, float] | None:
        found = look.values[place - len(look.tags)]
        if isinstance(found, Unknown):
            return None
        value = float(found.value)
        return value, abs(value) * _ROUNDING

    return reference


def _negative(inner: Estimate) -> Estimate:
    def negative(look: Look) -> tuple[float, float] | None:
        found = inner(look)
        return None if found is None else (-found[0], found[1])

    return negative


def _absolute(inner: Estimate) -> Estimate:
    def absolute(look: Look) -> tuple[float, float] | None:
        found = inner(look)
        return None if found is None else (abs(found[0]), found[1])

    return absolute


def _choice(parts: list[Estimate], chosen: Callable[[list[float]], float]) -> Estimate:
    def choice(look: Look) -> tuple[float, float] | None:
        values, errors = [], []
        for part in parts:
            found = part(look)
            if found is None:
                return None
            values.append(found[0])
            errors.append(found[1])
        return chosen(values), max(errors)

    return choice


def _arithmetic(term: Arithmetic, place: Mapping[Operand, int], uoms: Mapping[Operand, str]) -> Estimate:
    first, second = (uom_of(side, uoms.__getitem__).uom for side in (term.left, term.right))
    left, right = estimate_of(term.left, place, uoms), estimate_of(term.right, place, uoms)
    if term.operator in "*/":
        factor = float(product_uom(first, second, term.operator).factor)
        return _product(left, right, factor) if term.operator == "*" else _quotient(left, right, factor)
    sign = 1.0 if term.operator == "+" else -1.0
    if not has_own_zero(first) and not has_own_zero(second):
        return _sum(left, rescaled(right, second, first), sign)
    # Temperatures with a zero of their own are added and subtracted in K, as the exact way does.
    uom = uom_of(term, uoms.__getitem__).uom
    return rescaled(_sum(rescaled(left, first, "K"), rescaled(right, second, "K"), sign), "K", uom)


def _sum(left: Estimate, right: Estimate, sign: float) -> Estimate:
    def added(look: Look) -> tuple[float, float] | None:
        first, second = left(look), right(look)
        if first is None or second is None:
            return None
        value = first[0] + sign * second[0]
        return value, first[1] + second[1] + (abs(first[0]) + abs(second[0])) * _ROUNDING

    return added


def _product(left: Estimate, right: Estimate, factor: float) -> Estimate:
    def product(look: Look) -> tuple[float, float] | None:
        first, second = left(look), right(look)
        if first is None or second is None:
            return None
        value = first[0] * second[0] * factor
        spread = abs(first[0]) * second[1] + abs(second[0]) * first[1] + first[1] * second[1]
        return value, abs(factor) * spread + abs(value) * _ROUNDING

    return product


def _quotient(left: Estimate, right: Estimate, factor: float) -> Estimate:
    def quotient(look: Look) -> tuple[float, float] | None:
        first, second = left(look), right(look)
        if first is None or second is None:
            return None
        surely = abs(second[0]) - second[1]
        if not surely > 0:  # it may be a division by zero, which only exact decimals can tell
            return _NO_ESTIMATE
        value = first[0] / second[0] * factor
        spread = (first[1] + abs(first[0] / second[0]) * second[1]) / surely
        return value, abs(factor) * spread + abs(value) * _ROUNDING

    return quotient
