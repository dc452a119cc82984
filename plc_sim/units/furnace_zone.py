"""One heated zone of the furnace with its controller (M1), and what can go wrong with heater and thermocouple."""

from __future__ import annotations

from plc_sim.physics.heat import PiController, Zone, ZoneParameters, imc_tuning
from plc_sim.plant import TICK_S

ZONE = ZoneParameters(tau_s=60.0 * 60.0)
"""Gain, dead time and coupling of M1. The time constant is three times that of M1: it has to take in saggar and
insulation as well, or the furnace would cool in two hours instead of the four to six that are known of it."""
TUNING = imc_tuning(ZONE)
AMBIENT_DEGC = ZONE.ambient_degc
ZONE_GAIN, ZONE_TAU_MIN = ZONE.gain_k_pct, ZONE.tau_s / 60.0
COLD_K = 0.01
QUIET_TICKS = round(ZONE.dead_time_s / TICK_S) + 1
BROKEN_DEGC = 1200.0
"""What the input card shows for a thermocouple that is broken: over its range."""


class HeatedZone:
    """True temperature (degC), controller output (%) and the three faults of one zone."""

    __slots__ = ("_controller", "_quiet", "_zone", "broken_sensor", "burnt_out", "degc", "output_pct", "welded")

    def __init__(self) -> None:
        self._zone = Zone(TICK_S, ZONE)
        self._controller = PiController(TUNING)
        self._quiet = QUIET_TICKS
        self.degc = AMBIENT_DEGC
        self.output_pct = 0.0
        self.burnt_out = False
        self.welded = False
        self.broken_sensor = False

    @property
    def shown_degc(self) -> float:
        """What program and tags see, degC."""
        return BROKEN_DEGC if self.broken_sensor else self.degc

    @property
    def is_cold(self) -> bool:
        """Whether no heat is left in the zone or on its way into it."""
        return self._quiet >= QUIET_TICKS and self.degc - AMBIENT_DEGC < COLD_K

    def tick(self, setpoint_degc: float | None, ramp_degc_min: float, neighbour_degc: float, powered: bool) -> None:
        """Advance by one tick; no set-point means that the controller is off, not `powered` that no heat can flow."""
        heat_pct = 0.0
        if setpoint_degc is not None and powered:
            forward = (setpoint_degc - AMBIENT_DEGC + ramp_degc_min * ZONE_TAU_MIN) / ZONE_GAIN
            shown = BROKEN_DEGC if self.broken_sensor else self.degc
            heat_pct = self.output_pct = self._controller.step(setpoint_degc, shown, TICK_S, forward)
        elif self.output_pct:
            self._controller.reset()
            self.output_pct = 0.0
        if self.welded and powered:
            heat_pct = 100.0
        elif self.burnt_out:
            heat_pct = 0.0
        if heat_pct:
            self._quiet = 0
        elif self._quiet < QUIET_TICKS:
            self._quiet += 1
        self.degc = self._zone.step(heat_pct, neighbour_degc)

    def settle_at(self, degc: float) -> None:
        """Put the zone at a steady temperature with the output that keeps it there."""
        self._controller.reset()
        self.output_pct = self._zone.settle_at(degc)
        self.degc = degc
        self._quiet = 0
