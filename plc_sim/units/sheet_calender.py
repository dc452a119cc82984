"""Sheet calender for a dry film: PRESHEET from dough, CALENDER pass by pass, WIND to a roll without a carrier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Parcel, part_of
from plc_sim.material.web import STRETCH_M, Stretch, Web
from plc_sim.physics.fibrillation import (
    HARMLESS_REDUCTION,
    HOLDS_TOGETHER,
    SHEET_POROSITY,
    porosity_after,
    thickness_after,
)
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import TEST_CHARGE_G, Queue
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import fill_slurry, is_dry
from plc_sim.units.sheet_rolls import SheetRolls
from plc_sim.units.site import Site
from plc_sim.units.tempered import TemperedPhase
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

SHEET_BREAKS = 20
FEED_MM = 2.0
"""Layer of dough that is laid before the rolls, mm: the sheet comes out of it as much longer as it is thinner."""
EDGE_SHARE = 0.03
"""Part of a sheet whose edges are trimmed at its first pass (design default)."""
TEARS_PER_M2 = 40.0
"""Torn spots that a pass beyond `HARMLESS_REDUCTION` leaves, per m2 and unit of reduction above it."""
ROLL_PREPARED_S, WEIGH_S = 180.0, 120.0


class SheetLine:
    """What the phases of one sheet calender share: rolls, dough that waits, and the sheet on the rolls."""

    def __init__(self, name: str, seed: int, holdings: Holdings, site: Site) -> None:
        self.name = name
        self.holdings = holdings
        self.site = site
        self.rolls = SheetRolls(Jitter(seed, name))
        self.queue = Queue(holdings, holdings.dough)
        self.passes = 0

    @property
    def sheet(self) -> Web | None:
        """The sheet on the rolls."""
        return self.holdings.sheet.first()

    def dough(self) -> Parcel | None:
        """Show the dough whose turn it is; a plant that runs dry has a test charge."""
        fill_slurry(self.holdings, self.holdings.dough, self.name, TEST_CHARGE_G)
        return self.queue.next()

    def has_sheet(self) -> bool:
        """Say whether a sheet is on the rolls; a plant that runs dry has a test sheet."""
        if self.sheet is None and is_dry(self.holdings) and self.dough() is not None:
            self.put(sheet_of(self.queue.take(), 300.0, 0.15, self.holdings))
        return self.sheet is not None

    def put(self, sheet: Web) -> None:
        """Have this sheet on the rolls now."""
        self.holdings.sheet.replace(sheet)
        self.rolls.show(sheet.thickness_um, sheet.length_m)

    def take(self) -> Web:
        """Take the sheet off the rolls."""
        self.rolls.show(0.0, 0.0)
        self.passes = 0
        self.queue.unit_is_empty()
        return self.holdings.sheet.take()

    def give_up(self) -> None:
        """Set the sheet aside."""
        self.holdings.give_up(self.holdings.sheet.take_all())
        self.rolls.show(0.0, 0.0)
        self.passes = 0
        self.queue.unit_is_empty()


def sheet_of(dough: Parcel, thickness_um: float, width_m: float, holdings: Holdings) -> Web:
    """Make a sheet without carrier of dough: as long as its volume, pores and all, fills width and thickness."""
    density = dough.mass_g / holdings.ledger.volume_cm3(dough.parts)
    length_m = dough.mass_g / (1e6 * density * (1.0 - SHEET_POROSITY) * 1e-6 * thickness_um * width_m)
    count = max(1, round(length_m / STRETCH_M))
    stretch = Stretch(
        length_m=length_m / count,
        parts=part_of(dough.parts, 1.0 / count),
        carrier={},
        porosity=SHEET_POROSITY,
        condition=dough.condition,
    )
    return Web(stretches=(stretch,) * count, coated_width_m=width_m, solid_density_g_cm3=density)


def thinned(sheet: Web, reduction: float) -> Web:
    """Give a sheet after one pass: thinner, denser, and so much longer that its mass is the same."""
    before_um = sheet.thickness_um
    after_um = thickness_after(before_um, reduction)
    porosity = porosity_after(sheet.porosity, after_um / before_um)
    longer = before_um * (1.0 - sheet.porosity) / (after_um * (1.0 - porosity))
    torn = TEARS_PER_M2 * max(0.0, reduction - HARMLESS_REDUCTION) * sheet.coated_width_m
    return replace(
        sheet,
        stretches=tuple(
            replace(
                stretch,
                length_m=stretch.length_m * longer,
                porosity=porosity,
                defects=stretch.defects + torn * stretch.length_m * longer,
            )
            for stretch in sheet.stretches
        ),
    )


def sheet_calender(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a sheet calender that takes dough and winds film."""
    line = SheetLine(name, seed, holdings, site)
    return Unit(
        name,
        seed,
        line.rolls,
        {
            "PRESHEET": PhaseKind(begin=lambda sp, readings: _presheet(line, sp, readings)),
            "CALENDER": PhaseKind(begin=lambda sp, readings: _calender(line, sp, readings)),
            "WIND": PhaseKind(begin=lambda sp, readings: _wind(line, sp, readings)),
        },
        site,
    )


