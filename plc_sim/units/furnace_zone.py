"""One heated zone of a furnace: first order with dead time, under PI control with feed-forward."""

from __future__ import annotations

from collections import deque

from plc_sim.plant import TICK_S

AMBIENT_DEGC = 25.0
GAIN_K_PCT = 9.5
"""Steady rise per percent of heater output, K/% (PROCESS M1)."""
TAU_S = 60.0 * 60.0
"""Time constant of zone, saggar and insulation together, s; slow enough that cooling under argon takes 4 to 6 h."""
DEAD_TICKS = 90
"""Dead time from output to temperature, ticks (1.5 min, PROCESS M1)."""
COUPLING = 0.15
"""Pull of the neighbouring zone (PROCESS M1)."""
CLOSED_LOOP_S = 10.0 * 60.0
CONTROL_PCT_K = TAU_S / (GAIN_K_PCT * (CLOSED_LOOP_S + DEAD_TICKS * TICK_S))
"""Controller gain by internal model control, %/K."""


class Zone:
    """Temperature (degC) and heater output (%) of one zone."""

    __slots__ = ("_delayed", "_integral_pct", "_quiet", "degc", "output_pct")

    def __init__(self) -> None:
        self.degc = AMBIENT_DEGC
        self.output_pct = 0.0
        self._integral_pct = 0.0
        self._delayed = deque([0.0] * DEAD_TICKS, DEAD_TICKS)
        self._quiet = DEAD_TICKS

    def tick(self, setpoint_degc: float | None, ramp_degc_min: float, neighbour_degc: float) -> None:
        """Advance by one tick; no set-point means heaters off."""
        if setpoint_degc is None:
            self.output_pct = self._integral_pct = 0.0
            self._quiet += 1
        else:
            self._control(setpoint_degc, ramp_degc_min)
            self._quiet = 0
        if self._quiet > DEAD_TICKS:
            heat_k = 0.0
        else:
            heat_k = GAIN_K_PCT * self._delayed[0]
            self._delayed.append(self.output_pct)
        balance = heat_k - (self.degc - AMBIENT_DEGC) + COUPLING * (neighbour_degc - self.degc)
        self.degc += balance * (TICK_S / TAU_S)

    def settle_at(self, degc: float) -> None:
        """Put the zone at a steady temperature with the output that keeps it there."""
        self.degc = degc
        self.output_pct = (degc - AMBIENT_DEGC) / GAIN_K_PCT
        self._integral_pct = 0.0
        self._delayed.extend([self.output_pct] * DEAD_TICKS)

    def _control(self, setpoint_degc: float, ramp_degc_min: float) -> None:
        error = setpoint_degc - self.degc
        forward = (setpoint_degc - AMBIENT_DEGC + ramp_degc_min * TAU_S / 60.0) / GAIN_K_PCT
        wanted = forward + CONTROL_PCT_K * error + self._integral_pct
        self.output_pct = min(100.0, max(0.0, wanted))
        if wanted == self.output_pct:
            self._integral_pct += CONTROL_PCT_K * error * (TICK_S / TAU_S)
