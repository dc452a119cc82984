from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.milling import (
    Breakage,
    conductivity_after_milling,
    conversion,
    energy_kwh_kg,
    specific_power_kw_kg,
)


def test_ten_hours_at_600_rpm_convert_95_percent() -> None:
    assert energy_kwh_kg(600.0, 36_000.0) == pytest.approx(12.0)
    assert conversion(12.0) == pytest.approx(0.95, abs=0.001)


def test_half_the_speed_gives_an_eighth_of_the_power() -> None:
    assert specific_power_kw_kg(300.0) == pytest.approx(specific_power_kw_kg(600.0) / 8.0)


@given(energy=st.floats(0.0, 100.0), more=st.floats(0.0, 100.0))
def test_conversion_grows_with_energy_and_stays_below_one(energy: float, more: float) -> None:
    assert 0.0 <= conversion(energy) <= conversion(energy + more) <= 1.0


@given(energy=st.floats(0.0, 200.0), more=st.floats(0.0, 100.0))
def test_milling_of_annealed_powder_only_costs_conductivity(energy: float, more: float) -> None:
    assert 1.0 >= conductivity_after_milling(energy) >= conductivity_after_milling(energy + more) >= 0.0


def test_ten_kilowatt_hours_per_kilogram_cost_a_fifth() -> None:
    assert conductivity_after_milling(10.0) == pytest.approx(0.8)


def test_two_hours_at_rated_power_halve_the_particles() -> None:
    powder = Breakage(30.0)
    assert powder.step(7200.0, 1.2) == pytest.approx(0.4 + 29.6 * 0.4966, abs=0.01)


@given(
    start=st.floats(0.4, 100.0),
    first=st.floats(0.0, 1e5),
    second=st.floats(0.0, 1e5),
    power=st.floats(0.0, 3.0),
)
def test_two_steps_of_breakage_give_what_one_gives(start: float, first: float, second: float, power: float) -> None:
    once, twice = Breakage(start), Breakage(start)
    whole = once.step(first + second, power)
    half = twice.step(first, power)
    assert start + 1e-9 >= half >= twice.step(second, power) - 1e-9 >= 0.4 - 2e-9
    assert twice.d50_um == pytest.approx(whole, abs=1e-9)
