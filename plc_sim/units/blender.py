"""Drum blender: sub-lots are charged one after the other, mixed, and discharged as a whole or in parts."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.material.holdings import Holdings, Place
from plc_sim.material.parcel import Parcel, blend
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import CLEANED_OUT, TEST_CHARGE_G, Heel, Queue
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import fill_slurry
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

DRUM_FULL, TOO_LITTLE = 20, 30
DRUM_G = 8000.0
"""Powder that the drum takes: 20 L at 0.4 g/cm3 loose, with room left to tumble."""
MIXING_TURNS = 120.0
"""Turns after which 37 % of the difference between sub-lots is left (design default)."""
CRITICAL_RPM = 45.0
"""Speed at which the powder sticks to the wall of the drum and mixes no more."""
DRUM_YIELD = 0.995
TRACE_G = 1e-6
"""Less is a rounding error, and no part of a sub-lot."""
OWN, MILLS, FURNACE, JET_MILL, SIEVE, DRYER, PACKER = 211, 201, 301, 401, 402, 403, 501
SOURCES = frozenset({0, OWN, MILLS, FURNACE, JET_MILL, SIEVE, DRYER})
DESTINATIONS = frozenset({FURNACE, JET_MILL, SIEVE, DRYER, PACKER})


class Drum:
    """Speed (rpm) of the drum and mass (g) and number of the sub-lots in it."""

    def __init__(self, jitter: Jitter, holdings: Holdings) -> None:
        self.jitter = jitter
        self.speed_rpm = 0.0
        self.uncleaned_pct = 0.0
        self._holdings = holdings

    def tick(self) -> None:
        """The drum follows its drive without lag."""

    def tags(self) -> Mapping[str, float]:
        """Give speed, torque, mass and number of sub-lots."""
        noise, turning = self.jitter.around, self.speed_rpm > 0.0
        inside = self._holdings.drum.all()
        mass_g = sum(parcel.mass_g for parcel in inside)
        return {
            "SPEED": self.jitter.within(self.speed_rpm, 0.1, 0.0, 60.0) if turning else 0.0,
            "TORQUE": noise(10.0 + 40.0 * mass_g / DRUM_G, 0.5) if turning else 0.0,
            "MASS": max(0.0, noise(mass_g, 0.5)),
            "SUBLOTS": float(len(inside)),
        }

    def interlocks(self) -> frozenset[str]:
        """A drum holds nothing off; what holds it off are the lines of the site."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """It can be left uncleaned."""
        return frozenset({"uncleaned"})

    def disturb(self, fault: str, amount: float) -> None:
        """Keep a percentage of every blend."""
        self.uncleaned_pct = amount

    def recover(self, fault: str) -> None:
        """Clean again."""
        self.uncleaned_pct = 0.0

    def stop(self) -> None:
        """Stop turning."""
        self.speed_rpm = 0.0


class Blending:
    """What the phases of one blender share: the drum, what waits for it, and how well mixed its content is.

    `even` 0..1 is the mixing index since the last charge: what was not mixed lies in the order of charging.
    """

    def __init__(self, name: str, seed: int, holdings: Holdings, site: Site) -> None:
        self.name = name
        self.holdings = holdings
        self.site = site
        self.drum = Drum(Jitter(seed, name), holdings)
        self.heel = Heel(holdings, holdings.drum_heel)
        self.even = 0.0
        self._places: dict[int, Place[Parcel]] = {
            OWN: holdings.to_blend,
            MILLS: holdings.tray,
            FURNACE: holdings.annealed,
            JET_MILL: holdings.milled,
            SIEVE: holdings.sieved,
            DRYER: holdings.dried,
        }
        self._queues = {number: Queue(holdings, place) for number, place in self._places.items()}

    @property
    def mass_g(self) -> float:
        """Everything in the drum, g."""
        return sum(parcel.mass_g for parcel in self.holdings.drum.all())

    def queue(self, source: int) -> Queue[Parcel]:
        """Give what is charged from: 0 is a container brought to the blender, else the tray of the mills."""
        if not source:
            source = OWN if self.holdings.to_blend.first() is not None else MILLS
        fill_slurry(self.holdings, self._places[source], self.name, TEST_CHARGE_G)
        return self._queues[source]

    def has_content(self) -> bool:
        """Say whether anything is in the drum; a plant that runs dry has a test charge."""
        fill_slurry(self.holdings, self.holdings.drum, self.name, TEST_CHARGE_G)
        return self.holdings.drum.first() is not None

    def destination(self, number: int) -> Place[Parcel]:
        """Give the place before the unit with this number: the furnace, jet mill, sieve, powder dryer or packer."""
        holdings = self.holdings
        return {
            FURNACE: holdings.tray,
            JET_MILL: holdings.annealed,
            SIEVE: holdings.milled,
            DRYER: holdings.sieved,
            PACKER: holdings.dried,
        }[number]

    def mix(self, index: float) -> None:
        """Even the sub-lots out by a mixing index 0..1: each keeps its mass, and that part of it is of the blend."""
        parcels = self.holdings.drum.take_all()
        whole = blend(parcels)
        for parcel in parcels:
            share = parcel.mass_g / whole.mass_g if whole.mass_g else 0.0
            own, _ = parcel.split(1.0 - index)
            common, _ = whole.split(index * share)
            self.holdings.drum.put(blend((own, common)))
        self.even = 1.0 - (1.0 - self.even) * (1.0 - index)

    def take(self, mass_g: float) -> Parcel:
        """Take so much out of the drum, what was charged first before the rest; raises ValueError for an empty one."""
        parcels, taken = self.holdings.drum.take_all(), []
        for parcel in parcels:
            part, rest = parcel.take(mass_g) if mass_g > TRACE_G else (None, parcel)
            if part is not None:
                mass_g -= part.mass_g
                taken.append(part)
            if rest.mass_g > 0.0:
                self.holdings.drum.put(rest)
        return blend(taken)

    def give_up(self) -> None:
        """Set the whole content aside."""
        self.holdings.give_up(self.holdings.drum.take_all())
        self.even = 0.0


def blender(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a drum blender that takes powder of any stage and gives it to the next one."""
    holdings.crossing = True
    blending = Blending(name, seed, holdings, site)
    return Unit(
        name,
        seed,
        blending.drum,
        {
            "CHARGE": PhaseKind(
                begin=lambda sp, readings: _charge(blending, sp, readings),
                check=lambda sp: round(sp["source"]) in SOURCES,
            ),
            "BLEND": PhaseKind(begin=lambda sp, readings: _blend(blending, sp, readings)),
            "DISCHARGE": PhaseKind(
                begin=lambda sp, readings: _discharge(blending, sp, readings),
                check=lambda sp: round(sp["destination"]) in DESTINATIONS,
            ),
        },
        site,
    )


