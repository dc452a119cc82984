"""The one ISA-88 life table: states of procedural elements, the commands between them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from transitions import Machine


class ProceduralState(StrEnum):
    """State of a batch, unit procedure, operation or phase (BatchML words; the -ing states act, the others rest)."""

    IDLE = "idle"
    STARTING = "starting"
    RUNNING = "running"
    COMPLETING = "completing"
    COMPLETE = "complete"
    PAUSING = "pausing"
    PAUSED = "paused"
    RESUMING = "resuming"
    HOLDING = "holding"
    HELD = "held"
    RESTARTING = "restarting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    ABORTING = "aborting"
    ABORTED = "aborted"
    RESETTING = "resetting"


class Command(StrEnum):
    """What a person or the engine may ask of a procedural element."""

    START = "start"
    PAUSE = "pause"
    RESUME = "resume"
    HOLD = "hold"
    RESTART = "restart"
    STOP = "stop"
    ABORT = "abort"
    RESET = "reset"
    UPDATE = "update"
    """New parameters for a running phase: it changes no state, so the table has no line for it."""


S = ProceduralState
C = Command

DONE = "done"
"""Trigger of an element whose own logic has reached the end of its present acting state."""

TRANSITIONS: tuple[tuple[str, ProceduralState, ProceduralState], ...] = (
    (C.START, S.IDLE, S.STARTING),
    (DONE, S.STARTING, S.RUNNING),
    (DONE, S.RUNNING, S.COMPLETING),
    (DONE, S.COMPLETING, S.COMPLETE),
    (C.PAUSE, S.RUNNING, S.PAUSING),
    (DONE, S.PAUSING, S.PAUSED),
    (C.RESUME, S.PAUSED, S.RESUMING),
    (DONE, S.RESUMING, S.RUNNING),
    (C.HOLD, S.STARTING, S.HOLDING),
    (C.HOLD, S.RUNNING, S.HOLDING),
    (C.HOLD, S.PAUSING, S.HOLDING),
    (C.HOLD, S.PAUSED, S.HOLDING),
    (C.HOLD, S.RESUMING, S.HOLDING),
    (C.HOLD, S.RESTARTING, S.HOLDING),
    (DONE, S.HOLDING, S.HELD),
    (C.RESTART, S.HELD, S.RESTARTING),
    (DONE, S.RESTARTING, S.RUNNING),
    (C.STOP, S.STARTING, S.STOPPING),
    (C.STOP, S.RUNNING, S.STOPPING),
    (C.STOP, S.COMPLETING, S.STOPPING),
    (C.STOP, S.PAUSING, S.STOPPING),
    (C.STOP, S.PAUSED, S.STOPPING),
    (C.STOP, S.RESUMING, S.STOPPING),
    (C.STOP, S.HOLDING, S.STOPPING),
    (C.STOP, S.HELD, S.STOPPING),
    (C.STOP, S.RESTARTING, S.STOPPING),
    (DONE, S.STOPPING, S.STOPPED),
    (C.ABORT, S.STARTING, S.ABORTING),
    (C.ABORT, S.RUNNING, S.ABORTING),
    (C.ABORT, S.COMPLETING, S.ABORTING),
    (C.ABORT, S.PAUSING, S.ABORTING),
    (C.ABORT, S.PAUSED, S.ABORTING),
    (C.ABORT, S.RESUMING, S.ABORTING),
    (C.ABORT, S.HOLDING, S.ABORTING),
    (C.ABORT, S.HELD, S.ABORTING),
    (C.ABORT, S.RESTARTING, S.ABORTING),
    (C.ABORT, S.STOPPING, S.ABORTING),
    (C.ABORT, S.STOPPED, S.ABORTING),
    (DONE, S.ABORTING, S.ABORTED),
    (C.RESET, S.COMPLETE, S.RESETTING),
    (C.RESET, S.STOPPED, S.RESETTING),
    (C.RESET, S.ABORTED, S.RESETTING),
    (DONE, S.RESETTING, S.IDLE),
)
"""`(trigger, source, destination)`; a pair that is not listed is illegal."""

FINAL = frozenset({S.COMPLETE, S.STOPPED, S.ABORTED})
"""States in which an element has ended."""

AT_REST = FINAL | {S.IDLE, S.PAUSED, S.HELD}
"""States that do not change by themselves: they wait for a command (running acts and is none of them)."""


class CommandRefused(Exception):
    """A command that is not legal now; the message names the state and the legal commands.

    `legal` holds those commands for a caller that wants to offer them.
    """

    def __init__(self, message: str, *, legal: Iterable[Command] = ()) -> None:
        super().__init__(message)
        self.legal = tuple(legal)


class _Life:
    """The object that the machine moves: what it declares is overridden by the machine, nothing else is bound to it."""

    state: str

    def trigger(self, name: str) -> bool:
        raise AttributeError(f"no machine moves this life yet: {name}")


_LIFE = _Life()
_MACHINE = Machine(
    model=_LIFE,
    states=[state.value for state in ProceduralState],
    transitions=[[str(trigger), source.value, destination.value] for trigger, source, destination in TRANSITIONS],
    initial=S.IDLE.value,
    auto_transitions=False,
    model_override=True,
)


def _moved(state: ProceduralState, trigger: str) -> ProceduralState:
    # One object is set to `state` and moved on: binding a new one costs ten times as much. The engine steps on one
    # thread, and nothing here waits, so nobody else can come between.
    _MACHINE.set_state(state.value)
    _LIFE.trigger(trigger)
    return ProceduralState(_LIFE.state)


@cache
def allowed_commands(state: ProceduralState) -> tuple[Command, ...]:
    """Give the commands that are legal in `state`, in the order of `Command`."""
    legal = {trigger for trigger, source, _ in TRANSITIONS if source is state}
    return tuple(command for command in Command if command in legal)


def commanded(state: ProceduralState, command: Command) -> ProceduralState:
    """Give the state that `command` leads to from `state`.

    Raises `CommandRefused`, which names the legal commands, when the table has no such transition.
    """
    legal = allowed_commands(state)
    if command not in legal:
        allowed = ", ".join(legal) if legal else "none"
        raise CommandRefused(f"{command} is not possible in state {state}; possible now: {allowed}", legal=legal)
    return _moved(state, command.value)


def done(state: ProceduralState) -> ProceduralState:
    """Give the state that follows when the acting `state` has reached its end; a state at rest is returned as it is."""
    if state in AT_REST:
        return state
    return _moved(state, DONE)


@cache
def way(before: ProceduralState, after: ProceduralState) -> tuple[ProceduralState, ...]:
    """Give the states of the shortest legal way from `before` to `after`: without `before`, ending with `after`.

    A reset lies on it only when it leads back to idle. Empty when they are the same, or when no legal way leads there.
    """
    reset_too = after in {S.RESETTING, S.IDLE}
    ways: dict[ProceduralState, tuple[ProceduralState, ...]] = {before: ()}
    to_look_at = [before]
    for here in to_look_at:
        for trigger, source, target in TRANSITIONS:
            if source is here and target not in ways and (reset_too or trigger != C.RESET):
                ways[target] = (*ways[here], target)
                to_look_at.append(target)
    return ways.get(after, ())


def parent_state(command: Command | None, children: Iterable[ProceduralState]) -> ProceduralState:
    """Derive the state of a procedure, unit procedure or operation from its children and its last command.

    `command` is the last command accepted for the element or one of its parents (None before its start). A parent is
    complete when every child is; it is stopped, aborted, held or paused only when no child can still be brought there
    by the same command, so a stopped batch never has a phase that is merely held.
    """
    states = tuple(children)
    if command is None:
        return S.IDLE
    if all(state is S.COMPLETE for state in states):
        return S.COMPLETE
    ended = FINAL | {S.IDLE}
    match command:
        case Command.ABORT:
            return S.ABORTED if ended.issuperset(states) else S.ABORTING
        case Command.STOP:
            return S.STOPPED if ended.issuperset(states) else S.STOPPING
        case Command.HOLD:
            return S.HELD if (ended | {S.HELD}).issuperset(states) else S.HOLDING
        case Command.PAUSE:
            return S.PAUSED if (ended | {S.HELD, S.PAUSED}).issuperset(states) else S.PAUSING
        case Command.RESET:
            return S.IDLE if all(state is S.IDLE for state in states) else S.RESETTING
        case Command.RESTART if any(state in {S.HELD, S.HOLDING, S.RESTARTING} for state in states):
            return S.RESTARTING
        case Command.RESUME if any(state in {S.PAUSED, S.PAUSING, S.RESUMING} for state in states):
            return S.RESUMING
        case _:
            return S.RUNNING
