"""One step in the making: facts are recorded and folded at once, so that later rules see what earlier ones decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from mes.model.condition import Truth
from mes.model.equipment import EquipmentPhase
from mes.model.events import BatchFact, StateChange, StateCommand
from mes.model.execution import ENGINE as ENGINE
from mes.model.execution import RUN_COMMANDS, BatchState, is_below
from mes.model.fold import apply
from mes.model.phase import PhaseStatus
from mes.model.procedure import Group
from mes.model.progress import command_at, given_by, group_states
from mes.model.quantity import Quantity
from mes.model.states import Command, ProceduralState, way
from mes.model.steering import ElementCommand, UnitChange
from mes.model.steps import PhaseStep
from mes.model.waiting import ConditionPart, Wait, WaitKind


def condition_key(path: str, use: str) -> str:
    """Give the key of a condition: `use` is requires, until, when, wait, or "update 1" for the first update."""
    return f"{path}#{use}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissive:
    """How a condition of the recipe stands: true, false or unknown, and in words and parts with live values why.

    `since_s` is how long it has been waited for, in process seconds.
    """

    truth: Truth
    why: str
    since_s: float = 0.0
    parts: tuple[ConditionPart, ...] = ()

    @property
    def is_true(self) -> bool:
        """True when it may fire."""
        return self.truth is Truth.TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the arbitration gives to a request: a unit of its own (empty when it wants none) and shared units."""

    unit: str = ""
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantView:
    """What the engine sees of the plant in one scan, taken at one moment.

    `phases` is the status of every slot the batch has phases on, by slot; one that is older than an answer from this
    slot is not fresh. `lost` tells in words which PLC links have been down for longer than a glitch, by PLC. `grants`
    are what the arbitration gives to the requests of the batch, `queue` why others still wait, both by path; `rank` is
    the place in the queue of a request made now; `fit_units` are in service and clean, the longest idle
    first. `permissives` are by `condition_key`.
    """

    at: datetime
    phases: Mapping[str, PhaseStatus]
    equipment: Mapping[tuple[str, str], EquipmentPhase]
    grants: Mapping[str, Grant] = field(default_factory=dict)
    queue: Mapping[str, Wait] = field(default_factory=dict)
    rank: Decimal = Decimal(0)
    fit_units: tuple[str, ...] = ()
    permissives: Mapping[str, Permissive] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    next_exec: int = 1

    def status_of(self, slot: str) -> PhaseStatus:
        """Give the status of a slot; one that is not known is not fresh."""
        known = self.phases.get(slot)
        if known is None:
            return PhaseStatus(state=ProceduralState.IDLE, fresh=False, why=f"nothing is known of {slot}")
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandPhase:
    """Intent: give a command to a phase slot, once this step is durable. Parameters by name, in the recipe's units.

    `update` is the number of a planned update of parameters.
    """

    path: str
    plc: str
    slot: str
    command: Command
    exec_id: int
    number: int
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    update: int = 0


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
    elements wait (by path; None when the step did not look at the plant). `units` are facts of the cell."""

    state: BatchState
    facts: tuple[BatchFact, ...] = ()
    commands: tuple[CommandPhase, ...] = ()
    collect: tuple[CollectReports, ...] = ()
    waiting: Mapping[str, Wait] | None = None
    units: tuple[UnitChange, ...] = ()


@dataclass(slots=True)
class Draft:
    """A step being decided. Only this module and the rules of this package see it.

    `ready` are the phases of a sync that could start, by the name of the sync.
    """

    state: BatchState
    facts: list[BatchFact] = field(default_factory=list)
    commands: list[CommandPhase] = field(default_factory=list)
    collect: list[CollectReports] = field(default_factory=list)
    waiting: dict[str, Wait] = field(default_factory=dict)
    ready: dict[str, list[PhaseStep]] = field(default_factory=dict)
    units: list[UnitChange] = field(default_factory=list)

    def record(self, fact: BatchFact) -> None:
        """Add a fact and fold it into the state."""
        self.facts.append(fact)
        self.state = apply(self.state, fact)

    def wait(self, path: str, kind: WaitKind, text: str) -> None:
        """Say why an element waits."""
        self.waiting[path] = Wait(kind=kind, text=text)

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

    def may_be_held(self, path: str = "") -> bool:
        """Say whether nothing graver than a pause governs an element."""
        command = command_at(self.state, path)
        return command in RUN_COMMANDS or command is Command.PAUSE

    def hold(self, because: str, path: str = "") -> None:
        """Hold on the engine's own account what the recipe's hold propagation says for a trouble of this element.

        Once held, later reasons change nothing.
        """
        top = self._held_with(path)
        if not self.may_be_held(top):
            return
        if top == "":
            self.command_batch(Command.HOLD, by=ENGINE, because=because)
        else:
            self.record(ElementCommand(path=top, command=Command.HOLD, by=ENGINE, because=because))

    def _held_with(self, path: str) -> str:
        level = self.state.control.hold_propagation
        if level is None:
            # What has not begun cannot be held, and so not be let go on: what it stands in is held.
            return path.rpartition("/")[0] if self.state.state_of(path) is ProceduralState.IDLE else path
        above = (
            element.path
            for element in self.state.tree.elements.values()
            if isinstance(element, Group) and element.level is level and is_below(path, element.path)
        )
        return next(above, "")

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
                update=intent.update,
            )
        )
        self.commands.append(intent)

    def settle_groups(self) -> None:
        """Record the derived states of groups that differ from the recorded ones, children before parents."""
        derived = group_states(self.state)
        for path in reversed(list(derived)):
            if derived[path] is not self.state.state_of(path):
                self.change(path, derived[path], given_by(self.state, path)[1] if path in self._commanded() else "")

    def _commanded(self) -> set[str]:
        return {"", *self.state.local}

    def finished(self, *, looked: bool) -> Step:
        """Give the step as a value; `looked` tells that it has looked at the plant, so that its waits are known."""
        return Step(
            state=self.state,
            facts=tuple(self.facts),
            commands=tuple(self.commands),
            collect=tuple(self.collect),
            waiting=dict(self.waiting) if looked else None,
            units=tuple(self.units),
        )
