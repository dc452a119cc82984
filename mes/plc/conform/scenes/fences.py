"""What keeps old and repeated commands out: commit word, boot, and the identity of an execution."""

from __future__ import annotations

from mes.model.phase import PhaseCommand
from mes.plc.conform.contract import (
    ALREADY_EXECUTED,
    ALREADY_RUNNING,
    BAD_VALUE,
    NOT_IN_THIS_STATE,
    OLD_EPOCH,
    WRONG_BOOT,
    PlcState,
)
from mes.plc.conform.scenes.asking import does_nothing, refused
from mes.plc.conform.station import Station
from mes.plc.conform.trial import NotReached
from mes.plc.conform.ways import bring

C, S = PhaseCommand, PlcState


async def wrong_boot(station: Station) -> None:
    """Give starts for other boots, in idle and while a phase runs."""
    boot_id = station.plc.boot_id
    for other in {0, boot_id % 0xFFFF + 1, boot_id ^ 0x8000} - {boot_id}:
        await refused(station, "BOO-01", S.IDLE, C.START, WRONG_BOOT, boot_id=other)
    other = boot_id % 0xFFFF + 1
    old = station.plc.epoch - 1
    says = "the boot is judged first"
    await refused(station, "ORD-01", S.IDLE, C.START, WRONG_BOOT, contract=says, boot_id=other, epoch=old)
    await refused(station, "ORD-01", S.IDLE, C.START, WRONG_BOOT, contract=says, boot_id=other, exec_id=0)
    await refused(station, "ORD-01", S.IDLE, C.HOLD, WRONG_BOOT, contract=says, boot_id=other)
    if station.runs:
        await refused(station, "BOO-01", S.RUNNING, C.STOP, WRONG_BOOT, boot_id=other)


async def commit_words(station: Station) -> None:
    """Write commit words that are no new command."""
    await bring(station, S.IDLE)
    await station.commit(station.block(C.HOLD))
    await _repeated(station, C.START)
    await bring(station, S.RUNNING)
    await _repeated(station, C.PAUSE)


async def _repeated(station: Station, command: PhaseCommand) -> None:
    last = (await station.look()).ack_seq
    says = "act only when CmdSeq is not 0 and differs from the last one evaluated"
    await does_nothing(station, "SEQ-01", command, last, contract=says)
    await does_nothing(station, "SEQ-02", command, 0, contract=says)
    await does_nothing(station, "SEQ-03", command, last, contract=says)


async def round_the_end(station: Station) -> None:
    """Give commands under the last commit word, the first one, and words out of order."""
    await bring(station, S.IDLE)
    for seq in (0xFFFF, 1, 0x8000, 0x7FFF, 2):
        if (await station.look()).ack_seq == seq:
            continue
        says = "any word that is not 0 and not the last one evaluated is a new command"
        try:
            answer = await station.commit(station.block(C.HOLD), seq=seq)
        except NotReached as error:
            station.sheet.expect("SEQ-04", False, state="idle", written=f"CmdSeq {seq}", seen=str(error), contract=says)
            raise
        seen = answer.seen
        words = answer.situation()
        station.sheet.expect("SEQ-04", answer.result == NOT_IN_THIS_STATE, seen=seen, contract=says, **words)


async def executions(station: Station) -> None:
    """Start nothing, start the same again in every state it can be in, and start what is over."""
    await refused(station, "EXE-01", S.IDLE, C.START, BAD_VALUE, exec_id=0)
    unknown = next(number for number in range(0xFFFF, 0, -1) if number not in station.slot.phases)
    for number in () if station.blocked else (0, unknown):
        await refused(station, "EXE-06", S.IDLE, C.START, BAD_VALUE, phase_number=number)
    station.needs_to_run()
    for state in (S.RUNNING, S.PAUSED, S.HELD, S.STOPPED):
        await _the_same_again(station, state)
    await bring(station, S.IDLE)
    last = (await station.latched()).last
    await refused(station, "EXE-03", S.IDLE, C.START, ALREADY_EXECUTED, exec_id=last)
    if station.choice.parameters:
        nan = tuple(float("nan") for _ in station.choice.parameters)
        says = "the execution of a start is judged before its parameters"
        await refused(station, "EXE-03", S.IDLE, C.START, ALREADY_EXECUTED, contract=says, exec_id=last, parameters=nan)
    await bring(station, S.RUNNING)
    other = station.plc.next_exec()
    await refused(station, "EXE-05", S.RUNNING, C.UPDATE, BAD_VALUE, exec_id=other)
    await refused(station, "EXE-05", S.RUNNING, C.UPDATE, BAD_VALUE, exec_id=0)


async def _the_same_again(station: Station, state: PlcState) -> None:
    await bring(station, state)
    active = (await station.latched()).active
    before = await station.look()
    answer = await station.commit(station.block(C.START, exec_id=active))
    says = "a start for the execution that the slot has is answered with 2; nothing changes"
    held = answer.result == ALREADY_RUNNING and answer.after_latched == answer.before_latched
    if before.state == state and not answer.raced:
        held = held and answer.steps == 0
    station.sheet.expect("EXE-02", held, seen=answer.seen, contract=says, **answer.situation())


async def older_words(station: Station) -> None:
    """Give commands whose epoch words disagree, or that are of an older epoch."""
    epoch = station.plc.epoch
    await refused(station, "EPO-02", S.IDLE, C.START, OLD_EPOCH, epoch_low=(epoch + 1) & 0xFFFF)
    await refused(station, "EPO-02", S.IDLE, C.START, OLD_EPOCH, epoch=epoch + 1, epoch_low=epoch & 0xFFFF)
    await refused(station, "EPO-02", S.IDLE, C.START, OLD_EPOCH, epoch=epoch + 0x10000, epoch_low=(epoch + 1) & 0xFFFF)
    await refused(station, "EPO-01", S.IDLE, C.START, OLD_EPOCH, epoch=epoch - 1)
    says = "the epoch is judged before the execution and the state"
    await refused(station, "ORD-02", S.IDLE, C.START, OLD_EPOCH, contract=says, epoch=epoch - 1, exec_id=0)
    await refused(station, "ORD-02", S.IDLE, C.HOLD, OLD_EPOCH, contract=says, epoch=epoch - 1)
    if station.runs:
        await refused(station, "EPO-01", S.RUNNING, C.HOLD, OLD_EPOCH, epoch=epoch - 1)
