"""How the MES gives one command to a phase: the MES rule of MES-Phase v1, over any port.

An error or a time-out never means "not done". What happened is always judged by the status of the PLC, and writing the
same commit word again is harmless.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from mes.model.phase import Acknowledgement, AckResult, PhaseCommand, PhaseRequest
from mes.model.reading import Reading
from mes.plc.codec import single
from mes.plc.port import PlcError, PlcPort, PlcRefused
from mes.plc.status import good_number
from mes.plc.tagmap import Slot, TagMap, WireType

ACK_LIMIT_S = 2.0
"""Wall seconds that a PLC has for its acknowledgement, besides two of its scans."""

POLL_S = 0.005
ATTEMPTS = 3
WITH_PARAMETERS = frozenset({PhaseCommand.START, PhaseCommand.UPDATE})


async def carry_out(
    tag_map: TagMap, request: PhaseRequest, *, port: Callable[[], Awaitable[PlcPort]], tried: bool
) -> Acknowledgement:
    """Carry a durable request out and give the PLC's answer, or why it is not known.

    `port` gives a connection that is well, or raises `PlcError`. `tried` says that the request may have been written
    before: then the status of the PLC is read first.
    """
    why = ""
    for _ in range(ATTEMPTS):
        try:
            connection = await port()
        except PlcError as error:
            return Acknowledgement(seq=request.seq, result=None, why=_joined(why, str(error)))
        try:
            known = await judge(connection, tag_map, request) if tried else None
            tried = True
            return known or await commit(connection, tag_map, request)
        except PlcRefused as error:
            return Acknowledgement(seq=request.seq, result=None, why=str(error))
        except PlcError as error:
            why = str(error)
    return Acknowledgement(seq=request.seq, result=None, why=f"given up after {ATTEMPTS} attempts: {why}")


async def commit(port: PlcPort, tag_map: TagMap, request: PhaseRequest) -> Acknowledgement:
    """Stage the request, read it back, write the commit word alone and last, and wait for the answer.

    Raises `PlcError` when that fails at any point: the request may have been carried out all the same.
    """
    slot = tag_map.slots[request.slot]
    staged = _staged(slot, request)
    await port.write(staged)
    await _read_back(port, tag_map, staged)
    await port.write({slot.tag("CmdSeq"): request.seq})
    deadline_s = asyncio.get_running_loop().time() + ACK_LIMIT_S + 2 * tag_map.scan_ms / 1000
    while True:
        answer = await port.read((slot.tag("AckSeq"), slot.tag("AckRes")))
        ack_seq = good_number(answer, slot.tag("AckSeq"))
        if ack_seq == request.seq:
            break
        if asyncio.get_running_loop().time() > deadline_s:
            raise PlcError(
                f"{slot.name} has not acknowledged {request.command.name} number {request.seq} in time; "
                f"{slot.tag('AckSeq')} shows {ack_seq}"
            )
        await asyncio.sleep(POLL_S)
    return await _answer(port, slot, request, good_number(answer, slot.tag("AckRes")), deadline_s=deadline_s)


async def judge(port: PlcPort, tag_map: TagMap, request: PhaseRequest) -> Acknowledgement | None:
    """Read the status and tell what has become of a request that may have been written; None: nothing so far.

    Raises `PlcError` when the status cannot be read.
    """
    slot = tag_map.slots[request.slot]
    fields = ("AckSeq", "AckRes", "ActExec", "LastExec")
    boot_tag = tag_map.header("BootId")
    status = await port.read((boot_tag, *(slot.tag(field) for field in fields)))
    boot_id = good_number(status, boot_tag)
    ack_seq, result, active, last = (good_number(status, slot.tag(field)) for field in fields)
    deadline_s = asyncio.get_running_loop().time()
    if boot_id != request.boot_id:
        return Acknowledgement(
            seq=request.seq,
            result=None,
            why=f"{tag_map.name} was restarted (BootId {request.boot_id}, now {boot_id}): phase execution "
            f"{request.exec_id} was interrupted; look at the unit before going on",
        )
    if ack_seq == request.seq:
        return await _answer(port, slot, request, result, deadline_s=deadline_s)
    if request.command is PhaseCommand.START and active == request.exec_id:
        return await _answer(port, slot, request, AckResult.ALREADY_RUNNING, deadline_s=deadline_s)
    if request.command is PhaseCommand.START and last == request.exec_id:
        return Acknowledgement(seq=request.seq, result=AckResult.ACCEPTED, why="carried out, and ended since")
    return None


def _staged(slot: Slot, request: PhaseRequest) -> dict[str, float | int]:
    values: dict[str, float | int] = {
        "Cmd": int(request.command),
        "CmdBootId": request.boot_id,
        "CmdEpochLo": request.epoch & 0xFFFF,
        "ProcReq": request.phase_number,
        "CmdEpoch": request.epoch,
        "ExecId": request.exec_id,
    }
    if request.command in WITH_PARAMETERS:
        values.update({f"Sp{place}": value for place, value in enumerate(request.parameters, 1)})
    return {slot.tag(field): value for field, value in values.items()}


async def _read_back(port: PlcPort, tag_map: TagMap, staged: Mapping[str, float | int]) -> None:
    found = await port.read(tuple(staged))
    for tag, written in staged.items():
        expected = single(written) if tag_map.tags[tag].type is WireType.REAL else written
        if found[tag].value != expected:
            raise PlcError(f"{tag} shows {_shown(found[tag])} although {expected} was written and confirmed")


async def _answer(
    port: PlcPort, slot: Slot, request: PhaseRequest, result: int, *, deadline_s: float
) -> Acknowledgement:
    if result not in list(AckResult):
        return Acknowledgement(
            seq=request.seq, result=None, why=f"{slot.tag('AckRes')} = {result} is no answer of MES-Phase version 1"
        )
    answer = Acknowledgement(seq=request.seq, result=AckResult(result))
    if not answer.accepted or request.command not in WITH_PARAMETERS or not request.parameters:
        return answer
    tags = tuple(slot.tag(f"SpAct{place}") for place in range(1, len(request.parameters) + 1))
    while True:
        in_force = await port.read(tags)
        wrong = _differences(tags, in_force, request.parameters)
        values = tuple(float(in_force[tag].value or 0.0) for tag in tags)
        if not wrong:
            return Acknowledgement(seq=request.seq, result=AckResult(result), parameters_in_force=values)
        if asyncio.get_running_loop().time() > deadline_s:
            return Acknowledgement(
                seq=request.seq,
                result=None,
                why=f"{slot.name} accepted {request.command.name} with other parameters: {', '.join(wrong)}",
                parameters_in_force=values,
            )
        await asyncio.sleep(POLL_S)


def _differences(tags: Sequence[str], in_force: Mapping[str, Reading], asked: Sequence[float]) -> list[str]:
    return [
        f"{tag} is {_shown(in_force[tag])} instead of {value:g}"
        for tag, value in zip(tags, asked, strict=True)
        if in_force[tag].value != single(value)
    ]


def _shown(reading: Reading) -> str:
    return reading.why if reading.value is None else str(reading.value)


def _joined(before: str, now: str) -> str:
    return f"{before}; then {now}" if before and before != now else now
