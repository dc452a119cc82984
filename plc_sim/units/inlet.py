"""What waits for a unit and whose turn it is, the one charge inside, and what an uncleaned unit keeps of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from plc_sim.material.holdings import Holdings, Place
from plc_sim.material.mixture import TEST_CHARGE
from plc_sim.material.parcel import Condition, Parcel, blend
from plc_sim.material.web import Web
from plc_sim.units.nominal import fill_web, is_dry

T = TypeVar("T", Parcel, Web)
TEST_CHARGE_G = 1000.0
WANTED_PLAY = 0.10
"""A charge may differ from the mass that is asked for by this part."""
CLEANED_OUT = "cleaned out"
"""The way of what is left in a unit, cleaned away and weighed as its loss."""


class Queue(Generic[T]):
    """What waits for one unit: powder, slurry or rolls.

    What arrived while the unit was busy waited its turn: the oldest goes first. What arrived while the unit stood empty
    is fetched at once by the batch it belongs to; when something newer lies on top of it, that batch is gone: the
    newest goes in and what lies under it is set aside. So a batch that was aborted between two units leaves nothing
    that the next one picks up, unless both waited for the same busy unit; then somebody has to take the dead batch's
    container away.
    """

    def __init__(self, holdings: Holdings, waiting: Place[T]) -> None:
        self._holdings = holdings
        self._waiting: Place[T] = waiting
        self._queued = 0

    def next(self, wanted_g: float = 0.0) -> T | None:
        """Show whose turn it is, or what comes nearest to a wanted mass (g)."""
        waiting = self._waiting.all()
        if wanted_g:
            place = nearest(waiting, wanted_g)
            return None if place is None else waiting[place]
        if not waiting:
            return None
        return waiting[0] if self._queued else waiting[-1]

    def choose(self) -> T | None:
        """Bring the one whose turn it is to the front, where what waited in vain under it is set aside."""
        waiting = self._waiting.all()
        if len(waiting) > 1 and not self._queued:
            under = self._waiting.replace(waiting[-1])[:-1]
            if self._holdings.crossing:
                for charge in under:
                    self._waiting.put(charge)
            else:
                self._holdings.give_up(under)
        return self._waiting.first()

    def take(self, wanted_g: float = 0.0) -> T:
        """Take the one whose turn it is, or what comes nearest to a wanted mass (g); raises IndexError for none."""
        place = nearest(self._waiting.all(), wanted_g) if wanted_g else None
        if place is not None:
            return self._take_out(place)
        self.choose()
        self._queued = max(0, min(self._queued, len(self._waiting.all())) - 1)
        return self._waiting.take()

    def unit_is_empty(self) -> None:
        """The unit has been emptied: what is here now queued behind it."""
        self._queued = len(self._waiting.all())

    def _take_out(self, place: int) -> T:
        waiting = self._waiting.take_all()
        for index, charge in enumerate(waiting):
            if index != place:
                self._waiting.put(charge)
        if place < self._queued:
            self._queued -= 1
        return waiting[place]


def nearest(waiting: Sequence[Parcel | Web], wanted_g: float) -> int | None:
    """Give the place of what comes nearest to a wanted mass (g, above 0); None when nothing is within `WANTED_PLAY`."""
    apart = [abs(charge.mass_g / wanted_g - 1.0) for charge in waiting]
    place = min(range(len(apart)), key=apart.__getitem__, default=None)
    return place if place is not None and apart[place] <= WANTED_PLAY else None


class Inlet(Generic[T]):
    """The queue before one unit, and the one charge or roll that is inside it.

    A unit takes one charge at a time and never mixes two. A charge whose phase is stopped or aborted is set aside.
    `fill` sets a test charge down where nothing waits in a plant that runs dry.
    """

    def __init__(self, holdings: Holdings, waiting: Place[T], inside: Place[T], fill: Callable[[], None]) -> None:
        self._holdings = holdings
        self._waiting: Place[T] = waiting
        self._inside: Place[T] = inside
        self._fill = fill
        self._queue: Queue[T] = Queue(holdings, waiting)

    @property
    def inside(self) -> T | None:
        """The charge that is inside."""
        return self._inside.first()

    @property
    def mass_g(self) -> float:
        """Mass of the charge that is inside, g."""
        charge = self._inside.first()
        return 0.0 if charge is None else charge.mass_g

    def next(self, wanted_g: float = 0.0) -> T | None:
        """Show what would be taken in; a plant that runs dry has a test charge when nothing waits."""
        if self._waiting.first() is None:
            self._fill()
        return self._queue.next(wanted_g)

    def take_in(self, wanted_g: float = 0.0) -> bool:
        """Take the next charge in, or that of a wanted mass (g); one left inside is set aside. Gives whether it did."""
        if self.next(wanted_g) is None:
            return False
        self._holdings.give_up(self._inside.replace(self._queue.take(wanted_g)))
        return True

    def fill_dry(self) -> bool:
        """Say whether a charge is inside; a plant that runs dry has a test charge when there is none."""
        if self._inside.first() is None and is_dry(self._holdings):
            self.take_in()
        return self._inside.first() is not None

    def change(self, charge: T) -> None:
        """Put the charge back changed."""
        self._inside.replace(charge)

    def empty(self) -> T:
        """Take the charge out; raises IndexError when there is none."""
        charge = self._inside.take()
        self._queue.unit_is_empty()
        return charge

    def give_up(self) -> None:
        """Set the charge aside."""
        self._holdings.give_up(self._inside.take_all())
        self._queue.unit_is_empty()


def powder_inlet(
    holdings: Holdings, unit: str, waiting: Place[Parcel], inside: Place[Parcel], test_charge: Condition
) -> Inlet[Parcel]:
    """Make the inlet of a unit that takes powder; `test_charge` is its condition in a plant that runs dry."""

    def fill() -> None:
        if is_dry(holdings):
            waiting.put(holdings.draw(unit, TEST_CHARGE_G, TEST_CHARGE, test_charge))

    return Inlet(holdings, waiting, inside, fill)


def roll_inlet(holdings: Holdings, unit: str, waiting: Place[Web], inside: Place[Web], porosity: float) -> Inlet[Web]:
    """Make the inlet of a unit that takes a roll of film; `porosity` (0..1) is that of a test roll."""
    return Inlet(holdings, waiting, inside, lambda: fill_web(holdings, waiting, unit, porosity))


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
