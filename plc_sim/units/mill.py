"""Ball mill: loading, premix, leak test, milling in on/off cycles, unloading through a coarse sieve."""

from __future__ import annotations

from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Condition
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import CLEANED_OUT, TEST_CHARGE_G, Heel, powder_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.mill_drive import FILL_BAR, MillDrive
from plc_sim.units.mill_phase import Milling
from plc_sim.units.mill_vessels import Vessels
from plc_sim.units.site import Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

SECOND = "BM-202"
"""The mill of the synthesis extension: it has a jar of its own, and shares vessels and tray with the first one."""
TRANSFER_YIELD = 0.99
MILL_YIELD = 0.97
MASS_MISMATCH, JAR_LEAK = 20, 30
FILL, BEADS = 10, 20
OPEN_JAR, SIEVE_OUT, WEIGH_OUT = 10, 20, 30
LEAK_MBAR_MIN = 0.1
"""Pressure lost from a sound jar at the default test pressure, mbar/min."""
LEAK_TEST_BAR = 0.2


class Mill:
    """What the phases of one ball mill share: drive, vessels, jar, and the air they stand in."""

    def __init__(self, name: str, seed: int, holdings: Holdings, site: Site) -> None:
        self.name = name
        self.holdings = holdings
        self.site = site
        self.drive = MillDrive(Jitter(seed, name))
        self.vessels = Vessels(holdings, name)
        second = name == SECOND
        holdings.crossing = holdings.crossing or second
        self.inside = holdings.second_jar if second else holdings.jar
        self.jar = powder_inlet(holdings, name, holdings.vessel, self.inside, Condition())
        self.heel = Heel(holdings, holdings.second_jar_heel if second else holdings.jar_heel)

    def give_up(self) -> None:
        """Set the jar's content aside; vessels that were only premixed stay where they are."""
        self.vessels.forget_premix()
        if self.jar.inside is not None:
            self.jar.give_up()
            self.vessels.mill_is_empty()


def ball_mill(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a ball mill that takes the transport vessels and empties onto the tray."""
    mill = Mill(name, seed, holdings, site)
    return Unit(
        name,
        seed,
        mill.drive,
        {
            "LOAD": PhaseKind(begin=lambda sp, readings: _load(mill, sp, readings)),
            "PREMIX": PhaseKind(begin=lambda sp, readings: _premix(mill, sp, readings)),
            "SEAL": PhaseKind(begin=lambda sp, readings: _seal(mill, sp, readings)),
            "MILL": PhaseKind(begin=lambda sp, readings: Milling(mill.drive, mill.jar, sp, mill.give_up)),
            "UNLOAD": PhaseKind(begin=lambda sp, readings: _unload(mill, sp, readings)),
        },
        site,
    )


def _load(mill: Mill, sp: Setpoints, readings: Readings) -> PhaseRun:
    powder = OpenPowder(mill.site, mill.name)

    def ready(sp: Setpoints) -> int:
        mill.vessels.supply(sp["expected_mass"])
        if not mill.vessels.waits():
            return NOTHING_TO_PROCESS
        charge = mill.vessels.load(sp["expected_mass"])
        if charge is None:
            return MASS_MISMATCH
        mill.holdings.give_up(mill.inside.replace(charge))
        return 0

    def plan(sp: Setpoints) -> Plan:
        return ((FILL, 900.0), (BEADS, 60.0 * sp["bpr"]))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        if step == FILL:
            powder.lie(mill.jar.mass_g)

    def finish(sp: Setpoints) -> Outcome:
        weighed = powder.settled(mill.inside.take())
        loaded, left = weighed.split(readings.varied("transfer", TRANSFER_YIELD, 0.001))
        mill.holdings.lose(left, CLEANED_OUT)
        charge = mill.heel.joined(loaded, mill.drive.uncleaned_pct)
        mill.inside.put(replace(charge, residue_g=left.mass_g))
        mill.drive.begin_count()
        return Outcome(reports={"loaded_mass": readings.weighed("loaded_mass", charge.mass_g)})

    return TimedPhase(
        sp=sp,
        report_names=("loaded_mass",),
        plan=plan,
        ready=ready,
        finish=finish,
        drive=drive,
        rest_drives=mill.drive.stop,
        abandon=mill.give_up,
    )


def _premix(mill: Mill, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        if mill.jar.inside is None:
            mill.vessels.supply(TEST_CHARGE_G)
            mill.vessels.premix()
        return 0 if mill.jar.inside or mill.vessels.waits() else NOTHING_TO_PROCESS

    def turn(sp: Setpoints, step: int, fraction: float) -> None:
        mill.drive.speed_rpm = sp["speed"]

    return TimedPhase(
        sp=sp,
        report_names=("duration",),
        plan=lambda sp: ((10, 60.0 * sp["duration"]),),
        ready=ready,
        drive=turn,
        rest_drives=mill.drive.stop,
        abandon=mill.give_up,
        finish=lambda sp: Outcome(reports={"duration": sp["duration"]}),
    )


def _seal(mill: Mill, sp: Setpoints, readings: Readings) -> PhaseRun:
    drive = mill.drive

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
        abandon=mill.give_up,
        finish=finish,
    )


def _unload(mill: Mill, sp: Setpoints, readings: Readings) -> PhaseRun:
    powder = OpenPowder(mill.site, mill.name)

    def plan(sp: Setpoints) -> Plan:
        # A finer sieve passes less per minute.
        return ((OPEN_JAR, 600.0), (SIEVE_OUT, 2400.0 * (250.0 / sp["sieve"]) ** 0.5), (WEIGH_OUT, 600.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        powder.lie(mill.jar.mass_g)

    def finish(sp: Setpoints) -> Outcome:
        jar = powder.settled(mill.jar.empty())
        mill.vessels.mill_is_empty()
        out, left = mill.heel.without(jar, mill.drive.uncleaned_pct).split(readings.varied("yield", MILL_YIELD, 0.003))
        mill.holdings.lose(left, CLEANED_OUT)
        mill.holdings.tray.put(replace(out, residue_g=0.0))
        unloaded = readings.weighed("unloaded_mass", out.mass_g)
        reports = {
            "unloaded_mass": unloaded,
            "yield": 100.0 * unloaded / jar.mass_g,
            # The vessel's residue is weighed back together with the build-up on jar and beads.
            "loss": readings.weighed("loss", left.mass_g + jar.residue_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("unloaded_mass", "yield", "loss"),
        plan=plan,
        ready=lambda sp: 0 if mill.jar.fill_dry() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=mill.drive.stop,
        abandon=mill.give_up,
        finish=finish,
    )
