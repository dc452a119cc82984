"""What a slot does that is not in automatic under the MES, or is interlocked, when the check finds it so."""

from __future__ import annotations

from mes.model.phase import PhaseCommand
from mes.plc.conform.contract import INTERLOCK_OR_MODE, MODE_INTERLOCKED, MODE_SOURCE_MES, PlcState
from mes.plc.conform.scenes.asking import refused
from mes.plc.conform.station import Station

HOW = "for this, run the check once more with the slot "


async def as_found(station: Station) -> None:
    """Give starts to a slot that was found in local or with an interlock; remark what the check cannot bring about."""
    look = await station.look()
    if look.mode & MODE_SOURCE_MES:
        station.sheet.remark("MOD-02", HOW + "in local")
    else:
        await refused(station, "MOD-02", PlcState.IDLE, PhaseCommand.START, INTERLOCK_OR_MODE)
    if look.mode & MODE_INTERLOCKED and look.mode & MODE_SOURCE_MES:
        await refused(station, "ILK-01", PlcState.IDLE, PhaseCommand.START, INTERLOCK_OR_MODE)
        nan = tuple(float("nan") for _ in station.choice.parameters)
        says = "mode and interlock are judged before the parameters"
        if nan:
            await refused(
                station, "ILK-01", PlcState.IDLE, PhaseCommand.START, INTERLOCK_OR_MODE, contract=says, parameters=nan
            )
    else:
        station.sheet.remark("ILK-01", HOW + "held off by an interlock")
