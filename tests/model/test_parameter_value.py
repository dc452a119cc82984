"""The value of a parameter when its phase starts: in the unit of the equipment, or unknown with the reason."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.model.expression_value import Unknown
from mes.model.parameter_value import parameter_value
from mes.model.quantity import Quantity, parse_quantity
from mes.model.reference import Reference
from mes.model.steps import Parameter, Source

KNOWN = {
    "$size": "1.5 kg",
    "$mill_time": "90 min",
    "$input.salt": "1000 g",
    "$lot.salt.assay": "0.98",
    'report("Weigh salt", net_weight)': "999.7 g",
}


def operand(reference: Reference) -> Quantity | Unknown:
    text = KNOWN.get(str(reference))
    return Unknown(f"{reference} is not there yet") if text is None else parse_quantity(text)


@pytest.mark.parametrize(
    ("source", "reference", "uom", "value"),
    [
        (Source.BATCH_SIZE, "", "g", "1500 g"),
        (Source.FORMULA, "mill_time", "h", "1.5 h"),
        (Source.INPUT, "salt", "kg", "1 kg"),
        (Source.EXPRESSION, "$size / 4", "g", "375 g"),
        (Source.EXPRESSION, "$input.salt / 3", "g", "333.333333333 g"),
        (Source.EXPRESSION, 'report("Weigh salt", net_weight) * $lot.salt.assay', "g", "979.706 g"),
        (Source.EXPRESSION, "min($mill_time, 1 h)", "min", "60 min"),
    ],
)
def test_a_value_is_in_the_unit_of_the_equipment(source: Source, reference: str, uom: str, value: str) -> None:
    found = parameter_value(Parameter(name="x", source=source, reference=reference, uom=uom), operand)
    assert str(found) == value


def test_a_value_that_is_written_stays_as_it_is() -> None:
    value = Quantity(Decimal(3), "rpm")
    assert parameter_value(Parameter(name="speed", value=value, uom="rpm"), operand) == value
    assert parameter_value(Parameter(name="speed", uom="rpm"), operand) == Unknown("speed has no value")


@pytest.mark.parametrize(
    ("source", "reference", "why"),
    [
        (Source.FORMULA, "speed", "$speed is not there yet"),
        (Source.EXPRESSION, "$size * $lot.sugar.assay", "$lot.sugar.assay is not there yet"),
        (Source.EXPRESSION, "$size * 1 kg / (1 kg - 1 kg)", "divides by zero"),
        (Source.EXPRESSION, "2 * $mill_time", "g is wanted"),
        (Source.FORMULA, "mill_time", "they measure different things"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_told(source: Source, reference: str, why: str) -> None:
    found = parameter_value(Parameter(name="x", source=source, reference=reference, uom="g"), operand)
    assert isinstance(found, Unknown)
    assert why in found.why
