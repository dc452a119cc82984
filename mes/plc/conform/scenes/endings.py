"""What stands when a phase has ended, and what a reset clears."""

from __future__ import annotations

from collections.abc import Sequence

from mes.model.equipment import EquipmentPhase
from mes.model.phase import PhaseCommand
from mes.model.reading import Reading
from mes.plc.codec import single
from mes.plc.conform.contract import ALREADY_RUNNING, PlcState, state_words
from mes.plc.conform.look import REPORTED
from mes.plc.conform.scenes.choosing import completes
from mes.plc.conform.scenes.commands import in_complete
from mes.plc.conform.station import Station
from mes.plc.conform.ways import bring, go

C, S = PhaseCommand, PlcState


async def after_complete(station: Station, phases: Sequence[EquipmentPhase]) -> None:
    """Let a phase complete; its reports stand, it takes reset only, and the reset clears it."""
    look = await completes(station, phases)
    await _reports_stand(station, station.slot.phases[look.phase_number], within_range=True)
    await in_complete(station)
    active = (await station.latched()).active
    answer = await station.commit(station.block(C.START, exec_id=active))
    says = "a start for the execution that the slot has is answered with 2; nothing changes"
    held = answer.result == ALREADY_RUNNING and answer.steps == 0
    station.sheet.expect("EXE-02", held, seen=answer.seen, contract=says, **answer.situation())
    await _reset_clears(station)


async def after_stop(station: Station) -> None:
    """Stop a phase: its reports stand, and the reset clears it."""
    await bring(station, S.RUNNING)
    await go(station, C.STOP)
    await bring(station, S.STOPPED)
    await _reports_stand(station, station.choice.phase, within_range=False)
    await _reset_clears(station)


async def _reports_stand(station: Station, phase: EquipmentPhase, *, within_range: bool) -> None:
    tags = [station.slot.tag(field) for field in REPORTED[: len(phase.reports)]]
    if not tags:
        station.sheet.remark(("REP-01", "REP-02"), f"the phase {phase.phase_class} has no reports")
        return
    first = await station.plc.read(tags)
    for spec, tag in zip(phase.reports, tags, strict=True):
        reading = first[tag]
        value = reading.value
        good = reading.is_good and value is not None
        if good and value is not None and within_range:
            good = single(spec.minimum) <= value <= single(spec.maximum)
        says = f"{spec.name} is finite" + (f" and within {spec.minimum:g}..{spec.maximum:g}" if within_range else "")
        station.sheet.expect("REP-01", good, state="complete", seen=f"{tag} {_shown(reading)}", contract=says)
    look = await station.stays(for_s=station.plc.limits.watch_s)
    later = await station.plc.read(tags)
    moved = [
        f"{tag} {_shown(first[tag])}, then {_shown(later[tag])}" for tag in tags if later[tag].value != first[tag].value
    ]
    says = "reports are frozen when the work of the phase ends, until reset"
    station.sheet.expect("REP-02", not moved, state=state_words(look.state), seen=", ".join(moved), contract=says)


async def _reset_clears(station: Station) -> None:
    look, answer = await go(station, C.RESET)
    latched = await station.latched()
    reports = await station.plc.read([station.slot.tag(field) for field in REPORTED])
    left = [f"{tag} {_shown(reading)}" for tag, reading in reports.items() if reading.value != 0.0]
    left += [f"ActExec {latched.active}"] if latched.active else []
    left += [f"{latched}"] if any(value != 0.0 for value in latched.parameters) else []
    left += [f"ProcAct {look.phase_number}"] if look.phase_number else []
    left += [f"FailCode {look.fail_code}"] if look.fail_code else []
    says = "resetting clears execution, parameters and reports; LastExec stays"
    station.sheet.expect("REP-03", not left, seen=", ".join(left), contract=says, **answer.situation())


def _shown(reading: Reading) -> str:
    return f"{reading.value} ({reading.why})" if reading.why else f"{reading.value}"
