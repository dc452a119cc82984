"""Amounts in recipes: which units of measure may stand for which, and how a converted value is written."""

from __future__ import annotations

from mes.model.plain_amount import plain
from mes.model.quantity import Quantity, UomError, comparable, parse_quantity

_APART = ("1", "%LEL")
"""A pure number is no percentage, and a part of an explosion limit is no part of anything else."""


def read_amount(text: str, wanted: str = "") -> Quantity:
    """Read an amount and, where `wanted` is given, see that it fits that unit of measure.

    Raises `UomError` that says what does not fit and what to write.
    """
    amount = parse_quantity(text)
    if wanted:
        fit(amount, wanted)
    return amount


def fit(amount: Quantity, wanted: str) -> Quantity:
    """Give the amount in the unit of measure `wanted`.

    Raises `UomError` when they measure different things, or when a bare number stands where a unit is needed.
    """
    if amount.uom == "1" and wanted != "1":
        raise UomError(f"{amount} has no unit of measure; write '{amount} {wanted}'")
    if not fits(amount.uom, wanted):
        unit = "no unit (a bare number)" if wanted == "1" else repr(wanted)
        raise UomError(f"{str(amount)!r} does not fit: {amount.uom!r} cannot be converted, {unit} is wanted")
    return plain(amount.to(wanted))


def fits(first: str, second: str) -> bool:
    """Say whether an amount in one of these units of measure may stand where the other is wanted."""
    apart = any((first == word) is not (second == word) for word in _APART)
    normal = ("NL" in first) is not ("NL" in second)
    return not apart and not normal and comparable(first, second)
