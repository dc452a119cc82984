"""The unit of measure of an expression before anything runs, and what is said when its parts do not fit."""

from __future__ import annotations

import pytest
from hypothesis import given

from mes.model.expression import Operand, Term
from mes.model.expression_text import parse_expression
from mes.model.expression_uom import Measure, misfits, uom_of
from mes.model.expression_value import Known, Unknown, value_of
from mes.model.quantity import Quantity, parse_quantity
from tests.model.trees import expressions

UOMS = {
    "$size": "kg",
    "$mass": "g",
    "$mill_time": "h",
    "$rate": "g/min",
    "$soak": "degC",
    "$dry": "degC",
    "$ramp": "degC/min",
    "$cold": "K",
    "$lot.Li2S.moisture": "%",
    "$oxygen": "ppm",
    "$count": "1",
}


def uom(operand: Operand) -> str:
    try:
        return UOMS[str(operand)]
    except KeyError:
        raise LookupError(f"there is no {operand}; did you mean '$size'?") from None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$size + $mass", "kg"),
        ("$rate * $mill_time", "g"),
        ("$size / $mass", "1"),
        ("$size / $mill_time", "kg/h"),
        ("$size / (1 - $lot.Li2S.moisture)", "kg"),
        ("$oxygen + $lot.Li2S.moisture", "ppm"),
        ("$count * $oxygen", "ppm"),
        ("2 / $mill_time", "1/h"),
        ("$soak + 5 K", "degC"),
        ("5 K + $soak", "degC"),
        ("$soak - 5 K", "degC"),
        ("$dry + $ramp * 5 min", "degC"),
        ("max($soak, $dry, 500 degC)", "degC"),
        ("abs($soak - $dry) / $ramp", "min"),
        ("-$mass * 2", "g"),
        ("min($size, $mass)", "kg"),
    ],
)
def test_the_unit_of_measure_follows_from_the_operands(text: str, expected: str) -> None:
    assert uom_of(parse_expression(text), uom) == Measure(uom=expected)


@pytest.mark.parametrize("text", ["$soak - $dry", "2 * ($soak - $dry)", "$cold - $cold", "max(5 K, $soak - $dry)"])
def test_a_difference_of_temperatures_is_in_kelvin_and_known_as_such(text: str) -> None:
    assert uom_of(parse_expression(text), uom) == Measure(uom="K", is_difference=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$size + $mill_time", "'$size' is in kg, '$mill_time' in h: cannot be added"),
        ("$size - 2 * $rate", "'$size' is in kg, '2 * $rate' in g/min: cannot be subtracted"),
        ("$soak * 2", "'$soak' is in degC and cannot be multiplied"),
        ("$size / $soak", "'$soak' is in degC and cannot be divided"),
        ("$soak + $dry", "two temperatures in degC cannot be added; add a difference in K"),
        ("5 K - $soak", "a temperature in degC cannot be subtracted from K"),
        ("-$soak", "a temperature in degC has no opposite"),
        ("abs($soak)", "a temperature in degC has no opposite"),
        ("max($soak, $soak - $dry)", "is a difference in K and cannot be compared with degC"),
        ("min($size, $mill_time)", "'kg' and 'h' measure different things"),
        ("$mass + 5", "cannot be added"),
        ("5 + $oxygen", "5 needs a unit of measure; write '5 ppm'"),
        ("min($oxygen, 5)", "5 needs a unit of measure; write '5 ppm'"),
        ("$sise * 2", "there is no $sise; did you mean '$size'?"),
        ("$mass * $mass * $mass * $mass * $mass * $mass * $mass * $mass * $mass * $mass", "to the power 10"),
    ],
)
def test_parts_that_do_not_fit_are_named(text: str, said: str) -> None:
    found = uom_of(parse_expression(text), uom)
    assert found.uom == ""
    assert len(found.problems) == 1
    assert said in found.problems[0]


def test_every_problem_is_told_once() -> None:
    problems = uom_of(parse_expression("($soak * 2) / ($size + $mill_time) - $soak * 2"), uom).problems
    assert len(problems) == 2


def test_an_operand_whose_unit_is_not_known_yet_is_no_problem() -> None:
    assert uom_of(parse_expression('report("Weigh", net) * 2'), lambda operand: "") == Measure()
    assert misfits(parse_expression('report("Weigh", net) * 2'), "g", lambda operand: "") == []


@pytest.mark.parametrize(
    ("text", "wanted", "said"),
    [
        ("$mill_time", "degC", "'$mill_time' is in h, degC is wanted"),
        ("$rate", "kg", "'$rate' is in g/min, kg is wanted; multiply by a time?"),
        ("$mass", "g/min", "'$mass' is in g, g/min is wanted; divide by a time?"),
        ("$soak - $dry", "degC", "is a difference in K, degC is wanted; add it to a temperature in degC"),
        ("5", "%", "5 needs a unit of measure; write '5 %'"),
        ("$soak * 2", "degC", "cannot be multiplied"),
    ],
)
def test_a_parameter_is_told_what_is_wanted_and_the_nearest_right_thing(text: str, wanted: str, said: str) -> None:
    (problem,) = misfits(parse_expression(text), wanted, uom)
    assert said in problem


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("$size * 0.4", "g"), ("$lot.Li2S.moisture", "ppm"), ("$size / $mass", "%"), ("$soak", "K"), ("5", "1")],
)
def test_what_fits_has_no_misfit(text: str, wanted: str) -> None:
    assert misfits(parse_expression(text), wanted, uom) == []


@given(expressions)
def test_a_value_has_the_unit_of_measure_that_was_foretold_and_a_refused_one_has_none(root: Term) -> None:
    five = parse_quantity("5 kg")

    def operand(found: Operand) -> Quantity | Unknown:
        return five

    foretold = uom_of(root, lambda operand: "kg")
    value = value_of(root, operand)
    if foretold.problems:
        assert value == Unknown("; ".join(foretold.problems))
    elif isinstance(value, Known):
        assert value.quantity.uom == foretold.uom
    else:
        assert "divides by zero" in value.why or "no value" in value.why
