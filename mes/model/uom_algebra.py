"""What comes out when quantities are multiplied and divided: a unit of measure the way the plant writes it.

Words that measure the same are brought together (`g/min` times `h` is `g`, with the factor 60), shares of a whole
become pure numbers, and a degree inside a compound is a difference, so `degC/min` times `min` is `K`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache

from mes.model.quantity import Quantity, UomError, comparable, ratio

EXACT = Context(prec=28)
"""Arithmetic of amounts: more digits than any product of a few of them has."""

_LARGEST_POWER = 9
_DEGREES = {"degC", "C"}


@dataclass(frozen=True, slots=True)
class Product:
    """The unit of measure of a product or quotient; the product of the bare numbers times `factor` is its value."""

    uom: str
    factor: Fraction


def _powers(uom: str) -> list[tuple[str, int]]:
    parts = re.split(r"([./*])", uom)
    compound, found = len(parts) > 1, []
    for operator, part in zip([".", *parts[1::2]], parts[::2], strict=True):
        word, power = (part[:-1], int(part[-1])) if part[-1].isdigit() and len(part) > 1 else (part, 1)
        word = "K" if compound and word in _DEGREES else word
        found.append((word, -power if operator == "/" else power))
    return found


@cache
def product_uom(left: str, right: str, operator: str) -> Product:
    """Give the unit of measure of `left` times (`*`) or through (`/`) `right`, and the factor that goes with it.

    Raises `UomError` when a unit is unknown or a power is larger than the plant writes.
    """
    if right == "1":  # half of 5 % is 2.5 %, not 0.025
        return Product(left, Fraction(1))
    if left == "1" and operator == "*":
        return Product(right, Fraction(1))
    sign = 1 if operator == "*" else -1
    factor, powers = Fraction(1), dict[str, int]()
    for word, power in [*_powers(left), *((word, sign * power) for word, power in _powers(right))]:
        if word == "1" or comparable(word, "1"):
            factor *= ratio(word, "1") ** power
            continue
        same = next((known for known in powers if comparable(known, word)), word)
        factor *= ratio(word, same) ** power
        powers[same] = powers.get(same, 0) + power
    return Product(_written(powers), factor)


def _written(powers: dict[str, int]) -> str:
    def spelled(word: str, power: int) -> str:
        if power > _LARGEST_POWER:
            raise UomError(f"{word!r} would come out to the power {power}; nothing is measured in that")
        return word if power == 1 else f"{word}{power}"

    above = [spelled(word, power) for word, power in powers.items() if power > 0]
    below = [spelled(word, -power) for word, power in powers.items() if power < 0]
    return "/".join([".".join(above) or "1", *below])


def multiplied(left: Quantity, right: Quantity) -> Quantity:
    """Give the product of two quantities; raises `UomError`."""
    product = product_uom(left.uom, right.uom, "*")
    return Quantity(_times(EXACT.multiply(left.value, right.value), product.factor), product.uom)


def divided(left: Quantity, right: Quantity) -> Quantity:
    """Give the quotient of two quantities, to 28 digits; raises `UomError` or `ZeroDivisionError`."""
    if right.value == 0:
        raise ZeroDivisionError(f"{left} divided by {right}")
    product = product_uom(left.uom, right.uom, "/")
    return Quantity(_times(EXACT.divide(left.value, right.value), product.factor), product.uom)


def _times(value: Decimal, factor: Fraction) -> Decimal:
    value = EXACT.multiply(value, factor.numerator)
    return value if factor.denominator == 1 else EXACT.divide(value, factor.denominator)
