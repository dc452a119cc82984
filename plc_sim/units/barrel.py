"""The heated barrel of an extruder or an injection machine, and the HEAT_UP phase both have."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plc_sim.physics.first_order import Lag
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.unit import Setpoints

ROOM_DEGC = 22.0
TAU_S = 20.0 * 60.0
OVERHEAT_K = 120.0
"""The heaters could keep a barrel so much above any set-point: that is how fast they get there."""
BAND_K = 3.0
COLD_BY_K = 15.0
"""A screw must not turn in melt that is so much below its set-point."""
STILL_K = 0.01
HEAT, SOAK = 10, 20
HEAT_TIMEOUT = 25
PATIENCE_S = 3.0 * 3600.0


class Barrel:
    """Barrel and melt as one mass: first order, full heat until the set-point is reached, then held there (degC)."""

    def __init__(self) -> None:
        self.setpoint_degc: float | None = None
        self.burnt_out = False
        self._lag = Lag(TAU_S, ROOM_DEGC)

    @property
    def degc(self) -> float:
        """Temperature of the melt, degC."""
        return self._lag.value

    @property
    def is_hot(self) -> bool:
        """Whether the melt is near its set-point."""
        return self.setpoint_degc is not None and abs(self._lag.value - self.setpoint_degc) <= BAND_K

    @property
    def can_turn(self) -> bool:
        """Whether a screw may turn in it."""
        return self.setpoint_degc is not None and self._lag.value >= self.setpoint_degc - COLD_BY_K

    def tick(self) -> None:
        """Heat, hold or cool for one tick."""
        lag, wanted = self._lag, self.setpoint_degc
        if wanted is None or self.burnt_out:
            if lag.value - ROOM_DEGC > STILL_K:
                lag.step(ROOM_DEGC, TICK_S)
        elif lag.value < wanted:
            lag.value = min(wanted, lag.step(wanted + OVERHEAT_K, TICK_S))
        elif lag.value > wanted:
            lag.value = max(wanted, lag.step(ROOM_DEGC, TICK_S))

    def settle_at(self, degc: float) -> None:
        """Be hot at once: a plant that runs dry waits for nothing."""
        self.setpoint_degc = self._lag.value = degc


class HeatingUp:
    """One run of HEAT_UP: reach `melt_temp`, then soak for `soak_time` minutes; the barrel stays hot after that."""

    def __init__(self, barrel: Barrel, sp: Setpoints, off: Callable[[], None]) -> None:
        self._barrel = barrel
        self._sp = sp
        self._off = off
        self._heated_s = self._soaked_s = self._waited_s = 0.0
        self._done = False

    def run(self) -> PhaseProgress:
        """Heat or soak for one tick."""
        if self._done:
            return PhaseProgress(step=SOAK, done=True)
        barrel = self._barrel
        barrel.setpoint_degc = self._sp["melt_temp"]
        if not barrel.is_hot:
            self._heated_s += TICK_S
            self._waited_s += TICK_S
            return PhaseProgress(step=HEAT, fail_code=HEAT_TIMEOUT if self._waited_s > PATIENCE_S else 0)
        self._soaked_s += TICK_S
        self._done = self._soaked_s >= 60.0 * self._sp["soak_time"]
        return PhaseProgress(step=SOAK, done=self._done)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """The barrel keeps its temperature."""
        return True

    def resume(self) -> None:
        """Go on, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Stay hot after a complete run, else off."""
        if not self._done:
            self._off()

    def reports(self) -> Mapping[str, float]:
        """Give the melt (degC) and the minutes of heating."""
        return {"melt_temp": self._barrel.degc, "heat_time": self._heated_s / 60.0}
