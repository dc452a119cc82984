from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.slurry import (
    LPSCL_G_CM3,
    NBR_G_CM3,
    SLURRY,
    dry_thickness_um,
    mixed_density_g_cm3,
    relative_viscosity,
    rheology_at,
    solid_volume_fraction,
    thinnest_wet_um,
)

TOLUENE_G_CM3 = 0.867
SOLID = mixed_density_g_cm3((97.0, LPSCL_G_CM3), (3.0, NBR_G_CM3))


def slurry_density(solids: float) -> float:
    return mixed_density_g_cm3((solids, SOLID), (1.0 - solids, TOLUENE_G_CM3))


def test_solids_of_97_to_3_have_the_computed_density() -> None:
    assert SOLID == pytest.approx(1.811, abs=0.0005)


@pytest.mark.parametrize(("solids", "density"), [(0.45, 1.133), (0.50, 1.173), (0.60, 1.262)])
def test_a_slurry_is_as_dense_as_the_volumes_of_its_parts_make_it(solids: float, density: float) -> None:
    assert slurry_density(solids) == pytest.approx(density, abs=0.001)


@pytest.mark.parametrize(
    ("areal", "porosity", "thickness"), [(4.62, 0.15, 30.0), (3.85, 0.15, 25.0), (4.62, 0.45, 46.4)]
)
def test_a_film_is_as_thick_as_its_mass_and_its_pores(areal: float, porosity: float, thickness: float) -> None:
    assert dry_thickness_um(areal, SOLID, porosity) == pytest.approx(thickness, abs=0.05)


@pytest.mark.parametrize(("solids", "phi", "relative"), [(0.50, 0.324, 3.15), (0.60, 0.418, 5.69)])
def test_solids_thicken_the_slurry_as_computed(solids: float, phi: float, relative: float) -> None:
    assert solid_volume_fraction(solids, SOLID, TOLUENE_G_CM3) == pytest.approx(phi, abs=0.001)
    assert relative_viscosity(phi) == pytest.approx(relative, abs=0.02)


@pytest.mark.parametrize(("shear", "viscosity"), [(10.0, 2.29), (100.0, 0.848), (1000.0, 0.362)])
def test_the_slurry_thins_under_shear(shear: float, viscosity: float) -> None:
    assert SLURRY.viscosity_pa_s(shear) == pytest.approx(viscosity, abs=0.005)


def test_more_solids_scale_the_whole_flow_curve() -> None:
    ratio = relative_viscosity(0.418) / relative_viscosity(0.324)
    assert rheology_at(0.418).viscosity_pa_s(100.0) == pytest.approx(ratio * SLURRY.viscosity_pa_s(100.0))
    assert rheology_at(0.324) == SLURRY


@pytest.mark.parametrize("phi", [-0.1, 0.62, 0.7])
def test_a_slurry_that_cannot_flow_is_refused(phi: float) -> None:
    with pytest.raises(ValueError, match="solid volume fraction"):
        relative_viscosity(phi)


def test_viscosity_at_rest_is_refused() -> None:
    with pytest.raises(ValueError, match="shear rate 0"):
        SLURRY.viscosity_pa_s(0.0)


@pytest.mark.parametrize(("speed", "wet"), [(1.0, 42.0), (2.0, 52.0), (5.0, 65.0), (10.0, 76.0)])
def test_the_thinnest_film_grows_with_speed_as_computed(speed: float, wet: float) -> None:
    assert thinnest_wet_um(speed) == pytest.approx(wet, abs=1.0)


def test_the_speed_limits_of_both_films_are_the_computed_ones() -> None:
    assert thinnest_wet_um(5.0) < 66.0 < thinnest_wet_um(5.6)
    assert thinnest_wet_um(11.0) < 79.0 < thinnest_wet_um(13.0)


@given(slow=st.floats(0.1, 10.0), more=st.floats(0.0, 5.0), gap=st.floats(50.0, 300.0))
def test_the_thinnest_film_lies_in_the_gap(slow: float, more: float, gap: float) -> None:
    assert 0.0 < thinnest_wet_um(slow, gap) <= thinnest_wet_um(slow + more, gap) < gap
