"""The values that phase parameters can take: at the extremes for checking, at one size and formula for a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal

from mes.model.expression_value import Unknown
from mes.model.plain_amount import DIGITS
from mes.model.quantity import Quantity
from mes.model.recipe import Input, MasterRecipe
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import Parameter, Source


def amount_at(needed: Input, size: Decimal) -> Quantity:
    """Give the need for an input at a batch size (in the size's unit of measure), of the pure substance."""
    amount = needed.fixed + needed.per_unit * size
    if needed.yield_share != 1:
        amount = Context(prec=DIGITS).divide(amount, needed.yield_share)
    return Quantity(amount, needed.uom)


def extremes(master: MasterRecipe, parameter: Parameter) -> tuple[Quantity, ...]:
    """Give the smallest and largest value a parameter can have, or its one value.

    There is none for unknown references and for expressions.
    """
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
        case Source.EXPRESSION:
            return ()


def operands_at(
    size: Quantity, formula: Mapping[str, Quantity], inputs: Mapping[str, Input]
) -> Callable[[Reference], Quantity | Unknown]:
    """Give what references stand for before a batch runs; what only its run can tell is unknown."""

    def operand(reference: Reference) -> Quantity | Unknown:
        match reference.kind:
            case ReferenceKind.SIZE:
                return size
            case ReferenceKind.FORMULA if reference.name in formula:
                return formula[reference.name]
            case ReferenceKind.INPUT if reference.name in inputs:
                return amount_at(inputs[reference.name], size.value)
            case _:
                return Unknown(f"{reference} is known only while the batch runs")

    return operand


def value_text(parameter: Parameter) -> str:
    """Give the value of a parameter as its author wrote it."""
    match parameter.source:
        case Source.VALUE:
            return str(parameter.value)
        case Source.BATCH_SIZE:
            return "$size"
        case Source.INPUT:
            return f"$input.{parameter.reference}"
        case Source.FORMULA:
            return f"${parameter.reference}"
        case Source.EXPRESSION:
            return parameter.reference
