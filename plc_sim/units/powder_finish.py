"""Jet mill and ultrasonic sieve: what the annealed cake goes through to become powder of the right size."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.units.holdings import Holdings, Powder
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

JET_MILL_YIELD = 0.96
D50_UM = 3.0
"""Median size at 4 bar and 9000 rpm, um; it goes down with classifier speed and, weakly, with pressure."""
D90_PER_D50 = 2.6
GRIND_BAR, CLASSIFIER_RPM = 4.0, 9000.0
OVERSIZE = 0.018
"""Part held back by a 32 um mesh."""
SIEVE_G_MIN = 15.0
"""Throughput of a 32 um mesh at 60 % amplitude, g/min."""
OVERSIZE_HIGH = 20
OVERSIZE_LIMIT_PCT = 5.0


class JetMill:
    """Gas loop, classifier and product size of a jet mill; grinding gas stands at its header pressure when idle."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.grind_bar = GRIND_BAR
        self.feed_g_min = 0.0
        self.classifier_rpm = 0.0
        self.filter_mbar = 2.0
        self.loop_ppm = 30.0
        self.d50_um = D50_UM

    def tick(self) -> None:
        """The jet mill's values follow its phase without lag."""

    def tags(self) -> Mapping[str, float]:
        """Give pressures, feed, classifier, loop and size."""
        noise = self._jitter.around
        return {
            "P_GRIND": noise(self.grind_bar, 0.02),
            "P_FEED": noise(self.grind_bar + 0.5, 0.02),
            "FEED_RATE": noise(self.feed_g_min, 0.1) if self.feed_g_min else 0.0,
            "CLASS_RPM": noise(self.classifier_rpm, 10.0) if self.classifier_rpm else 0.0,
            "O2_LOOP": noise(self.loop_ppm, 1.0),
            "DP_FILTER": noise(self.filter_mbar, 0.2),
            "D50_INLINE": noise(self.d50_um, 0.05),
        }

    def interlocks(self) -> frozenset[str]:
        """I9: loop oxygen above 500 ppm or filter above 50 mbar."""
        return frozenset({"I9_JET_MILL_GAS"}) if self.loop_ppm > 500.0 or self.filter_mbar > 50.0 else frozenset()

    def stop(self) -> None:
        """Stop feed and classifier; the filter is blown back."""
        self.feed_g_min = self.classifier_rpm = 0.0
        self.grind_bar, self.filter_mbar = GRIND_BAR, 2.0


class UltrasonicSieve:
    """Mesh (um), amplitude (%) and last oversize (%) of a sieve."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.mesh_um = 32.0
        self.amplitude_pct = 0.0
        self.oversize_pct = 0.0

    def tick(self) -> None:
        """The sieve's values follow its phase without lag."""

    def tags(self) -> Mapping[str, float]:
        """Give mesh, amplitude and oversize."""
        amplitude = self._jitter.around(self.amplitude_pct, 0.3) if self.amplitude_pct else 0.0
        return {"MESH": self.mesh_um, "AMPL": min(100.0, amplitude), "OVERSIZE_PCT": self.oversize_pct}

    def interlocks(self) -> frozenset[str]:
        """A sieve holds nothing off."""
        return frozenset()

    def stop(self) -> None:
        """Stop shaking."""
        self.amplitude_pct = 0.0


def jet_mill(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a jet mill that takes annealed powder."""
    mill = JetMill(Jitter(seed, name))
    return Unit(
        name, seed, mill, {"JET_MILL": PhaseKind(begin=lambda sp, readings: _grind(mill, holdings, sp, readings))}
    )


def _grind(mill: JetMill, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def plan(sp: Setpoints) -> Plan:
        powder = holdings.annealed.first()
        mass_g = powder.mass_g if powder else 0.0
        return ((10, 180.0), (20, max(1.0, 60.0 * mass_g / sp["feed_rate"])), (30, 300.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        mill.classifier_rpm = sp["classifier_speed"] * (fraction if step == 10 else 1.0)
        mill.grind_bar = sp["grind_pressure"]
        mill.feed_g_min = sp["feed_rate"] if step == 20 else 0.0
        mill.filter_mbar = 8.0 + 10.0 * fraction if step == 20 else 8.0
        mill.d50_um = d50_um(sp)

    def d50_um(sp: Setpoints) -> float:
        return D50_UM * (CLASSIFIER_RPM / sp["classifier_speed"]) * math.pow(GRIND_BAR / sp["grind_pressure"], 0.3)

    def finish(sp: Setpoints) -> Outcome:
        fed_g = holdings.annealed.take().mass_g
        milled_g = fed_g * readings.varied("yield", JET_MILL_YIELD, 0.004)
        holdings.milled.put(Powder(mass_g=milled_g))
        d50 = readings.measured("d50", d50_um(sp), 0.01)
        reports = {
            "milled_mass": readings.weighed("milled_mass", milled_g),
            "loss": readings.weighed("loss", fed_g - milled_g),
            "d50": d50,
            "d90": readings.measured("d90", D90_PER_D50 * d50, 0.01),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("milled_mass", "loss", "d50", "d90"),
        plan=plan,
        ready=lambda sp: 0 if holdings.annealed.first() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=mill.stop,
        abandon=lambda: holdings.give_up_first(holdings.annealed),
        finish=finish,
    )


def sieve(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a sieve that takes jet milled powder."""
    shaker = UltrasonicSieve(Jitter(seed, name))
    return Unit(
        name, seed, shaker, {"SIEVE": PhaseKind(begin=lambda sp, readings: _sift(shaker, holdings, sp, readings))}
    )


def _sift(shaker: UltrasonicSieve, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def plan(sp: Setpoints) -> Plan:
        powder = holdings.milled.first()
        rate_g_min = SIEVE_G_MIN * (sp["mesh"] / 32.0) * (sp["amplitude"] / 60.0)
        return ((10, max(1.0, 60.0 * (powder.mass_g if powder else 0.0) / rate_g_min)), (20, 300.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        shaker.mesh_um = sp["mesh"]
        shaker.amplitude_pct = sp["amplitude"] if step == 10 else 0.0

    def finish(sp: Setpoints) -> Outcome:
        fed_g = sum(parcel.mass_g for parcel in holdings.milled.all()[:1])
        over_g = fed_g * min(0.5, readings.varied("oversize", OVERSIZE, 0.2 * OVERSIZE) * (32.0 / sp["mesh"]) ** 2)
        undersize = readings.weighed("undersize_mass", fed_g - over_g)
        oversize = readings.weighed("oversize_mass", over_g)
        shaker.oversize_pct = 100.0 * oversize / (undersize + oversize)
        reports = {"undersize_mass": undersize, "oversize_mass": oversize, "oversize_fraction": shaker.oversize_pct}
        if shaker.oversize_pct > OVERSIZE_LIMIT_PCT:
            return Outcome(reports=reports, fail_code=OVERSIZE_HIGH)
        holdings.milled.take()
        holdings.sieved.put(Powder(mass_g=fed_g - over_g))
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("undersize_mass", "oversize_mass", "oversize_fraction"),
        plan=plan,
        ready=lambda sp: 0 if holdings.milled.first() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=shaker.stop,
        again=readings.again,
        abandon=lambda: holdings.give_up_first(holdings.milled),
        finish=finish,
    )
