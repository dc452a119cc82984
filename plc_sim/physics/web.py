"""A moving web: tension in a span (M20). What passes a point some metres on is a matter of the web's own pieces."""

from __future__ import annotations

import math

CARRIER_EA_N = 60_000.0
"""Stiffness of a PET carrier of 50 um by 0.3 m at 4 GPa, N (computed)."""


class SpanTension:
    """Tension (N) of the web between two drives: dT/dt = (EA (U2 - U1) + U1 T1 - U2 T) / L (M20).

    Speeds in m/min, `before_n` is the tension with which the web comes in. Exact for inputs that stand still during
    the step; a span whose second drive stands still keeps adding what the first one pushes in, down to a slack web.
    """

    __slots__ = ("_length_m", "_stiffness_n", "tension_n")

    def __init__(self, length_m: float, tension_n: float, stiffness_n: float = CARRIER_EA_N) -> None:
        self.tension_n = tension_n
        self._length_m = length_m
        self._stiffness_n = stiffness_n

    def step(self, dt_s: float, in_m_min: float, out_m_min: float, before_n: float) -> float:
        """Let the web run for `dt_s` seconds and give the new tension, never below 0 (a web cannot push)."""
        pull = self._stiffness_n * (out_m_min - in_m_min) + in_m_min * before_n
        if out_m_min > 0.0:
            target = pull / out_m_min
            share = -math.expm1(-dt_s * out_m_min / (60.0 * self._length_m))
            tension = self.tension_n + (target - self.tension_n) * share
        else:
            tension = self.tension_n + pull * dt_s / (60.0 * self._length_m)
        self.tension_n = tension if tension > 0.0 else 0.0
        return self.tension_n
