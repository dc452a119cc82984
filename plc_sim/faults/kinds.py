"""What a kind of fault is: its name, what it strikes, its parameters, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from plc_sim.scan import SimulatedPlc


class Target(Enum):
    """What a fault strikes; a site fault names no target, because the plant has only one unit of that kind."""

    PLC = "plc"
    TAG = "tag"
    UNIT = "unit"
    SLOT = "slot"
    SITE = "site"

    @property
    def word(self) -> str:
        """What it is called in a sentence; a fault of the site strikes a unit."""
        return {Target.PLC: "PLC", Target.SITE: "unit"}.get(self, self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultParameter:
    """How bad a fault is: a number, `low` <= value <= `high` in `unit`; `only` lists the values it can have."""

    name: str
    unit: str
    low: float
    high: float
    default: float
    says: str
    only: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The place a fault strikes: the PLC and the name of the unit, tag or slot on it (for a PLC fault the PLC's)."""

    plc: SimulatedPlc
    name: str


End = Callable[[], None]
Act = Callable[[Seat, Mapping[str, float]], End]
"""Begins a fault with its parameters and gives what ends it."""


def _no_objection(seat: Seat) -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One fault by name. `says` tells what happens, `effect` what a client sees in the tags.

    `act` begins it, `refuses` raises ValueError where it cannot be; a `momentary` fault is over as soon as it began and
    takes no duration; `units` lists the units that know a physical fault.
    """

    name: str
    target: Target
    says: str
    effect: str
    act: Act
    parameters: tuple[FaultParameter, ...] = ()
    units: tuple[str, ...] = ()
    momentary: bool = False
    refuses: Callable[[Seat], None] = _no_objection
