from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.hydrolysis import (
    Exposure,
    dew_point_degc,
    h2s_rate_cc_g_min,
    retention,
    water_ppm,
)


@pytest.mark.parametrize(
    ("dew_point", "ppm"),
    [
        (-30.0, 375.0),
        (-40.0, 127.0),
        (-45.0, 71.0),
        (-48.0, 50.0),
        (-50.0, 39.0),
        (-55.0, 21.0),
        (-60.0, 10.7),
        (-65.0, 5.3),
        (-70.0, 2.6),
        (-76.0, 1.0),
    ],
)
def test_dew_points_have_the_tabled_water(dew_point: float, ppm: float) -> None:
    assert water_ppm(dew_point) == pytest.approx(ppm, rel=0.025)


@given(dew_point=st.floats(-80.0, 0.0))
def test_the_dew_point_comes_back_from_its_water(dew_point: float) -> None:
    assert dew_point_degc(water_ppm(dew_point)) == pytest.approx(dew_point, abs=1e-9)


def test_dry_gas_has_no_dew_point_to_give() -> None:
    with pytest.raises(ValueError, match="0 ppm must be above 0"):
        dew_point_degc(0.0)


@pytest.mark.parametrize(
    ("dew_point", "rate", "five", "ten", "half"),
    [
        (-30.0, 9.9e-3, 0.8, 1.5, 10.0),
        (-40.0, 3.3e-3, 2.2, 4.6, 30.0),
        (-48.0, 1.3e-3, 5.7, 12.0, 77.0),
        (-50.0, 1.0e-3, 7.2, 15.0, 98.0),
        (-55.0, 5.4e-4, 14.0, 28.0, 184.0),
        (-60.0, 2.8e-4, 26.0, 54.0, 357.0),
        (-70.0, 6.8e-5, 109.0, 225.0, 1478.0),
    ],
)
def test_the_exposure_table_follows(dew_point: float, rate: float, five: float, ten: float, half: float) -> None:
    ppm = water_ppm(dew_point)
    assert h2s_rate_cc_g_min(ppm) == pytest.approx(rate, rel=0.03)
    powder = Exposure()
    powder.step(60.0, ppm)
    for loss, minutes in ((0.05, five), (0.10, ten), (0.50, half)):
        assert math.log(1.0 - loss) / math.log(powder.kept) == pytest.approx(minutes, rel=0.04, abs=0.051)


@pytest.mark.parametrize(("ppm_min", "kept"), [(280.0, 0.95), (580.0, 0.90)])
def test_the_exposure_budget_costs_what_it_says(ppm_min: float, kept: float) -> None:
    powder = Exposure()
    powder.step(60.0, ppm_min)
    assert powder.ppm_min == pytest.approx(ppm_min)
    assert powder.kept == pytest.approx(kept, abs=0.001)


def test_a_slurry_gives_no_gas_and_loses_less() -> None:
    slurry = Exposure()
    slurry.step_wet(1800.0, water_ppm(-40.0))
    assert slurry.h2s_cc_g == 0.0
    assert slurry.kept == pytest.approx(0.86, abs=0.001)


@given(
    first=st.floats(0.0, 1e5),
    second=st.floats(0.0, 1e5),
    ppm=st.floats(0.0, 25_000.0),
    feed=st.floats(0.0, 1.0),
)
def test_two_steps_of_exposure_give_what_one_gives(first: float, second: float, ppm: float, feed: float) -> None:
    once, twice = Exposure(), Exposure()
    whole = once.step(first + second, ppm, feed)
    parts = twice.step(first, ppm, feed) + twice.step(second, ppm, feed)
    assert parts == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert 0.0 <= whole <= min(455.0, feed * (first + second)) + 1e-6
    assert 0.0 <= once.kept <= 1.0
    assert once.kept == pytest.approx(retention(once.h2s_cc_g))


def test_more_surface_gives_more_gas() -> None:
    fine, coarse = Exposure(surface_ratio=2.0), Exposure()
    assert fine.step(60.0, 50.0) == pytest.approx(2.0 * coarse.step(60.0, 50.0))
    assert h2s_rate_cc_g_min(50.0, 2.0) == pytest.approx(2.0 * h2s_rate_cc_g_min(50.0))
