"""Quantities: every unit of the plant, exact conversion of masses, zeros of temperatures, kind refusals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.quantity import (
    PLANT_UOMS,
    Quantity,
    UomError,
    check_uom,
    comparable,
    convert,
    has_own_zero,
    measured,
    parse_quantity,
    ratio,
)

amounts = st.decimals(min_value="-100000", max_value="100000", places=3)
# What converts into what, written here on its own: groups of units that measure the same.
KINDS = [
    {"g", "kg", "mg"},
    {"m", "mm", "um", "µm"},
    {"mbar", "bar", "Pa", "MPa"},
    {"degC", "C", "K"},
    {"degC/min", "K/min", "degC/h"},
    {"s", "min", "h"},
    {"1/h", "1/min", "Hz"},
    {"1", "%", "vol%", "ppm"},
    {"%LEL"},
    {"rpm"},
    {"deg"},
    {"NL/min", "NL/h"},
    {"mL/min", "m3/h"},
    {"mL", "cc"},
    {"g/min", "kg/h"},
    {"m/min", "mm/s", "m/s"},
    {"N/mm"},
    {"N"},
    {"mg/cm2"},
    {"Pa.s"},
    {"kWh/kg"},
    {"mV", "V"},
    {"A"},
    {"mbar.l/s", "mbar.L/s"},
    {"1/m2"},
    {"g/m"},
    {"mS/cm"},
    {"cm2", "mm2"},
]
EVERY = [(uom, kind) for kind in KINDS for uom in sorted(kind)]


def test_every_unit_of_the_plant_has_its_kind_here() -> None:
    assert set(PLANT_UOMS) <= {uom for uom, _ in EVERY}


@pytest.mark.parametrize(("uom", "kind"), EVERY)
def test_a_unit_is_comparable_with_its_own_kind_and_nothing_else(uom: str, kind: set[str]) -> None:
    check_uom(uom)
    assert {other for other, _ in EVERY if comparable(uom, other)} == kind


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (1000.0, "mbar", "bar", 1.0),
        (1.0, "mbar", "Pa", 100.0),
        (25.0, "degC", "K", 298.15),
        (0.0, "K", "degC", -273.15),
        (3.0, "degC/min", "K/min", 3.0),
        (3.0, "degC/min", "degC/h", 180.0),
        (1.0, "vol%", "ppm", 10_000.0),
        (50.0, "%", "1", 0.5),
        (1.0, "m/min", "mm/s", 1000 / 60),
        (1.0, "m3/h", "mL/min", 1e6 / 60),
        (1.0, "kg/h", "g/min", 1000 / 60),
        (30.0, "1/h", "1/min", 0.5),
        (1.0, "h", "s", 3600.0),
        (2.0, "degC", "C", 2.0),
        (1.0, "mbar.l/s", "mbar.L/s", 1.0),
    ],
)
def test_a_signal_converts_by_the_known_factor(value: float, source: str, target: str, expected: float) -> None:
    assert convert(value, source, target) == pytest.approx(expected, rel=1e-12)


PAIRS = [(a, b) for kind in KINDS for a in sorted(kind) for b in sorted(kind) if a != b]


@pytest.mark.parametrize(("first", "second"), PAIRS)
@pytest.mark.parametrize("value", ["0", "0.001", "418.26", "-60", "99999.999"])
def test_there_and_back_gives_the_same_quantity(value: str, first: str, second: str) -> None:
    start = Quantity(Decimal(value), first)
    there = start.to(second)
    assert there.uom == second
    assert float(there.to(first).value) == pytest.approx(float(start.value), rel=1e-9, abs=1e-9)


@given(amounts)
def test_grams_and_kilograms_convert_exactly(value: Decimal) -> None:
    kilograms = Quantity(value, "g").to("kg")
    assert Fraction(kilograms.value) == Fraction(value) / 1000
    assert kilograms.to("g").value == value


@given(amounts)
def test_metres_and_millimetres_convert_exactly(value: Decimal) -> None:
    assert Fraction(Quantity(value, "m").to("mm").value) == Fraction(value) * 1000
    assert Quantity(value, "m").to("mm").to("m").value == value


@given(st.integers(min_value=0, max_value=100_000))
def test_whole_hours_in_minutes_come_back_as_whole_hours(hours: int) -> None:
    assert Quantity(Decimal(hours), "h").to("min").to("h").value == hours


def test_ninety_minutes_are_one_and_a_half_hours() -> None:
    assert str(Quantity(Decimal(90), "min").to("h")) == "1.5 h"


@given(st.decimals(min_value="-273.15", max_value="2000", places=2))
def test_a_temperature_keeps_its_zero_both_ways(value: Decimal) -> None:
    assert Quantity(value, "degC").to("K").value == value + Decimal("273.15")
    assert Quantity(value, "K").to("degC").value == value - Decimal("273.15")


def test_amounts_add_and_subtract_in_the_unit_of_the_first() -> None:
    assert Quantity(Decimal("1.5"), "kg") + Quantity(Decimal(250), "g") == Quantity(Decimal("1.75"), "kg")
    assert Quantity(Decimal(500), "g") - Quantity(Decimal("0.1"), "kg") == Quantity(Decimal(400), "g")
    assert Quantity(Decimal("1.2"), "kg").times(3) == Quantity(Decimal("3.6"), "kg")


def test_temperatures_with_different_zeros_are_never_added() -> None:
    with pytest.raises(UomError, match="different zeros"):
        Quantity(Decimal(550), "degC") + Quantity(Decimal(10), "K")
    assert Quantity(Decimal(550), "degC") - Quantity(Decimal(10), "degC") == Quantity(Decimal(540), "degC")


@pytest.mark.parametrize(
    ("first", "second"),
    [("%LEL", "ppm"), ("%LEL", "%"), ("NL/min", "mL/min"), ("rpm", "1/min"), ("g", "mL"), ("1", "g")],
)
def test_what_needs_a_fact_that_no_unit_holds_is_refused(first: str, second: str) -> None:
    for source, target in ((first, second), (second, first)):
        with pytest.raises(UomError) as error:
            Quantity(Decimal(1), source).to(target)
        assert source in str(error.value)
        assert target in str(error.value)
        with pytest.raises(UomError):
            convert(1.0, source, target)


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("degc", "degC"),
        ("deg C", "degC"),
        ("°C", "degC"),
        ("RPM", "rpm"),
        ("mBar", "mbar"),
        ("%lel", "%LEL"),
        ("h/", "h"),
    ],
)
def test_a_misspelt_unit_is_refused_with_the_nearest_one(wrong: str, meant: str) -> None:
    with pytest.raises(UomError) as error:
        check_uom(wrong)
    assert f"{wrong!r}; did you mean {meant!r}?" in str(error.value)


@pytest.mark.parametrize("wrong", ["", " ", "xyzzy", "2kg", "kg kg", "kg**2", "(kg)", "%%", "1/", "cm-2", "kg\n"])
def test_only_units_of_measure_are_units_of_measure(wrong: str) -> None:
    with pytest.raises(UomError, match="unknown unit of measure"):
        check_uom(wrong)


@pytest.mark.parametrize(
    ("text", "value", "uom"),
    [
        ("3 degC/min", "3", "degC/min"),
        ("0.1 %", "0.1", "%"),
        ("4", "4", "1"),
        (" -60degC ", "-60", "degC"),
        ("1e-5 mbar.l/s", "0.00001", "mbar.l/s"),
        ("30 1/h", "30", "1/h"),
        ("+2.50 g", "2.50", "g"),
    ],
)
def test_a_text_is_read_as_it_is_written(text: str, value: str, uom: str) -> None:
    assert parse_quantity(text) == Quantity(Decimal(value), uom)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a quantity"),
        ("degC", "is not a quantity"),
        ("nan g", "is not a quantity"),
        (".5 g", "is not a quantity"),
        ("0,5 g", "write a point"),
        ("5 grams-ish", "unknown unit of measure 'grams-ish'"),
        ("1e999 g", "1e999 is no amount"),
        ("-1e-100 g", "exponents go from -99 to 99"),
        ("1e99999999999999999999 g", "is no amount"),
        ("1:30", "unknown unit of measure"),
    ],
)
def test_a_text_that_is_no_quantity_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(UomError, match=said):
        parse_quantity(text)


@given(amounts, st.sampled_from(PLANT_UOMS))
def test_a_quantity_reads_back_from_its_own_text(value: Decimal, uom: str) -> None:
    assert parse_quantity(str(Quantity(value, uom))) == Quantity(value, uom)


@given(st.floats(min_value=-1e6, max_value=1e6, width=32))
def test_a_measured_signal_keeps_what_a_real_on_the_wire_carries(value: float) -> None:
    assert float(measured(value, "degC").value) == pytest.approx(value, rel=5e-7, abs=1e-38)
    assert len(measured(value, "degC").value.as_tuple().digits) <= 7


def test_a_ratio_is_an_exact_fraction_and_refused_where_zeros_differ() -> None:
    assert ratio("min", "h") == Fraction(1, 60)
    assert ratio("kg", "g") == 1000
    with pytest.raises(UomError, match="different zeros"):
        ratio("degC", "K")
    with pytest.raises(UomError, match="measure different things"):
        ratio("kg", "h")


def test_only_a_temperature_scale_has_a_zero_of_its_own() -> None:
    assert [uom for uom in PLANT_UOMS if has_own_zero(uom)] == ["degC"]
    assert has_own_zero("C")
