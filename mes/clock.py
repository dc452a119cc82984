"""The only place that knows the hour: process time for the plant and the record, wall time for the wire."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Two times: `now` is process time (aware UTC, may run fast on a simulated plant), `monotonic` is wall seconds."""

    def now(self) -> datetime:
        """Give the present process time as aware UTC; it never goes back."""
        ...

    def monotonic(self) -> float:
        """Give wall seconds from an arbitrary start; time-outs on the wire are measured in these and never scaled."""
        ...


@dataclass(slots=True)
class ProcessClock:
    """Process time that runs `speed` times as fast as the wall, from `start` on.

    `not_before` is the last time the journal knows: after a restart the record must not go back, however far a fast
    clock ran ahead of the wall.
    """

    speed: float = 1.0
    not_before: datetime | None = None
    _began_at: datetime = field(init=False)
    _began_s: float = field(init=False)

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        self._began_at = max(now, self.not_before) if self.not_before else now
        self._began_s = time.monotonic()

    def now(self) -> datetime:
        """Give the present process time as aware UTC."""
        return self._began_at + timedelta(seconds=(time.monotonic() - self._began_s) * self.speed)

    def monotonic(self) -> float:
        """Give wall seconds from an arbitrary start."""
        return time.monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that moves only when told: for seeded simulation and tests."""

    at: datetime
    wall_s: float = 0.0

    def now(self) -> datetime:
        """Give the set process time."""
        return self.at

    def monotonic(self) -> float:
        """Give the set wall seconds."""
        return self.wall_s

    def forward(self, seconds: float) -> None:
        """Let both times pass."""
        self.at += timedelta(seconds=seconds)
        self.wall_s += seconds


def wall_now() -> datetime:
    """Give the wall time as aware UTC: for leases and files that other programs compare with their own clock."""
    return datetime.now(UTC)
