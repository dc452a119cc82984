from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.calendering import porosity_after
from plc_sim.physics.conduction import PELLET_POROSITY, binder_factor
from plc_sim.physics.lot_quality import (
    SOLUTION,
    film_conductivity_ms_cm,
    film_resistance_ohm_cm2,
    li2s_quality,
    powder_conductivity_ms_cm,
)
from plc_sim.physics.reaction import annealed

shares = st.floats(0.0, 1.0)


def test_the_reference_powder_has_its_published_conductivity_at_30_degrees() -> None:
    assert powder_conductivity_ms_cm(crystallised=1.0, degc=30.0) == pytest.approx(3.0)


def test_the_reference_powder_is_released_at_25_degrees() -> None:
    assert 2.0 < powder_conductivity_ms_cm(crystallised=1.0) < 3.0


@pytest.mark.parametrize(("crystallised", "sigma"), [(0.0, 0.15), (1.0, 2.4)])
def test_powder_from_solution_has_its_published_ends(crystallised: float, sigma: float) -> None:
    assert powder_conductivity_ms_cm(crystallised=crystallised, route=SOLUTION) == pytest.approx(sigma)


def test_the_reference_lot_gives_the_film_of_the_documentation() -> None:
    anneal = annealed(550.0, 5 * 3600.0)
    powder = powder_conductivity_ms_cm(crystallised=anneal.crystallised, phase_kept=anneal.phase_kept)
    assert powder == pytest.approx(2.4, abs=0.05)
    assert film_conductivity_ms_cm(powder, porosity=porosity_after(400.0, 80.0)) == pytest.approx(1.8, abs=0.05)


def test_commercial_li2s_costs_more_than_half() -> None:
    good = powder_conductivity_ms_cm(crystallised=1.0, quality=li2s_quality("h2_reduced"))
    plain = powder_conductivity_ms_cm(crystallised=1.0, quality=li2s_quality("commercial"))
    assert plain / good == pytest.approx(1.12 / 2.77)


def test_an_unknown_route_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'magic' is not known; known are h2_reduced, commercial"):
        li2s_quality("magic")


@given(crystallised=shares, kept=shares, converted=shares, exposure=shares, quality=shares, porosity=shares)
def test_conductivity_is_never_negative_and_never_above_the_best(
    crystallised: float, kept: float, converted: float, exposure: float, quality: float, porosity: float
) -> None:
    sigma = powder_conductivity_ms_cm(
        crystallised=crystallised,
        phase_kept=kept,
        mill_conversion=converted,
        exposure_kept=exposure,
        quality=quality,
        porosity=porosity,
    )
    best = powder_conductivity_ms_cm(crystallised=1.0, mill_conversion=1.0, porosity=0.0)
    assert 0.0 <= sigma <= best + 1e-12


@pytest.mark.parametrize(
    "worse",
    [
        {"crystallised": 0.5},
        {"phase_kept": 0.9},
        {"mill_conversion": 0.7},
        {"after_anneal_kwh_kg": 3.0},
        {"quality": 0.4},
        {"exposure_kept": 0.9},
        {"porosity": 0.3},
        {"degc": 5.0},
    ],
)
def test_everything_that_goes_wrong_shows_in_the_conductivity(worse: dict[str, float]) -> None:
    assert powder_conductivity_ms_cm(**({"crystallised": 1.0} | worse)) < powder_conductivity_ms_cm(crystallised=1.0)


def test_a_film_as_dense_as_the_pellet_loses_only_to_its_binder() -> None:
    film = film_conductivity_ms_cm(2.0, porosity=PELLET_POROSITY)
    assert film == pytest.approx(2.0 * binder_factor(0.03))
    assert film_conductivity_ms_cm(2.0, porosity=PELLET_POROSITY, exposure_kept=0.5) == pytest.approx(0.5 * film)


def test_the_powder_of_the_porosity_paper_gives_the_computed_film() -> None:
    film = film_conductivity_ms_cm(1.56, porosity=0.15)
    assert film == pytest.approx(1.15, abs=0.01)
    assert film_resistance_ohm_cm2(25.0, film) == pytest.approx(2.17, abs=0.02)
