from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.calendering import (
    conductivity_after_nip,
    elongation_after,
    nip_thickness_um,
    porosity_after,
)
from plc_sim.physics.slurry import dry_thickness_um

SOLID_G_CM3 = 1.811
loads = st.floats(0.0, 1000.0)


@pytest.mark.parametrize(
    ("load", "porosity", "thickness"),
    [
        (0.0, 0.450, 46.4),
        (50.0, 0.379, 41.1),
        (100.0, 0.322, 37.6),
        (200.0, 0.241, 33.6),
        (300.0, 0.190, 31.5),
        (500.0, 0.136, 29.5),
        (800.0, 0.109, 28.6),
    ],
)
def test_the_film_compacts_as_computed(load: float, porosity: float, thickness: float) -> None:
    after = porosity_after(load, 20.0)
    assert after == pytest.approx(porosity, abs=0.0006)
    # The solids stay, the pores go.
    assert dry_thickness_um(4.62, SOLID_G_CM3, after) == pytest.approx(thickness, abs=0.06)


def test_the_recipe_gives_a_film_within_its_specification() -> None:
    assert porosity_after(400.0, 80.0) == pytest.approx(0.138, abs=0.0005)


@given(load=loads, more=loads, degc=st.floats(20.0, 140.0), porosity=st.floats(0.0, 0.7))
def test_more_load_never_leaves_more_pores(load: float, more: float, degc: float, porosity: float) -> None:
    less = porosity_after(load, degc, porosity)
    assert porosity >= less >= porosity_after(load + more, degc, porosity) >= min(porosity, 0.10) - 1e-12


def test_the_film_is_thinner_in_the_nip_than_behind_it() -> None:
    assert nip_thickness_um(25.75) == pytest.approx(25.0)


@given(load=loads, more=loads)
def test_the_web_grows_by_at_most_one_percent(load: float, more: float) -> None:
    assert 0.0 <= elongation_after(load, 80.0) <= elongation_after(load + more, 80.0) <= 0.01
    assert elongation_after(0.0, 80.0) == 0.0


def test_the_recipe_stretches_the_web_by_half_to_one_percent() -> None:
    assert 0.005 < elongation_after(400.0, 80.0) < 0.01


@given(load=loads)
def test_particles_are_crushed_only_by_too_much_load(load: float) -> None:
    kept = conductivity_after_nip(load)
    assert (kept == 1.0) == (load <= 600.0)
    assert 0.87 < kept <= 1.0
