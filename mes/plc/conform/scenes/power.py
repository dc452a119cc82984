"""A restart of the PLC: what it forgets, what it keeps, and what it must not do again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mes.model.phase import PhaseCommand
from mes.plc.conform.contract import ALREADY_EXECUTED, POWER_UP, WRONG_BOOT, PlcState, result_words
from mes.plc.conform.scenes.asking import refused
from mes.plc.conform.station import Station
from mes.plc.conform.trial import KEEPING_TMO_S, NotReached, PlcOnTrial
from mes.plc.conform.ways import bring
from mes.plc.port import PlcError, PlcPort
from mes.plc.status import good_number

C, S = PhaseCommand, PlcState
Restart = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    last_exec: int


async def restarted(
    plc: PlcOnTrial, stations: Sequence[Station], restart: Restart, reconnect: Callable[[], Awaitable[PlcPort]]
) -> None:
    """Have the PLC restarted with a start left over in every command block, and look at what it makes of it."""
    before: list[_Before] = []
    for station in stations:
        await bring(station, S.IDLE)
        await station.commit(station.block(C.START, exec_id=0))
        await station.stage(station.block(C.START))
        before.append(_Before(last_exec=(await station.latched()).last))
    old_boot = plc.boot_id
    plc.beating = False
    await plc.port.close()
    await restart()
    plc.port = await _back(plc, old_boot, reconnect)
    boot_id = (await plc.header("BootId"))["BootId"]
    seen = f"BootId {old_boot} before, {boot_id} now"
    says = "BootId is never 0, and another one after every start"
    plc.sheet.expect("PWR-01", boot_id not in (0, old_boot), seen=seen, contract=says)
    plc.boot_id = boot_id
    for station, was in zip(stations, before, strict=True):
        await _came_up(station, was)
    plc.beating = True
    await plc.write_header(MesTmo=KEEPING_TMO_S)
    for station, was in zip(stations, before, strict=True):
        await refused(station, "PWR-05", S.IDLE, C.START, WRONG_BOOT, boot_id=old_boot)
        if was.last_exec:
            await refused(station, "PWR-04", S.IDLE, C.START, ALREADY_EXECUTED, exec_id=was.last_exec)


async def _back(plc: PlcOnTrial, old_boot: int, reconnect: Callable[[], Awaitable[PlcPort]]) -> PlcPort:
    """Connect until the PLC is back with another BootId, or until the time is over."""
    end_s = plc.now_s() + plc.limits.back_s
    why = "it was not tried"
    port: PlcPort | None = None
    while plc.now_s() < end_s:
        try:
            port = port or await reconnect()
            tag = plc.tag_map.header("BootId")
            boot_id = good_number(await port.read((tag,)), tag)
            if boot_id != old_boot:
                return port
            why = f"BootId is still {boot_id}"
        except PlcError as error:
            why = str(error)
            if port is not None:
                await port.close()
            port = None
        await asyncio.sleep(0.1)
    if port is not None:
        plc.sheet.expect("PWR-01", False, seen=why, contract="another BootId after every start")
        return port
    raise NotReached(f"the PLC was not back after {plc.limits.back_s:g} s: {why}")


async def _came_up(station: Station, was: _Before) -> None:
    station.continuity.forget()
    look = await station.stays(for_s=station.plc.quiet_s)
    latched = await station.latched()
    tag = station.slot.tag("CmdSeq")
    seq = good_number(await station.plc.read((tag,)), tag)
    seen = f"{look}, CmdSeq {seq}, AckSeq {look.ack_seq}, AckRes {result_words(look.ack_result)}, {latched}"
    if seq == 0:
        station.sheet.remark("PWR-02", "the PLC does not keep its command words: none was left over")
    else:
        adopted = look.ack_seq == seq and look.ack_result == POWER_UP
        says = "at the first scan CmdSeq is taken as evaluated (AckRes 9); a command left over is never replayed"
        station.sheet.expect("PWR-02", adopted, written=f"CmdSeq {seq} before the restart", seen=seen, contract=says)
    idle = look.state == S.IDLE and latched.active == 0
    station.sheet.expect("PWR-03", idle, seen=seen, contract="a slot is idle after a start of the PLC")
    if was.last_exec:
        kept = latched.last == was.last_exec
        says = f"LastExec {was.last_exec} is kept over a restart of the PLC"
        station.sheet.expect("PWR-04", kept, seen=seen, contract=says)
    else:
        station.sheet.remark("PWR-04", "no phase of this slot came to run, so there was no LastExec to keep")
