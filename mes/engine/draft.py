"""One step in the making: facts are recorded and folded at once, so that later rules see what earlier ones decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mes.model.equipment import EquipmentPhase
from mes.model.events import BatchFact, StateChange, StateCommand
from mes.model.execution import BatchState, apply, group_states
from mes.model.phase import PhaseStatus
from mes.model.quantity import Quantity
from mes.model.states import Command, ProceduralState, way

ENGINE = "engine"
"""Who gave a command that no person gave."""


def repeat_prompt(path: str, exec_id: int) -> str:
    """Give the id of the prompt that asks whether an execution that did not end is to be repeated."""
    return f"repeat:{path}:{exec_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissive:
    """How the condition of a waiting phase stands: may it start, and in words with live values why not.

    `since_s` is how long it has been waited for, in process seconds.
    """

    is_true: bool
    why: str
    since_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantView:
    """What the engine sees of the plant in one scan, taken at one moment.

    `phases` is the status of every slot the batch has phases on, by slot; one that is older than an answer from this
    slot is not fresh. `lost` tells in words which PLC links have been down for longer than a glitch, by PLC. `owners`
    is who has which unit. `permissives` are by path of phase.
    """

    at: datetime
    phases: Mapping[str, PhaseStatus]
    owners: Mapping[str, str]
    equipment: Mapping[tuple[str, str], EquipmentPhase]
    permissives: Mapping[str, Permissive] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    next_exec: int = 1

    def status_of(self, slot: str) -> PhaseStatus:
        """Give the status of a slot; one that is not known is not fresh."""
        unknown = PhaseStatus(state=ProceduralState.IDLE, fresh=False, why=f"nothing is known of {slot}")
        return self.phases.get(slot, unknown)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandPhase:
    """Intent: give a command to a phase slot, once this step is durable. Parameters by name, in the recipe's units."""

    path: str
    plc: str
    slot: str
    command: Command
    exec_id: int
    number: int
    parameters: Mapping[str, Quantity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectReports:
    """Intent: read the reports of an ended phase. It writes nothing, so it may be repeated."""

    path: str
    plc: str
    equipment: EquipmentPhase
    exec_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step decided: the new state, the facts that lead to it, what to do once they are durable, and why
    elements wait (by path; None when the step did not look at the plant)."""

    state: BatchState
    facts: tuple[BatchFact, ...] = ()
    commands: tuple[CommandPhase, ...] = ()
    collect: tuple[CollectReports, ...] = ()
    waiting: Mapping[str, str] | None = None


@dataclass(slots=True)
class Draft:
    """A step being decided. Only this module and the rules of this package see it."""

    state: BatchState
    facts: list[BatchFact] = field(default_factory=list)
    commands: list[CommandPhase] = field(default_factory=list)
    collect: list[CollectReports] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)

    def record(self, fact: BatchFact) -> None:
        """Add a fact and fold it into the state."""
        self.facts.append(fact)
        self.state = apply(self.state, fact)

    def change(self, path: str, after: ProceduralState, because: str = "") -> None:
        """Record that an element has come to a state, with the states on the legal way there that nobody has seen.

        A PLC passes through acting states between two looks; the record shows them and so always follows the table.
        Raises `ValueError` when no legal way leads there.
        """
        before = self.state.state_of(path)
        states = way(before, after)
        if before is not after and not states:
            raise ValueError(f"batch {self.state.batch_no} {path}: no state may go from {before} to {after}")
        for passed in states:
            self.record(StateChange(path=path, before=before, after=passed, because=because))
            before = passed

    def command_batch(self, command: Command, *, by: str, because: str) -> None:
        """Record a command to the batch itself."""
        self.record(StateCommand(path="", command=command, by=by, because=because))

    @property
    def may_be_held(self) -> bool:
        """True while nothing graver than a pause was commanded."""
        return self.state.going or self.state.command is Command.PAUSE

    def hold(self, because: str) -> None:
        """Hold the batch on the engine's own account; once held, later reasons change nothing."""
        if self.may_be_held:
            self.command_batch(Command.HOLD, by=ENGINE, because=because)

    def command_phase(self, intent: CommandPhase, *, by: str, because: str) -> None:
        """Record a phase command and ask for it to be carried out once this step is durable."""
        self.record(
            StateCommand(
                path=intent.path,
                command=intent.command,
                by=by,
                because=because,
                exec_id=intent.exec_id,
                parameters=intent.parameters,
            )
        )
        self.commands.append(intent)

    def settle_groups(self) -> None:
        """Record the derived states of groups that differ from the recorded ones, children before parents."""
        derived = group_states(self.state)
        for path in reversed(list(derived)):
            if derived[path] is not self.state.state_of(path):
                reason = self.state.because if path == "" else ""
                self.change(path, derived[path], reason)

    def finished(self, *, looked: bool) -> Step:
        """Give the step as a value; `looked` tells that it has looked at the plant, so that its waits are known."""
        return Step(
            state=self.state,
            facts=tuple(self.facts),
            commands=tuple(self.commands),
            collect=tuple(self.collect),
            waiting=dict(self.waiting) if looked else None,
        )
