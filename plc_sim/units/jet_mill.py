"""Jet mill: grinds the annealed cake to powder of the classifier's size in a closed argon loop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.physics.milling import Breakage, MillParameters
from plc_sim.plant import TICK_S
from plc_sim.units.inlet import CLEANED_OUT, Heel, Inlet, powder_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

SPIN_UP, GRIND, EMPTY = 10, 20, 30
JET_MILL_YIELD = 0.96
D50_UM = 3.0
"""Median size that the classifier lets pass at 4 bar and 9000 rpm, um; it goes down with its speed (design default)."""
D90_PER_D50 = 2.6
GRIND_BAR, CLASSIFIER_RPM = 4.0, 9000.0
JET = MillParameters(rated_kw_kg=1.0, breakage_1_h=2.4)
"""M7 with jets instead of balls: without media, the energy goes into breaking (design default)."""
JET_KW = 2.0
"""Power that the jets put into the powder at 4 bar, kW (design default)."""
LEAST_KWH_KG = 0.2
"""What even powder that is fine enough takes up on its way through, kWh/kg."""
LOOP_PPM = 30.0
LOOP_TAU_S = 120.0
PURGED = 0.1
"""Part of an oxygen ingress that remains while the loop is purged with argon."""
OXYGEN_PPM, FILTER_MBAR = 500.0, 50.0
CLEAR_PPM, CLEAR_S = 200.0, 60.0
SHOWN_EVERY = 50
"""The in-line size is worked out anew after so many thousandths of the charge."""
IDLE_MBAR, FLOW_MBAR, CAKE_MBAR = 2.0, 8.0, 10.0
CAKE = Condition(conversion=0.95, crystal=1.0, d50_um=30.0)
"""The test charge of a plant that runs dry."""


class JetMill:
    """Gas loop, classifier and product size of a jet mill; grinding gas stands at its header pressure when idle.

    I9 (loop oxygen, filter) stops feed and gas and purges the loop with argon until it is acknowledged.
    """

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.grind_bar = GRIND_BAR
        self.feed_g_min = 0.0
        self.classifier_rpm = 0.0
        self.filter_mbar = IDLE_MBAR
        self.loop_ppm = LOOP_PPM
        self.d50_um = D50_UM
        self.uncleaned_pct = 0.0
        self._ingress_ppm = 0.0
        self._clogged = 1.0
        self._latch = Latch("I9_JET_MILL_GAS", Reset.ACK, CLEAR_S)

    def tick(self) -> None:
        """Mix the loop and look after it; the other values follow the phase without lag."""
        latch, target = self._latch, LOOP_PPM
        if self._ingress_ppm:
            target += self._ingress_ppm * (PURGED if latch.tripped else 1.0)
        if self.loop_ppm != target:
            self.loop_ppm += (target - self.loop_ppm) * (TICK_S / LOOP_TAU_S)
            if abs(self.loop_ppm - target) < 1e-3:
                self.loop_ppm = target
        cause = self.loop_ppm > OXYGEN_PPM or self.filter_mbar > FILTER_MBAR
        if cause or latch.tripped:
            latch.watch(cause, self.loop_ppm < CLEAR_PPM)
            self.stop()

    def tags(self) -> Mapping[str, float]:
        """Give pressures, feed, classifier, loop and size."""
        noise = self.jitter.around
        return {
            "P_GRIND": noise(self.grind_bar, 0.02),
            "P_FEED": noise(self.grind_bar + 0.5, 0.02),
            "FEED_RATE": min(100.0, noise(self.feed_g_min, 0.1)) if self.feed_g_min else 0.0,
            "CLASS_RPM": min(20000.0, noise(self.classifier_rpm, 10.0)) if self.classifier_rpm else 0.0,
            "O2_LOOP": min(1000.0, noise(self.loop_ppm, 1.0)),
            "DP_FILTER": min(100.0, noise(self.filter_mbar, 0.2)),
            "D50_INLINE": min(50.0, noise(self.d50_um, 0.05)),
        }

    def interlocks(self) -> frozenset[str]:
        """I9: loop oxygen above 500 ppm or filter above 50 mbar, until it is acknowledged."""
        return holding((self._latch,)) if self._latch.tripped else NONE

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset I9 at the panel."""
        release((self._latch,), interlock, key=key)

    def disturbances(self) -> frozenset[str]:
        """Air can get into the loop, the filter can clog, and the mill can be left uncleaned."""
        return frozenset({"loop-oxygen", "filter-clogged", "uncleaned"})

    def disturb(self, fault: str, amount: float) -> None:
        """Let the loop go to so many ppm, give the filter so many times its resistance, or keep a percentage."""
        if fault == "loop-oxygen":
            self._ingress_ppm = max(0.0, amount - LOOP_PPM)
        elif fault == "filter-clogged":
            self._clogged = amount
        else:
            self.uncleaned_pct = amount

    def recover(self, fault: str) -> None:
        """Tighten the loop, change the filter, or clean again."""
        self.disturb(fault, 1.0 if fault == "filter-clogged" else 0.0)

    def flow(self, cake: float) -> None:
        """Let grinding gas through the filter; `cake` 0..1 is what has gathered on it."""
        self.filter_mbar = (FLOW_MBAR + CAKE_MBAR * cake) * self._clogged

    def stop(self) -> None:
        """Stop feed and classifier; the filter is blown back."""
        self.feed_g_min = self.classifier_rpm = 0.0
        self.grind_bar, self.filter_mbar = GRIND_BAR, IDLE_MBAR


