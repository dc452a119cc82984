"""Products and quotients of quantities agree with an independent library and are written the way the plant writes."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

import pint
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mes.model.quantity import Quantity, UomError, check_uom, parse_quantity
from mes.model.uom_algebra import divided, multiplied, product_uom

# The way of the plant -> the way of the other library.
SPELLED = {
    "g": "g",
    "kg": "kg",
    "min": "min",
    "h": "h",
    "s": "s",
    "g/min": "g/min",
    "kg/h": "kg/h",
    "m/min": "m/min",
    "mm": "mm",
    "cm2": "cm**2",
    "m3/h": "m**3/h",
    "mg/cm2": "mg/cm**2",
    "1/h": "1/h",
    "Pa.s": "Pa*s",
    "mbar": "mbar",
    "N/mm": "N/mm",
    "kWh/kg": "kWh/kg",
    "1": "dimensionless",
    "%": "0.01 * dimensionless",
    "K": "K",
    "degC/min": "K/min",
}


@cache
def registry() -> pint.UnitRegistry[float]:
    return pint.UnitRegistry(cache_folder=None)


@cache
def elsewhere(uom: str) -> Any:
    """One of a unit of measure in the other library."""
    powers = re.sub(r"(?<=[A-Za-z])([2-9])", r"**\1", uom.replace(".", "*"))
    return registry().Quantity(1.0, "dimensionless") * registry()(SPELLED.get(uom, powers))


uoms = st.sampled_from(sorted(SPELLED))
amounts = st.decimals(min_value=-1000, max_value=1000, places=3)


@given(amounts, uoms, amounts, uoms, st.sampled_from("*/"))
def test_a_product_or_quotient_is_what_another_library_says(
    one: Decimal, first: str, other: Decimal, second: str, operator: str
) -> None:
    assume(operator == "*" or other != 0)
    left, right = Quantity(one, first), Quantity(other, second)
    found = multiplied(left, right) if operator == "*" else divided(left, right)
    here, there = float(one) * elsewhere(first), float(other) * elsewhere(second)
    expected = (here * there if operator == "*" else here / there).to_base_units()
    ours = (float(found.value) * elsewhere(found.uom)).to_base_units()
    assert ours.units == expected.units
    assert ours.magnitude == pytest.approx(expected.magnitude, rel=1e-9)


@given(uoms, uoms, st.sampled_from("*/"))
def test_what_comes_out_is_a_unit_of_measure_again(first: str, second: str, operator: str) -> None:
    uom = product_uom(first, second, operator).uom
    check_uom(uom)
    assert product_uom(uom, "1", "*").uom == uom


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        ("2 kg", "*", "98 %", "1.96 kg"),
        ("5 g/min", "*", "2 h", "600 g"),
        ("600 g", "/", "2 h", "300 g/h"),
        ("1 kg", "/", "4 g", "250"),
        ("1 kg", "/", "80 %", "1.25 kg"),
        ("50 %", "*", "50 %", "0.25"),
        ("5 %", "/", "2", "2.5 %"),
        ("2", "*", "5 ppm", "10 ppm"),
        ("3", "/", "2 h", "1.5 1/h"),
        ("2 degC/min", "*", "5 min", "10 K"),
        ("2 m", "*", "30 cm", "0.6 m2"),
        ("6 mg/cm2", "*", "10 cm2", "60 mg"),
        ("5 NL/min", "*", "1 h", "300 NL"),
        ("100 rpm", "*", "2 min", "200 rpm.min"),
        ("1 kg", "/", "3 min", "0.3333333333333333333333333333 kg/min"),
    ],
)
def test_the_result_is_written_the_way_the_plant_writes(left: str, operator: str, right: str, expected: str) -> None:
    calculated = multiplied if operator == "*" else divided
    assert str(calculated(parse_quantity(left), parse_quantity(right))) == expected


def test_a_power_that_nobody_writes_is_refused() -> None:
    with pytest.raises(UomError, match="'kg' would come out to the power 10"):
        product_uom("kg9", "kg", "*")


def test_a_division_by_zero_is_an_error_of_its_own() -> None:
    with pytest.raises(ZeroDivisionError):
        divided(parse_quantity("1 kg"), parse_quantity("0 h"))
    with pytest.raises(ArithmeticError):
        divided(parse_quantity("0 kg"), parse_quantity("0 h"))
