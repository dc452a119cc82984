"""A unit put together: equipment (physics, tags, interlocks) and the kinds of phases that run on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from plc_sim.plant import PhaseProgress
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.site import Site

Setpoints = Mapping[str, float]

NOTHING_TO_PROCESS = 10
"""Fail code of every slot whose phase finds no material."""


class Equipment(Protocol):
    """The physics of a unit, whatever phase runs."""

    def tick(self) -> None:
        """Advance by one tick."""
        ...

    def tags(self) -> Mapping[str, float]:
        """Give every tag of the unit."""
        ...

    def interlocks(self) -> frozenset[str]:
        """Give the interlocks that hold off its phases now."""
        ...


@runtime_checkable
class Noisy(Protocol):
    """Equipment whose tags carry background noise."""

    jitter: Jitter


@runtime_checkable
class Disturbable(Protocol):
    """Equipment that physical faults can reach; see `plc_sim.plant.UnitModel` for what each does."""

    def disturbances(self) -> frozenset[str]:
        """Give the names of the faults it knows."""
        ...

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault; only ever asked for one it knows."""
        ...

    def recover(self, fault: str) -> None:
        """End a fault."""
        ...


@runtime_checkable
class Resettable(Protocol):
    """Equipment with interlocks that stay until they are reset at the panel."""

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset one; raises ValueError with the reason when it cannot be."""
        ...


class PhaseRun(Protocol):
    """One run of an equipment phase, from start to end."""

    def run(self) -> PhaseProgress:
        """Run the phase's own logic for one tick."""
        ...

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        ...

    def rest(self) -> bool:
        """Bring the equipment to rest; True when it is."""
        ...

    def resume(self) -> None:
        """Go on after a rest."""
        ...

    def end(self) -> None:
        """Leave the equipment safe; the run is over."""
        ...

    def reports(self) -> Mapping[str, float]:
        """Give the reports by name."""
        ...


def _always(sp: Setpoints) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseKind:
    """How to begin one class of phase, which parameters make no sense together, and whether powder lies open in it."""

    begin: Callable[[Setpoints, Readings], PhaseRun]
    check: Callable[[Setpoints], bool] = _always
    open_powder: bool = False


class Unit:
    """One simulated unit with one phase at a time in each slot; see `plc_sim.plant.UnitModel`."""

    def __init__(
        self, name: str, seed: int, equipment: Equipment, phases: Mapping[str, PhaseKind], site: Site | None = None
    ) -> None:
        self.name = name
        self._seed = seed
        self._equipment = equipment
        self._phases = phases
        self._site = site if site is not None else Site()
        self._runs: dict[str, PhaseRun] = {}
        self._going: set[str] = set()
        self._open: set[str] = set()
        self._ticks = 0
        self._jitter = equipment.jitter if isinstance(equipment, Noisy) else None

    def tick(self) -> None:
        """Advance the physics by one tick."""
        self._ticks += 1
        self._equipment.tick()

    def tags(self) -> Mapping[str, float]:
        """Give the present value of every tag."""
        if self._jitter is not None:
            self._jitter.at(self._ticks)
        return self._equipment.tags()

    def interlocks(self, slot: str) -> frozenset[str]:
        """Give the interlocks that hold off the slot: its own, the site's, and before a start what only bars that."""
        own = self._equipment.interlocks()
        trips = self._site.trips(self.name)
        if slot in self._open:
            trips |= self._site.open_trips(self.name)
        held = own | trips if trips else own
        return held if slot in self._going else held | self._site.permissives(self.name)

    def check(self, slot: str, phase: str, sp: Setpoints) -> bool:
        """Say whether the parameters make sense together."""
        return self._phases[phase].check(sp)

    def start(self, slot: str, phase: str, sp: Setpoints, ordinal: int) -> None:
        """Begin a phase; `ordinal` seeds its reports."""
        self._going.add(slot)
        if self._phases[phase].open_powder:
            self._open.add(slot)
        self._runs[slot] = self._phases[phase].begin(sp, Readings(self._seed, self.name, slot, ordinal))

    def update(self, slot: str, sp: Setpoints) -> None:
        """Take new parameters while running."""
        self._runs[slot].update(sp)

    def run(self, slot: str) -> PhaseProgress:
        """Run the phase for one tick."""
        return self._runs[slot].run()

    def at_rest(self, slot: str) -> bool:
        """Bring the unit to rest; a slot that never ran is at rest."""
        run = self._runs.get(slot)
        return run is None or run.rest()

    def resume(self, slot: str) -> None:
        """Go on from where the phase was held or paused."""
        self._runs[slot].resume()

    def end(self, slot: str) -> None:
        """Leave the unit safe after complete, stopped or aborted."""
        self._going.discard(slot)
        self._open.discard(slot)
        run = self._runs.get(slot)
        if run is not None:
            run.end()

    def reports(self, slot: str) -> Mapping[str, float]:
        """Give the reports of the running or just ended phase; none before the first start."""
        run = self._runs.get(slot)
        return {} if run is None else run.reports()

    def disturbances(self) -> frozenset[str]:
        """Give the names of the physical faults the equipment knows."""
        return self._equipment.disturbances() if isinstance(self._equipment, Disturbable) else frozenset()

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a physical fault; raises ValueError naming those the unit knows."""
        known = self.disturbances()
        if fault not in known or not isinstance(self._equipment, Disturbable):
            raise ValueError(f"unit {self.name} knows no fault {fault}; it knows {', '.join(sorted(known)) or 'none'}")
        self._equipment.disturb(fault, amount)

    def recover(self, fault: str) -> None:
        """End a physical fault."""
        if isinstance(self._equipment, Disturbable):
            self._equipment.recover(fault)

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset a latched interlock at the panel; raises ValueError with the reason when it cannot be."""
        if not isinstance(self._equipment, Resettable):
            raise ValueError(f"unit {self.name} has no interlock that is reset at the panel")
        self._equipment.reset(interlock, key=key)
