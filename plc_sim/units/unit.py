"""A unit put together: equipment (physics, tags, interlocks) and the kinds of phases that run on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from plc_sim.plant import PhaseProgress
from plc_sim.units.instruments import Readings

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
    """How to begin one class of phase, and which parameters make no sense together."""

    begin: Callable[[Setpoints, Readings], PhaseRun]
    check: Callable[[Setpoints], bool] = _always


class Unit:
    """One simulated unit with one phase at a time in each slot; see `plc_sim.plant.UnitModel`."""

    def __init__(self, name: str, seed: int, equipment: Equipment, phases: Mapping[str, PhaseKind]) -> None:
        self.name = name
        self._seed = seed
        self._equipment = equipment
        self._phases = phases
        self._runs: dict[str, PhaseRun] = {}

    def tick(self) -> None:
        """Advance the physics by one tick."""
        self._equipment.tick()

    def tags(self) -> Mapping[str, float]:
        """Give the present value of every tag."""
        return self._equipment.tags()

    def interlocks(self, slot: str) -> frozenset[str]:
        """Give the interlocks that hold off the slot."""
        return self._equipment.interlocks()

    def check(self, slot: str, phase: str, sp: Setpoints) -> bool:
        """Say whether the parameters make sense together."""
        return self._phases[phase].check(sp)

    def start(self, slot: str, phase: str, sp: Setpoints, ordinal: int) -> None:
        """Begin a phase; `ordinal` seeds its reports."""
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
        run = self._runs.get(slot)
        if run is not None:
            run.end()

    def reports(self, slot: str) -> Mapping[str, float]:
        """Give the reports of the running or just ended phase; none before the first start."""
        run = self._runs.get(slot)
        return {} if run is None else run.reports()
