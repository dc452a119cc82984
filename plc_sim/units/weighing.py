"""Weighing out against a target: the weigh station, and the same program on the mixer's load cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import blend
from plc_sim.plant import TICK_S
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.present import Presented
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import PhaseKind, PhaseRun, Setpoints, Unit

TARE, DISPENSE, CONFIRM = 10, 20, 30
OUT_OF_TOLERANCE = 20
VESSEL_TARE_G = 412.37
FULL_SCALE_G = 6000.0
"""A scale shows no more than this."""
DOSING_G_S = 0.6
"""Bulk dosing rate of a powder at the weigh station, g/s."""
FINE_DOSING_S = 240.0
"""Time of the last few grams, s."""
TOLERANCE_USED = 0.4
"""Part of the tolerance that careful dosing uses up."""


class Scale:
    """A scale with a vessel on it: live net and tare weight (g) and the minutes its lot has stood open."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.net_g = 0.0
        self.tare_g = VESSEL_TARE_G
        self.open_min = 0.0
        self.lot_open = False
        self.drift_g = 0.0

    def tick(self) -> None:
        """Count the time a lot stands open."""
        if self.lot_open:
            self.open_min += TICK_S / 60.0

    def tags(self) -> Mapping[str, float]:
        """Give net and tare weight and the open time."""
        return {
            "WT_NET": min(FULL_SCALE_G, max(0.0, self.jitter.around(self.net_g + self.drift_g, 0.005))),
            "WT_TARE": self.tare_g,
            "LOT_OPEN_MIN": self.open_min,
        }

    def interlocks(self) -> frozenset[str]:
        """A scale holds nothing off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Its reading can drift."""
        return frozenset({"scale-drift"})

    def disturb(self, fault: str, amount: float) -> None:
        """Read `amount` grams too much."""
        self.drift_g = amount

    def recover(self, fault: str) -> None:
        """Adjusted: it reads right again."""
        self.drift_g = 0.0

    def drive(self, sp: Setpoints, step: int, fraction: float) -> None:
        """Show the weight of a dosing under way."""
        if step == TARE:
            self.net_g = 0.0
            self.open_min = 0.0
            self.lot_open = True
        elif step == DISPENSE:
            self.net_g = sp["target"] * fraction

    def rest(self) -> None:
        """Close the lot."""
        self.lot_open = False


def dose_plan(rate_g_s: float) -> Callable[[Setpoints], Plan]:
    """Make the plan of a dosing at a bulk rate (g/s)."""

    def plan(sp: Setpoints) -> Plan:
        return ((TARE, 60.0), (DISPENSE, FINE_DOSING_S + sp["target"] / rate_g_s), (CONFIRM, 120.0))

    return plan


def dosed_g(sp: Setpoints, readings: Readings) -> float:
    """Give the true mass (g) that dosing against target and tolerance puts on the scale."""
    return sp["target"] * (1.0 + readings.varied("dosed", 0.0, TOLERANCE_USED * sp["tolerance"] / 100.0))


def weigh_station(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a weigh station that weighs out of the container standing at it into a transport vessel.

    What is on the pan stays there while a container that ran out is changed. Powder cannot be poured back: a charge
    that became too heavy is set aside, and the next attempt begins with an empty pan.
    """
    scale = Scale(Jitter(seed, name))

    def begin(sp: Setpoints, readings: Readings) -> PhaseRun:
        powder = OpenPowder(site, name)
        pan = holdings.pan

        def drive(sp: Setpoints, step: int, fraction: float) -> None:
            scale.drive(sp, step, fraction)
            if step == DISPENSE:
                powder.lie(sp["target"] * fraction)

        def dispense(sp: Setpoints) -> float:
            # Whoever weighs goes by what the scale shows, drift and all.
            missing_g = dosed_g(sp, readings) - scale.drift_g - sum(parcel.mass_g for parcel in pan.all())
            drawn = holdings.draw(name, max(0.0, missing_g))
            if drawn.mass_g > 0.0:
                pan.put(powder.settled(drawn))
            return sum(parcel.mass_g for parcel in pan.all())

        def finish(sp: Setpoints) -> Outcome:
            true_g = dispense(sp)
            net_g = min(FULL_SCALE_G, readings.weighed("net_weight", true_g + scale.drift_g))
            reports = {
                "net_weight": net_g,
                "tare_weight": readings.weighed("tare_weight", VESSEL_TARE_G),
                "deviation": max(-100.0, min(100.0, (net_g / sp["target"] - 1.0) * 100.0)),
            }
            scale.net_g, scale.tare_g = true_g, reports["tare_weight"]
            # The scale's own noise reaches the tolerance on charges of a few grams; two digits of play keep those good.
            play_g = sp["tolerance"] / 100.0 * sp["target"] + 0.05
            if abs(net_g - sp["target"]) > play_g:
                if net_g > sp["target"]:
                    holdings.give_up(pan.take_all())
                return Outcome(reports=reports, fail_code=OUT_OF_TOLERANCE)
            holdings.vessel.put(blend(pan.take_all()))
            return Outcome(reports=reports)

        timed = TimedPhase(
            sp=sp,
            report_names=("net_weight", "tare_weight", "deviation"),
            plan=dose_plan(DOSING_G_S),
            finish=finish,
            drive=drive,
            rest_drives=scale.rest,
            again=readings.again,
            abandon=lambda: holdings.give_up(pan.take_all()),
        )
        return Presented(timed, holdings, name, returns=True)

    return Unit(name, seed, scale, {"WEIGH": PhaseKind(begin=begin)}, site)
