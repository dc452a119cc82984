"""First-order lag and dead time: what most equipment looks like from its tags."""

from __future__ import annotations

import math


class Lag:
    """A value that follows its target: dx/dt = (target - x) / tau.

    The update is the exact solution for a target that stands still during the step, so any `dt_s` is stable and two
    short steps give what one long step gives. `tau_s` must be above 0.
    """

    __slots__ = ("_dt_s", "_share", "_tau_s", "value")

    def __init__(self, tau_s: float, value: float) -> None:
        self.value = value
        self._dt_s = self._share = 0.0
        self._tau_s = 1.0
        self.tau_s = tau_s

    @property
    def tau_s(self) -> float:
        """Time constant, s."""
        return self._tau_s

    @tau_s.setter
    def tau_s(self, tau_s: float) -> None:
        if not tau_s > 0.0:
            raise ValueError(f"lag: tau_s {tau_s:g} must be above 0")
        self._tau_s = tau_s
        self._share = -math.expm1(-self._dt_s / tau_s)

    def step(self, target: float, dt_s: float) -> float:
        """Follow the target for `dt_s` seconds and give the new value."""
        if dt_s != self._dt_s:
            self._dt_s = dt_s
            self._share = -math.expm1(-dt_s / self._tau_s)
        self.value += (target - self.value) * self._share
        return self.value


class DeadTime:
    """What went in `delay_s` ago, for steps of a fixed `tick_s` (s); the delay is rounded to whole ticks."""

    __slots__ = ("_next", "_ring")

    def __init__(self, delay_s: float, tick_s: float, value: float = 0.0) -> None:
        if not (tick_s > 0.0 and delay_s >= 0.0):
            raise ValueError(f"dead time: tick_s {tick_s:g} must be above 0 and delay_s {delay_s:g} not below 0")
        self._ring = [value] * round(delay_s / tick_s)
        self._next = 0

    def step(self, value: float) -> float:
        """Put a value in and give the one that comes out."""
        ring, at = self._ring, self._next
        if not ring:
            return value
        out, ring[at] = ring[at], value
        self._next = at + 1 if at + 1 < len(ring) else 0
        return out

    def fill(self, value: float) -> None:
        """Let the past have been this value all along."""
        self._ring = [value] * len(self._ring)