def _charge(blending: Blending, sp: Setpoints, readings: Readings) -> PhaseRun:
    powder, drum = OpenPowder(blending.site, blending.name), blending.holdings.drum

    def ready(sp: Setpoints) -> int:
        queue = blending.queue(round(sp["source"]))
        charge = queue.next(sp["expected_mass"])
        if charge is None:
            return NOTHING_TO_PROCESS
        if blending.mass_g + charge.mass_g > DRUM_G:
            return DRUM_FULL
        drum.put(queue.take(sp["expected_mass"]))
        return 0

    def last() -> Parcel:
        # Only what has just been charged; the sub-lots under it stay as they are.
        *under, charge = drum.take_all()
        for parcel in under:
            drum.put(parcel)
        return charge

    def finish(sp: Setpoints) -> Outcome:
        charge = powder.settled(last())
        charged = readings.weighed("charged_mass", charge.mass_g)
        if drum.first() is None:
            charge = blending.heel.joined(charge, blending.drum.uncleaned_pct)
        drum.put(charge)
        blending.even = 0.0
        reports = {
            "charged_mass": charged,
            "content_mass": readings.weighed("content_mass", blending.mass_g),
            "sublots": float(len(drum.all())),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("charged_mass", "content_mass", "sublots"),
        plan=lambda sp: ((10, 300.0), (20, 120.0)),
        ready=ready,
        drive=lambda sp, step, fraction: powder.lie(blending.mass_g),
        abandon=lambda: blending.holdings.give_up([last()]),
        finish=finish,
    )


def mixing_index(speed_rpm: float, duration_s: float) -> float:
    """Give the mixing index 0..1 that turning has brought: 1 - exp(-turns / 120); slower where powder sticks."""
    tumbling = max(0.0, 1.0 - (speed_rpm / CRITICAL_RPM) ** 4)
    return -math.expm1(-speed_rpm * duration_s / 60.0 * tumbling / MIXING_TURNS)


def _blend(blending: Blending, sp: Setpoints, readings: Readings) -> PhaseRun:
    drum = blending.drum

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        drum.speed_rpm = sp["speed"]

    def finish(sp: Setpoints) -> Outcome:
        blending.mix(mixing_index(sp["speed"], 60.0 * sp["duration"]))
        homogeneity = min(100.0, readings.measured("homogeneity", 100.0 * blending.even, 0.002))
        return Outcome(reports={"duration": sp["duration"], "homogeneity": homogeneity})

    return TimedPhase(
        sp=sp,
        report_names=("duration", "homogeneity"),
        plan=lambda sp: ((10, 60.0 * sp["duration"]),),
        ready=lambda sp: 0 if blending.has_content() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=drum.stop,
        abandon=blending.give_up,
        finish=finish,
    )


def _discharge(blending: Blending, sp: Setpoints, readings: Readings) -> PhaseRun:
    powder, drum = OpenPowder(blending.site, blending.name), blending.drum

    def ready(sp: Setpoints) -> int:
        if not blending.has_content():
            return NOTHING_TO_PROCESS
        return TOO_LITTLE if sp["target_mass"] > blending.mass_g else 0

    def plan(sp: Setpoints) -> Plan:
        return ((10, 120.0), (20, 60.0 + 0.2 * (sp["target_mass"] or blending.mass_g)), (30, 120.0))

    def finish(sp: Setpoints) -> Outcome:
        portion = powder.settled(blending.take(sp["target_mass"] or blending.mass_g))
        emptied = blending.holdings.drum.first() is None
        rest = blending.heel.without(portion, drum.uncleaned_pct) if emptied else portion
        out, left = rest.split(readings.varied("yield", DRUM_YIELD, 0.001))
        blending.holdings.lose(left, CLEANED_OUT)
        blending.destination(round(sp["destination"])).put(out)
        reports = {
            "discharged_mass": readings.weighed("discharged_mass", out.mass_g),
            "remaining_mass": readings.weighed("remaining_mass", blending.mass_g) if not emptied else 0.0,
            "loss": readings.weighed("loss", left.mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("discharged_mass", "remaining_mass", "loss"),
        plan=plan,
        ready=ready,
        drive=lambda sp, step, fraction: powder.lie(sp["target_mass"] or blending.mass_g),
        finish=finish,
        abandon=blending.give_up,
    )
