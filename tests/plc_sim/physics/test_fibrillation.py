"""Fibrils of a dry film, their torque, and a sheet that gets thinner pass by pass."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.fibrillation import (
    LEAST_POROSITY,
    SHEET_POROSITY,
    fibrillated,
    porosity_after,
    thickness_after,
    torque_pct,
)


def test_below_its_transition_shear_draws_no_fibrils() -> None:
    assert fibrillated(0.0, 600.0, degc=18.0, speed_rpm=40.0) == 0.0
    assert 0.9 < fibrillated(0.0, 600.0, degc=60.0, speed_rpm=40.0) < fibrillated(0.0, 600.0, degc=80.0, speed_rpm=40.0)


def test_torque_rises_with_fibrils_and_with_binder_up_to_what_the_recipe_takes() -> None:
    assert torque_pct(0.0, 0.002) < torque_pct(0.5, 0.002) < torque_pct(1.0, 0.002) < torque_pct(1.0, 0.006)
    assert torque_pct(1.0, 0.006) == torque_pct(1.0, 0.03) == 75.0


@given(reduction=st.floats(0.01, 0.6), porosity=st.floats(LEAST_POROSITY, SHEET_POROSITY))
def test_a_pass_makes_a_sheet_thinner_denser_and_never_denser_than_the_least(reduction: float, porosity: float) -> None:
    after_um = thickness_after(300.0, reduction)
    assert 0.0 < after_um < 300.0
    closed = porosity_after(porosity, after_um / 300.0)
    assert LEAST_POROSITY <= closed <= porosity


def test_eight_passes_of_a_quarter_bring_300_um_to_about_30() -> None:
    thickness_um = 300.0
    for _ in range(8):
        thickness_um = thickness_after(thickness_um, 0.25)
    assert thickness_um == pytest.approx(31.7, abs=0.1)
    assert porosity_after(LEAST_POROSITY, 0.5) == LEAST_POROSITY
