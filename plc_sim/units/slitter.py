"""Slitter: a dried roll becomes lanes without its edges, inspected on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.web import Web
from plc_sim.physics.calendering import porosity_after
from plc_sim.units.inlet import Inlet, roll_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

SET_KNIVES_S, WEIGH_S = 900.0, 600.0
DEFECTS_PER_M2 = 0.05
SHARP_UM, HARMLESS_UM, WIDEST_UM = 5.0, 20.0, 100.0
TEARS_PER_UM_M2 = 0.02
"""Torn edges per m2 and um of burr above `HARMLESS_UM` (design default)."""
TEST_ROLL_POROSITY = porosity_after(400.0, 80.0)
FAULTS = frozenset({"blunt-knife"})


class Knives:
    """Knife gap (um), lanes and burr (um) of the slitter."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.lanes = 0.0
        self.burr_um = SHARP_UM

    def tick(self) -> None:
        """The knives have no dynamics."""

    def tags(self) -> Mapping[str, float]:
        """Give knife gap, lanes and burr."""
        burr = self.jitter.around(self.burr_um, 0.1 * self.burr_um) if self.lanes else 0.0
        return {"KNIFE_GAP": self.jitter.around(20.0, 0.2), "LANES": self.lanes, "BURR": min(WIDEST_UM, burr)}

    def interlocks(self) -> frozenset[str]:
        """A slitter holds nothing off; what holds it off are the lines of the site."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """A knife that tears instead of cutting."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Give the knives a burr (um)."""
        self.burr_um = amount

    def recover(self, fault: str) -> None:
        """Put in sharp knives."""
        self.burr_um = SHARP_UM

    def lift(self) -> None:
        """Lift the knives."""
        self.lanes = 0.0


def slitter(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a slitter that takes the dried roll."""
    knives = Knives(Jitter(seed, name))
    inlet = roll_inlet(holdings, name, holdings.dried_web, holdings.knives, TEST_ROLL_POROSITY)
    kind = PhaseKind(begin=lambda sp, readings: _slit(knives, holdings, inlet, sp, readings))
    return Unit(name, seed, knives, {"SLIT": kind}, site)


def _slit(knives: Knives, holdings: Holdings, inlet: Inlet[Web], sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        return 0 if inlet.take_in() else NOTHING_TO_PROCESS

    def plan(sp: Setpoints) -> Plan:
        web = inlet.inside
        return ((10, SET_KNIVES_S), (20, max(1.0, 60.0 * (web.length_m if web else 0.0) / sp["speed"])), (30, WEIGH_S))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        knives.lanes = float(round(sp["lanes"])) if step == 20 else 0.0

    def finish(sp: Setpoints) -> Outcome:
        roll = inlet.empty()
        # What was wound last comes off first.
        web = replace(roll, stretches=roll.unwound())
        lanes = round(sp["lanes"])
        trim = min(1.0, sp["trim"] / 1000.0 / web.coated_width_m)
        lane = web.lane((1.0 - trim) / lanes)
        edge = web.lane(trim)
        for _ in range(lanes):
            holdings.slit.put(lane)
        holdings.give_up([edge], "edge trim")
        area_m2 = web.length_m * web.coated_width_m * (1.0 - trim)
        reports = {
            "length": readings.measured("length", web.length_m, 2e-4),
            "lane_mass": readings.weighed("lane_mass", lane.mass_g),
            "trim_mass": readings.weighed("trim_mass", edge.mass_g),
            "defects": _defects(knives, readings, web, area_m2) / area_m2,
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("length", "lane_mass", "trim_mass", "defects"),
        plan=plan,
        ready=ready,
        drive=drive,
        rest_drives=knives.lift,
        abandon=inlet.give_up,
        finish=finish,
    )


def _defects(knives: Knives, readings: Readings, web: Web, area_m2: float) -> int:
    """Count the defects in an area: those the coating has, a few from handling, and torn edges."""
    coated = sum(stretch.defects for stretch in web.stretches) * area_m2 / (web.length_m * web.coated_width_m)
    torn = TEARS_PER_UM_M2 * max(0.0, knives.burr_um - HARMLESS_UM) * area_m2
    return round(coated + torn + readings.varied("defects", DEFECTS_PER_M2, DEFECTS_PER_M2) * area_m2)
