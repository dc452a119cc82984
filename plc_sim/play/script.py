"""What a play is made of: lines with their steps, and commands at process times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from plc_sim.states import PhaseCommand
from plc_sim.tagmap import PhaseClass

SCAN_S = 60.0
"""Process time between two scans of a play that says nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receive:
    """A delivery comes into the store; `lot` has the keys of a received lot, its label under `lot`."""

    lot: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bring:
    """A container is brought to a unit, as soon as it is there."""

    label: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What a unit has made is taken and gets a label."""

    unit: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A phase is started as soon as its slot allows it, and its end is waited for; `values` from Sp1 on."""

    slot: str
    phase: PhaseClass
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Nothing is done for some process time, s."""

    seconds: float


Step = Receive | Bring | Take | Start | Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Steps one after the other, all of them `rounds` times."""

    name: str
    rounds: int
    steps: tuple[Step, ...]

    def round(self, number: int) -> tuple[Step, ...]:
        """Give the steps of one round (from 1 on) with its labels."""
        return tuple(_labelled(step, number) for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command to a slot at a process time (s), whatever runs there; `changed` has what an update changes."""

    at_s: float
    slot: str
    command: PhaseCommand
    changed: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """A latched interlock of a unit is reset at the panel, with the key, at a process time (s)."""

    at_s: float
    unit: str
    interlock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Lines that go on side by side, and commands in the order of their times; one scan every `scan_s`."""

    scan_s: float = SCAN_S
    lines: tuple[Line, ...] = ()
    commands: tuple[Command | Reset, ...] = ()


def labels_made(steps: tuple[Step, ...]) -> Iterator[str]:
    """Give the labels of the containers that come into being by these steps."""
    for step in steps:
        if isinstance(step, Receive):
            yield str(step.lot["lot"])
        elif isinstance(step, Take):
            yield step.label


def _labelled(step: Step, number: int) -> Step:
    if isinstance(step, Receive):
        return replace(step, lot={**step.lot, "lot": _label(str(step.lot["lot"]), number)})
    if isinstance(step, Bring | Take):
        return replace(step, label=_label(step.label, number))
    return step


def _label(text: str, number: int) -> str:
    return text.replace("{round}", str(number)).replace("{previous}", str(number - 1))
