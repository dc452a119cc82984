"""Material on its way through one line: parcels of true mass, handed from unit to unit, oldest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

LPSCL_G_CM3 = 1.86
"""Density of Li6PS5Cl, g/cm3."""
NBR_G_CM3 = 0.98
"""Density of nitrile rubber, g/cm3."""
XYLENE_G_CM3 = 0.864
"""Density of xylene, g/cm3."""
SOLUTION_BINDER = 0.10
"""Binder mass fraction of a binder solution that is charged ready made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Powder:
    """A parcel of powder: its mass (g), and what of it was left behind upstream and is not yet weighed (g)."""

    mass_g: float
    residue_g: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Slurry:
    """A parcel of casting slurry: mass (g), solids mass fraction, densities of slurry and of its dry solids (g/cm3)."""

    mass_g: float
    solids: float
    density_g_cm3: float
    solid_density_g_cm3: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A parcel of coated web: length (m), dry coating on it (g), porosity, solvent left in the coating (ppm)."""

    length_m: float
    mass_g: float
    coated_width_m: float
    porosity: float
    solid_density_g_cm3: float
    residual_ppm: float

    @property
    def areal_mg_cm2(self) -> float:
        """Dry coating per area, mg/cm2."""
        return self.mass_g / (self.length_m * self.coated_width_m) * 0.1

    @property
    def thickness_um(self) -> float:
        """Dry film thickness from areal mass, solid density and porosity, um."""
        return self.areal_mg_cm2 / (self.solid_density_g_cm3 * (1.0 - self.porosity)) * 10.0


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


class Mix:
    """What has been charged into the mixer since it was last emptied, by stage.

    The weigher of a mixer does not know materials, but the order of a slurry recipe tells them: what is charged before
    the binder is dissolved is solvent and (the smallest charge) binder, or one charge of ready binder solution; what is
    charged then is powder; what comes after kneading is let-down solvent.
    """

    def __init__(self) -> None:
        self._liquid: list[float] = []
        self._powder_g = 0.0
        self._letdown_g = 0.0
        self.dissolved = False
        self.kneaded = False

    @property
    def mass_g(self) -> float:
        """Everything in the mixer, g."""
        return sum(self._liquid) + self._powder_g + self._letdown_g

    @property
    def has_powder(self) -> bool:
        """Whether powder has been charged onto the dissolved binder."""
        return self._powder_g > 0.0

    def charge(self, mass_g: float) -> None:
        """Add a weighed charge (g)."""
        if self.kneaded:
            self._letdown_g += mass_g
        elif self.dissolved:
            self._powder_g += mass_g
        else:
            self._liquid.append(mass_g)

    def empty(self) -> None:
        """Start anew with a clean mixer."""
        self._liquid = []
        self._powder_g = self._letdown_g = 0.0
        self.dissolved = self.kneaded = False

    def slurry(self) -> Slurry:
        """Give the contents as slurry, with solids and densities from the volumes of its parts."""
        liquid = sum(self._liquid)
        binder = min(self._liquid) if len(self._liquid) > 1 else SOLUTION_BINDER * liquid
        solvent = liquid - binder + self._letdown_g
        solid = self._powder_g + binder
        solid_cm3 = self._powder_g / LPSCL_G_CM3 + binder / NBR_G_CM3
        return Slurry(
            mass_g=self.mass_g,
            solids=solid / self.mass_g,
            density_g_cm3=self.mass_g / (solid_cm3 + solvent / XYLENE_G_CM3),
            solid_density_g_cm3=solid / solid_cm3,
        )


@dataclass(slots=True)
class Holdings:
    """Every place of one plant where material waits for its next unit; one of these is shared by the units of a PLC.

    `set_aside_g` is what was taken off the line: leftovers of batches that were stopped or aborted.
    """

    vessel: Place[Powder] = field(default_factory=Place)
    jar: Place[Powder] = field(default_factory=Place)
    tray: Place[Powder] = field(default_factory=Place)
    saggar: Place[Powder] = field(default_factory=Place)
    annealed: Place[Powder] = field(default_factory=Place)
    milled: Place[Powder] = field(default_factory=Place)
    sieved: Place[Powder] = field(default_factory=Place)
    dried: Place[Powder] = field(default_factory=Place)
    packed: Place[Powder] = field(default_factory=Place)
    mixer: Mix = field(default_factory=Mix)
    filtered: Place[Slurry] = field(default_factory=Place)
    coated: Place[Web] = field(default_factory=Place)
    calendered: Place[Web] = field(default_factory=Place)
    dried_web: Place[Web] = field(default_factory=Place)
    slit: Place[Web] = field(default_factory=Place)
    set_aside_g: float = 0.0

    def give_up(self, parcels: Iterable[Powder | Slurry | Web]) -> None:
        """Take parcels off the line for good."""
        self.set_aside_g += sum(parcel.mass_g for parcel in parcels)

    def give_up_first(self, place: Place[Powder]) -> None:
        """Take the oldest parcel of a place off the line."""
        if place.first() is not None:
            self.give_up([place.take()])

    def empty_mixer(self) -> None:
        """Take the mixer's contents off the line."""
        self.set_aside_g += self.mixer.mass_g
        self.mixer.empty()
