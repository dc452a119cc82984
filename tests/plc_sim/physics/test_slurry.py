from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.slurry import (
    LPSCL_G_CM3,
    NBR_G_CM3,
    SLURRY,
    TOLUENE_G_CM3,
    areal_for_thickness_mg_cm2,
    areal_mg_cm2,
    blade_wet_thickness_um,
    dry_thickness_um,
    flow_ml_min,
    mixed_density_g_cm3,
    relative_viscosity,
    rheology_at,
    solid_volume_fraction,
    solvent_g_m2,
    thinnest_wet_um,
    wet_for_areal_um,
    wet_thickness_um,
)

SOLID = mixed_density_g_cm3((97.0, LPSCL_G_CM3), (3.0, NBR_G_CM3))


def slurry_density(solids: float) -> float:
    return mixed_density_g_cm3((solids, SOLID), (1.0 - solids, TOLUENE_G_CM3))


def test_solids_of_97_to_3_have_the_computed_density() -> None:
    assert SOLID == pytest.approx(1.811, abs=0.0005)


@pytest.mark.parametrize(("thickness", "areal", "wet"), [(30.0, 4.62, 78.8), (25.0, 3.85, 65.7), (20.0, 3.08, 52.5)])
def test_a_film_needs_the_tabled_mass_and_wet_thickness(thickness: float, areal: float, wet: float) -> None:
    mass = areal_for_thickness_mg_cm2(thickness, SOLID, 0.15)
    assert mass == pytest.approx(areal, abs=0.005)
    assert wet_for_areal_um(mass, 0.5, slurry_density(0.5)) == pytest.approx(wet, abs=0.1)


@pytest.mark.parametrize(("solids", "wet"), [(0.45, 90.6), (0.55, 69.1), (0.60, 61.0)])
def test_thinner_slurry_needs_a_thicker_wet_film(solids: float, wet: float) -> None:
    mass = areal_for_thickness_mg_cm2(30.0, SOLID, 0.15)
    assert wet_for_areal_um(mass, solids, slurry_density(solids)) == pytest.approx(wet, abs=0.1)


def test_the_uncalendered_film_is_half_as_thick_again() -> None:
    assert dry_thickness_um(4.62, SOLID, 0.45) == pytest.approx(46.4, abs=0.05)
    assert solvent_g_m2(4.62, 0.5) == pytest.approx(46.2)


def test_the_pump_flow_of_the_recipe_lays_the_wet_film_of_the_recipe() -> None:
    assert wet_thickness_um(16.4, 1.0, 0.25) == pytest.approx(65.6)
    assert flow_ml_min(78.8, 1.0, 0.25) == pytest.approx(19.7)
    assert blade_wet_thickness_um(130.0) == pytest.approx(78.0)


@given(flow=st.floats(0.1, 200.0), speed=st.floats(0.1, 10.0), width=st.floats(0.05, 0.5), solids=st.floats(0.2, 0.7))
def test_dry_mass_per_time_is_pump_flow_times_solids(flow: float, speed: float, width: float, solids: float) -> None:
    density = slurry_density(solids)
    areal = areal_mg_cm2(wet_thickness_um(flow, speed, width), solids, density)
    assert areal * 10.0 * speed * width == pytest.approx(flow * density * solids)
    wet = wet_for_areal_um(areal, solids, density)
    assert flow_ml_min(wet, speed, width) == pytest.approx(flow)


@given(areal=st.floats(0.1, 20.0), porosity=st.floats(0.0, 0.9))
def test_thickness_and_areal_mass_are_two_sides_of_one_film(areal: float, porosity: float) -> None:
    thickness = dry_thickness_um(areal, SOLID, porosity)
    assert areal_for_thickness_mg_cm2(thickness, SOLID, porosity) == pytest.approx(areal)


def test_a_web_that_stands_still_has_no_film_thickness() -> None:
    with pytest.raises(ValueError, match="speed 0 m/min"):
        wet_thickness_um(16.4, 0.0, 0.25)


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
