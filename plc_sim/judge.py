"""How the PLC judges one committed command: the acknowledge result, before anything is done."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from plc_sim.codec import to_single
from plc_sim.states import BLOCKED_BY_INTERLOCK, COMMANDED, PhaseCommand, PhaseState
from plc_sim.tagmap import SP, PhaseClass


class Ack(IntEnum):
    """AckRes: what became of the last command evaluated."""

    NONE = 0
    ACCEPTED = 1
    ALREADY_RUNNING = 2
    WRONG_BOOT = 3
    OLD_EPOCH = 4
    BAD_EXEC_OR_PARAMETER = 5
    ALREADY_EXECUTED = 6
    NOT_IN_THIS_STATE = 7
    INTERLOCK_OR_MODE = 8
    POWER_UP = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBlock:
    """The command block of a slot as latched at scan start."""

    command: int
    boot_id: int
    epoch_low: int
    phase_number: int
    epoch: int
    exec_id: int
    parameters: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the PLC knows when it judges a command.

    `is_source`: the mode lets the sender command the slot. `phase`: the class that runs or, for a start, the one asked
    for.
    """

    boot_id: int
    epoch: int
    state: PhaseState
    act_exec: int
    last_exec: int
    interlocked: bool
    is_source: bool
    phase: PhaseClass | None
    check: Callable[[PhaseClass, dict[str, float]], bool]


def read_block(slot_name: str, latched: Callable[[str], float]) -> CommandBlock:
    """Take the command block of a slot from the latched tags."""
    return CommandBlock(
        command=int(latched(f"{slot_name}.Cmd")),
        boot_id=int(latched(f"{slot_name}.CmdBootId")),
        epoch_low=int(latched(f"{slot_name}.CmdEpochLo")),
        phase_number=int(latched(f"{slot_name}.ProcReq")),
        epoch=int(latched(f"{slot_name}.CmdEpoch")),
        exec_id=int(latched(f"{slot_name}.ExecId")),
        parameters=tuple(latched(f"{slot_name}.{sp}") for sp in SP),
    )


def epoch_holds(block: CommandBlock, highest: int) -> bool:
    """Say whether both words of the epoch agree and it is not older than the highest one seen."""
    return block.epoch & 0xFFFF == block.epoch_low and block.epoch >= highest


def named_parameters(phase: PhaseClass, values: Sequence[float]) -> dict[str, float]:
    """Give the parameters of a phase by name, from Sp1 on."""
    return {parameter.name: values[i] for i, parameter in enumerate(phase.parameters)}


def judge(block: CommandBlock, situation: Situation) -> Ack:
    """Judge a command in the order of the PLC rule: boot, epoch, execution, state, mode and interlock, parameters."""
    if block.boot_id != situation.boot_id:
        return Ack.WRONG_BOOT
    if not epoch_holds(block, situation.epoch):
        return Ack.OLD_EPOCH
    if block.command == PhaseCommand.START:
        refusal = _judge_execution(block, situation)
        if refusal is not None:
            return refusal
    return judge_local(block, situation)


def judge_local(block: CommandBlock, situation: Situation) -> Ack:
    """Judge a command without its sender: state, mode and interlock, parameters. All there is to one from the panel."""
    try:
        command = PhaseCommand(block.command)
    except ValueError:
        return Ack.NOT_IN_THIS_STATE
    if command not in COMMANDED[situation.state]:
        return Ack.NOT_IN_THIS_STATE
    if not situation.is_source or (situation.interlocked and command in BLOCKED_BY_INTERLOCK):
        return Ack.INTERLOCK_OR_MODE
    if command is PhaseCommand.UPDATE and block.exec_id != situation.act_exec:
        return Ack.BAD_EXEC_OR_PARAMETER
    if command in (PhaseCommand.START, PhaseCommand.UPDATE) and not _parameters_fit(block, situation):
        return Ack.BAD_EXEC_OR_PARAMETER
    return Ack.ACCEPTED


def _judge_execution(block: CommandBlock, situation: Situation) -> Ack | None:
    if block.exec_id == 0:
        return Ack.BAD_EXEC_OR_PARAMETER
    if block.exec_id == situation.act_exec and situation.state is not PhaseState.IDLE:
        return Ack.ALREADY_RUNNING
    if block.exec_id == situation.last_exec:
        return Ack.ALREADY_EXECUTED
    return None


def _parameters_fit(block: CommandBlock, situation: Situation) -> bool:
    phase = situation.phase
    if phase is None:
        return False
    for parameter, value in zip(phase.parameters, block.parameters, strict=False):
        # Limits are REAL constants in a PLC: 0.7 written by the MES is compared with the same rounding of 0.7.
        if not math.isfinite(value) or not to_single(parameter.min) <= value <= to_single(parameter.max):
            return False
    return situation.check(phase, named_parameters(phase, block.parameters))