def _warm(
    line: SheetLine,
    sp: Setpoints,
    names: tuple[str, ...],
    ready: Callable[[Setpoints], int],
    seconds: Callable[[Setpoints], float],
    gap_um: Callable[[Setpoints], float],
    finish: Callable[[Setpoints, float], Mapping[str, float]],
) -> PhaseRun:
    return TemperedPhase(
        vessel=line.rolls,
        sp=sp,
        report_names=names,
        aim_degc=lambda sp: sp["temperature"],
        seconds=seconds,
        ready=ready,
        drive=lambda sp, fraction: line.rolls.press(gap_um(sp), sp["speed"]),
        finish=finish,
        abandon=line.give_up,
    )


def _presheet(line: SheetLine, sp: Setpoints, readings: Readings) -> PhaseRun:
    powder = OpenPowder(line.site, line.name)

    def ready(sp: Setpoints) -> int:
        dough = line.dough()
        if dough is None:
            return NOTHING_TO_PROCESS
        if dough.condition.fibrillated < HOLDS_TOGETHER and not is_dry(line.holdings):
            return SHEET_BREAKS
        line.holdings.give_up(line.holdings.sheet.take_all())
        line.put(sheet_of(powder.settled(line.queue.take()), 1000.0 * FEED_MM, sp["width"] / 1000.0, line.holdings))
        return 0

    def seconds(sp: Setpoints) -> float:
        return max(1.0, 60.0 * line.rolls.length_m * 1000.0 * FEED_MM / sp["thickness"] / sp["speed"])

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        fed = line.holdings.sheet.take()
        dough = Parcel(parts=fed.parts, condition=fed.stretches[0].condition)
        edge, rest = dough.split(EDGE_SHARE)
        line.holdings.give_up([edge], "edge trim")
        thick_um = sp["thickness"] * readings.varied("thickness", 1.0, 0.01)
        sheet = sheet_of(rest, thick_um, sp["width"] / 1000.0, line.holdings)
        line.put(sheet)
        line.passes = 0
        return {
            "thickness": readings.measured("thickness", sheet.thickness_um, 0.003),
            "length": readings.measured("length", sheet.length_m, 2e-4),
            "sheet_mass": readings.weighed("sheet_mass", sheet.mass_g),
            "loss": readings.weighed("loss", edge.mass_g),
        }

    names = ("thickness", "length", "sheet_mass", "loss")
    return _warm(line, sp, names, ready, seconds, lambda sp: sp["thickness"], finish)


def _calender(line: SheetLine, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        return 0 if line.has_sheet() else NOTHING_TO_PROCESS

    def gap_um(sp: Setpoints) -> float:
        return line.rolls.thickness_um * (1.0 - sp["reduction"] / 100.0)

    def seconds(sp: Setpoints) -> float:
        return max(1.0, 60.0 * line.rolls.length_m / sp["speed"])

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        sheet = thinned(line.holdings.sheet.take(), sp["reduction"] / 100.0)
        line.put(sheet)
        line.passes += 1
        return {
            "thickness": readings.measured("thickness", sheet.thickness_um, 0.003),
            "length": readings.measured("length", sheet.length_m, 2e-4),
            "porosity": readings.measured("porosity", 100.0 * sheet.porosity, 0.01),
            "passes": float(line.passes),
        }

    names = ("thickness", "length", "porosity", "passes")
    return _warm(line, sp, names, ready, seconds, gap_um, finish)


def _wind(line: SheetLine, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        line.rolls.speed_m_min = sp["speed"] if step == 20 else 0.0

    def plan(sp: Setpoints) -> Plan:
        return ((10, ROLL_PREPARED_S), (20, max(1.0, 60.0 * line.rolls.length_m / sp["speed"])), (30, WEIGH_S))

    def finish(sp: Setpoints) -> Outcome:
        film = line.take()
        line.holdings.dried_web.put(film)
        reports = {
            "length": readings.measured("length", film.length_m, 2e-4),
            "film_mass": readings.weighed("film_mass", film.mass_g),
            "thickness": readings.measured("thickness", film.thickness_um, 0.003),
            "porosity": readings.measured("porosity", 100.0 * film.porosity, 0.01),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("length", "film_mass", "thickness", "porosity"),
        plan=plan,
        ready=lambda sp: 0 if line.has_sheet() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=line.rolls.stop,
        abandon=line.give_up,
        finish=finish,
    )
