"""Slitter: a dried roll becomes lanes without its edges, inspected on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plc_sim.units.holdings import Holdings
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

SET_KNIVES_S, WEIGH_S = 900.0, 600.0
DEFECTS_PER_M2 = 0.05


class Knives:
    """Knife gap (um), lanes and burr (um) of the slitter."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.lanes = 0.0

    def tick(self) -> None:
        """The knives have no dynamics."""

    def tags(self) -> Mapping[str, float]:
        """Give knife gap, lanes and burr."""
        burr = self._jitter.around(5.0, 0.5) if self.lanes else 0.0
        return {"KNIFE_GAP": self._jitter.around(20.0, 0.2), "LANES": self.lanes, "BURR": burr}

    def interlocks(self) -> frozenset[str]:
        """A slitter holds nothing off."""
        return frozenset()

    def lift(self) -> None:
        """Lift the knives."""
        self.lanes = 0.0


def slitter(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a slitter that takes the dried roll."""
    knives = Knives(Jitter(seed, name))
    kind = PhaseKind(begin=lambda sp, readings: _slit(knives, holdings, sp, readings))
    return Unit(name, seed, knives, {"SLIT": kind})


def _slit(knives: Knives, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def plan(sp: Setpoints) -> Plan:
        web = holdings.dried_web.first()
        return ((10, SET_KNIVES_S), (20, max(1.0, 60.0 * (web.length_m if web else 0.0) / sp["speed"])), (30, WEIGH_S))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        knives.lanes = float(round(sp["lanes"])) if step == 20 else 0.0

    def finish(sp: Setpoints) -> Outcome:
        web = holdings.dried_web.take()
        lanes = round(sp["lanes"])
        trim = sp["trim"] / 1000.0 / web.coated_width_m
        lane_g = web.mass_g * (1.0 - trim) / lanes
        lane = replace(web, mass_g=lane_g, coated_width_m=web.coated_width_m * (1.0 - trim) / lanes)
        for _ in range(lanes):
            holdings.slit.put(lane)
        area_m2 = web.length_m * web.coated_width_m * (1.0 - trim)
        # Whole defects are counted, then put over the area that was seen.
        count = round(readings.varied("defects", DEFECTS_PER_M2, DEFECTS_PER_M2) * area_m2)
        reports = {
            "length": readings.measured("length", web.length_m, 2e-4),
            "lane_mass": readings.weighed("lane_mass", lane_g),
            "trim_mass": readings.weighed("trim_mass", web.mass_g * trim),
            "defects": count / area_m2,
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("length", "lane_mass", "trim_mass", "defects"),
        plan=plan,
        ready=lambda sp: 0 if holdings.dried_web.first() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=knives.lift,
        abandon=lambda: holdings.give_up([holdings.dried_web.take()]),
        finish=finish,
    )
