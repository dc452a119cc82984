"""Finding out which phase of a slot can be run at all, and with which parameters."""

from __future__ import annotations

from collections.abc import Sequence

from mes.model.equipment import EquipmentPhase
from mes.model.phase import PhaseCommand
from mes.plc.conform.block import parameter_sets
from mes.plc.conform.contract import (
    ACCEPTED,
    BAD_VALUE,
    FINAL,
    INTERLOCK_OR_MODE,
    MODE_INTERLOCKED,
    MODE_SOURCE_MES,
    PlcState,
    result_words,
    state_words,
)
from mes.plc.conform.look import Look
from mes.plc.conform.station import Choice, Station
from mes.plc.conform.trial import NotReached
from mes.plc.conform.ways import bring

WAITING = frozenset({PlcState.PAUSED, PlcState.HELD, *FINAL})


async def choose(station: Station, phases: Sequence[EquipmentPhase]) -> None:
    """Find a phase that stays running, note on the station what was found, and leave the slot idle.

    A phase that runs and ends too soon is taken when there is no better one.
    """
    tried: list[str] = []
    look = await station.look()
    if not look.mode & MODE_SOURCE_MES or look.mode & MODE_INTERLOCKED:
        station.blocked = station.why_not = _why_blocked(station, look)
        return
    brief: Choice | None = None
    for phase in phases:
        for parameters in parameter_sets(phase, short=False):
            station.choice = Choice(phase=phase, parameters=parameters)
            verdict, lasting = await _try(station, phase)
            if verdict == "":
                brief = brief or station.choice
                if lasting:
                    station.why_not = ""
                    return
                verdict = "it ends too soon"
            tried.append(f"{phase.phase_class}: {verdict}")
            if not verdict.startswith("its parameters"):
                break
    if brief is not None:
        station.choice, station.why_not = brief, ""
        return
    station.choice = Choice(phase=phases[0], parameters=parameter_sets(phases[0], short=False)[0])
    station.why_not = "no phase of this slot came to run: " + "; ".join(dict.fromkeys(tried))


async def _try(station: Station, phase: EquipmentPhase) -> tuple[str, bool]:
    """Start the chosen phase and see how far it comes; gives what is wrong ("" when it ran) and whether it lasts."""
    await bring(station, PlcState.IDLE)
    answer = await station.commit(station.block(PhaseCommand.START))
    if answer.result == BAD_VALUE:
        return "its parameters are refused with 5", False
    if answer.result == INTERLOCK_OR_MODE:
        return _why_blocked(station, answer.after), False
    if answer.result != ACCEPTED:
        return f"its start is refused with {result_words(answer.result)}", False
    await station.left_alone(answer.block, answer.seq)
    look = await station.settles(limit_s=station.plc.ack_limit_s)
    ran = look.state == PlcState.RUNNING
    if ran:
        look = await station.stays(for_s=station.plc.limits.lasting_s)
    lasting = look.state == PlcState.RUNNING
    failed = look.state in {PlcState.HOLDING, PlcState.HELD}
    why = ""
    if failed:
        failure = station.slot.failures.get(look.fail_code)
        why = f"it fails with {look.fail_code} {failure.name if failure else ''}".rstrip()
        if not look.fail_code:
            why = f"it is held off: {station.interlocks(look)}"
    elif not ran and look.state not in WAITING:
        why = f"it goes to {state_words(look.state)}"
    await bring(station, PlcState.IDLE)
    return why, lasting


def _why_blocked(station: Station, look: Look) -> str:
    if not look.mode & MODE_SOURCE_MES:
        return f"the MES is not the source of commands (Mode {look.mode:#04x})"
    return f"starts are held off by {station.interlocks(look)}"


async def completes(station: Station, phases: Sequence[EquipmentPhase]) -> Look:
    """Bring the slot to complete with whichever phase does complete; raises `NotReached` that names what was tried."""
    station.needs_to_run()
    tried: list[str] = []
    lasting, clock = station.choice, station.plc.now_s
    deadline_s = clock() + 2 * station.plc.limits.complete_s
    try:
        for phase in phases:
            for parameters in parameter_sets(phase, short=True):
                station.choice = Choice(phase=phase, parameters=parameters)
                try:
                    return await bring(station, PlcState.COMPLETE)
                except NotReached as error:
                    tried.append(f"{phase.phase_class}: {error}")
                    await bring(station, PlcState.IDLE)
                if clock() > deadline_s:
                    break
    finally:
        station.choice = lasting
    raise NotReached("no phase of this slot completed: " + "; ".join(dict.fromkeys(tried)))
