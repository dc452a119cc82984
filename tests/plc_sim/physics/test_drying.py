from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.drying import (
    BOUND_PPM,
    TOLUENE,
    XYLENE,
    BoundSolvent,
    DryerZone,
    constant_flux_g_m2s,
    dry_web,
    drying_s,
    quick_wet_bulb_degc,
    remaining_g_m2,
    transfer_w_m2k,
    vapour_g_min,
    wet_bulb_degc,
)
from plc_sim.physics.rooms import MixedVolume

RECIPE = (
    DryerZone(gas_degc=50.0, gas_m_s=3.0),
    DryerZone(gas_degc=80.0, gas_m_s=5.0),
    DryerZone(gas_degc=110.0, gas_m_s=5.0),
)
LOAD_30_UM = 46.2


@pytest.mark.parametrize(
    ("gas", "film", "flux"), [(50.0, 23.0, 2.4), (60.0, 27.0, 2.9), (80.0, 34.0, 4.0), (100.0, 40.0, 5.2)]
)
def test_a_wet_film_has_the_computed_temperature_and_flux(gas: float, film: float, flux: float) -> None:
    assert wet_bulb_degc(gas) == pytest.approx(film, abs=0.5)
    assert constant_flux_g_m2s(gas) == pytest.approx(flux, abs=0.05)


def test_most_solvent_goes_in_the_first_part_of_the_drying_time() -> None:
    flux = constant_flux_g_m2s(80.0)
    most, all_but_500_ppm = drying_s(0.1, LOAD_30_UM, flux), drying_s(5e-4, LOAD_30_UM, flux)
    assert most == pytest.approx(11.6, abs=0.1)
    assert all_but_500_ppm == pytest.approx(29.9, abs=0.1)
    assert most / all_but_500_ppm == pytest.approx(0.39, abs=0.005)


@given(share=st.floats(0.001, 1.0), gas=st.floats(30.0, 150.0))
def test_drying_time_and_remaining_solvent_are_two_sides_of_one_curve(share: float, gas: float) -> None:
    flux = constant_flux_g_m2s(gas)
    left = remaining_g_m2(LOAD_30_UM, 0.2 * LOAD_30_UM, flux, drying_s(share, LOAD_30_UM, flux))
    assert left == pytest.approx(share * LOAD_30_UM, rel=1e-6)


@given(first=st.floats(0.0, 60.0), second=st.floats(0.0, 60.0), flux=st.floats(0.0, 10.0))
def test_two_steps_of_drying_give_what_one_gives(first: float, second: float, flux: float) -> None:
    critical = 0.2 * LOAD_30_UM
    half = remaining_g_m2(LOAD_30_UM, critical, flux, first)
    twice = remaining_g_m2(half, critical, flux, second)
    assert LOAD_30_UM >= half >= twice >= 0.0
    assert twice == pytest.approx(remaining_g_m2(LOAD_30_UM, critical, flux, first + second), rel=1e-9, abs=1e-9)


@given(gas=st.floats(0.0, 200.0))
def test_the_table_of_wet_bulbs_is_as_good_as_the_balance(gas: float) -> None:
    for solvent in (TOLUENE, XYLENE):
        assert quick_wet_bulb_degc(gas, solvent) == pytest.approx(wet_bulb_degc(gas, solvent), abs=0.01)
        assert quick_wet_bulb_degc(gas, solvent) <= gas


@given(speed=st.floats(0.1, 20.0), load=st.floats(0.0, 100.0), hotter=st.floats(0.0, 40.0))
def test_solvent_leaves_or_stays_but_is_never_lost(speed: float, load: float, hotter: float) -> None:
    zones = tuple(DryerZone(gas_degc=zone.gas_degc + hotter, gas_m_s=zone.gas_m_s) for zone in RECIPE)
    dried = dry_web(zones, speed, load, 40.0, XYLENE)
    left = (dried.residual_ppm - BOUND_PPM) * 1e-6 * 40.0
    assert sum(dried.evaporated_g_m2) + left == pytest.approx(load, abs=1e-6)
    assert min(dried.evaporated_g_m2) >= 0.0
    assert all(film <= zone.gas_degc for film, zone in zip(dried.film_degc, zones, strict=True))


def test_the_recipe_dries_the_film_and_a_fast_web_does_not() -> None:
    slow, fast = dry_web(RECIPE, 1.0, 38.5, 38.5), dry_web(RECIPE, 20.0, 38.5, 38.5)
    assert slow.residual_ppm < 500.0
    assert fast.residual_ppm > 5000.0


def test_gentle_zones_first_lower_peak_and_migration() -> None:
    even = dry_web([DryerZone(gas_degc=110.0)] * 3, 5.0, 38.5, 38.5)
    staged = dry_web(RECIPE, 5.0, 38.5, 38.5)
    assert staged.peak_flux_g_m2s < even.peak_flux_g_m2s
    assert staged.migration_index < even.migration_index


def test_nothing_to_dry_gives_nothing_to_move() -> None:
    dried = dry_web(RECIPE, 1.0, 0.0, 38.5)
    assert dried.evaporated_g_m2 == (0.0, 0.0, 0.0)
    assert (dried.peak_flux_g_m2s, dried.migration_index) == (0.0, 0.0)


def test_a_standing_web_is_refused() -> None:
    with pytest.raises(ValueError, match="speed 0 m/min"):
        dry_web(RECIPE, 0.0, 38.5, 38.5)


def test_faster_gas_dries_faster() -> None:
    assert transfer_w_m2k(5.0) == pytest.approx(35.0)
    assert transfer_w_m2k(3.0) < transfer_w_m2k(5.0) < transfer_w_m2k(10.0) < 2.0 * transfer_w_m2k(5.0)


def test_the_explosive_limit_of_toluene_is_as_computed() -> None:
    assert TOLUENE.lel_g_m3 == pytest.approx(41.5, abs=0.1)


@pytest.mark.parametrize(("speed", "width", "exhaust"), [(1.0, 0.25, 67.0), (5.0, 0.3, 401.0)])
def test_the_exhaust_for_a_quarter_of_the_limit_is_as_computed(speed: float, width: float, exhaust: float) -> None:
    source = vapour_g_min(LOAD_30_UM, speed, width)
    zone = MixedVolume(1.0)
    assert zone.step(3600.0, source, exhaust) / TOLUENE.lel_g_m3 == pytest.approx(0.25, rel=0.003)


def test_a_night_in_vacuum_takes_the_bound_solvent_below_100_ppm() -> None:
    vacuum, air = BoundSolvent(), BoundSolvent()
    assert BOUND_PPM * vacuum.step(12 * 3600.0, 80.0, 0.5) < 100.0
    assert BOUND_PPM * air.step(12 * 3600.0, 80.0, 1000.0) > 390.0


@given(first=st.floats(0.0, 1e5), second=st.floats(0.0, 1e5), degc=st.floats(20.0, 200.0), mbar=st.floats(0.3, 1000.0))
def test_two_steps_in_vacuum_give_what_one_gives(first: float, second: float, degc: float, mbar: float) -> None:
    once, twice = BoundSolvent(), BoundSolvent()
    twice.step(first, degc, mbar)
    assert twice.step(second, degc, mbar) == pytest.approx(once.step(first + second, degc, mbar), rel=1e-9, abs=1e-12)
