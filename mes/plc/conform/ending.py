"""The end of the check, however it comes: every slot idle, and nothing left in the command blocks that could act."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from mes.plc.conform.contract import PlcState
from mes.plc.conform.station import Station
from mes.plc.conform.trial import KEEPING_TMO_S, NotReached, PlcOnTrial, at_once
from mes.plc.conform.ways import bring
from mes.plc.port import PlcError, PlcPort


async def leave_safe(
    plc: PlcOnTrial, stations: Sequence[Station], mes_tmo: int, connect: Callable[[], Awaitable[PlcPort]]
) -> list[str]:
    """Bring every slot to idle, empty its command block but for the commit word, and put MesTmo back.

    Gives in words what could not be done; never raises for a PLC that does not answer.
    """
    notes = await _try_to_leave(plc, stations, mes_tmo)
    if notes:
        try:
            plc.port = await connect()
        except PlcError as error:
            return [*notes, f"the PLC could not be reached again: {error}"]
        notes = await _try_to_leave(plc, stations, mes_tmo)
    return notes


async def _try_to_leave(plc: PlcOnTrial, stations: Sequence[Station], mes_tmo: int) -> list[str]:
    plc.beating = True
    heart = asyncio.create_task(plc.beat())
    try:
        await plc.write_header(MesTmo=KEEPING_TMO_S)
        notes = [note for note in await at_once(_leave(station) for station in stations) if note]
    except PlcError as error:
        notes = [f"the slots may not be idle: {error}"]
    finally:
        heart.cancel()
        await asyncio.gather(heart, return_exceptions=True)
        await plc.leave(mes_tmo)
    return notes


async def _leave(station: Station) -> str:
    try:
        await bring(station, PlcState.IDLE)
        await station.stage(station.block(0, boot_id=0, epoch=0, phase_number=0, exec_id=0, parameters=(0.0,) * 16))
    except (NotReached, PlcError) as error:
        return f"{station.slot.name} is not left idle: {error}"
    return ""
