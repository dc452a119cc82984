from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.web import SpanTension


def test_a_faster_drive_pulls_the_web_tight() -> None:
    span = SpanTension(3.0, 75.0)
    for _ in range(1000):
        span.step(1.0, 1.0, 1.001, 75.0)
    assert span.tension_n == pytest.approx(75.0 + 60.0, rel=0.003)


def test_equal_speeds_hand_the_tension_on() -> None:
    span = SpanTension(3.0, 20.0)
    assert span.step(3600.0, 1.0, 1.0, 75.0) == pytest.approx(75.0)


def test_a_slower_drive_lets_the_web_go_slack_and_no_further() -> None:
    assert SpanTension(3.0, 75.0).step(3600.0, 1.0, 0.9, 75.0) == 0.0
    assert SpanTension(3.0, 75.0).step(3600.0, 1.0, 0.0, 75.0) == 0.0


def test_a_standing_web_keeps_its_tension() -> None:
    assert SpanTension(3.0, 75.0).step(3600.0, 0.0, 0.0, 75.0) == 75.0


@given(first=st.floats(0.0, 1e4), second=st.floats(0.0, 1e4), speed=st.floats(0.1, 10.0), draw=st.floats(0.0, 0.002))
def test_two_steps_of_a_span_give_what_one_gives(first: float, second: float, speed: float, draw: float) -> None:
    once, twice = SpanTension(3.0, 75.0), SpanTension(3.0, 75.0)
    out = speed * (1.0 + draw)
    twice.step(first, speed, out, 60.0)
    whole = once.step(first + second, speed, out, 60.0)
    assert twice.step(second, speed, out, 60.0) == pytest.approx(whole, rel=1e-9)
