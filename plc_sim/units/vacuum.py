"""Vacuum drying, of powder on trays and of a roll of film: one chamber, one phase, two loads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Protocol

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.holdings import Holdings, Powder, Web
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, Setpoints, Unit

ROOM_DEGC = 22.0
SHELL_TAU_S = 10.0 * 60.0
PUMP_TAU_S = 90.0
VENT_TAU_S = 60.0
FLOOR_MBAR = 0.3
ATMOSPHERE_MBAR = 985.0
"""Argon atmosphere of the plant, mbar; inside the gauge's range."""
VENT_S = 600.0
TEMPERATURE_BAND_K = 3.0
EVACUATE_LIMIT_S = 3.0 * 3600.0
VACUUM_NOT_REACHED = 20
POWDER_MOISTURE = 5e-4
"""Mass fraction that leaves a powder with drying time constant `DRYING_TAU_S` at `DRYING_DEGC`."""
DRYING_TAU_S = 4.0 * 3600.0
DRYING_DEGC = 80.0
DRYING_SPAN_K = 25.0
"""Drying is e times faster for this much more temperature."""
SOLVENT_FLOOR_PPM = 20.0


class Chamber:
    """Shell temperature (degC) and pressure (mbar) of a vacuum chamber; idle, it is kept evacuated and cold."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.shell_degc = ROOM_DEGC
        self.shell_target_degc = ROOM_DEGC
        self.pressure_mbar = FLOOR_MBAR
        self.pumping = True

    def tick(self) -> None:
        """Heat and pump, or vent."""
        self.shell_degc += (self.shell_target_degc - self.shell_degc) * (TICK_S / SHELL_TAU_S)
        if self.pumping:
            self.pressure_mbar += (FLOOR_MBAR - self.pressure_mbar) * (TICK_S / PUMP_TAU_S)
        else:
            self.pressure_mbar += (ATMOSPHERE_MBAR - self.pressure_mbar) * (TICK_S / VENT_TAU_S)

    def tags(self) -> Mapping[str, float]:
        """Give shell, pressure and cold trap."""
        noise = self._jitter.around
        return {
            "T_SHELL": noise(self.shell_degc, 0.1),
            "P_VAC": noise(self.pressure_mbar, 0.02 * self.pressure_mbar if self.pressure_mbar < 100.0 else 0.5),
            "T_DEWTRAP": noise(-60.0, 0.5),
        }

    def interlocks(self) -> frozenset[str]:
        """A vacuum chamber holds nothing off."""
        return frozenset()


def drying_part(sp: Setpoints) -> float:
    """Give the part of what can dry that has dried after `duration` (min) at `temperature` (degC): first order."""
    tau_s = DRYING_TAU_S * math.exp(-(sp["temperature"] - DRYING_DEGC) / DRYING_SPAN_K)
    return 1.0 - math.exp(-60.0 * sp["duration"] / tau_s)


class Load(Protocol):
    """What lies in the chamber."""

    report_names: tuple[str, ...]

    def present(self) -> bool:
        """Whether there is anything to dry."""
        ...

    def dry(self, sp: Setpoints, readings: Readings) -> dict[str, float]:
        """Move the dried load on and report it."""
        ...

    def give_up(self) -> None:
        """Take the load off the line."""
        ...


class PowderLoad:
    """Sieved powder on trays."""

    report_names: tuple[str, ...] = ("dried_mass", "final_pressure", "loss")

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def present(self) -> bool:
        """Whether sieved powder waits."""
        return self._holdings.sieved.first() is not None

    def give_up(self) -> None:
        """Take the powder off the line."""
        self._holdings.give_up_first(self._holdings.sieved)

    def dry(self, sp: Setpoints, readings: Readings) -> dict[str, float]:
        """Take moisture out of the powder."""
        wet_g = self._holdings.sieved.take().mass_g
        lost_g = wet_g * readings.varied("moisture", POWDER_MOISTURE, 1e-4) * drying_part(sp)
        self._holdings.dried.put(Powder(mass_g=wet_g - lost_g))
        return {"dried_mass": readings.weighed("dried_mass", wet_g - lost_g), "loss": readings.weighed("loss", lost_g)}


class RollLoad:
    """A roll of calendered film."""

    report_names: tuple[str, ...] = ("residual_solvent", "final_pressure", "loss")

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def present(self) -> bool:
        """Whether a calendered roll waits."""
        return self._holdings.calendered.first() is not None

    def give_up(self) -> None:
        """Take the roll off the line."""
        self._holdings.give_up([self._holdings.calendered.take()])

    def dry(self, sp: Setpoints, readings: Readings) -> dict[str, float]:
        """Take solvent out of the coating."""
        web = self._holdings.calendered.take()
        lost_ppm = max(0.0, web.residual_ppm - SOLVENT_FLOOR_PPM) * drying_part(sp)
        lost_g = web.mass_g * lost_ppm * 1e-6
        left_ppm = web.residual_ppm - lost_ppm
        self._holdings.dried_web.put(
            Web(
                length_m=web.length_m,
                mass_g=web.mass_g - lost_g,
                coated_width_m=web.coated_width_m,
                porosity=web.porosity,
                solid_density_g_cm3=web.solid_density_g_cm3,
                residual_ppm=left_ppm,
            )
        )
        residual = readings.measured("residual_solvent", left_ppm, 0.05)
        return {"residual_solvent": residual, "loss": readings.weighed("loss", lost_g)}


class VacuumDrying:
    """One run of VACUUM_DRY: the drying time counts while both pressure and temperature are reached."""

    def __init__(self, chamber: Chamber, load: Load, sp: Setpoints, readings: Readings) -> None:
        self._chamber = chamber
        self._load = load
        self._sp = sp
        self._readings = readings
        self._begun = False
        self._step = 10
        self._waited_s = self._dried_s = self._vented_s = 0.0
        self._final_mbar = ATMOSPHERE_MBAR
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Evacuate, dry or vent for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=30, done=True)
        if not self._begun:
            if not self._load.present():
                return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
            # Opened for loading: every run begins at room temperature and atmosphere, however long the chamber stood.
            self._chamber.pressure_mbar = ATMOSPHERE_MBAR
            self._chamber.shell_degc = ROOM_DEGC
            self._begun = True
        fail_code = self._vent() if self._step == 30 else self._dry()
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
        in_band = abs(chamber.shell_degc - sp["temperature"]) <= TEMPERATURE_BAND_K
        if chamber.pressure_mbar > sp["pressure"] or not in_band:
            self._waited_s += TICK_S
            return VACUUM_NOT_REACHED if self._waited_s > EVACUATE_LIMIT_S else 0
        self._step = 20
        self._dried_s += TICK_S
        if self._dried_s >= 60.0 * sp["duration"]:
            self._final_mbar = chamber.pressure_mbar
            self._step = 30
        return 0

    def _vent(self) -> int:
        self._chamber.pumping = False
        self._chamber.shell_target_degc = ROOM_DEGC
        self._vented_s += TICK_S
        if self._vented_s >= VENT_S:
            reports = self._load.dry(self._sp, self._readings)
            final = self._readings.measured("final_pressure", self._final_mbar, 0.02)
            self._reports = reports | {"final_pressure": final}
        return 0


def _vacuum_dryer(name: str, seed: int, load: Load) -> Unit:
    chamber = Chamber(Jitter(seed, name))
    kind = PhaseKind(begin=lambda sp, readings: VacuumDrying(chamber, load, sp, readings))
    return Unit(name, seed, chamber, {"VACUUM_DRY": kind})


def powder_dryer(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a vacuum dryer that takes sieved powder."""
    return _vacuum_dryer(name, seed, PowderLoad(holdings))


def roll_dryer(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a vacuum dryer that takes a calendered roll."""
    return _vacuum_dryer(name, seed, RollLoad(holdings))
