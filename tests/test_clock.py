"""Process time runs as fast as it is told and never back; wall time is never scaled."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from mes.clock import ManualClock, ProcessClock, wall_now


def test_process_time_runs_by_its_speed_and_wall_time_does_not() -> None:
    clock = ProcessClock(speed=10_000.0)
    wall, process = clock.monotonic(), clock.now()
    deadline = time.monotonic() + 5
    while clock.monotonic() == wall and time.monotonic() < deadline:
        pass
    passed_s = clock.monotonic() - wall
    assert 0 < passed_s < 5
    assert (clock.now() - process).total_seconds() >= 10_000 * passed_s * 0.5


def test_process_time_goes_on_after_the_last_entry_of_the_journal() -> None:
    ahead = wall_now() + timedelta(days=3)
    assert ProcessClock(not_before=ahead).now() >= ahead
    behind = wall_now() - timedelta(days=3)
    assert ProcessClock(not_before=behind).now() > wall_now() - timedelta(minutes=1)


def test_all_times_are_aware_and_utc() -> None:
    assert wall_now().tzinfo is UTC
    assert ProcessClock().now().tzinfo is UTC


@pytest.mark.parametrize("seconds", [0.0, 0.25, 86_400.0])
def test_a_manual_clock_moves_both_times_and_only_when_told(seconds: float) -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    clock = ManualClock(at=start)
    assert (clock.now(), clock.monotonic()) == (start, 0.0)
    clock.forward(seconds)
    assert (clock.now() - start).total_seconds() == seconds == clock.monotonic()
