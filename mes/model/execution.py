"""The state of one batch as the fold of its facts: nothing is state that is not in the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from mes.model.events import (
    Allocation,
    BatchCreated,
    BatchFact,
    CommandOutcome,
    Consume,
    Deallocation,
    LotBound,
    ProcessData,
    Produce,
    Prompt,
    PromptResponse,
    StateChange,
    StateCommand,
)
from mes.model.procedure import ControlRecipe, Element, Group, PhaseStep, PromptStep, phases, walk
from mes.model.quantity import Quantity
from mes.model.states import FINAL, Command, ProceduralState, allowed_commands, parent_state

S = ProceduralState

RUN_COMMANDS = frozenset({Command.START, Command.RESUME, Command.RESTART})
"""Batch commands under which the procedure goes forward."""


_TOO_LATE: Mapping[Command, ProceduralState] = {
    Command.HOLD: S.HELD,
    Command.PAUSE: S.PAUSED,
    Command.STOP: S.STOPPED,
    Command.ABORT: S.ABORTED,
}
"""Where a group comes to rest that has nothing left to do when the command has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution of an equipment phase: its identity in the PLC, the command in flight, and what it reported.

    `answered` is the last command the PLC accepted in the present state, with the sequence number of that answer: it
    is not given again until the state changes or the batch gets a new command.
    """

    exec_id: int
    pending: Command | None = None
    answered: Command | None = None
    answered_seq: int = 0
    reported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LotInUse:
    """A lot that the batch draws from: scanned for an input, or made by the batch itself."""

    lot_no: str
    material: str
    quantity: Quantity | None
    mass: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """Everything the engine knows of a batch. `states` holds every element that has left idle, by path ("" = batch).

    `command` is the last command accepted for the batch, with who gave it and why. `loose` is what was consumed and is
    in no produced lot yet, by input and lot.
    """

    batch_no: str
    control: ControlRecipe
    proposed_lots: Mapping[str, str] = field(default_factory=dict)
    command: Command | None = None
    commanded_by: str = ""
    because: str = ""
    states: Mapping[str, ProceduralState] = field(default_factory=dict)
    executions: Mapping[str, Execution] = field(default_factory=dict)
    lots: Mapping[str, LotInUse] = field(default_factory=dict)
    consumed: tuple[Consume, ...] = ()
    loose: Mapping[tuple[str, str], Quantity] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def state_of(self, path: str) -> ProceduralState:
        """Give the recorded state of an element."""
        return self.states.get(path, S.IDLE)

    @property
    def state(self) -> ProceduralState:
        """State of the batch itself."""
        return self.state_of("")

    @property
    def going(self) -> bool:
        """True while the procedure may go forward."""
        return self.command in RUN_COMMANDS

    @property
    def ended(self) -> bool:
        """True when nothing is left to do: final, no command in flight, every unit given back."""
        in_flight = any(execution.pending for execution in self.executions.values())
        return self.state in FINAL and not in_flight and not self.units


def batch_commands(state: ProceduralState) -> tuple[Command, ...]:
    """Give the commands a person may give to a batch: those of the life table but reset, for a batch runs once."""
    return tuple(command for command in allowed_commands(state) if command is not Command.RESET)


def _created(batch_no: str, fact: BatchCreated) -> BatchState:
    return BatchState(batch_no=batch_no, control=fact.control, proposed_lots=fact.proposed_lots)


def _with_execution(state: BatchState, path: str, execution: Execution) -> BatchState:
    return replace(state, executions={**state.executions, path: execution})


def _commanded(state: BatchState, fact: StateCommand) -> BatchState:
    if fact.path == "":
        # What a phase did not do under the last command may be asked of it again under this one.
        executions = {path: replace(execution, answered=None) for path, execution in state.executions.items()}
        return replace(state, command=fact.command, commanded_by=fact.by, because=fact.because, executions=executions)
    if fact.command is Command.START:
        return _with_execution(state, fact.path, Execution(exec_id=fact.exec_id, pending=fact.command))
    known = state.executions.get(fact.path)
    if known is None or known.exec_id != fact.exec_id:
        # The slot is cleared of an execution that was not this phase's.
        known = Execution(exec_id=fact.exec_id)
    return _with_execution(state, fact.path, replace(known, pending=fact.command))


def _settled(state: BatchState, fact: CommandOutcome) -> BatchState:
    known = state.executions.get(fact.path)
    if known is None or known.exec_id != fact.exec_id:
        return state
    if not fact.known or not fact.accepted:
        return _with_execution(state, fact.path, replace(known, pending=None))
    settled = replace(known, pending=None, answered=fact.command, answered_seq=fact.seq)
    return _with_execution(state, fact.path, settled)


def _changed(state: BatchState, fact: StateChange) -> BatchState:
    state = replace(state, states={**state.states, fact.path: fact.after})
    known = state.executions.get(fact.path)
    return _with_execution(state, fact.path, replace(known, answered=None)) if known else state


def _consumed(state: BatchState, fact: Consume) -> BatchState:
    lot = state.lots.get(fact.input)
    lots = dict(state.lots)
    if lot is not None and lot.quantity is not None:
        left = lot.quantity - fact.quantity
        mass = None if lot.mass is None or fact.mass is None else lot.mass - fact.mass
        lots[fact.input] = replace(lot, quantity=Quantity(max(left.value, Decimal(0)), left.uom), mass=mass)
    key = (fact.input, fact.lot_no)
    so_far = state.loose.get(key)
    loose = {**state.loose, key: fact.quantity if so_far is None else so_far + fact.quantity}
    return replace(state, lots=lots, consumed=(*state.consumed, fact), loose=loose)


def _produced(state: BatchState, fact: Produce) -> BatchState:
    if not fact.lot_no:
        return state
    lot = LotInUse(lot_no=fact.lot_no, material=fact.material, quantity=fact.quantity, mass=fact.mass)
    loose = _taken(state.loose, fact)
    return replace(state, lots={**state.lots, fact.output: lot}, made=(*state.made, fact.lot_no), loose=loose)


def _taken(loose: Mapping[tuple[str, str], Quantity], fact: Produce) -> Mapping[tuple[str, str], Quantity]:
    left = dict(loose)
    for parent, quantity in fact.parents:
        still = quantity
        for key, there in left.items():
            if key[1] == parent:
                part = min(there.value, still.to(there.uom).value)
                left[key] = Quantity(there.value - part, there.uom)
                still = Quantity(still.to(there.uom).value - part, there.uom)
    return left


def _without(prompts: Mapping[str, Prompt], prompt_id: str) -> dict[str, Prompt]:
    return {known: prompt for known, prompt in prompts.items() if known != prompt_id}


def apply(state: BatchState, fact: BatchFact) -> BatchState:
    """Give the state after one more fact. Facts that tell people something (alarms) change nothing."""
    match fact:
        case BatchCreated():
            return _created(state.batch_no, fact)
        case StateCommand():
            return _commanded(state, fact)
        case CommandOutcome():
            return _settled(state, fact)
        case StateChange():
            return _changed(state, fact)
        case ProcessData():
            known = state.executions.get(fact.path, Execution(exec_id=fact.exec_id))
            return _with_execution(state, fact.path, replace(known, reported=True))
        case Prompt():
            return replace(state, prompts={**state.prompts, fact.prompt_id: fact})
        case PromptResponse():
            answers = {**state.answers, fact.prompt_id: fact.value}
            return replace(state, prompts=_without(state.prompts, fact.prompt_id), answers=answers)
        case LotBound():
            lot = LotInUse(lot_no=fact.lot_no, material=fact.material, quantity=fact.amount)
            return replace(state, lots={**state.lots, fact.input: lot})
        case Allocation():
            return replace(state, units={**state.units, fact.unit: fact.path})
        case Deallocation():
            return replace(state, units={unit: path for unit, path in state.units.items() if unit != fact.unit})
        case Consume():
            return _consumed(state, fact)
        case Produce():
            return _produced(state, fact)
        case _:
            return state


def fold(batch_no: str, facts: Iterable[BatchFact]) -> BatchState:
    """Give the state of a batch from its facts in journal order.

    Raises `ValueError` when they do not begin with the creation of the batch.
    """
    state: BatchState | None = None
    for fact in facts:
        if state is None:
            if not isinstance(fact, BatchCreated):
                raise ValueError(f"the journal of batch {batch_no} begins with {fact.event}, not with its creation")
            state = _created(batch_no, fact)
        else:
            state = apply(state, fact)
    if state is None:
        raise ValueError(f"the journal knows no batch {batch_no}")
    return state


def derived_state(state: BatchState, element: Element) -> ProceduralState:
    """Give the state of an element: recorded for a phase or prompt, derived from the children for everything above.

    A phase whose start is on its way to the PLC is starting, whatever comes of it. A group whose last child completes
    after a hold or pause stays held or paused until a person lets the batch go on; after a stop or abort it ends so.
    """
    if not isinstance(element, Group):
        execution = state.executions.get(element.path)
        starting = execution is not None and execution.pending is Command.START
        return S.STARTING if starting else state.state_of(element.path)
    children = (derived_state(state, child) for child in element.children)
    is_root = element.path == state.control.procedure.path
    recorded = state.state if is_root else state.state_of(element.path)
    derived = parent_state(state.command if is_root or recorded is not S.IDLE else None, children)
    if derived is S.COMPLETE and recorded is not S.COMPLETE and state.command is not None:
        return _TOO_LATE.get(state.command, S.COMPLETE)
    return derived


def group_states(state: BatchState) -> Mapping[str, ProceduralState]:
    """Give the derived state of every group below and including the procedure, by path ("" for the procedure)."""
    root = state.control.procedure
    return {
        "" if element is root else element.path: derived_state(state, element)
        for element in walk(root)
        if isinstance(element, Group)
    }


def phase_at(state: BatchState, path: str) -> PhaseStep:
    """Give the equipment phase at a path; raises `KeyError`."""
    for found in phases(state.control.procedure):
        if found.path == path:
            return found
    raise KeyError(path)


def progress(state: BatchState) -> tuple[int, int]:
    """Give how many of the phases and prompts are complete, and how many there are."""
    steps = [element for element in walk(state.control.procedure) if isinstance(element, PhaseStep | PromptStep)]
    return sum(state.state_of(step.path) is S.COMPLETE for step in steps), len(steps)


def activity(state: BatchState) -> str:
    """Say in a few words which elements are active."""
    resting = {S.IDLE, *FINAL}
    steps = (element for element in walk(state.control.procedure) if isinstance(element, PhaseStep | PromptStep))
    return ", ".join(step.name for step in steps if state.state_of(step.path) not in resting)
