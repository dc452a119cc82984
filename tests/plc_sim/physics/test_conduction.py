from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.conduction import (
    DENSE_MS_CM,
    LPSCL_PRESS,
    POROSITY_EXPONENT,
    area_resistance_ohm_cm2,
    at_temperature,
    binder_factor,
    conductivity_of_porous,
    fit_arrhenius,
)

BOULINEAU = ((18.82, 0.376), (25.36, 0.537), (50.47, 1.32), (150.58, 21.4))
porosities = st.floats(0.0, 1.0)


@pytest.mark.parametrize(("porosity", "sigma"), [(0.08, 1.95), (0.15, 1.64), (0.17, 1.56), (0.30, 1.08)])
def test_pores_cost_what_the_pair_says(porosity: float, sigma: float) -> None:
    assert conductivity_of_porous(porosity) == pytest.approx(sigma, abs=0.006)


def test_the_pair_gives_dense_conductivity_and_exponent() -> None:
    exponent = math.log(1.56 / 1.95) / math.log((1.0 - 0.17) / (1.0 - 0.08))
    assert exponent == pytest.approx(POROSITY_EXPONENT, abs=0.005)
    assert 1.56 / 0.83**exponent == pytest.approx(DENSE_MS_CM, abs=0.005)


def test_three_percent_of_binder_leave_seventy() -> None:
    assert binder_factor(0.03) == pytest.approx(0.70, abs=0.003)
    assert conductivity_of_porous(0.15) * binder_factor(0.03) == pytest.approx(1.15, abs=0.005)


def test_the_temperature_fit_gives_the_published_points_within_five_percent() -> None:
    fit = fit_arrhenius(BOULINEAU)
    assert fit.activation_ev == pytest.approx(0.355, abs=0.0005)
    assert [round(fit.at(degc), 3) for degc, _ in BOULINEAU] == pytest.approx([0.383, 0.511, 1.374, 21.2], rel=0.002)
    assert all(fit.at(degc) == pytest.approx(sigma, rel=0.05) for degc, sigma in BOULINEAU)


@given(
    prefactor=st.floats(1e6, 1e9),
    activation=st.floats(0.1, 0.6),
    low=st.floats(-20.0, 60.0),
    apart=st.floats(20.0, 90.0),
)
def test_a_fit_through_two_points_meets_both(prefactor: float, activation: float, low: float, apart: float) -> None:
    points = ((low, prefactor * 1e-6), (low + apart, prefactor * 1e-6 * (1.0 + activation)))
    fit = fit_arrhenius(points)
    assert all(fit.at(degc) == pytest.approx(sigma, rel=1e-6) for degc, sigma in points)


@given(sigma=st.floats(0.01, 20.0), start=st.floats(-20.0, 150.0), end=st.floats(-20.0, 150.0))
def test_carrying_to_another_temperature_and_back_changes_nothing(sigma: float, start: float, end: float) -> None:
    there = at_temperature(sigma, start, end)
    assert (there >= sigma) == (end >= start) or there == pytest.approx(sigma)
    assert at_temperature(there, end, start) == pytest.approx(sigma)


@given(first=porosities, second=porosities)
def test_more_pores_conduct_less(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert conductivity_of_porous(low) >= conductivity_of_porous(high) >= 0.0


def test_the_pellet_press_meets_the_pellet_it_is_drawn_through() -> None:
    assert LPSCL_PRESS.porosity(0.0) == pytest.approx(0.45)
    assert LPSCL_PRESS.porosity(362.0) == pytest.approx(0.17)


@given(pressure=st.floats(0.0, 600.0), more=st.floats(0.0, 100.0))
def test_more_pressure_leaves_fewer_pores(pressure: float, more: float) -> None:
    assert 0.45 + 1e-9 >= LPSCL_PRESS.porosity(pressure) >= LPSCL_PRESS.porosity(pressure + more) > 0.0


@pytest.mark.parametrize(("thickness", "sigma", "resistance"), [(25.0, 1.0, 2.5), (30.0, 0.5, 6.0)])
def test_resistance_is_thickness_over_conductivity(thickness: float, sigma: float, resistance: float) -> None:
    assert area_resistance_ohm_cm2(thickness, sigma) == pytest.approx(resistance)


def test_a_film_that_does_not_conduct_has_no_resistance_to_give() -> None:
    with pytest.raises(ValueError, match="0 mS/cm must be above 0"):
        area_resistance_ohm_cm2(25.0, 0.0)
