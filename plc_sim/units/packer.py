"""Packer: bags under argon, and the samples taken of what was packed."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.material.holdings import Holdings, Place
from plc_sim.material.parcel import FINISHED, Parcel
from plc_sim.physics.first_order import Lag
from plc_sim.plant import TICK_S
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import CLEANED_OUT, Inlet, powder_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

ROOM_DEGC = 22.0
JAW_TAU_S = 120.0
REST_K = 1e-3
PACK_YIELD = 0.999
BAG_S = 480.0
SAMPLE_S = 180.0
HEAT_JAWS, FILL_BAGS, WEIGH_OUT = 10, 20, 30
ARGON_MBAR, EVACUATED_MBAR = 985.0, 3.0
SEAL_WINDOW_DEGC = (150.0, 215.0)
"""Jaw temperatures between which the laminate seals tight."""
TIGHT_MBAR_L_S, LEAKY_MBAR_L_S = 1e-5, 1e-2
LEAK_LIMIT_MBAR_L_S = 1e-4
SEAL_FAILED = 20


class Jaws:
    """Sealing jaws (degC), chamber pressure (mbar) and scale (g) of a packer."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.jaw_target_degc = ROOM_DEGC
        self.chamber_mbar = ARGON_MBAR
        self.net_g = 0.0
        self.leak_mbar_l_s = TIGHT_MBAR_L_S
        self.bags_stand_here = False
        self._jaw = Lag(JAW_TAU_S, ROOM_DEGC)
        self._seal_leak_mbar_l_s = 0.0

    @property
    def jaw_degc(self) -> float:
        """Temperature of the jaws, degC."""
        return self._jaw.value

    def tick(self) -> None:
        """Heat or cool the jaws."""
        if abs(self.jaw_target_degc - self._jaw.value) > REST_K:
            self._jaw.step(self.jaw_target_degc, TICK_S)

    def tags(self) -> Mapping[str, float]:
        """Give jaws, chamber, weight and leak rate."""
        noise = self.jitter.around
        return {
            "SEAL_T": noise(self._jaw.value, 0.2),
            "VAC": noise(self.chamber_mbar, 0.1),
            "NET_WT": max(0.0, noise(self.net_g, 0.005)),
            "LEAK": self.leak_mbar_l_s,
        }

    def interlocks(self) -> frozenset[str]:
        """A packer holds nothing off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Its seals can leak."""
        return frozenset({"seal-failure"})

    def disturb(self, fault: str, amount: float) -> None:
        """Seal with a leak rate, mbar L/s."""
        self._seal_leak_mbar_l_s = min(1.0, amount)

    def recover(self, fault: str) -> None:
        """Seal tight."""
        self._seal_leak_mbar_l_s = 0.0

    def test_seal(self) -> bool:
        """Seal a bag and test it; True when it is tight."""
        hot_enough = SEAL_WINDOW_DEGC[0] <= self._jaw.value <= SEAL_WINDOW_DEGC[1]
        leak = TIGHT_MBAR_L_S if hot_enough else LEAKY_MBAR_L_S
        self.leak_mbar_l_s = max(leak, self._seal_leak_mbar_l_s)
        return self.leak_mbar_l_s <= LEAK_LIMIT_MBAR_L_S

    def stop(self) -> None:
        """Heating off, chamber open to argon."""
        self.jaw_target_degc, self.chamber_mbar = ROOM_DEGC, ARGON_MBAR


def packer(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a packer that takes dried powder.

    The bags stand at the packer until a sample has been taken of them: SAMPLE after PACK opens the newest bag, and any
    other SAMPLE takes loose powder that waits to be packed, where there is any.
    """
    jaws = Jaws(Jitter(seed, name))
    filler = powder_inlet(holdings, name, holdings.dried, holdings.filler, FINISHED)

    def pack(sp: Setpoints, readings: Readings) -> PhaseRun:
        return _pack(jaws, holdings, filler, OpenPowder(site, name), sp, readings)

    phases = {
        "PACK": PhaseKind(begin=pack),
        "SAMPLE": PhaseKind(begin=lambda sp, readings: _sample(jaws, holdings, filler, sp, readings)),
    }
    return Unit(name, seed, jaws, phases, site)


def _pack(
    jaws: Jaws, holdings: Holdings, filler: Inlet[Parcel], powder: OpenPowder, sp: Setpoints, readings: Readings
) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        return 0 if filler.inside is not None or filler.take_in() else NOTHING_TO_PROCESS

    def bags(sp: Setpoints) -> int:
        return max(1, math.ceil(filler.mass_g * PACK_YIELD / sp["bag_mass"] - 1e-3))

    def plan(sp: Setpoints) -> Plan:
        return ((HEAT_JAWS, 600.0), (FILL_BAGS, BAG_S * bags(sp)), (WEIGH_OUT, 300.0))

    tight = True

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        nonlocal tight
        jaws.jaw_target_degc = sp["seal_temp"]
        jaws.chamber_mbar = EVACUATED_MBAR if step == FILL_BAGS else ARGON_MBAR
        if step == FILL_BAGS:
            powder.lie(filler.mass_g)
            tight = jaws.test_seal()
            jaws.net_g = min(sp["bag_mass"], filler.mass_g) * min(1.0, (fraction * bags(sp)) % 1.0)

    def finish(sp: Setpoints) -> Outcome:
        if not tight:
            return Outcome(reports={"packed_mass": 0.0, "bags": 0.0, "loss": 0.0}, fail_code=SEAL_FAILED)
        count = bags(sp)
        packed, left = powder.settled(filler.empty()).split(PACK_YIELD)
        holdings.lose(left, CLEANED_OUT)
        holdings.packed.put(packed)
        jaws.net_g = 0.0
        jaws.bags_stand_here = True
        reports = {
            "packed_mass": readings.weighed("packed_mass", packed.mass_g),
            "bags": float(count),
            "loss": readings.weighed("loss", left.mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("packed_mass", "bags", "loss"),
        plan=plan,
        ready=ready,
        drive=drive,
        rest_drives=jaws.stop,
        again=readings.again,
        abandon=filler.give_up,
        finish=finish,
    )


def _sample(jaws: Jaws, holdings: Holdings, filler: Inlet[Parcel], sp: Setpoints, readings: Readings) -> PhaseRun:
    def holds(place: Place[Parcel], sp: Setpoints) -> bool:
        there = place.all()
        return bool(there) and there[-1].mass_g > sp["count"] * sp["mass"]

    def source(sp: Setpoints) -> Place[Parcel] | None:
        filler.next()
        loose, packed = holdings.dried, holdings.packed
        order = (packed, loose) if jaws.bags_stand_here else (loose, packed)
        return next((place for place in order if holds(place, sp)), None)

    def finish(sp: Setpoints) -> Outcome:
        place = source(sp)
        if place is None:
            return Outcome(reports={"sample_mass": 0.0}, fail_code=NOTHING_TO_PROCESS)
        *others, newest = place.take_all()
        sample, rest = newest.take(round(sp["count"]) * sp["mass"] * readings.varied("spoon", 1.0, 0.01))
        for parcel in (*others, rest):
            place.put(parcel)
        holdings.samples.put(sample)
        jaws.bags_stand_here = False
        return Outcome(reports={"sample_mass": readings.weighed("sample_mass", sample.mass_g)})

    return TimedPhase(
        sp=sp,
        report_names=("sample_mass",),
        plan=lambda sp: ((10, SAMPLE_S * max(1.0, sp["count"])),),
        ready=lambda sp: 0 if source(sp) else NOTHING_TO_PROCESS,
        rest_drives=jaws.stop,
        finish=finish,
    )
