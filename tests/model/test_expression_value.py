"""The value of an expression at a moment: exact, in the wanted unit, or unknown with its reason."""

from __future__ import annotations

from fractions import Fraction
from operator import add, mul, sub

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.expression import Arithmetic, Call, Expression, Negative, Operand, Term
from mes.model.expression_text import parse_expression
from mes.model.expression_value import Known, Unknown, value_of
from mes.model.quantity import Quantity, parse_quantity
from tests.model.trees import calculated, expressions

VALUES = {
    "$size": "1.5 kg",
    "$mill_time": "90 min",
    "$soak": "550 degC",
    "$dry": "80 degC",
    "$input.P2S5": "1 kg",
    "$lot.Li2S.assay": "98.5 %",
    "$lot.Li2S.moisture": "0.4 %",
    'report("Weigh/Weigh Li2S", net_weight)': "428.1 g",
    "$none": "0 kg",
}


def operand(found: Operand) -> Quantity | Unknown:
    text = VALUES.get(str(found))
    return Unknown(f"{found} is not known yet") if text is None else parse_quantity(text)


def value(text: str, uom: str = "") -> Known | Unknown:
    return value_of(parse_expression(text), operand, uom)


@pytest.mark.parametrize(
    ("text", "uom", "expected"),
    [
        ("0.4 * $size", "", "0.6 kg"),
        ("0.4 * $size", "g", "600 g"),
        ("$input.P2S5 / 4", "g", "250 g"),
        ('report("Weigh/Weigh Li2S", net_weight) * $lot.Li2S.assay', "g", "421.6785 g"),
        ("$input.P2S5 * (1 - $lot.Li2S.moisture)", "g", "996 g"),
        ("$soak - $dry", "", "470 K"),
        ("$soak + 10 K", "", "560 degC"),
        ("10 K + $soak", "", "560 degC"),
        ("$soak - 10 K", "", "540 degC"),
        ("$dry + 3 degC/min * 5 min", "", "95 degC"),
        ("abs($dry - $soak) / 5 degC/min", "h", "1.56666666666667 h"),
        ("max($mill_time, 2 h)", "", "120 min"),
        ("min($mill_time, 2 h)", "", "90 min"),
        ("-$size + 2 kg", "", "0.5 kg"),
        ("1 kg - 300 g - 200 g", "", "0.5 kg"),
        ("0.1 kg + 0.2 kg", "", "0.3 kg"),
        ("1 kg / 3 * 3", "g", "1000 g"),
        ("5 %", "ppm", "50000 ppm"),
    ],
)
def test_an_expression_is_worked_out(text: str, uom: str, expected: str) -> None:
    found = value(text, uom)
    assert isinstance(found, Known)
    assert str(found.quantity) == expected


@pytest.mark.parametrize(
    ("text", "uom", "why"),
    [
        ("$size / $none", "", "'$size / $none' divides by zero"),
        ("0 kg / $none", "", "divides by zero"),
        ("2 * $rate + $speed + $rate", "", "$rate is not known yet; $speed is not known yet"),
        ("0 * $rate", "", "$rate is not known yet"),
        ("max($size, $rate)", "", "$rate is not known yet"),
        ("$size + $mill_time", "", "cannot be added"),
        ("$mill_time", "degC", "'$mill_time' is in min, degC is wanted"),
        ("$soak - $dry", "degC", "is a difference in K"),
    ],
)
def test_what_has_no_value_is_unknown_with_its_reason(text: str, uom: str, why: str) -> None:
    found = value(text, uom)
    assert isinstance(found, Unknown)
    assert why in found.why


def test_a_number_beyond_all_sense_is_unknown() -> None:
    huge: Term = parse_quantity("1e99")
    for _ in range(14):
        huge = Arithmetic(huge, "*", huge)
    found = value_of(huge, operand)
    assert isinstance(found, Unknown)
    assert "has no value" in found.why


numbers = st.decimals(min_value=-100, max_value=100, places=2).map(lambda number: Quantity(number, "1"))


@given(st.recursive(numbers, lambda inner: calculated(inner, "+-*"), max_leaves=5))
def test_pure_numbers_are_worked_out_exactly(root: Term) -> None:
    found = value_of(root, operand)
    assert isinstance(found, Known)
    assert Fraction(found.quantity.value) == fraction(root)


def fraction(term: Term) -> Fraction:
    match term:
        case Quantity(number):
            return Fraction(number)
        case Negative(inner):
            return -fraction(inner)
        case Call(function, terms):
            worked_out = [fraction(each) for each in terms]
            return abs(worked_out[0]) if function == "abs" else {"min": min, "max": max}[function](worked_out)
        case Arithmetic(left, operator, right):
            return {"+": add, "-": sub, "*": mul}[operator](fraction(left), fraction(right))
    raise AssertionError(term)


@given(expressions)
def test_one_missing_operand_makes_any_expression_unknown(root: Term) -> None:
    expression = Expression(root=root)
    found = value_of(expression, lambda missing: Unknown(f"{missing} is gone"))
    if expression.references:
        assert isinstance(found, Unknown)
        assert all(f"{reference} is gone" in found.why for reference in expression.references)
