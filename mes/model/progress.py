"""What follows from the state of a batch: the command that governs an element, derived states, how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mes.model.execution import ENGINE, RUN_COMMANDS, BatchState, is_below
from mes.model.procedure import Element, ExceptionBlock, Group, Order, Then
from mes.model.states import FINAL, Command, ProceduralState, parent_state
from mes.model.steering import Mode
from mes.model.steps import PhaseStep, Step

S = ProceduralState

_GRAVITY: Mapping[Command | None, int] = {
    None: 0,
    Command.START: 1,
    Command.RESUME: 1,
    Command.RESTART: 1,
    Command.PAUSE: 2,
    Command.HOLD: 3,
    Command.STOP: 4,
    Command.ABORT: 5,
}
_INTERRUPT: Mapping[Then, Command] = {Then.RETURN: Command.HOLD, Then.JUMP: Command.STOP, Then.END: Command.STOP}
"""What a raised exception block means for what it interrupts."""
_TOO_LATE: Mapping[Command, ProceduralState] = {
    Command.HOLD: S.HELD,
    Command.PAUSE: S.PAUSED,
    Command.STOP: S.STOPPED,
    Command.ABORT: S.ABORTED,
}
"""Where a group comes to rest that has nothing left to do when the command has come."""


def command_at(state: BatchState, path: str) -> Command | None:
    """Give the command that governs an element: the gravest of those to the batch, to what it is part of, and of the
    exception blocks that interrupt it. None before the batch was started."""
    command = state.command
    if not state.local and not state.raised:
        return command
    for at, given in state.local.items():
        if is_below(path, at) and _GRAVITY[given.command] > _GRAVITY[command]:
            command = given.command
    for block in _interrupting(state, path):
        interrupt = _INTERRUPT[block.then]
        command = interrupt if _GRAVITY[interrupt] > _GRAVITY[command] else command
    return command


def _interrupting(state: BatchState, path: str) -> Iterator[ExceptionBlock]:
    for raised in state.raised:
        guarded, block = state.tree.blocks[raised]
        if path != guarded and is_below(path, guarded) and not is_below(path, raised):
            yield block


def goes(state: BatchState, path: str) -> bool:
    """Say whether an element may go forward."""
    return command_at(state, path) in RUN_COMMANDS


def given_by(state: BatchState, path: str) -> tuple[str, str]:
    """Give who gave the command that governs an element, and why."""
    command = command_at(state, path)
    for at, given in state.local.items():
        if given.command is command and is_below(path, at):
            return given.by, given.because
    if command is not state.command:
        interrupts = next(block for block in _interrupting(state, path) if _INTERRUPT[block.then] is command)
        return ENGINE, f"exception {interrupts.name}"
    return state.commanded_by, state.because


def mode_at(state: BatchState, path: str) -> Mode:
    """Give the mode of an element: that of the nearest element above it that was given one."""
    nearest = max((at for at in state.modes if is_below(path, at)), key=len, default=None)
    return Mode.AUTOMATIC if nearest is None else state.modes[nearest]


def derived_state(
    state: BatchState, element: Element, known: dict[str, ProceduralState] | None = None
) -> ProceduralState:
    """Give the state of an element: recorded for a step, derived from the children for everything above.

    A phase whose start is on its way to the PLC is starting, whatever comes of it. What is skipped counts as complete,
    of a choice only the branch that was taken. A group whose last child completes after a hold or pause stays held or
    paused until a person lets the batch go on; after a stop or abort it ends so. `known` keeps what was derived of one
    state, for whoever asks about many elements.
    """
    if known is not None and element.path in known:
        return known[element.path]
    derived = _derived(state, element, known)
    if known is not None and isinstance(element, Group):
        known[element.path] = derived
    return derived


def _derived(state: BatchState, element: Element, known: dict[str, ProceduralState] | None) -> ProceduralState:
    if element.path in state.skipped:
        return S.COMPLETE
    recorded = state.state_of(element.path)
    if not isinstance(element, Group):
        execution = state.executions.get(element.path)
        starting = execution is not None and execution.pending is Command.START
        return S.STARTING if starting else recorded
    if recorded is S.IDLE and element.path != "":
        return S.IDLE
    command = command_at(state, element.path)
    if recorded in FINAL and not (recorded is S.STOPPED and command is Command.ABORT):
        # What has ended begins anew when it is entered again, never by itself.
        return recorded
    # What is still to be decided or done besides the children keeps the group from being complete.
    states = (*_child_states(state, element, command, known), *_undecided(state, element))
    if recorded is S.RUNNING and command in RUN_COMMANDS:
        command = Command.START
    derived = parent_state(command, states)
    if derived is S.COMPLETE and recorded is not S.COMPLETE and command is not None:
        return _TOO_LATE.get(command, S.COMPLETE)
    return derived


def _child_states(
    state: BatchState, group: Group, command: Command | None, known: dict[str, ProceduralState] | None
) -> Iterator[ProceduralState]:
    for child in active_children(state, group):
        derived = derived_state(state, child, known)
        # What an exception or a command of its own keeps held does not keep the group from being under way again.
        rests = command in RUN_COMMANDS and derived is not S.COMPLETE and not goes(state, child.path)
        yield S.IDLE if rests else derived


def active_children(state: BatchState, group: Group) -> Iterator[Element]:
    """Give what may run in a group: its children (of a choice the branch taken) and the steps of raised exceptions."""
    if group.order is Order.CHOICE:
        taken = state.choices.get(group.path)
        yield from (branch for branch in group.children if branch.path == taken)
    else:
        yield from group.children
    if state.raised:
        yield from (block.steps for block in group.exceptions if block.path in state.raised)


def _undecided(state: BatchState, group: Group) -> tuple[ProceduralState, ...]:
    decides = group.order is Order.CHOICE or group.is_repeated
    raised = state.raised and any(block.path in state.raised for block in group.exceptions)
    return (S.IDLE,) if raised or (decides and group.path not in state.choices) else ()


def is_passed(state: BatchState, path: str) -> bool:
    """Say whether an element, or what it is part of, is skipped."""
    return bool(state.skipped) and any(is_below(path, skipped) for skipped in state.skipped)


def group_states(state: BatchState) -> Mapping[str, ProceduralState]:
    """Give the derived state of every group that has begun and is not skipped, by path ("" for the procedure)."""
    known: dict[str, ProceduralState] = {}
    return {
        path: derived_state(state, element, known)
        for path, element in state.tree.elements.items()
        if isinstance(element, Group) and (path == "" or path in state.states) and not is_passed(state, path)
    }


def phase_at(state: BatchState, path: str) -> PhaseStep:
    """Give the equipment phase at a path; raises `KeyError`."""
    found = state.tree.elements[path]
    if not isinstance(found, PhaseStep):
        raise KeyError(path)
    return found


def _steps(state: BatchState, element: Element) -> Iterator[Step]:
    if not isinstance(element, Group):
        yield element
    elif element.path not in state.skipped:
        for child in active_children(state, element):
            yield from _steps(state, child)


def progress(state: BatchState) -> tuple[int, int]:
    """Give how many of the steps are complete, and how many there are on the way as far as it is known."""
    steps = tuple(_steps(state, state.tree.root))
    return sum(state.state_of(step.path) is S.COMPLETE or step.path in state.skipped for step in steps), len(steps)


def activity(state: BatchState) -> str:
    """Say in a few words which elements are active."""
    resting = {S.IDLE, *FINAL}
    return ", ".join(step.name for step in _steps(state, state.tree.root) if state.state_of(step.path) not in resting)
