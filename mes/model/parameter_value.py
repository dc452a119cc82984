"""The value of a phase parameter when the phase starts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from mes.model.expression import Expression, Operand
from mes.model.expression_text import parse_expression
from mes.model.expression_value import Known, Unknown, value_of
from mes.model.plain_amount import rounded
from mes.model.quantity import Quantity, UomError
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import Parameter, Source

_ASKED = {
    Source.FORMULA: ReferenceKind.FORMULA,
    Source.BATCH_SIZE: ReferenceKind.SIZE,
    Source.INPUT: ReferenceKind.INPUT,
}


def parameter_value(parameter: Parameter, operand: Callable[[Reference], Quantity | Unknown]) -> Quantity | Unknown:
    """Give the value in the unit of measure of the parameter, or `Unknown` that says what is missing.

    `operand` gives the value of a reference now: the batch size, a formula value, the need for an input (corrected for
    the assay of its lot), a property of a lot, a report, a test result or an answer.
    """
    match parameter.source:
        case Source.VALUE:
            found = Unknown(f"{parameter.name} has no value") if parameter.value is None else parameter.value
        case Source.EXPRESSION:
            found = _evaluated(parameter, operand)
        case _:
            found = operand(Reference(kind=_ASKED[parameter.source], name=parameter.reference))
    if isinstance(found, Unknown):
        return found
    try:
        return rounded(found.to(parameter.uom) if parameter.uom else found)
    except UomError as error:
        return Unknown(f"{parameter.name}: {error}")


def references(parameter: Parameter) -> frozenset[Reference]:
    """Give what the value of a parameter is taken from; nothing when it is plainly given."""
    match parameter.source:
        case Source.VALUE:
            return frozenset()
        case Source.EXPRESSION:
            return _parsed(parameter.reference).references
        case _:
            return frozenset({Reference(kind=_ASKED[parameter.source], name=parameter.reference)})


@cache
def _parsed(text: str) -> Expression:
    return parse_expression(text)


def _evaluated(parameter: Parameter, operand: Callable[[Reference], Quantity | Unknown]) -> Quantity | Unknown:
    def asked(each: Operand) -> Quantity | Unknown:
        return operand(each) if isinstance(each, Reference) else Unknown(f"{each} is a tag, which no parameter takes")

    found = value_of(_parsed(parameter.reference), asked, parameter.uom)
    return found.quantity if isinstance(found, Known) else found
