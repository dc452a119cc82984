"""Ultrasonic sieve: holds back what is coarser than its mesh."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import FINISHED, Parcel
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import Inlet, powder_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.jet_mill import D90_PER_D50
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

LUMPS = 0.018
"""Part of jet milled powder that lumps together and stays on a 32 um mesh (design default)."""
SIEVE_G_MIN = 15.0
"""Throughput of a 32 um mesh at 60 % amplitude, g/min."""
OVERSIZE_HIGH = 20
OVERSIZE_LIMIT_PCT = 5.0
OVERSIZE = "oversize"
AGGLOMERATES_G = 2000.0
"""Lumps in a gram of oversize (design default)."""
SPREAD = math.log(D90_PER_D50) / 1.2816
"""Standard deviation of ln(size): the size distribution is log-normal with this D90/D50."""


def coarser_than(mesh_um: float, d50_um: float) -> float:
    """Give the part of the powder (0..1) that is coarser than a mesh, from its log-normal size distribution."""
    return 0.5 * math.erfc(math.log(mesh_um / d50_um) / SPREAD / math.sqrt(2.0))


class UltrasonicSieve:
    """Mesh (um), amplitude (%) and last oversize (%) of a sieve."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.mesh_um = 32.0
        self.amplitude_pct = 0.0
        self.oversize_pct = 0.0
        self.torn_pct = 0.0

    def tick(self) -> None:
        """The sieve's values follow its phase without lag."""

    def tags(self) -> Mapping[str, float]:
        """Give mesh, amplitude and oversize."""
        amplitude = self.jitter.around(self.amplitude_pct, 0.3) if self.amplitude_pct else 0.0
        return {"MESH": self.mesh_um, "AMPL": min(100.0, amplitude), "OVERSIZE_PCT": self.oversize_pct}

    def interlocks(self) -> frozenset[str]:
        """A sieve holds nothing off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """The screen can tear."""
        return frozenset({"screen-torn"})

    def disturb(self, fault: str, amount: float) -> None:
        """Let a percentage of the oversize through."""
        self.torn_pct = amount

    def recover(self, fault: str) -> None:
        """A new screen."""
        self.torn_pct = 0.0

    def stop(self) -> None:
        """Stop shaking."""
        self.amplitude_pct = 0.0


def sieve(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a sieve that takes jet milled powder."""
    shaker = UltrasonicSieve(Jitter(seed, name))
    deck = powder_inlet(holdings, name, holdings.milled, holdings.deck, FINISHED)

    def begin(sp: Setpoints, readings: Readings) -> PhaseRun:
        return _sift(shaker, holdings, deck, OpenPowder(site, name), sp, readings)

    return Unit(name, seed, shaker, {"SIEVE": PhaseKind(begin=begin)}, site)


def _sift(
    shaker: UltrasonicSieve,
    holdings: Holdings,
    deck: Inlet[Parcel],
    powder: OpenPowder,
    sp: Setpoints,
    readings: Readings,
) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        return 0 if deck.inside is not None or deck.take_in() else NOTHING_TO_PROCESS

    def plan(sp: Setpoints) -> Plan:
        rate_g_min = SIEVE_G_MIN * (sp["mesh"] / 32.0) * (sp["amplitude"] / 60.0)
        return ((10, max(1.0, 60.0 * deck.mass_g / rate_g_min)), (20, 300.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        shaker.mesh_um = sp["mesh"]
        shaker.amplitude_pct = sp["amplitude"] if step == 10 else 0.0
        powder.lie(deck.mass_g)

    def finish(sp: Setpoints) -> Outcome:
        if deck.inside is None:
            return Outcome(reports={}, fail_code=NOTHING_TO_PROCESS)
        fed = powder.settled(deck.inside)
        lumps = readings.varied("oversize", LUMPS, 0.2 * LUMPS) * (32.0 / sp["mesh"]) ** 2
        coarse = min(0.9, lumps + coarser_than(sp["mesh"], fed.condition.d50_um))
        passed = coarse * min(1.0, shaker.torn_pct / 100.0)
        oversize, through = fed.split(coarse - passed)
        undersize = readings.weighed("undersize_mass", through.mass_g)
        held_back = readings.weighed("oversize_mass", oversize.mass_g)
        shaker.oversize_pct = 100.0 * held_back / (undersize + held_back)
        reports = {"undersize_mass": undersize, "oversize_mass": held_back, "oversize_fraction": shaker.oversize_pct}
        if shaker.oversize_pct > OVERSIZE_LIMIT_PCT:
            deck.change(fed)
            return Outcome(reports=reports, fail_code=OVERSIZE_HIGH)
        deck.empty()
        holdings.lose(oversize, OVERSIZE)
        holdings.sieved.put(_lumpy(through, AGGLOMERATES_G * passed))
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("undersize_mass", "oversize_mass", "oversize_fraction"),
        plan=plan,
        ready=ready,
        drive=drive,
        rest_drives=shaker.stop,
        again=readings.again,
        abandon=deck.give_up,
        finish=finish,
    )


def _lumpy(powder: Parcel, lumps_per_g: float) -> Parcel:
    # A sound screen takes out every lump, those of an earlier torn one as well.
    return replace(powder, condition=replace(powder.condition, agglomerates_per_g=lumps_per_g))
