"""Filling a unit by weight out of a container that stands at it: biomass into a kiln, pellets into a hopper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plc_sim.material.holdings import Holdings, Place
from plc_sim.material.parcel import Condition, Parcel, blend
from plc_sim.units.instruments import Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.present import Presented
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import PhaseRun, Setpoints

TARE, FILL, CONFIRM = 10, 20, 30
LOAD_SHORT = 15
LEAST_OF_TARGET = 0.99
"""A container that runs out before this part of the target makes the phase fail."""
DOSED_TO = 0.002
"""Part of the target that filling by a valve is over or under at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """What a station without a container gives: its material and the condition it comes in."""

    material: str
    condition: Condition


def kilograms(readings: Readings, name: str, true_g: float) -> float:
    """Weigh a mass (g) and give it in kg."""
    return readings.weighed(name, true_g) / 1000.0


def content_g(place: Place[Parcel]) -> float:
    """Give all that lies in a place, g."""
    return sum(parcel.mass_g for parcel in place.all())


def gathered(place: Place[Parcel]) -> Parcel:
    """Take everything out of a place as one; empty when there is nothing."""
    lying = place.take_all()
    return blend(lying) if lying else Parcel(parts={})


class Filling:
    """Filling one place up to a target (kg): what came before a container ran out counts towards it."""

    def __init__(self, holdings: Holdings, unit: str, place: Place[Parcel], supplied: Supplied) -> None:
        self._holdings = holdings
        self._unit = unit
        self._place = place
        self._supplied = supplied
        self.filled_g = 0.0

    def fill(self, target_kg: float, readings: Readings) -> bool:
        """Draw what is still missing; False when the container was not enough."""
        wanted_g = 1000.0 * target_kg * (1.0 + readings.varied("dosed", 0.0, DOSED_TO))
        missing_g = max(0.0, wanted_g - self.filled_g)
        drawn = self._holdings.draw(self._unit, missing_g, self._supplied.material, self._supplied.condition)
        if drawn.mass_g > 0.0:
            self._place.put(drawn)
            self.filled_g += drawn.mass_g
        return self.filled_g >= LEAST_OF_TARGET * 1000.0 * target_kg


def fill_dry(holdings: Holdings, unit: str, place: Place[Parcel], supplied: Supplied, mass_g: float) -> bool:
    """Say whether there is anything in a place; a plant that runs dry fills it with a test charge of `mass_g`."""
    if place.first() is None and is_dry(holdings):
        place.put(holdings.draw(unit, mass_g, supplied.material, supplied.condition))
    return place.first() is not None


def loading(
    holdings: Holdings,
    unit: str,
    place: Place[Parcel],
    supplied: Supplied,
    rate_g_s: float,
    show: Callable[[float], None],
    sp: Setpoints,
    readings: Readings,
) -> PhaseRun:
    """Make one run of LOAD: `target` kg at `rate_g_s`; `show` takes the mass (g) the load cells see meanwhile.

    What is in the hopper stays there when the run ends early.
    """
    filling = Filling(holdings, unit, place, supplied)

    def plan(sp: Setpoints) -> Plan:
        return ((TARE, 30.0), (FILL, 30.0 + 1000.0 * sp["target"] / rate_g_s), (CONFIRM, 60.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        if step == FILL:
            show(content_g(place) + fraction * max(0.0, 1000.0 * sp["target"] - filling.filled_g))

    def finish(sp: Setpoints) -> Outcome:
        enough = filling.fill(sp["target"], readings)
        reports = {
            "net_weight": kilograms(readings, "net_weight", filling.filled_g),
            "hopper_mass": kilograms(readings, "hopper_mass", content_g(place)),
        }
        return Outcome(reports=reports, fail_code=0 if enough else LOAD_SHORT)

    timed = TimedPhase(
        sp=sp,
        report_names=("net_weight", "hopper_mass"),
        plan=plan,
        finish=finish,
        drive=drive,
        rest_drives=lambda: show(content_g(place)),
        again=readings.again,
    )
    return Presented(timed, holdings, unit, returns=True)
