"""Packer: bags under argon, and the samples taken before them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.holdings import Holdings, Place, Powder
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

ROOM_DEGC = 22.0
JAW_TAU_S = 120.0
PACK_YIELD = 0.999
BAG_S = 480.0
SAMPLE_S = 180.0
SEAL_WINDOW_DEGC = (150.0, 215.0)
"""Jaw temperatures between which the laminate seals tight."""
TIGHT_MBAR_L_S, LEAKY_MBAR_L_S = 1e-5, 1e-2
SEAL_FAILED = 20


class Jaws:
    """Sealing jaws (degC), chamber pressure (mbar) and scale (g) of a packer."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.jaw_degc = ROOM_DEGC
        self.jaw_target_degc = ROOM_DEGC
        self.chamber_mbar = 985.0
        self.net_g = 0.0
        self.leak_mbar_l_s = TIGHT_MBAR_L_S

    def tick(self) -> None:
        """Heat or cool the jaws."""
        self.jaw_degc += (self.jaw_target_degc - self.jaw_degc) * (TICK_S / JAW_TAU_S)

    def tags(self) -> Mapping[str, float]:
        """Give jaws, chamber, weight and leak rate."""
        noise = self._jitter.around
        return {
            "SEAL_T": noise(self.jaw_degc, 0.2),
            "VAC": noise(self.chamber_mbar, 0.1),
            "NET_WT": max(0.0, noise(self.net_g, 0.005)),
            "LEAK": self.leak_mbar_l_s,
        }

    def interlocks(self) -> frozenset[str]:
        """A packer holds nothing off."""
        return frozenset()

    def stop(self) -> None:
        """Heating off, chamber open to argon."""
        self.jaw_target_degc, self.chamber_mbar = ROOM_DEGC, 985.0


def packer(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a packer that takes dried powder."""
    jaws = Jaws(Jitter(seed, name))
    return Unit(
        name,
        seed,
        jaws,
        {
            "PACK": PhaseKind(begin=lambda sp, readings: _pack(jaws, holdings, sp, readings)),
            "SAMPLE": PhaseKind(begin=lambda sp, readings: _sample(jaws, holdings, sp, readings)),
        },
    )


def _pack(jaws: Jaws, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def bags(sp: Setpoints) -> int:
        powder = holdings.dried.first()
        return math.ceil(powder.mass_g * PACK_YIELD / sp["bag_mass"] - 1e-3) if powder else 1

    def plan(sp: Setpoints) -> Plan:
        return ((10, 600.0), (20, BAG_S * bags(sp)), (30, 300.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        jaws.jaw_target_degc = sp["seal_temp"]
        jaws.chamber_mbar = 3.0 if step == 20 else 985.0
        powder = holdings.dried.first()
        if step == 20 and powder:
            jaws.net_g = min(sp["bag_mass"], powder.mass_g) * min(1.0, (fraction * bags(sp)) % 1.0)

    def finish(sp: Setpoints) -> Outcome:
        tight = SEAL_WINDOW_DEGC[0] <= sp["seal_temp"] <= SEAL_WINDOW_DEGC[1]
        jaws.leak_mbar_l_s = TIGHT_MBAR_L_S if tight else LEAKY_MBAR_L_S
        if not tight:
            return Outcome(reports={"packed_mass": 0.0, "bags": 0.0, "loss": 0.0}, fail_code=SEAL_FAILED)
        count = bags(sp)
        filled_g = holdings.dried.take().mass_g
        packed_g = filled_g * PACK_YIELD
        holdings.packed.put(Powder(mass_g=packed_g))
        jaws.net_g = 0.0
        reports = {
            "packed_mass": readings.weighed("packed_mass", packed_g),
            "bags": float(count),
            "loss": readings.weighed("loss", filled_g - packed_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("packed_mass", "bags", "loss"),
        plan=plan,
        ready=lambda sp: 0 if holdings.dried.first() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=jaws.stop,
        again=readings.again,
        abandon=lambda: holdings.give_up_first(holdings.dried),
        finish=finish,
    )


def _sample(jaws: Jaws, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def source(sp: Setpoints) -> Place[Powder] | None:
        # Loose powder first; once everything is packed, a bag is opened.
        for place in (holdings.dried, holdings.packed):
            powder = place.first()
            if powder is not None and powder.mass_g > sp["count"] * sp["mass"]:
                return place
        return None

    def finish(sp: Setpoints) -> Outcome:
        place = source(sp)
        if place is None:
            return Outcome(reports={"sample_mass": 0.0}, fail_code=NOTHING_TO_PROCESS)
        taken_g = round(sp["count"]) * sp["mass"] * readings.varied("spoon", 1.0, 0.01)
        others = place.take_all()
        place.put(Powder(mass_g=others[0].mass_g - taken_g))
        for parcel in others[1:]:
            place.put(parcel)
        return Outcome(reports={"sample_mass": readings.weighed("sample_mass", taken_g)})

    return TimedPhase(
        sp=sp,
        report_names=("sample_mass",),
        plan=lambda sp: ((10, SAMPLE_S * max(1.0, sp["count"])),),
        ready=lambda sp: 0 if source(sp) else NOTHING_TO_PROCESS,
        rest_drives=jaws.stop,
        finish=finish,
    )
