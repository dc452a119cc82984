"""Ball mill: loading, premix, leak test, milling in on/off cycles, unloading through a coarse sieve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plc_sim.plant import TICK_S
from plc_sim.units.holdings import Holdings, Powder
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.mill_phase import Milling
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

AMBIENT_DEGC = 25.0
JAR_TAU_S = 40.0 * 60.0
JAR_RISE_K = 33.0
"""Rise of the jar over ambient when milling without rest at `RATED_RPM`, K; it goes with speed cubed."""
RATED_RPM = 600.0
SPECIFIC_POWER_KW_KG = 1.2
"""Specific power at `RATED_RPM`; it goes with speed cubed (PROCESS M6)."""
FILL_BAR = 0.05
"""Argon pressure in a sealed jar at ambient temperature, bar(g)."""
LOCK_S = 3600.0
"""The interlock locks the mill this long to let the jar cool."""
TRANSFER_YIELD = 0.99
MILL_YIELD = 0.97
MASS_MISMATCH, JAR_LEAK = 20, 30
MASS_PLAY = 0.10
"""Loaded mass may differ from the expected one by this part."""
LEAK_MBAR_MIN = 0.1
"""Pressure lost from a sound jar at the default test pressure, mbar/min."""
LEAK_TEST_BAR = 0.2


class MillDrive:
    """The mill's drive and jar: speed (rpm), jar temperature (degC) and pressure (bar(g)), energy put in (kWh/kg)."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.speed_rpm = 0.0
        self.jar_degc = AMBIENT_DEGC
        self.fill_bar = FILL_BAR
        self.run_h = 0.0
        self.energy_kwh_kg = 0.0
        self._lock_s = 0.0

    def tick(self) -> None:
        """Heat or cool the jar and count the milling."""
        power = self.power_kw_kg()
        rise = JAR_RISE_K * power / SPECIFIC_POWER_KW_KG
        self.jar_degc += (AMBIENT_DEGC + rise - self.jar_degc) * (TICK_S / JAR_TAU_S)
        if power:
            self.run_h += TICK_S / 3600.0
            self.energy_kwh_kg += power * TICK_S / 3600.0
        if self.jar_degc > 75.0 or self._pressure_bar() > 0.5 or self._vibration() > 11.0:
            self._lock_s = LOCK_S
        elif self._lock_s > 0.0:
            self._lock_s -= TICK_S

    def tags(self) -> Mapping[str, float]:
        """Give drive and jar values."""
        noise, part = self._jitter.around, self.speed_rpm / RATED_RPM
        turning = self.speed_rpm > 0.0
        return {
            "SPEED": noise(self.speed_rpm, 1.0) if turning else 0.0,
            "T_JAR": noise(self.jar_degc, 0.1),
            "P_JAR": max(0.0, noise(self._pressure_bar(), 0.001)),
            "T_RUN_ACC": min(100.0, self.run_h),
            "E_SPEC": min(30.0, self.energy_kwh_kg),
            "VIB": noise(self._vibration(), 0.1) if turning else 0.0,
            "TORQUE": noise(30.0 + 25.0 * part, 0.5) if turning else 0.0,
            "CURRENT": noise(6.0 + 18.0 * part**2, 0.2) if turning else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """I10: jar hot, over pressure or shaking, then locked for an hour."""
        return frozenset({"I10_MILL_JAR"}) if self._lock_s > 0.0 else frozenset()

    def power_kw_kg(self) -> float:
        """Give the specific power going into the powder now."""
        return SPECIFIC_POWER_KW_KG * (self.speed_rpm / RATED_RPM) ** 3 if self.speed_rpm else 0.0

    def stop(self) -> None:
        """Stop turning."""
        self.speed_rpm = 0.0

    def _pressure_bar(self) -> float:
        # Sealed gas: absolute pressure goes with absolute temperature.
        return (self.fill_bar + 1.013) * (self.jar_degc + 273.15) / (AMBIENT_DEGC + 273.15) - 1.013

    def _vibration(self) -> float:
        return 3.0 * self.speed_rpm / RATED_RPM


def ball_mill(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a ball mill that takes the transport vessel and empties onto the tray."""
    drive = MillDrive(Jitter(seed, name))

    def begin_mill(sp: Setpoints, readings: Readings) -> PhaseRun:
        return Milling(drive, holdings, sp)

    return Unit(
        name,
        seed,
        drive,
        {
            "LOAD": PhaseKind(begin=lambda sp, readings: _load(drive, holdings, sp, readings)),
            "PREMIX": PhaseKind(begin=lambda sp, readings: _premix(drive, holdings, sp, readings)),
            "SEAL": PhaseKind(begin=lambda sp, readings: _seal(drive, holdings, sp, readings)),
            "MILL": PhaseKind(begin=begin_mill),
            "UNLOAD": PhaseKind(begin=lambda sp, readings: _unload(drive, holdings, sp, readings)),
        },
    )


def _last_weighed(containers: Sequence[Powder], expected_g: float) -> tuple[int, float]:
    """Count back from the last container until the expected mass is there; gives containers and their mass (g).

    Older ones were weighed for a batch that never came to load them.
    """
    count, mass_g = 0, 0.0
    for container in reversed(containers):
        if mass_g >= expected_g * (1.0 - MASS_PLAY):
            break
        count, mass_g = count + 1, mass_g + container.mass_g
    return count, mass_g


def _load(drive: MillDrive, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        if holdings.vessel.first() is None:
            return NOTHING_TO_PROCESS
        _, mass_g = _last_weighed(holdings.vessel.all(), sp["expected_mass"])
        return MASS_MISMATCH if abs(mass_g / sp["expected_mass"] - 1.0) > MASS_PLAY else 0

    def plan(sp: Setpoints) -> Plan:
        return ((10, 900.0), (20, 60.0 * sp["bpr"]))

    def finish(sp: Setpoints) -> Outcome:
        containers = holdings.vessel.take_all()
        count, weighed_g = _last_weighed(containers, sp["expected_mass"])
        holdings.give_up(containers[: len(containers) - count])
        loaded_g = weighed_g * readings.varied("transfer", TRANSFER_YIELD, 0.001)
        holdings.give_up(holdings.jar.replace(Powder(mass_g=loaded_g, residue_g=weighed_g - loaded_g)))
        drive.run_h = drive.energy_kwh_kg = 0.0
        return Outcome(reports={"loaded_mass": readings.weighed("loaded_mass", loaded_g)})

    return TimedPhase(
        sp=sp,
        report_names=("loaded_mass",),
        plan=plan,
        ready=ready,
        finish=finish,
        rest_drives=drive.stop,
        abandon=lambda: holdings.give_up(holdings.vessel.take_all()),
    )


def _premix(drive: MillDrive, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        return 0 if holdings.jar.first() or holdings.vessel.first() else NOTHING_TO_PROCESS

    def turn(sp: Setpoints, step: int, fraction: float) -> None:
        drive.speed_rpm = sp["speed"]

    return TimedPhase(
        sp=sp,
        report_names=("duration",),
        plan=lambda sp: ((10, 60.0 * sp["duration"]),),
        ready=ready,
        drive=turn,
        rest_drives=drive.stop,
        abandon=lambda: holdings.give_up(holdings.jar.take_all() or holdings.vessel.take_all()),
        finish=lambda sp: Outcome(reports={"duration": sp["duration"]}),
    )


def _seal(drive: MillDrive, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def pressurise(sp: Setpoints, step: int, fraction: float) -> None:
        if step == 10:
            drive.fill_bar = FILL_BAR + (sp["test_pressure"] - FILL_BAR) * fraction

    def vent() -> None:
        drive.fill_bar = FILL_BAR

    def finish(sp: Setpoints) -> Outcome:
        leak = LEAK_MBAR_MIN * readings.varied("leak", 1.0, 0.3) * sp["test_pressure"] / LEAK_TEST_BAR
        drop = max(0.0, readings.measured("pressure_drop", leak * sp["hold_time"], 0.02))
        return Outcome(reports={"pressure_drop": drop}, fail_code=JAR_LEAK if drop > sp["max_drop"] else 0)

    return TimedPhase(
        sp=sp,
        report_names=("pressure_drop",),
        plan=lambda sp: ((10, 120.0), (20, 60.0 * sp["hold_time"]), (30, 120.0)),
        drive=pressurise,
        rest_drives=vent,
        again=readings.again,
        abandon=lambda: holdings.give_up(holdings.jar.take_all()),
        finish=finish,
    )


def _unload(drive: MillDrive, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def plan(sp: Setpoints) -> Plan:
        # A finer sieve passes less per minute.
        return ((10, 600.0), (20, 2400.0 * (250.0 / sp["sieve"]) ** 0.5), (30, 600.0))

    def finish(sp: Setpoints) -> Outcome:
        jar = holdings.jar.take()
        out_g = jar.mass_g * readings.varied("yield", MILL_YIELD, 0.003)
        holdings.tray.put(Powder(mass_g=out_g))
        unloaded = readings.weighed("unloaded_mass", out_g)
        reports = {
            "unloaded_mass": unloaded,
            "yield": 100.0 * unloaded / jar.mass_g,
            # The vessel's residue is weighed back together with the build-up on jar and beads.
            "loss": readings.weighed("loss", jar.mass_g - out_g + jar.residue_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("unloaded_mass", "yield", "loss"),
        plan=plan,
        ready=lambda sp: 0 if holdings.jar.first() else NOTHING_TO_PROCESS,
        rest_drives=drive.stop,
        abandon=lambda: holdings.give_up(holdings.jar.take_all()),
        finish=finish,
    )
