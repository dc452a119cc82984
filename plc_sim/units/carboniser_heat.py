"""The phases that heat and cool the kiln of the carboniser: DRY, CARBONISE and COOL."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plc_sim.physics.pyrolysis import char_carbon
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.carboniser_kiln import AMBIENT_DEGC, Kiln
from plc_sim.units.instruments import Readings
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

OXIDISER_COLD, TIMEOUT = 30, 50
HEAT, WORK = 10, 20
RAMP, HOLD = 10, 20
COOLING = PhaseProgress(step=10)
COUNTS_BY_K = 15.0
"""The hold counts from so many K below its temperature on: wall and bed never quite meet."""
HOLDBACK_K = 20.0
"""The set-point waits when the wall is so far behind it."""
DRY_PATIENCE_S = 24.0 * 3600.0
RAMP_PATIENCE, RAMP_PATIENCE_S = 3.0, 6.0 * 3600.0
DRY_RAMP_K_MIN = 3.0
MINUTE_S = 60.0


class Drying:
    """One run of DRY: heat the wall to `temperature` until the moisture is below `moisture_max` percent."""

    def __init__(
        self, kiln: Kiln, sp: Setpoints, readings: Readings, has_charge: Callable[[], bool], abandon: Callable[[], None]
    ) -> None:
        self._kiln = kiln
        self._sp = sp
        self._readings = readings
        self._has_charge = has_charge
        self._abandon = abandon
        self._begun = self._done = False
        self._water_before_g = 0.0
        self._dried_s = self._waited_s = 0.0
        self._removed_g = self._moisture = 0.0

    def run(self) -> PhaseProgress:
        """Dry for one tick."""
        kiln, sp = self._kiln, self._sp
        if self._done:
            return PhaseProgress(step=WORK, done=True)
        if not self._begun:
            if not self._has_charge():
                return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
            self._begun, self._water_before_g = True, kiln.water_g
            kiln.kept_hot = False
            kiln.setpoint_degc = kiln.wall_degc
        kiln.nitrogen_nl_min = sp["nitrogen_flow"]
        move(kiln, sp["temperature"], DRY_RAMP_K_MIN)
        self._dried_s += TICK_S
        self._waited_s += TICK_S
        self._removed_g = self._water_before_g - kiln.water_g
        self._moisture = 100.0 * kiln.water_g / (kiln.water_g + kiln.solid_g)
        self._done = self._moisture <= sp["moisture_max"]
        step = WORK if kiln.wall_degc >= sp["temperature"] - COUNTS_BY_K else HEAT
        return PhaseProgress(step=step, done=self._done, fail_code=TIMEOUT if self._waited_s > DRY_PATIENCE_S else 0)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Hold the present temperature."""
        self._kiln.ramp_k_min = 0.0
        return True

    def resume(self) -> None:
        """Go on, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Stay warm for CARBONISE after a complete run, else heater off and the charge given up."""
        self._kiln.ramp_k_min, self._kiln.kept_hot = 0.0, True
        if not self._done:
            self._kiln.heat_off()
            if self._begun:
                self._abandon()

    def reports(self) -> Mapping[str, float]:
        """Give the water removed (kg), the moisture left (%, wet basis) and minutes."""
        return {
            "water_removed": self._readings.weighed("water_removed", self._removed_g) / 1000.0,
            "moisture": self._readings.measured("moisture", self._moisture, 0.01),
            "dry_time": self._dried_s / MINUTE_S,
        }


