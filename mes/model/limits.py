"""The three levels of limits of a formula value, and its value by batch size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe, FormulaParameter, Limits


class Limit(StrEnum):
    """The outermost limit that a value breaks; `hard` is never taken, `high` needs a reason, `soft` is recorded."""

    NONE = ""
    SOFT = "soft"
    HIGH = "high"
    HARD = "hard"


def limit_of(parameter: FormulaParameter, value: Quantity) -> Limit:
    """Give the outermost limit that the value breaks. Raises `UomError` when it measures something else."""
    if not Limits(low=parameter.minimum, high=parameter.maximum).hold(value):
        return Limit.HARD
    if parameter.high is not None and not parameter.high.hold(value):
        return Limit.HIGH
    return Limit.NONE if parameter.soft is None or parameter.soft.hold(value) else Limit.SOFT


def range_of(parameter: FormulaParameter, limit: Limit) -> Limits:
    """Give the ends of one of its limits; the hard ones where it has no such limit."""
    hard = Limits(low=parameter.minimum, high=parameter.maximum)
    if limit is Limit.SOFT:
        return parameter.soft or parameter.high or hard
    return (parameter.high if limit is Limit.HIGH else None) or hard


def default_at(parameter: FormulaParameter, size: Decimal) -> Quantity:
    """Give the value for a batch size (in the unit of measure of sizes) when nobody gives another one.

    Sizes beyond the last step have its value.
    """
    if parameter.steps:
        return next((step.value for step in parameter.steps if size <= step.up_to), parameter.steps[-1].value)
    if not parameter.per_unit:
        return parameter.default
    return Quantity(parameter.default.value + parameter.per_unit * size, parameter.default.uom)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondLimit:
    """A formula value that is taken although it is outside its soft or high limits; `text` says it in words."""

    name: str
    value: Quantity
    limit: Limit
    text: str

    @property
    def needs_reason(self) -> bool:
        """True when a person must say why."""
        return self.limit is Limit.HIGH


def beyond_limit(parameter: FormulaParameter, value: Quantity) -> BeyondLimit | None:
    """Give what is to be recorded of a value that broke a limit, None when it broke none.

    Raises `UomError` when the value measures something else.
    """
    limit = limit_of(parameter, value)
    if limit is Limit.NONE:
        return None
    allowed = range_of(parameter, limit)
    text = f"{parameter.name} = {value} is outside its {limit} limits, {allowed.low} to {allowed.high}"
    return BeyondLimit(name=parameter.name, value=value, limit=limit, text=text)


def deviations(control: ControlRecipe) -> tuple[BeyondLimit, ...]:
    """Give the formula values of a batch that are outside their soft or high limits, for the record and its reasons."""
    found: Mapping[str, BeyondLimit | None] = {
        name: beyond_limit(control.limits[name], value) for name, value in control.formula.items()
    }
    return tuple(one for one in found.values() if one is not None)
