"""The values that phase parameters can take: at the extremes for checking, at one size and formula for a batch."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from mes.model.procedure import Input, MasterRecipe, Parameter, Source
from mes.model.quantity import Quantity


def amount_at(needed: Input, size: Decimal) -> Quantity:
    """Give the need for an input at a batch size (in the size's unit of measure), of the pure substance."""
    return Quantity(needed.fixed + needed.per_unit * size, needed.uom)


def extremes(master: MasterRecipe, parameter: Parameter) -> tuple[Quantity, ...]:
    """Give the smallest and largest value a parameter can have, or its one value; nothing for unknown references."""
    sizes = (master.size.minimum, master.size.maximum)
    match parameter.source:
        case Source.VALUE:
            return () if parameter.value is None else (parameter.value,)
        case Source.BATCH_SIZE:
            return tuple(Quantity(size, master.size.uom) for size in sizes)
        case Source.FORMULA:
            named = master.formula.get(parameter.reference)
            return () if named is None else (named.minimum, named.maximum)
        case Source.INPUT:
            needed = master.inputs.get(parameter.reference)
            return () if needed is None else tuple(amount_at(needed, size) for size in sizes)


def value_of(parameter: Parameter, size: Quantity, formula: Mapping[str, Quantity]) -> Quantity | None:
    """Give the value for one batch; None for an input, whose scanned lot decides."""
    match parameter.source:
        case Source.VALUE:
            return parameter.value
        case Source.BATCH_SIZE:
            return size
        case Source.FORMULA:
            return formula[parameter.reference]
        case Source.INPUT:
            return None