class Carbonising:
    """One run of CARBONISE: ramp to `hold_temp`, then hold until the bed has been there for `hold_time` minutes."""

    def __init__(
        self,
        kiln: Kiln,
        sp: Setpoints,
        readings: Readings,
        has_charge: Callable[[], bool],
        oxidiser_burns: Callable[[], bool],
        abandon: Callable[[], None],
    ) -> None:
        self._kiln = kiln
        self._sp = sp
        self._readings = readings
        self._has_charge = has_charge
        self._oxidiser_burns = oxidiser_burns
        self._abandon = abandon
        self._begun = self._done = False
        self._ramp_s = self._hold_s = self._waited_s = 0.0
        self._peak_degc = AMBIENT_DEGC
        self._solid_before_g = 0.0

    def run(self) -> PhaseProgress:
        """Move the set-point and count the hold for one tick."""
        if self._done:
            return PhaseProgress(step=HOLD, done=True)
        if not self._begun:
            fail_code = self._begin()
            if fail_code:
                return PhaseProgress(fail_code=fail_code)
        kiln, sp = self._kiln, self._sp
        kiln.nitrogen_nl_min = sp["nitrogen_flow"]
        move(kiln, sp["hold_temp"], sp["ramp"])
        bed = kiln.bed_degc
        self._peak_degc = max(self._peak_degc, bed)
        if bed >= sp["hold_temp"] - COUNTS_BY_K:
            self._hold_s += TICK_S
        elif not self._hold_s:
            self._ramp_s += TICK_S
            self._waited_s += TICK_S
        self._done = self._hold_s >= MINUTE_S * sp["hold_time"]
        patience = RAMP_PATIENCE * MINUTE_S * sp["hold_temp"] / sp["ramp"] + RAMP_PATIENCE_S
        fail_code = TIMEOUT if self._waited_s > patience else 0
        return PhaseProgress(step=HOLD if self._hold_s else RAMP, done=self._done, fail_code=fail_code)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters; gas follows at once, the ramp from the present set-point."""
        self._sp = sp

    def rest(self) -> bool:
        """Hold the present temperature."""
        self._kiln.ramp_k_min = 0.0
        return True

    def resume(self) -> None:
        """Go on ramping, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Keep the temperature for COOL after a complete run, else heater off and the charge given up."""
        self._kiln.ramp_k_min, self._kiln.kept_hot = 0.0, True
        if not self._done:
            self._kiln.heat_off()
            if self._begun:
                self._abandon()

    def reports(self) -> Mapping[str, float]:
        """Give temperatures (degC), minutes, char of dry biomass (%), carbon in it (%, ash-free) and off-gas (kg)."""
        kiln, measured = self._kiln, self._readings.measured
        char = carbon = offgas_g = 0.0
        if self._begun and kiln.dry_g:
            char = 100.0 * kiln.solid_g / kiln.dry_g
            offgas_g = max(0.0, self._solid_before_g - kiln.solid_g)
            carbon = 100.0 * char_carbon(min(1000.0, max(200.0, kiln.reaction.peak_degc)))
        return {
            "peak_temp": measured("peak_temp", self._peak_degc, 0.001),
            "ramp_time": self._ramp_s / MINUTE_S,
            "hold_time": self._hold_s / MINUTE_S,
            "char_yield": min(100.0, measured("char_yield", char, 0.005)),
            "carbon": min(100.0, measured("carbon", carbon, 0.005)),
            "offgas": self._readings.weighed("offgas", offgas_g) / 1000.0,
        }

    def _begin(self) -> int:
        if not self._has_charge():
            return NOTHING_TO_PROCESS
        if not self._oxidiser_burns():
            return OXIDISER_COLD
        self._begun, self._kiln.kept_hot = True, False
        self._solid_before_g = self._kiln.solid_g
        if self._kiln.setpoint_degc is None:
            self._kiln.setpoint_degc = self._kiln.wall_degc
        return 0


class Cooling:
    """One run of COOL: heater off, nitrogen, until the bed is below `end_temp`."""

    def __init__(self, kiln: Kiln, sp: Setpoints, abandon: Callable[[], None]) -> None:
        self._kiln = kiln
        self._sp = sp
        self._abandon = abandon
        self._begun = self._done = False
        self._cooled_s = 0.0
        self._end_degc = 0.0

    def run(self) -> PhaseProgress:
        """Cool for one tick."""
        kiln = self._kiln
        if self._done:
            return PhaseProgress(step=COOLING.step, done=True)
        self._begun = True
        kiln.setpoint_degc, kiln.kept_hot = None, False
        kiln.nitrogen_nl_min = self._sp["nitrogen_flow"]
        self._cooled_s += TICK_S
        self._end_degc = max(kiln.bed_degc, kiln.wall_degc)
        self._done = self._end_degc < self._sp["end_temp"]
        return PhaseProgress(step=COOLING.step, done=True) if self._done else COOLING

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Cooling cannot be held."""
        return True

    def resume(self) -> None:
        """Go on cooling."""

    def end(self) -> None:
        """Heater off, nitrogen trickling; a charge that was not cooled to the end is given up."""
        self._kiln.heat_off()
        if self._begun and not self._done:
            self._abandon()

    def reports(self) -> Mapping[str, float]:
        """Give the hottest spot at the end (degC) and the minutes of cooling."""
        return {"end_temp": self._end_degc, "cool_time": self._cooled_s / MINUTE_S}


def move(kiln: Kiln, target_degc: float, ramp_k_min: float) -> None:
    """Move the set-point of the wall by one tick of the ramp, unless the wall is too far behind."""
    wanted = kiln.setpoint_degc
    if wanted is None:
        wanted = kiln.wall_degc
    step = ramp_k_min * TICK_S / MINUTE_S
    if abs(target_degc - wanted) <= step:
        kiln.setpoint_degc, kiln.ramp_k_min = target_degc, 0.0
    elif abs(wanted - kiln.wall_degc) > HOLDBACK_K:
        kiln.setpoint_degc = wanted
    else:
        sign = 1.0 if target_degc > wanted else -1.0
        kiln.setpoint_degc, kiln.ramp_k_min = wanted + sign * step, sign * ramp_k_min
