"""Every command in every settled state, and every way between them."""

from __future__ import annotations

from mes.model.phase import PhaseCommand
from mes.plc.conform.contract import (
    BAD_VALUE,
    LEADS_TO,
    NOT_IN_THIS_STATE,
    SETTLED,
    UNKNOWN_COMMANDS,
    PlcState,
    state_words,
)
from mes.plc.conform.scenes.asking import refused
from mes.plc.conform.station import Station
from mes.plc.conform.trial import NotReached
from mes.plc.conform.ways import RACES, TABLE, bring, go

C, S = PhaseCommand, PlcState

WALKS: tuple[tuple[PhaseCommand, ...], ...] = (
    (C.START, C.PAUSE, C.RESUME, C.HOLD, C.RESTART, C.STOP, C.RESET),
    (C.START, C.PAUSE, C.HOLD, C.STOP, C.RESET),
    (C.START, C.PAUSE, C.STOP, C.RESET),
    (C.START, C.PAUSE, C.ABORT, C.RESET),
    (C.START, C.HOLD, C.ABORT, C.RESET),
    (C.START, C.ABORT, C.RESET),
)
"""Between them every command is given in every settled state that takes it."""


async def every_way(station: Station) -> None:
    """Walk every way between settled states."""
    for walk in WALKS:
        for attempt in range(RACES):
            if await _walked(station, walk):
                break
            if attempt == RACES - 1:
                words = ", ".join(command.name.lower() for command in walk)
                raise NotReached(f"the phase ends too soon for the way {words}")


async def _walked(station: Station, walk: tuple[PhaseCommand, ...]) -> bool:
    await bring(station, S.IDLE)
    station.needs_to_run()
    look = await station.look()
    for command in walk:
        if command not in LEADS_TO[PlcState(look.state)]:
            return False
        look, _ = await go(station, command)
        if look.state in SETTLED - {S.RUNNING}:
            look = await station.stays(for_s=station.plc.quiet_s)  # nothing leaves such a state without a command
    return True


async def in_idle(station: Station) -> None:
    """Refuse everything but start in idle."""
    await _table(station, S.IDLE, unknown=UNKNOWN_COMMANDS)


async def in_running(station: Station) -> None:
    """Refuse what running does not take."""
    await _table(station, S.RUNNING, unknown=UNKNOWN_COMMANDS)


async def in_paused(station: Station) -> None:
    """Refuse what paused does not take."""
    await _table(station, S.PAUSED)


async def in_held(station: Station) -> None:
    """Refuse what held does not take."""
    await _table(station, S.HELD)


async def in_stopped(station: Station) -> None:
    """Refuse what stopped does not take."""
    await _table(station, S.STOPPED)


async def in_aborted(station: Station) -> None:
    """Refuse what aborted does not take."""
    await _table(station, S.ABORTED)


async def in_complete(station: Station) -> None:
    """Refuse what complete does not take; the slot is complete already."""
    await _table(station, S.COMPLETE)


async def _table(station: Station, state: PlcState, *, unknown: tuple[int, ...] = UNKNOWN_COMMANDS[1:2]) -> None:
    for command in PhaseCommand:
        if command not in LEADS_TO[state]:
            await bring(station, state)
            exec_id = station.plc.next_exec() if command is C.START else (await station.latched()).active
            contract = f"{command.name.lower()} is not possible in {state_words(state)}: refused with 7"
            await refused(station, TABLE[state], state, command, NOT_IN_THIS_STATE, contract=contract, exec_id=exec_id)
    for number in unknown:
        await refused(station, "CMD-09", state, number, NOT_IN_THIS_STATE)


async def judged_in_order(station: Station) -> None:
    """Give commands with several faults while a phase runs: which one is told is laid down."""
    nan = tuple(float("nan") for _ in station.choice.parameters)
    says = "a start is judged: boot, epoch, execution, then the state"
    await refused(station, "ORD-03", S.RUNNING, C.START, BAD_VALUE, contract=says, exec_id=0)
    says = "the state is judged before phase class and parameters"
    await refused(station, "ORD-04", S.RUNNING, C.START, NOT_IN_THIS_STATE, contract=says, phase_number=0xFFFF)
    if nan:
        await refused(station, "ORD-04", S.RUNNING, C.START, NOT_IN_THIS_STATE, contract=says, parameters=nan)
        active = (await station.latched()).active
        for state in (S.PAUSED, S.HELD):
            await refused(
                station, "ORD-04", state, C.UPDATE, NOT_IN_THIS_STATE, contract=says, parameters=nan, exec_id=active
            )
