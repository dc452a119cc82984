from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.first_order import DeadTime, Lag

seconds = st.floats(0.0, 1e5)


@given(first=seconds, second=seconds, tau_s=st.floats(1.0, 1e5), target=st.floats(-200.0, 1000.0))
def test_two_steps_of_a_lag_give_what_one_gives(first: float, second: float, tau_s: float, target: float) -> None:
    once, twice = Lag(tau_s, 25.0), Lag(tau_s, 25.0)
    twice.step(target, first)
    assert twice.step(target, second) == pytest.approx(once.step(target, first + second), rel=1e-9, abs=1e-7)


@given(dt_s=seconds, target=st.floats(-200.0, 1000.0))
def test_a_lag_never_passes_its_target(dt_s: float, target: float) -> None:
    lag = Lag(600.0, 25.0)
    low, high = sorted((25.0, target))
    assert low - 1e-9 <= lag.step(target, dt_s) <= high + 1e-9


def test_a_lag_has_gone_63_percent_after_its_time_constant() -> None:
    assert Lag(600.0, 0.0).step(100.0, 600.0) == pytest.approx(63.212, abs=1e-3)


def test_a_lag_takes_a_new_time_constant_at_once() -> None:
    changed, fresh = Lag(600.0, 0.0), Lag(60.0, 0.0)
    changed.step(0.0, 1.0)
    changed.tau_s = 60.0
    assert changed.step(100.0, 1.0) == fresh.step(100.0, 1.0)


def test_a_lag_without_a_time_constant_is_refused() -> None:
    with pytest.raises(ValueError, match="tau_s 0 must be above 0"):
        Lag(0.0, 1.0)


def test_dead_time_gives_what_went_in_so_long_ago() -> None:
    delay = DeadTime(90.0, 1.0)
    out = [delay.step(float(tick)) for tick in range(200)]
    assert out[:90] == [0.0] * 90
    assert out[90:] == [float(tick) for tick in range(110)]


def test_dead_time_of_less_than_half_a_tick_is_none() -> None:
    assert DeadTime(0.4, 1.0).step(7.0) == 7.0


def test_a_filled_dead_time_has_one_past() -> None:
    delay = DeadTime(3.0, 1.0)
    delay.fill(5.0)
    assert [delay.step(9.0) for _ in range(4)] == [5.0, 5.0, 5.0, 9.0]


@pytest.mark.parametrize(("delay_s", "tick_s"), [(-1.0, 1.0), (1.0, 0.0)])
def test_dead_time_refuses_impossible_times(delay_s: float, tick_s: float) -> None:
    with pytest.raises(ValueError, match="dead time"):
        DeadTime(delay_s, tick_s)
