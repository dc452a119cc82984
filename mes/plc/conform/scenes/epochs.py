"""The epoch, which is one memory for all slots of a PLC: played with one slot after the other."""

from __future__ import annotations

from collections.abc import Sequence

from mes.model.phase import PhaseCommand
from mes.plc.conform.contract import ACCEPTED, NOT_IN_THIS_STATE, OLD_EPOCH, WRONG_BOOT, PlcState
from mes.plc.conform.scenes.asking import refused
from mes.plc.conform.station import Station
from mes.plc.conform.trial import NotReached, PlcOnTrial
from mes.plc.conform.ways import bring

C, S = PhaseCommand, PlcState


async def find_epoch(station: Station, written: int) -> None:
    """Find an epoch that the PLC takes, from the one last written upwards.

    A PLC does not show the highest epoch it has seen. Raises `NotReached` when it takes none.
    """
    plc = station.plc
    plc.epoch = max(2, written + 1)
    while True:
        answer = await station.commit(station.block(C.HOLD))
        if answer.result != OLD_EPOCH:
            return
        if plc.epoch > 0x7FFF_FFFF:
            raise NotReached("the PLC takes no epoch at all")
        plc.epoch *= 2


async def raised(plc: PlcOnTrial, stations: Sequence[Station]) -> None:
    """Raise the epoch on each slot in turn and see that every slot knows it."""
    for place, station in enumerate(stations):
        await _not_raised(plc, station)
        old = plc.epoch
        plc.epoch += 1
        says = "a refused command of a newer epoch is remembered, too"
        await refused(
            station, "EPO-05", S.IDLE, C.HOLD, NOT_IN_THIS_STATE, contract="the epoch is newer, so it is judged on"
        )
        await refused(station, "EPO-05", S.IDLE, C.START, OLD_EPOCH, contract=says, epoch=old)
        if len(stations) > 1:
            other = stations[(place + 1) % len(stations)]
            await refused(other, "EPO-04", S.IDLE, C.START, OLD_EPOCH, epoch=old)
        else:
            station.sheet.remark("EPO-04", "one slot only was tried")
        await bring(station, S.IDLE)
        await _taken(plc, station)


async def _not_raised(plc: PlcOnTrial, station: Station) -> None:
    """A wrong boot, or words that disagree, with a newer epoch: the present one is good afterwards."""
    newer = plc.epoch + 5
    await refused(station, "EPO-06", S.IDLE, C.HOLD, WRONG_BOOT, epoch=newer, boot_id=plc.boot_id % 0xFFFF + 1)
    await refused(station, "EPO-06", S.IDLE, C.HOLD, OLD_EPOCH, epoch=newer, epoch_low=(newer + 1) & 0xFFFF)
    says = "what was refused with 3 or 4 does not raise the epoch"
    answer = await refused(station, "EPO-06", S.IDLE, C.HOLD, NOT_IN_THIS_STATE, contract=says)
    if answer.result == OLD_EPOCH:
        plc.epoch = newer


async def _taken(plc: PlcOnTrial, station: Station) -> None:
    """A newer epoch with a command that is legal: it is done."""
    if not station.runs:
        station.sheet.remark("EPO-03", station.why_not)
        return
    plc.epoch += 1
    answer = await station.commit(station.block(C.START))
    says = "a newer epoch than any before is good"
    station.sheet.expect("EPO-03", answer.result == ACCEPTED, seen=answer.seen, contract=says, **answer.situation())
    await bring(station, S.IDLE)


async def over_16_bits(plc: PlcOnTrial, station: Station) -> None:
    """Take the epoch over 65535: the low word becomes smaller, and the epoch is newer all the same."""
    plc.epoch = (plc.epoch | 0xFFFF) - 1
    await refused(
        station, "EPO-07", S.IDLE, C.HOLD, NOT_IN_THIS_STATE, sheet=plc.sheet, contract="a newer epoch is judged on"
    )
    old = plc.epoch
    plc.epoch = (old | 0xFFFF) + 1
    says = "epochs are 32 bits: a low word that is smaller does not make an epoch older"
    await refused(station, "EPO-07", S.IDLE, C.HOLD, NOT_IN_THIS_STATE, sheet=plc.sheet, contract=says)
    await refused(station, "EPO-07", S.IDLE, C.HOLD, OLD_EPOCH, sheet=plc.sheet, contract=says, epoch=old)
