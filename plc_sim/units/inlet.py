"""Taking a charge of powder into a unit, and what an uncleaned unit keeps of it for the next one."""

from __future__ import annotations

from plc_sim.material.holdings import Holdings, Place
from plc_sim.material.mixture import TEST_CHARGE
from plc_sim.material.parcel import Condition, Parcel, blend
from plc_sim.units.nominal import is_dry

TEST_CHARGE_G = 1000.0
CLEANED_OUT = "cleaned out"
"""The way of what is left in a unit, cleaned away and weighed as its loss."""


class Inlet:
    """The powder that waits for one unit, and the one charge that is inside it.

    A unit takes one charge at a time and never mixes two. What arrived while the unit was full waited its turn: the
    oldest goes first. What arrived while the unit stood empty is fetched at once by the batch it belongs to; when
    something newer lies on top of it, that batch is gone: the newest goes in and what lies under it is set aside. So a
    batch that was aborted between two units leaves nothing that the next one picks up, unless both waited for the same
    busy unit; then somebody has to take the dead batch's container away. A charge whose phase is stopped or aborted is
    set aside.
    """

    def __init__(
        self, holdings: Holdings, unit: str, waiting: Place[Parcel], inside: Place[Parcel], test_charge: Condition
    ) -> None:
        self._holdings = holdings
        self._unit = unit
        self._waiting = waiting
        self._inside = inside
        self._test_charge = test_charge
        self._queued = 0

    @property
    def inside(self) -> Parcel | None:
        """The charge that is inside."""
        return self._inside.first()

    @property
    def mass_g(self) -> float:
        """Mass of the charge that is inside, g."""
        charge = self._inside.first()
        return 0.0 if charge is None else charge.mass_g

    def next(self) -> Parcel | None:
        """Show what would be taken in; a plant that runs dry has a test charge when nothing waits."""
        if self._waiting.first() is None and is_dry(self._holdings):
            self._waiting.put(self._holdings.draw(self._unit, TEST_CHARGE_G, TEST_CHARGE, self._test_charge))
        waiting = self._waiting.all()
        if not waiting:
            return None
        return waiting[0] if self._queued else waiting[-1]

    def take_in(self) -> bool:
        """Take the next charge in; a charge left inside is set aside. Gives whether there was one."""
        if self.next() is None:
            return False
        if self._queued:
            self._queued = min(self._queued, len(self._waiting.all())) - 1
            charge = self._waiting.take()
        else:
            *left, charge = self._waiting.take_all()
            self._holdings.give_up(left)
        self._holdings.give_up(self._inside.replace(charge))
        return True

    def fill_dry(self) -> bool:
        """Say whether a charge is inside; a plant that runs dry has a test charge when there is none."""
        if self._inside.first() is None and is_dry(self._holdings):
            self.take_in()
        return self._inside.first() is not None

    def change(self, charge: Parcel) -> None:
        """Put the charge back changed."""
        self._inside.replace(charge)

    def empty(self) -> Parcel:
        """Take the charge out; raises IndexError when there is none."""
        charge = self._inside.take()
        self._queued = len(self._waiting.all())
        return charge

    def give_up(self) -> None:
        """Set the charge aside."""
        self._holdings.give_up(self._inside.take_all())
        self._queued = len(self._waiting.all())


class Heel:
    """What a unit that is not cleaned keeps of one charge and blends into the next."""

    def __init__(self, holdings: Holdings, place: Place[Parcel]) -> None:
        self._holdings = holdings
        self._place = place

    def joined(self, charge: Parcel, uncleaned_pct: float) -> Parcel:
        """Give the charge with the heel in it; out of a unit that is cleaned again, the heel went before."""
        heel = self._place.take_all()
        if uncleaned_pct > 0.0:
            return blend((charge, *heel))
        self._holdings.give_up(heel, CLEANED_OUT)
        return charge

    def without(self, charge: Parcel, uncleaned_pct: float) -> Parcel:
        """Keep a percentage of the charge as heel and give the rest."""
        if uncleaned_pct <= 0.0:
            return charge
        heel, rest = charge.split(min(1.0, uncleaned_pct / 100.0))
        self._place.put(heel)
        return rest
