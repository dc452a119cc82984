"""State table of the PLC side of MES-Phase v1, written out and kept apart from any other such table."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum


class PhaseState(IntEnum):
    """State of an equipment phase by its number on the wire."""

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


class PhaseCommand(IntEnum):
    """Command to an equipment phase by its number on the wire."""

    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    RESTART = 5
    PAUSE = 6
    RESUME = 7
    ABORT = 8
    UPDATE = 11


S, C = PhaseState, PhaseCommand

COMMANDED: Mapping[PhaseState, Mapping[PhaseCommand, PhaseState]] = {
    S.IDLE: {C.START: S.STARTING},
    S.STARTING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.RUNNING: {
        C.STOP: S.STOPPING,
        C.HOLD: S.HOLDING,
        C.PAUSE: S.PAUSING,
        C.ABORT: S.ABORTING,
        C.UPDATE: S.RUNNING,
    },
    S.COMPLETING: {},
    S.COMPLETE: {C.RESET: S.RESETTING},
    S.PAUSING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.PAUSED: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.RESUME: S.RESUMING, C.ABORT: S.ABORTING},
    S.RESUMING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.HOLDING: {C.STOP: S.STOPPING, C.ABORT: S.ABORTING},
    S.HELD: {C.STOP: S.STOPPING, C.RESTART: S.RESTARTING, C.ABORT: S.ABORTING},
    S.RESTARTING: {C.STOP: S.STOPPING, C.HOLD: S.HOLDING, C.ABORT: S.ABORTING},
    S.STOPPING: {C.ABORT: S.ABORTING},
    S.STOPPED: {C.RESET: S.RESETTING},
    S.ABORTING: {},
    S.ABORTED: {C.RESET: S.RESETTING},
    S.RESETTING: {},
}
"""State that a command leads to; a command that is not named in a state is refused there."""

FOLLOWING: Mapping[PhaseState, PhaseState] = {
    S.STARTING: S.RUNNING,
    S.RESTARTING: S.RUNNING,
    S.RESUMING: S.RUNNING,
    S.COMPLETING: S.COMPLETE,
    S.RESETTING: S.IDLE,
    S.PAUSING: S.PAUSED,
    S.HOLDING: S.HELD,
    S.STOPPING: S.STOPPED,
    S.ABORTING: S.ABORTED,
}
"""State that an acting state ends in by itself."""

COMING_TO_REST = frozenset({S.PAUSING, S.HOLDING, S.STOPPING, S.ABORTING})
"""Acting states that end when the unit is at rest; the others end after one scan."""

TRIPPED_BY_INTERLOCK = frozenset({S.STARTING, S.RUNNING, S.RESUMING, S.RESTARTING})
"""States in which an interlock brings the phase to holding."""

BLOCKED_BY_INTERLOCK = frozenset({C.START, C.RESTART, C.RESUME})
"""Commands that an interlock forbids: those that set equipment going."""


def enabled(state: PhaseState, *, interlocked: bool, mes_is_source: bool) -> int:
    """Give the CmdEn word: bit n is set when command n is allowed now."""
    if not mes_is_source:
        return 0
    word = 0
    for command in COMMANDED[state]:
        if not (interlocked and command in BLOCKED_BY_INTERLOCK):
            word |= 1 << command
    return word
