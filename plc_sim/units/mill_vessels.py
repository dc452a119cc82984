"""The transport vessels between weigh station and mill, and which of them belong to the charge being loaded."""

from __future__ import annotations

from collections.abc import Sequence

from plc_sim.material.holdings import Holdings
from plc_sim.material.mixture import TEST_CHARGE
from plc_sim.material.parcel import Parcel, blend
from plc_sim.units.nominal import is_dry

MASS_PLAY = 0.10
"""Loaded mass may differ from the expected one by this part."""
EXACT, AS_WELL = 2e-4, 5e-3
"""A run this near the expected mass is the one that is meant; runs that differ by less than the other fit as well."""


class Vessels:
    """The vessels that wait for the mill.

    A charge is a run of vessels, one weighed after the other, whose masses make the expected mass. Of several such runs
    the oldest goes first when it queued behind a mill that was full; otherwise its batch would have fetched it at once,
    so the newest goes in. Vessels older than the charge were weighed for a batch that never came and are set aside.
    Once a premix was made, only the vessels that were in it are looked at. Where several units take vessels (see
    `Holdings.crossing`), nothing is set aside, and the run that fits best goes first: one of `EXACT` the expected
    mass, or the oldest of those that fit about as well as the best.
    """

    def __init__(self, holdings: Holdings, unit: str) -> None:
        self._holdings = holdings
        self._unit = unit
        self._queued = 0
        self._premixed = 0

    def waits(self) -> bool:
        """Say whether any vessel is there."""
        return self._holdings.vessel.first() is not None

    def premix(self) -> None:
        """All vessels that are here go into the premix."""
        self._premixed = len(self._holdings.vessel.all())

    def forget_premix(self) -> None:
        """The premix came to nothing."""
        self._premixed = 0

    def mill_is_empty(self) -> None:
        """The mill has been emptied: what is here now queued behind it."""
        self._queued = len(self._holdings.vessel.all())

    def supply(self, grams: float) -> None:
        """Set a test charge down in a plant that runs dry."""
        if is_dry(self._holdings) and not self.waits():
            self._holdings.vessel.put(self._holdings.draw(self._unit, grams, TEST_CHARGE))

    def load(self, expected_g: float) -> Parcel | None:
        """Take the charge of an expected mass (g); None when no run of vessels makes it."""
        vessels, crossing = self._holdings.vessel.all(), self._holdings.crossing
        looked_at = vessels[: self._premixed or len(vessels)]
        runs = _fitting(looked_at, expected_g) if crossing else _charges(looked_at, expected_g)
        if not runs:
            return None
        queued = [run for run in runs if crossing or run[1] <= self._queued]
        first, after = queued[0] if queued else runs[-1]
        self._holdings.vessel.take_all()
        for vessel in (*vessels[: first if crossing else 0], *vessels[after:]):
            self._holdings.vessel.put(vessel)
        if not crossing:
            self._holdings.give_up(vessels[:first])
        self._queued = max(0, self._queued - after)
        self._premixed = 0
        return blend(vessels[first:after])


def _charges(vessels: Sequence[Parcel], expected_g: float) -> list[tuple[int, int]]:
    """Give the runs of vessels, none in two of them, that make the expected mass: first, and one past the last."""
    runs: list[tuple[int, int]] = []
    first = 0
    while first < len(vessels):
        after, mass_g = first, 0.0
        while after < len(vessels) and mass_g < expected_g * (1.0 - MASS_PLAY):
            mass_g += vessels[after].mass_g
            after += 1
        if abs(mass_g / expected_g - 1.0) <= MASS_PLAY:
            runs.append((first, after))
            first = after
        else:
            first += 1
    return runs


def _fitting(vessels: Sequence[Parcel], expected_g: float) -> list[tuple[int, int]]:
    """Give the runs of vessels that fit the expected mass best, the oldest first: first, and one past the last."""
    apart: dict[tuple[int, int], float] = {}
    for first in range(len(vessels)):
        mass_g = 0.0
        for after in range(first + 1, len(vessels) + 1):
            mass_g += vessels[after - 1].mass_g
            if mass_g > expected_g * (1.0 + MASS_PLAY):
                break
            apart[first, after] = abs(mass_g / expected_g - 1.0)
    best = min(apart.values(), default=1.0)
    if best > MASS_PLAY:
        return []
    limit = best if best <= EXACT else best + AS_WELL
    return sorted(run for run, deviation in apart.items() if deviation <= limit)
