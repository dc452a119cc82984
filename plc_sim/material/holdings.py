"""Every place of the plant where material lies, and the way it comes to a station: from a container or as supply."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from plc_sim.material.ledger import Ledger, ReceivedLot
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.material.web import Web

T = TypeVar("T", Parcel, Web)


class Supply(StrEnum):
    """How a station gets material that nobody brought.

    `raw`: weigh station, mixer and unwinder take it from an endless supply without a label. `hand`: they wait until a
    container is brought. `dry`: as raw, and every inlet that is empty is filled with a test charge, so that each phase
    can be run by itself while a PLC is being commissioned.
    """

    RAW = "raw"
    HAND = "hand"
    DRY = "dry"


class Place(Generic[T]):
    """Somewhere on the line where parcels wait, oldest first."""

    def __init__(self) -> None:
        self._parcels: deque[T] = deque()

    def put(self, parcel: T) -> None:
        """Set a parcel down behind the others."""
        self._parcels.append(parcel)

    def first(self) -> T | None:
        """Show the oldest parcel without taking it."""
        return self._parcels[0] if self._parcels else None

    def all(self) -> tuple[T, ...]:
        """Show every parcel, oldest first."""
        return tuple(self._parcels)

    def take(self) -> T:
        """Take the oldest parcel away; raises IndexError when there is none."""
        return self._parcels.popleft()

    def take_all(self) -> tuple[T, ...]:
        """Take every parcel away, oldest first."""
        taken = tuple(self._parcels)
        self._parcels.clear()
        return taken

    def replace(self, parcel: T) -> tuple[T, ...]:
        """Set a parcel down where there is room for one; gives what lay there before."""
        before = self.take_all()
        self.put(parcel)
        return before


class Told(Place[T]):
    """The inside of a machine: the unit says what is in it now."""

    def __init__(self) -> None:
        super().__init__()
        self.tell: Callable[[], tuple[T, ...]] = tuple

    def first(self) -> T | None:
        """Show what went in first."""
        return next(iter(self.tell()), None)

    def all(self) -> tuple[T, ...]:
        """Show everything in it."""
        return self.tell()


@dataclass(slots=True)
class Container:
    """A labelled container or roll: what is in it, and where it is ("store", or the unit it stands at).

    Of a carrier roll and of raw material as received, `contents` has one part; carrier is counted in metres.
    """

    label: str
    contents: Parcel | Web
    where: str = "store"
    carrier: bool = False


@dataclass(slots=True)
class Station:
    """A unit that takes its material from a container standing at it."""

    unit: str
    standing: Container | None = None
    supplied: int = 0


@dataclass(slots=True, kw_only=True)
class Holdings:
    """All material of one plant; places are named by what lies in them, `vessel` stands between scale and mill.

    `pan` is on the scale, `hopper` in the jet mill, `deck` on the sieve, `shelves` in the powder dryer, `filler` in the
    packer; `nip` is the roll in the calender, `oven` in the roll dryer, `knives` in the slitter; a heel is what a unit
    that was not cleaned keeps of a charge. Of the other lines: biomass is in the `kiln`; pellets go from the dryer's
    `loading` to `dried_pellets`, the `film_hopper` and the `film_screw`, film from the `winder` to `film_rolls`; the
    moulding machine has `mould_hopper`, `mould_barrel` and, for the parts of a run, the `mould_box`. Of the synthesis
    extension, `second_jar` is in the second mill, `drum` in the blender and `to_blend` before it, `kettle` in the
    reactor, `trough` in the fibrillator, `dough` before the sheet calender and `sheet` in it.

    `crossing` is set by those units: ways of several batches cross then, so what waits before a unit may be meant for
    another one, and nothing that waits is set aside.
    """

    ledger: Ledger = field(default_factory=Ledger)
    supply: Supply = Supply.RAW
    crossing: bool = False
    containers: dict[str, Container] = field(default_factory=dict)
    stations: dict[str, Station] = field(default_factory=dict)
    vessel: Place[Parcel] = field(default_factory=Place)
    jar: Place[Parcel] = field(default_factory=Place)
    tray: Place[Parcel] = field(default_factory=Place)
    saggar: Place[Parcel] = field(default_factory=Place)
    annealed: Place[Parcel] = field(default_factory=Place)
    milled: Place[Parcel] = field(default_factory=Place)
    sieved: Place[Parcel] = field(default_factory=Place)
    dried: Place[Parcel] = field(default_factory=Place)
    packed: Place[Parcel] = field(default_factory=Place)
    samples: Place[Parcel] = field(default_factory=Place)
    bowl: Place[Parcel] = field(default_factory=Place)
    housing: Place[Parcel] = field(default_factory=Place)
    filtered: Place[Parcel] = field(default_factory=Place)
    feed: Told[Parcel] = field(default_factory=Told)
    running: Told[Web] = field(default_factory=Told)
    coated: Place[Web] = field(default_factory=Place)
    calendered: Place[Web] = field(default_factory=Place)
    dried_web: Place[Web] = field(default_factory=Place)
    slit: Place[Web] = field(default_factory=Place)
    pan: Place[Parcel] = field(default_factory=Place)
    hopper: Place[Parcel] = field(default_factory=Place)
    deck: Place[Parcel] = field(default_factory=Place)
    shelves: Place[Parcel] = field(default_factory=Place)
    filler: Place[Parcel] = field(default_factory=Place)
    nip: Place[Web] = field(default_factory=Place)
    oven: Place[Web] = field(default_factory=Place)
    knives: Place[Web] = field(default_factory=Place)
    jar_heel: Place[Parcel] = field(default_factory=Place)
    saggar_heel: Place[Parcel] = field(default_factory=Place)
    hopper_heel: Place[Parcel] = field(default_factory=Place)
    second_jar: Place[Parcel] = field(default_factory=Place)
    second_jar_heel: Place[Parcel] = field(default_factory=Place)
    to_blend: Place[Parcel] = field(default_factory=Place)
    drum: Place[Parcel] = field(default_factory=Place)
    drum_heel: Place[Parcel] = field(default_factory=Place)
    kettle: Place[Parcel] = field(default_factory=Place)
    trough: Place[Parcel] = field(default_factory=Place)
    dough: Place[Parcel] = field(default_factory=Place)
    sheet: Place[Web] = field(default_factory=Place)
    kiln: Place[Parcel] = field(default_factory=Place)
    biochar: Place[Parcel] = field(default_factory=Place)
    loading: Place[Parcel] = field(default_factory=Place)
    dried_pellets: Place[Parcel] = field(default_factory=Place)
    film_hopper: Place[Parcel] = field(default_factory=Place)
    film_screw: Told[Parcel] = field(default_factory=Told)
    winder: Told[Web] = field(default_factory=Told)
    film_rolls: Place[Web] = field(default_factory=Place)
    mould_hopper: Place[Parcel] = field(default_factory=Place)
    mould_barrel: Told[Parcel] = field(default_factory=Told)
    mould_box: Place[Parcel] = field(default_factory=Place)
    parts: Place[Parcel] = field(default_factory=Place)
    gas_line: Place[Parcel] = field(default_factory=Place)
    gas_buffer: Place[Parcel] = field(default_factory=Place)

    def station(self, unit: str) -> Station:
        """Give the station of a unit, making it at first use."""
        return self.stations.setdefault(unit, Station(unit))

    def is_waiting(self, unit: str) -> bool:
        """Say whether a station has to wait for somebody to bring a container."""
        return self.supply is Supply.HAND and self.station(unit).standing is None

    def draw(self, unit: str, amount: float, material: str = "unknown", condition: Condition | None = None) -> Parcel:
        """Take an amount (g, or m of carrier) at a station: from its container, or from supply without a label.

        Gives less than asked when the container runs out. Supply is entered as a lot of its own, `<unit>#<n>`, of the
        material and condition named; a station that has to wait (`is_waiting`) gives nothing.
        """
        station = self.station(unit)
        if station.standing is not None:
            return self._from_container(station.standing, amount)
        if self.supply is Supply.HAND:
            return Parcel(parts={})
        station.supplied += 1
        while (lot := f"{unit}#{station.supplied}") in self.ledger.lots:  # somebody's label, or from another plant
            station.supplied += 1
        self.ledger.receive(ReceivedLot(lot=lot, material=material))
        self.ledger.draw(lot, amount)
        return Parcel(parts={lot: amount}, condition=condition or Condition())

    def give_up(self, parcels: Iterable[Parcel | Web], way: str = "set aside") -> None:
        """Take parcels off the line for good, by one way (see `Ledger.leave`)."""
        for parcel in parcels:
            self.ledger.leave(way, parcel.parts)
            if isinstance(parcel, Web):
                self.ledger.leave(way, parcel.carrier)

    def lose(self, parts: Parcel, way: str) -> None:
        """Note what a unit could not get out of itself and was cleaned away."""
        self.ledger.leave(way, parts.parts)

    def _from_container(self, container: Container, amount: float) -> Parcel:
        if isinstance(container.contents, Web):
            return Parcel(parts={})
        taken, rest = container.contents.take(amount)
        container.contents = rest
        for lot, grams in taken.parts.items():
            # Only what comes straight from a delivery is drawn here; powder made in the plant was drawn long ago.
            if container.label == lot:
                self.ledger.draw(lot, grams)
        return taken
