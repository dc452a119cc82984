"""One way to write an amount, so that the same amount is always the same text and the same hash."""

from __future__ import annotations

from decimal import Context, Decimal

from mes.model.quantity import Quantity

DIGITS = 12
"""Significant digits of a calculated amount: more than any scale shows, fewer than a division leaves behind."""


def plain(amount: Quantity) -> Quantity:
    """Give the amount without trailing zeros and without an exponent (a factor of 1000 leaves 1E+3)."""
    value = amount.value.normalize()
    exponent = value.as_tuple().exponent
    return Quantity(value.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else value, amount.uom)


def rounded(amount: Quantity) -> Quantity:
    """Give a calculated amount with at most twelve significant digits."""
    return plain(Quantity(Context(prec=DIGITS).plus(amount.value), amount.uom))
