"""What MES-Phase v1 demands of a PLC, written out from the contract for the one who checks it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from functools import cache

from mes.model.phase import PhaseCommand

C = PhaseCommand


class PlcState(IntEnum):
    """State of a slot by its number on the wire."""

    STOPPED = 2
    STARTING = 3
    IDLE = 4
    PAUSED = 5
    RUNNING = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    RESTARTING = 12
    PAUSING = 13
    RESUMING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


S = PlcState

LEADS_TO: Mapping[PlcState, Mapping[PhaseCommand, PlcState]] = {
    S.IDLE: {C.START: S.STARTING},
    S.STARTING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.RUNNING: {
        C.STOP: S.STOPPING,
        C.HOLD: S.HOLDING,
        C.PAUSE: S.PAUSING,
        C.ABORT: S.ABORTING,
        C.UPDATE: S.RUNNING,
    },
    S.PAUSING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.PAUSED: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.RESUME: S.RESUMING, C.ABORT: S.ABORTING},
    S.RESUMING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.HOLDING: {C.STOP: S.STOPPING, C.ABORT: S.ABORTING},
    S.HELD: {C.STOP: S.STOPPING, C.RESTART: S.RESTARTING, C.ABORT: S.ABORTING},
    S.RESTARTING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.STOPPING: {C.ABORT: S.ABORTING},
    S.ABORTING: {},
    S.COMPLETING: {},
    S.RESETTING: {},
    S.COMPLETE: {C.RESET: S.RESETTING},
    S.STOPPED: {C.RESET: S.RESETTING},
    S.ABORTED: {C.RESET: S.RESETTING},
}
"""Where a command leads; what is not named in a state is refused there with result 7."""

BY_ITSELF: Mapping[PlcState, tuple[PlcState, ...]] = {
    S.STARTING: (S.RUNNING, S.HOLDING),
    S.RESTARTING: (S.RUNNING, S.HOLDING),
    S.RESUMING: (S.RUNNING, S.HOLDING),
    S.RUNNING: (S.COMPLETING, S.HOLDING),
    S.COMPLETING: (S.COMPLETE,),
    S.RESETTING: (S.IDLE,),
    S.PAUSING: (S.PAUSED,),
    S.HOLDING: (S.HELD,),
    S.STOPPING: (S.STOPPED,),
    S.ABORTING: (S.ABORTED,),
}
"""States an acting state may end in without a command; to holding by an interlock or a failure."""

SETTLED = frozenset({S.IDLE, S.RUNNING, S.PAUSED, S.HELD, S.COMPLETE, S.STOPPED, S.ABORTED})
"""States in which a slot can be found for long, and can be brought to."""

COMING_TO_REST = frozenset({S.PAUSING, S.HOLDING, S.STOPPING, S.ABORTING})
"""Acting states that last until the unit is at rest; the others last one scan."""

FINAL = frozenset({S.COMPLETE, S.STOPPED, S.ABORTED})
BLOCKED_BY_INTERLOCK = frozenset({C.START, C.RESTART, C.RESUME})
UNKNOWN_COMMANDS = (0, 9, 10, 12, 65535)

MODE_AUTO, MODE_LOCAL, MODE_OFF, MODE_SOURCE_MES, MODE_INTERLOCKED = 1, 2, 4, 8, 16

ACCEPTED, ALREADY_RUNNING, WRONG_BOOT, OLD_EPOCH, BAD_VALUE = 1, 2, 3, 4, 5
ALREADY_EXECUTED, NOT_IN_THIS_STATE, INTERLOCK_OR_MODE, POWER_UP = 6, 7, 8, 9
RESULT_WORDS: Mapping[int, str] = {
    1: "accepted",
    2: "already running",
    3: "wrong boot",
    4: "old epoch",
    5: "bad execution or parameter",
    6: "already executed",
    7: "not in this state",
    8: "interlock or mode",
    9: "power-up",
}


def state_words(number: int) -> str:
    """Name a state number for people."""
    return f"{number} {PlcState(number).name.lower()}" if number in set(PlcState) else f"{number}, which is no state"


def command_words(number: int) -> str:
    """Name a command number for people."""
    return f"{number} {PhaseCommand(number).name.lower()}" if number in set(PhaseCommand) else f"{number} (unknown)"


def result_words(number: int) -> str:
    """Name an AckRes for people."""
    return f"{number} {RESULT_WORDS.get(number, '(unknown)')}"


def enabled_word(state: PlcState, mode: int) -> int:
    """Give the CmdEn word that belongs to a state and a mode word."""
    if not mode & MODE_SOURCE_MES:
        return 0
    interlocked = bool(mode & MODE_INTERLOCKED)
    commands = (one for one in LEADS_TO[state] if not (interlocked and one in BLOCKED_BY_INTERLOCK))
    return sum(1 << command for command in commands)


@cache
def reached(state: PlcState, steps: int, command: int = 0, silent: int = 0) -> frozenset[PlcState]:
    """Give the states in which a slot may be exactly `steps` changes after `state`.

    One `command` (or none, 0) may be taken on the way, and the comm-loss command `silent` (0: none) at any time.
    """
    if steps == 0:
        return frozenset({state})
    found: set[PlcState] = set()
    for after in BY_ITSELF.get(state, ()):
        found |= reached(after, steps - 1, command, silent)
    for given, left in ((command, 0), (silent, command)):
        taken = LEADS_TO[state].get(PhaseCommand(given)) if given in set(PhaseCommand) else None
        if taken is not None and taken is not state:
            found |= reached(taken, steps - 1, left, silent)
    return frozenset(found)


@cache
def next_command(state: PlcState, wanted: PlcState) -> PhaseCommand | None:
    """Give the first command on the shortest way between two settled states; None where no command leads on."""
    ways: dict[PlcState, PhaseCommand] = {}
    front = [state]
    while front:
        here = front.pop(0)
        for command, acting in LEADS_TO[here].items():
            after = rest_of(acting)
            if after in ways or after is state:
                continue
            ways[after] = ways.get(here, command)
            front.append(after)
    return ways.get(wanted)


def rest_of(acting: PlcState) -> PlcState:
    """Give the settled state in which an acting one ends when nothing goes wrong."""
    while acting not in SETTLED:
        acting = BY_ITSELF[acting][0]
    return acting
