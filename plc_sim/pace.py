"""Process time: whole ticks, owed by wall time and speed."""

from __future__ import annotations

import math

from plc_sim.plant import TICK_S


class Pace:
    """Turns wall time into ticks. `speed` is process time by wall time; raises ValueError when it is not above 0."""

    def __init__(self, speed: float) -> None:
        if not math.isfinite(speed) or speed <= 0:
            raise ValueError(f"speed {speed:g} must be above 0")
        self.speed = speed
        self._owed = 0.0

    def ticks(self, wall_dt_s: float) -> int:
        """Give how many ticks are due `wall_dt_s` wall seconds after the last call."""
        self._owed += wall_dt_s * self.speed / TICK_S
        # A sum of fractions such as 20 x 0.05 stays a hair below the whole number; the tick is due all the same.
        count = int(self._owed + 1e-9)
        self._owed -= count
        return count
