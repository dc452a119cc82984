"""The phase interface MES-Phase v1 as values: status, command, acknowledgement. No wire here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from mes.model.states import Command, ProceduralState

S = ProceduralState

PLC_STATE: Mapping[int, ProceduralState] = {
    2: S.STOPPED,
    3: S.STARTING,
    4: S.IDLE,
    5: S.PAUSED,
    6: S.RUNNING,
    7: S.STOPPING,
    8: S.ABORTING,
    9: S.ABORTED,
    10: S.HOLDING,
    11: S.HELD,
    12: S.RESTARTING,
    13: S.PAUSING,
    14: S.RESUMING,
    15: S.RESETTING,
    16: S.COMPLETING,
    17: S.COMPLETE,
}
"""State numbers on the wire (PackML's); `1 << number` is the MTP (VDI/VDE/NAMUR 2658-4) code."""


class PhaseCommand(IntEnum):
    """Command numbers on the wire; `UPDATE` gives a running phase new parameters."""

    RESET = 1
    START = 2
    STOP = 3
    HOLD = 4
    RESTART = 5
    PAUSE = 6
    RESUME = 7
    ABORT = 8
    UPDATE = 11


COMMAND_NUMBER: Mapping[Command, PhaseCommand] = {
    Command.RESET: PhaseCommand.RESET,
    Command.START: PhaseCommand.START,
    Command.STOP: PhaseCommand.STOP,
    Command.HOLD: PhaseCommand.HOLD,
    Command.RESTART: PhaseCommand.RESTART,
    Command.PAUSE: PhaseCommand.PAUSE,
    Command.RESUME: PhaseCommand.RESUME,
    Command.ABORT: PhaseCommand.ABORT,
    Command.UPDATE: PhaseCommand.UPDATE,
}


class AckResult(IntEnum):
    """What the PLC answered to a command (`AckRes`); 1 and 2 are success."""

    ACCEPTED = 1
    ALREADY_RUNNING = 2
    WRONG_BOOT_ID = 3
    OLD_EPOCH = 4
    BAD_PARAMETER = 5
    ALREADY_EXECUTED = 6
    NOT_ALLOWED = 7
    INTERLOCKED = 8
    POWER_UP = 9


ACK_WORDS: Mapping[AckResult, str] = {
    AckResult.ACCEPTED: "accepted",
    AckResult.ALREADY_RUNNING: "already running this execution",
    AckResult.WRONG_BOOT_ID: "the PLC was restarted since the MES decided",
    AckResult.OLD_EPOCH: "a newer MES engine has taken over this PLC",
    AckResult.BAD_PARAMETER: "the execution id or a parameter is not valid",
    AckResult.ALREADY_EXECUTED: "this execution was already carried out",
    AckResult.NOT_ALLOWED: "the command is not allowed in the present state of the phase",
    AckResult.INTERLOCKED: "an interlock is up or the phase is not in automatic mode under the MES",
    AckResult.POWER_UP: "the PLC has just started and has evaluated no command yet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStatus:
    """The status block of one phase slot, read without a tear.

    `fresh` is False when the link is down, the PLC heart does not beat or the block is too old: then nothing may be
    decided on it, and `why` says the reason. `interlocks` and `failure` are names from the tag map.
    """

    state: ProceduralState
    state_changes: int = 0
    ack_seq: int = 0
    ack_result: int = 0
    commands_enabled: frozenset[PhaseCommand] = frozenset()
    automatic: bool = True
    source_mes: bool = True
    interlocks: tuple[str, ...] = ()
    step: int = 0
    step_name: str = ""
    fail_code: int = 0
    failure: str = ""
    quality_good: bool = True
    phase_number: int = 0
    active_exec: int = 0
    last_exec: int = 0
    fresh: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRequest:
    """One command to one phase slot as it is made durable before anything is written to the PLC.

    `seq`, `boot_id` and `epoch` are those under which it was decided; writing the same request twice is harmless.
    `parameters` are in the order of the map (Sp1..Sp16) and in the map's units.
    """

    plc: str
    slot: str
    command: PhaseCommand
    exec_id: int
    phase_number: int
    seq: int
    boot_id: int
    epoch: int
    parameters: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """How a request ended: the PLC's answer, or None with `why` when it is not known (time-out, lost link, restart).

    A time-out never means "not done": only the PLC's status tells.
    """

    seq: int
    result: AckResult | None
    why: str = ""
    parameters_in_force: tuple[float, ...] = field(default=())

    @property
    def accepted(self) -> bool:
        """True when the PLC does what was asked (or was already doing it)."""
        return self.result in (AckResult.ACCEPTED, AckResult.ALREADY_RUNNING)
