"""The ANNEAL phase, counted from the powder core, and the COOL phase."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.retort import Retort
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

RAMP_TIMEOUT = 50
HOLDBACK_K = 15.0
"""The set-point waits when the slowest zone is this far behind it."""
RAMP_PATIENCE = 3.0
RAMP_PATIENCE_S = 5.0 * 3600.0


class Annealing:
    """One run of ANNEAL: ramp the zones, then soak until the core has been above `count_above` for `soak_time`.

    A cold furnace begins from ambient temperature exactly. The furnace holds its soak temperature after a complete run
    until COOL takes over, and turns the heaters off after any other end.
    """

    def __init__(
        self, retort: Retort, sp: Setpoints, has_charge: Callable[[], bool], abandon: Callable[[], None]
    ) -> None:
        self._retort = retort
        self._sp = sp
        self._has_charge = has_charge
        self._abandon = abandon
        self._setpoint_degc = 25.0
        self._begun = False
        self._done = False
        self._ramp_s = self._soak_s = self._waited_s = 0.0
        self._peak_degc = 0.0

    def run(self) -> PhaseProgress:
        """Move the set-point and count the soak for one tick."""
        if self._done:
            return PhaseProgress(step=20, done=True)
        if not self._begun and not self._begin():
            return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
        core = self._retort.core_degc
        self._peak_degc = max(self._peak_degc, core)
        self._move()
        if core >= self._sp["count_above"]:
            self._soak_s += TICK_S
        elif not self._soak_s:
            self._ramp_s += TICK_S
            self._waited_s += TICK_S
        self._done = self._soak_s >= self._sp["soak_time"] * 60.0
        patience = RAMP_PATIENCE * 60.0 * self._sp["soak_temp"] / self._sp["ramp"] + RAMP_PATIENCE_S
        fail_code = RAMP_TIMEOUT if self._waited_s > patience else 0
        return PhaseProgress(step=20 if self._soak_s else 10, done=self._done, fail_code=fail_code)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters; gas follows at once, the ramp from the present set-point."""
        self._sp = sp
        self._set_gas()

    def rest(self) -> bool:
        """Hold the present temperature."""
        if self._begun:
            self._retort.heat_to(self._setpoint_degc, 0.0)
        return True

    def resume(self) -> None:
        """Go on ramping from the present set-point, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Keep the soak temperature for COOL after a complete run, else heaters off and the powder given up."""
        self._retort.react(False)
        if self._done:
            self._retort.heat_to(self._setpoint_degc, 0.0)
        else:
            self._retort.heaters_off()
            self._retort.gas.to_standby()
            if self._begun:
                self._abandon()

    def reports(self) -> Mapping[str, float]:
        """Give minutes of soak and ramp and the hottest core (degC)."""
        return {"soak_time": self._soak_s / 60.0, "peak_core_temp": self._peak_degc, "ramp_time": self._ramp_s / 60.0}

    def _begin(self) -> bool:
        if not self._has_charge():
            return False
        if not self._retort.is_hot():
            self._retort.settle_at(25.0)
        self._setpoint_degc = self._retort.mean_degc
        self._set_gas()
        self._retort.react(True)
        self._begun = True
        return True

    def _set_gas(self) -> None:
        self._retort.gas.argon_nl_min = self._sp["argon_flow"]
        self._retort.gas.pressure_target_mbar = self._sp["pressure"]

    def _move(self) -> None:
        target, step = self._sp["soak_temp"], self._sp["ramp"] * TICK_S / 60.0
        slowest = min(zone.shown_degc for zone in self._retort.zones)
        if self._setpoint_degc - slowest > HOLDBACK_K:
            self._retort.heat_to(self._setpoint_degc, self._sp["ramp"])
        elif abs(target - self._setpoint_degc) <= step:
            self._setpoint_degc = target
            self._retort.heat_to(target, 0.0)
        else:
            sign = 1.0 if target > self._setpoint_degc else -1.0
            self._setpoint_degc += sign * step
            self._retort.heat_to(self._setpoint_degc, sign * self._sp["ramp"])


class Cooling:
    """One run of COOL: down at `rate` to `controlled_to`, then heaters off until the core is below `end_temp`."""

    def __init__(self, retort: Retort, sp: Setpoints, abandon: Callable[[], None]) -> None:
        self._retort = retort
        self._sp = sp
        self._abandon = abandon
        self._setpoint_degc = 0.0
        self._step = 0
        self._done = False
        self._cool_s = 0.0
        self._end_degc = 0.0

    def run(self) -> PhaseProgress:
        """Cool for one tick."""
        if self._done:
            return PhaseProgress(step=self._step, done=True)
        if not self._step:
            self._begin()
        self._end_degc = core = self._retort.core_degc
        if self._step == 10:
            self._lower()
        if self._step == 20 and core < self._sp["end_temp"]:
            self._done = True
        else:
            self._cool_s += TICK_S
        return PhaseProgress(step=self._step, done=self._done)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Hold the present set-point; free cooling cannot be held and goes on."""
        if self._step == 10:
            self._retort.heat_to(self._setpoint_degc, 0.0)
        return True

    def resume(self) -> None:
        """Go on cooling."""

    def end(self) -> None:
        """Heaters off, argon trickling; a charge that was not cooled to the end is given up."""
        self._retort.react(False)
        if self._step and not self._done:
            self._abandon()
        self._retort.heaters_off()
        self._retort.gas.to_standby()

    def reports(self) -> Mapping[str, float]:
        """Give the core at the end (degC) and the minutes of cooling."""
        return {"end_core_temp": self._end_degc, "cool_time": self._cool_s / 60.0}

    def _begin(self) -> None:
        # A furnace that soaked and waited is through at one temperature: the count must not know how long it waited.
        held = self._retort.setpoint_degc
        if held is not None:
            self._retort.settle_at(held)
        self._setpoint_degc = self._retort.mean_degc
        self._retort.react(True)
        self._step = 10

    def _lower(self) -> None:
        if self._setpoint_degc <= self._sp["controlled_to"]:
            self._retort.heaters_off()
            self._step = 20
            return
        hottest = max(zone.shown_degc for zone in self._retort.zones)
        if hottest - self._setpoint_degc < HOLDBACK_K:
            self._setpoint_degc = max(self._sp["controlled_to"], self._setpoint_degc - self._sp["rate"] * TICK_S / 60.0)
        self._retort.heat_to(self._setpoint_degc, -self._sp["rate"])
