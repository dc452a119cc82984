"""Vacuum drying, of powder on shelves and of a roll of film: one chamber, one phase, two loads."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.physics.first_order import Lag
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.site import NONE, Site
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, Setpoints, Unit
from plc_sim.units.vacuum_load import Load, PowderLoad, RollLoad

ROOM_DEGC = 22.0
SHELL_TAU_S = 10.0 * 60.0
PUMP_TAU_S = 90.0
VENT_TAU_S = 60.0
FLOOR_MBAR = 0.3
ATMOSPHERE_MBAR = 985.0
"""Argon atmosphere of the plant, mbar; inside the gauge's range."""
REST = 1e-4
"""Difference (K, mbar) to what is aimed at below which nothing moves any more."""
VENT_S = 600.0
TEMPERATURE_BAND_K = 3.0
EVACUATE_LIMIT_S = 3.0 * 3600.0
VACUUM_NOT_REACHED = 20
EVACUATE, DRY, VENT = 10, 20, 30


class Chamber:
    """Shell temperature (degC) and pressure (mbar) of a vacuum chamber; idle, it is kept evacuated and cold."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.shell_target_degc = ROOM_DEGC
        self.pumping = True
        self._shell = Lag(SHELL_TAU_S, ROOM_DEGC)
        self._pump = Lag(PUMP_TAU_S, FLOOR_MBAR)
        self._floor_mbar = FLOOR_MBAR
        self._no_heat = False
        self._stuck: bool | None = None

    @property
    def shell_degc(self) -> float:
        """Shell temperature, degC."""
        return self._shell.value

    @property
    def pressure_mbar(self) -> float:
        """Chamber pressure, mbar."""
        return self._pump.value

    def tick(self) -> None:
        """Heat and pump, or vent."""
        shell, pump = self._shell, self._pump
        heat_to = ROOM_DEGC if self._no_heat else self.shell_target_degc
        if abs(heat_to - shell.value) > REST:
            shell.step(heat_to, TICK_S)
        opened = self.pumping if self._stuck is None else self._stuck
        pump_to = self._floor_mbar if opened else ATMOSPHERE_MBAR
        if abs(pump_to - pump.value) > REST:
            tau_s = PUMP_TAU_S if opened else VENT_TAU_S
            if pump.tau_s != tau_s:
                pump.tau_s = tau_s
            pump.step(pump_to, TICK_S)

    def open(self) -> None:
        """Open the door: argon atmosphere inside, the shell at the temperature of the room."""
        self._pump.value, self._shell.value = ATMOSPHERE_MBAR, ROOM_DEGC

    def tags(self) -> Mapping[str, float]:
        """Give shell, pressure and cold trap."""
        noise, mbar = self.jitter.around, self._pump.value
        return {
            "T_SHELL": self.jitter.within(self._shell.value, 0.1, 0.0, 200.0),
            "P_VAC": noise(mbar, 0.02 * mbar if mbar < 100.0 else 0.5),
            "T_DEWTRAP": noise(-60.0, 0.5),
        }

    def interlocks(self) -> frozenset[str]:
        """A vacuum chamber holds nothing off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Its heater can fail, its vacuum valve stick, and its door leak."""
        return frozenset({"heater-failure", "stuck-valve", "vacuum-leak"})

    def disturb(self, fault: str, amount: float) -> None:
        """Heat no more, keep the valve as it is, or reach no better vacuum than so many mbar."""
        if fault == "heater-failure":
            self._no_heat = True
        elif fault == "vacuum-leak":
            self._floor_mbar = max(FLOOR_MBAR, min(ATMOSPHERE_MBAR, amount))
        elif self._stuck is None:
            self._stuck = self.pumping

    def recover(self, fault: str) -> None:
        """Mend heater, valve or door."""
        if fault == "heater-failure":
            self._no_heat = False
        elif fault == "vacuum-leak":
            self._floor_mbar = FLOOR_MBAR
        else:
            self._stuck = None


class VacuumDrying:
    """One run of VACUUM_DRY: the drying time counts while both pressure and temperature are reached."""

    def __init__(self, chamber: Chamber, load: Load, sp: Setpoints, readings: Readings) -> None:
        self._chamber = chamber
        self._load = load
        self._sp = sp
        self._readings = readings
        self._begun = False
        self._step = EVACUATE
        self._waited_s = self._dried_s = self._vented_s = 0.0
        self._final_mbar = ATMOSPHERE_MBAR
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Evacuate, dry or vent for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=VENT, done=True)
        if not self._begun:
            if not self._load.take_in():
                return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
            # Opened for loading: every run begins at room temperature and atmosphere, however long the chamber stood.
            self._chamber.open()
            self._begun = True
        fail_code = self._vent() if self._step == VENT else self._dry()
        return PhaseProgress(step=self._step, done=self._reports is not None, fail_code=fail_code)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Vacuum and temperature stay; only the drying time stands."""
        return True

    def resume(self) -> None:
        """Go on counting, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Heating off; the chamber stays evacuated, and a load that was not dried to the end is given up."""
        if self._begun and self._reports is None:
            self._load.give_up()
        self._chamber.shell_target_degc = ROOM_DEGC
        self._chamber.pumping = True

    def reports(self) -> Mapping[str, float]:
        """Give the reports of the load and the pressure at the end of drying (mbar)."""
        return self._reports or dict.fromkeys(self._load.report_names, 0.0)

    def _dry(self) -> int:
        chamber, sp = self._chamber, self._sp
        chamber.pumping = True
        chamber.shell_target_degc = sp["temperature"]
        self._load.lie(chamber.shell_degc, chamber.pressure_mbar)
        in_band = abs(chamber.shell_degc - sp["temperature"]) <= TEMPERATURE_BAND_K
        if chamber.pressure_mbar > sp["pressure"] or not in_band:
            self._waited_s += TICK_S
            return VACUUM_NOT_REACHED if self._waited_s > EVACUATE_LIMIT_S else 0
        self._step = DRY
        self._dried_s += TICK_S
        if self._dried_s >= 60.0 * sp["duration"]:
            self._final_mbar = chamber.pressure_mbar
            self._step = VENT
        return 0

    def _vent(self) -> int:
        self._chamber.pumping = False
        self._chamber.shell_target_degc = ROOM_DEGC
        self._vented_s += TICK_S
        if self._vented_s >= VENT_S:
            reports = self._load.dry(self._readings)
            final = self._readings.measured("final_pressure", self._final_mbar, 0.02)
            self._reports = reports | {"final_pressure": final}
        return 0


def _vacuum_dryer(name: str, seed: int, load: Load, site: Site) -> Unit:
    chamber = Chamber(Jitter(seed, name))
    kind = PhaseKind(begin=lambda sp, readings: VacuumDrying(chamber, load, sp, readings))
    return Unit(name, seed, chamber, {"VACUUM_DRY": kind}, site)


def powder_dryer(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a vacuum dryer that takes sieved powder."""
    return _vacuum_dryer(name, seed, PowderLoad(holdings, name), site)


def roll_dryer(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a vacuum dryer that takes a calendered roll."""
    return _vacuum_dryer(name, seed, RollLoad(holdings, name), site)
