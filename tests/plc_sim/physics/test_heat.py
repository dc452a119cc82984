from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plc_sim.physics.heat import (
    BED,
    ZONE,
    PiController,
    Zone,
    core,
    core_tau_s,
    imc_tuning,
    kiln_residence_min,
)


def test_the_controller_is_tuned_by_internal_model_control() -> None:
    tuning = imc_tuning()
    assert tuning.gain_pct_k == pytest.approx(0.18, abs=0.005)
    assert tuning.integral_s == 20.0 * 60.0


@pytest.mark.parametrize(("conductivity", "minutes"), [(0.2, 25.0), (0.3, 17.0), (0.1, 50.0)])
def test_the_core_lags_as_computed_for_the_powder(conductivity: float, minutes: float) -> None:
    bed = dataclasses.replace(BED, conductivity_w_mk=conductivity)
    assert core_tau_s(bed) / 60.0 == pytest.approx(minutes, abs=0.5)


@pytest.mark.parametrize(("slope", "speed", "minutes"), [(1.0, 1.0, 134.0), (2.0, 1.0, 67.0), (1.5, 0.5, 179.0)])
def test_the_kiln_holds_material_for_the_computed_time(slope: float, speed: float, minutes: float) -> None:
    assert kiln_residence_min(slope_deg=slope, speed_rpm=speed) == pytest.approx(minutes, abs=0.6)


def test_a_kiln_that_stands_still_is_refused() -> None:
    with pytest.raises(ValueError, match="speed 0 rpm"):
        kiln_residence_min(slope_deg=1.0, speed_rpm=0.0)


def test_a_zone_ends_at_gain_times_output() -> None:
    zone = Zone(10.0)
    for _ in range(5000):
        zone.step(40.0, zone.degc)
    assert zone.degc == pytest.approx(25.0 + 9.5 * 40.0, abs=0.01)


def test_nothing_happens_in_a_zone_before_its_dead_time() -> None:
    zone = Zone(1.0)
    warmed = [zone.step(100.0, 25.0) > 25.0 + 1e-9 for _ in range(92)]
    assert warmed == [False] * 90 + [True] * 2


def test_a_settled_zone_stays_where_it_is() -> None:
    zone = Zone(1.0)
    output_pct = zone.settle_at(550.0)
    for _ in range(600):
        zone.step(output_pct, 550.0)
    assert zone.degc == pytest.approx(550.0, abs=1e-9)


@given(tick_s=st.floats(0.1, 1e6), output_pct=st.floats(0.0, 100.0), neighbour=st.floats(25.0, 900.0))
def test_a_zone_is_stable_for_any_step(tick_s: float, output_pct: float, neighbour: float) -> None:
    zone = Zone(tick_s)
    for _ in range(5):
        assert 25.0 - 1e-6 <= zone.step(output_pct, neighbour) <= 25.0 + 9.5 * 100.0 + 900.0


@settings(max_examples=5)
@given(setpoint=st.floats(100.0, 700.0))
def test_the_loop_comes_to_its_setpoint_without_much_overshoot(setpoint: float) -> None:
    zone, controller = Zone(10.0), PiController(imc_tuning())
    hottest = 0.0
    for _ in range(3000):
        zone.step(controller.step(setpoint, zone.degc, 10.0), zone.degc)
        hottest = max(hottest, zone.degc)
    assert zone.degc == pytest.approx(setpoint, abs=0.5)
    assert hottest < setpoint + 0.15 * (setpoint - ZONE.ambient_degc)


def test_the_integral_waits_while_the_output_is_at_its_stop() -> None:
    controller = PiController(imc_tuning())
    for _ in range(1000):
        assert controller.step(900.0, 25.0, 10.0) == 100.0
    assert controller.step(25.0, 25.0, 10.0) < 1.0


def test_a_reset_controller_begins_at_nothing() -> None:
    controller = PiController(imc_tuning())
    controller.step(200.0, 100.0, 600.0)
    controller.reset()
    assert controller.output_pct == 0.0
    assert controller.step(100.0, 100.0, 1.0) == 0.0


def test_the_core_follows_the_wall_late() -> None:
    powder = core(25.0)
    after_one_tau = powder.step(550.0, core_tau_s())
    assert after_one_tau == pytest.approx(25.0 + 525.0 * 0.632, abs=0.2)