def ground(before: Condition, sp: Setpoints) -> Condition:
    """Give what grinding makes of powder (M7): down to the classifier's size, as far as the jets' energy goes.

    Grain broken out of crystals costs conductivity by the energy that went in; feeding fast leaves it coarse, a
    second passage wears what is fine already.
    """
    pressure = sp["grind_pressure"] / GRIND_BAR
    wanted_um = D50_UM * (CLASSIFIER_RPM / sp["classifier_speed"]) * math.pow(pressure, -0.3)
    given_kwh_kg = JET_KW * math.pow(pressure, 1.5) / (sp["feed_rate"] * 0.06)
    slope = JET.breakage_1_h / JET.rated_kw_kg
    finest, needed_kwh_kg = JET.finest_um, LEAST_KWH_KG
    if before.d50_um > wanted_um > finest:
        needed_kwh_kg = max(LEAST_KWH_KG, math.log((before.d50_um - finest) / (wanted_um - finest)) / slope)
    energy_kwh_kg = min(given_kwh_kg, needed_kwh_kg)
    breakage = Breakage(before.d50_um, JET)
    breakage.step(3600.0 * energy_kwh_kg / JET.rated_kw_kg, JET.rated_kw_kg)
    return replace(
        before,
        d50_um=breakage.d50_um,
        overmill_kwh_kg=before.overmill_kwh_kg + energy_kwh_kg * before.crystal,
    )


def jet_mill(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a jet mill that takes annealed powder."""
    mill = JetMill(Jitter(seed, name))
    hopper = powder_inlet(holdings, name, holdings.annealed, holdings.hopper, CAKE)
    heel = Heel(holdings, holdings.hopper_heel)

    def begin(sp: Setpoints, readings: Readings) -> PhaseRun:
        return _grind(mill, holdings, hopper, heel, sp, readings)

    return Unit(name, seed, mill, {"JET_MILL": PhaseKind(begin=begin)}, site)


def _grind(
    mill: JetMill, holdings: Holdings, hopper: Inlet[Parcel], heel: Heel, sp: Setpoints, readings: Readings
) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        return 0 if hopper.inside is not None or hopper.take_in() else NOTHING_TO_PROCESS

    def plan(sp: Setpoints) -> Plan:
        return ((SPIN_UP, 180.0), (GRIND, max(1.0, 60.0 * hopper.mass_g / sp["feed_rate"])), (EMPTY, 300.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        mill.classifier_rpm = sp["classifier_speed"] * (fraction if step == SPIN_UP else 1.0)
        mill.grind_bar = sp["grind_pressure"]
        mill.feed_g_min = sp["feed_rate"] if step == GRIND else 0.0
        mill.flow(fraction if step == GRIND else 0.0)
        charge = hopper.inside
        if charge is not None and step == GRIND and int(fraction * 1000.0) % SHOWN_EVERY == 0:
            mill.d50_um = ground(charge.condition, sp).d50_um

    def finish(sp: Setpoints) -> Outcome:
        fed = hopper.empty()
        with_heel = heel.joined(fed, mill.uncleaned_pct)
        powder = replace(with_heel, condition=ground(with_heel.condition, sp))
        milled, left = powder.split(readings.varied("yield", JET_MILL_YIELD, 0.004))
        milled = heel.without(milled, mill.uncleaned_pct)
        holdings.lose(left, CLEANED_OUT)
        holdings.milled.put(milled)
        d50 = readings.measured("d50", powder.condition.d50_um, 0.01)
        reports = {
            "milled_mass": readings.weighed("milled_mass", milled.mass_g),
            "loss": readings.weighed("loss", left.mass_g),
            "d50": d50,
            "d90": readings.measured("d90", D90_PER_D50 * d50, 0.01),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("milled_mass", "loss", "d50", "d90"),
        plan=plan,
        ready=ready,
        drive=drive,
        rest_drives=mill.stop,
        abandon=hopper.give_up,
        finish=finish,
    )
