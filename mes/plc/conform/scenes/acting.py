"""Commands that meet an acting state, where it lasts long enough to be met."""

from __future__ import annotations

from mes.model.phase import PhaseCommand
from mes.plc.conform.answers import Answer
from mes.plc.conform.contract import ACCEPTED, LEADS_TO, NOT_IN_THIS_STATE, PlcState, rest_of, result_words, state_words
from mes.plc.conform.station import Station
from mes.plc.conform.trial import NotReached
from mes.plc.conform.ways import bring

C, S = PhaseCommand, PlcState

INTO: tuple[tuple[PhaseCommand, PlcState], ...] = (
    (C.PAUSE, S.PAUSING),
    (C.HOLD, S.HOLDING),
    (C.STOP, S.STOPPING),
    (C.ABORT, S.ABORTING),
    (C.START, S.STARTING),
)
"""Acting states and the command that leads into them."""

BEGINS: dict[PhaseCommand, PlcState] = {C.START: S.IDLE}


async def in_acting(station: Station) -> None:
    """Give every command in every acting state that can be met, and note those that cannot."""
    missed: list[PlcState] = []
    for into, acting in INTO:
        met = await _not_taken(station, into, acting)
        if met:
            for command in LEADS_TO[acting]:
                met = await _taken(station, into, acting, command) or met
        if not met:
            missed.append(acting)
    if missed:
        names = ", ".join(state.name.lower() for state in missed)
        station.sheet.remark("CMD-08", f"over before a command could meet it: {names}")
    station.sheet.remark("CMD-08", "not tried: restarting, resuming, resetting and completing last one scan")


async def _enter(station: Station, into: PhaseCommand) -> Answer | None:
    await bring(station, BEGINS.get(into, S.RUNNING))
    answer = await station.commit(station.block(into))
    return answer if answer.result == ACCEPTED else None


async def _not_taken(station: Station, into: PhaseCommand, acting: PlcState) -> bool:
    """Give the commands that the acting state refuses, entering it as often as needed; True when all met it."""
    commands = [command for command in PhaseCommand if command not in LEADS_TO[acting]]
    left = len(commands) + 1
    while 0 < len(commands) < left:
        left = len(commands)
        entered = await _enter(station, into)
        while entered is not None and commands and await _one_not_taken(station, acting, commands[-1]):
            commands.pop()
        await station.settles()
    return not commands


async def _one_not_taken(station: Station, acting: PlcState, command: PhaseCommand) -> bool:
    """Give a command that the acting state refuses; True when it met it."""
    if (await station.look()).state != acting:
        return False
    exec_id = station.plc.next_exec() if command is C.START else (await station.latched()).active
    answer = await station.commit(station.block(command, exec_id=exec_id))
    if answer.before.state != acting or (answer.steps and answer.result != ACCEPTED):
        return False
    holds = answer.result == NOT_IN_THIS_STATE
    if not holds and command in LEADS_TO[rest_of(acting)]:
        return False  # it may have met the state that follows
    says = f"{command.name.lower()} is not possible in {state_words(acting)}: refused with 7"
    station.sheet.expect("CMD-08", holds, seen=answer.seen, contract=says, **answer.situation())
    return True


async def _taken(station: Station, into: PhaseCommand, acting: PlcState, command: PhaseCommand) -> bool:
    """Give one command that the acting state takes; True when it met it."""
    entered = await _enter(station, into)
    if entered is None or entered.after.state != acting:
        await station.settles()
        return False
    answer = await station.commit(station.block(command))
    if answer.before.state != acting or answer.steps > 1:
        await station.settles()
        return False
    target = LEADS_TO[acting][command]
    says = f"{command.name.lower()} in {state_words(acting)} leads to {state_words(target)}"
    if answer.steps == 0:
        seen = f"refused with {result_words(answer.result)}: {answer.seen}"
        station.sheet.expect("CMD-08", False, seen=seen, contract=says, **answer.situation())
    elif answer.result == ACCEPTED:
        holds = answer.after.state == target
        station.sheet.expect("CMD-08", holds, seen=answer.seen, contract=says, **answer.situation())
    try:
        await station.settles()
    except NotReached as error:
        station.sheet.expect("CMD-08", False, seen=str(error), contract=says, **answer.situation())
        raise
    return True
