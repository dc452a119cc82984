"""The seam between a PLC program and the plant it runs: what a simulated unit must offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from plc_sim.control.material import MaterialDoor

TICK_S = 1.0
"""Process seconds of one tick. Every unit advances in ticks of this length at any speed, so that the same seed and
the same commands give the same plant, however the scans fall in wall time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseProgress:
    """Where a running phase stands after one tick.

    `step` is the PLC step number declared in the tag map, `done` means that the phase's own logic has finished,
    `fail_code` is 0 or a failure code declared in the tag map.
    """

    step: int = 0
    done: bool = False
    fail_code: int = 0


class UnitModel(Protocol):
    """One simulated unit: its physics and the logic of its equipment phases.

    The PLC program (`plc_sim.phase_logic`) owns the phase state; the model is told of starts and stops and asked for
    progress. Names of phases, parameters, reports, tags and interlocks are those of the tag map; tag names come without
    the unit prefix. Nothing here may read a clock or an unseeded random source.
    """

    name: str

    def tick(self) -> None:
        """Advance the physics by `TICK_S`, whatever the phase does (called each tick, before `run`)."""
        ...

    def tags(self) -> Mapping[str, float]:
        """Give the present value of every tag of this unit."""
        ...

    def interlocks(self, slot: str) -> frozenset[str]:
        """Give the names of the interlocks that hold off the phases of `slot` now."""
        ...

    def check(self, slot: str, phase: str, sp: Mapping[str, float]) -> bool:
        """Say whether these parameters, each already within its limits, make sense together."""
        ...

    def start(self, slot: str, phase: str, sp: Mapping[str, float], ordinal: int) -> None:
        """Begin a phase. `ordinal` counts the starts of this slot and seeds the noise of its reports."""
        ...

    def update(self, slot: str, sp: Mapping[str, float]) -> None:
        """Take new parameters while running."""
        ...

    def run(self, slot: str) -> PhaseProgress:
        """Run the phase's own logic for one tick while it is in state running."""
        ...

    def at_rest(self, slot: str) -> bool:
        """Bring the unit to its safe rest (holding, pausing, stopping, aborting); True when it is reached."""
        ...

    def resume(self, slot: str) -> None:
        """Go on from where the phase was held or paused."""
        ...

    def end(self, slot: str) -> None:
        """The phase has ended (complete, stopped or aborted): leave the unit in its safe state."""
        ...

    def reports(self, slot: str) -> Mapping[str, float]:
        """Give the reports of the running or just ended phase, by name; all finite."""
        ...

    def disturbances(self) -> frozenset[str]:
        """Give the names of the physical faults this unit knows (`plc_sim.faults`); empty when it knows none."""
        ...

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a physical fault, or change its `amount`; raises ValueError naming what the unit knows."""
        ...

    def recover(self, fault: str) -> None:
        """End a physical fault; the physics goes back at its own pace. Nothing to do when it is not there."""
        ...

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset a latched interlock at the panel; `key` says that the key is turned, not only the button pressed.

        Raises ValueError with the reason: unknown, its cause still there, or the key is needed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltPlant:
    """One plant under several PLCs: the units of each by PLC and name, and its material where it follows that."""

    units: Mapping[str, Mapping[str, UnitModel]]
    material: MaterialDoor | None = None
