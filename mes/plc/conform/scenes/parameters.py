"""Parameters outside, on and inside their limits, at start and at update."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mes.model.equipment import EquipmentPhase, ParameterSpec
from mes.model.phase import PhaseCommand
from mes.plc.codec import single
from mes.plc.conform.answers import Answer
from mes.plc.conform.block import above, below, parameter_sets, replaced
from mes.plc.conform.contract import ACCEPTED, BAD_VALUE, PlcState
from mes.plc.conform.scenes.asking import refused
from mes.plc.conform.station import Choice, Station
from mes.plc.conform.trial import NotReached
from mes.plc.conform.ways import RACES, bring
from mes.plc.port import PlcRefused

C, S = PhaseCommand, PlcState
INSIDE = 1e-3
"""Part of the range by which a value is moved inside its limit."""


def bad_values(spec: ParameterSpec) -> tuple[tuple[str, float], ...]:
    """Give values that have to be refused, each with the check that says so."""
    return (
        ("PAR-01", below(spec.minimum)),
        ("PAR-02", above(spec.maximum)),
        ("PAR-03", math.nan),
        ("PAR-04", math.inf),
        ("PAR-04", -math.inf),
    )


async def bad_starts(station: Station, phases: Sequence[EquipmentPhase]) -> None:
    """Start every phase of the slot with one bad parameter at a time."""
    if station.blocked:
        raise NotReached(station.blocked)
    if not any(phase.parameters for phase in phases):
        raise NotReached("no phase of this slot has parameters")
    usual = station.choice
    try:
        for phase in phases:
            station.choice = Choice(
                phase=phase, parameters=parameter_sets(phase, short=False)[1 if phase.parameters else 0]
            )
            for place, spec in enumerate(phase.parameters):
                for check, value in bad_values(spec):
                    says = f"{spec.name} = {value:.9g} is outside {spec.minimum:g}..{spec.maximum:g}: refused with 5"
                    await _refused_value(station, check, S.IDLE, C.START, place, value, says)
    finally:
        station.choice = usual


async def bad_updates(station: Station) -> None:
    """Update a running phase with one bad parameter at a time."""
    phase = station.choice.phase
    if not phase.parameters:
        raise NotReached(f"the phase {phase.phase_class} has no parameters")
    await bring(station, S.RUNNING)
    for place, spec in enumerate(phase.parameters):
        for _, value in bad_values(spec):
            says = f"{spec.name} = {value:.9g} is outside {spec.minimum:g}..{spec.maximum:g}: refused, nothing changes"
            await _refused_value(station, "UPD-02", S.RUNNING, C.UPDATE, place, value, says)


async def _refused_value(
    station: Station, check: str, state: PlcState, command: PhaseCommand, place: int, value: float, says: str
) -> None:
    changes: dict[str, Any] = {"parameters": replaced(station.choice.parameters, place, value)}
    await bring(station, state)
    if command is C.UPDATE:
        changes["exec_id"] = (await station.latched()).active
    try:
        await refused(station, check, state, command, BAD_VALUE, contract=says, **changes)
    except PlcRefused as error:
        station.sheet.remark(check, f"the PLC does not let {value:.9g} be written at all: {error}")


async def limits_at_start(station: Station) -> None:
    """Start with every parameter on its minimum, then on its maximum."""
    if not station.choice.phase.parameters:
        raise NotReached(f"the phase {station.choice.phase.phase_class} has no parameters")
    station.needs_to_run()
    for low in (True, False):
        for margin in (0.0, INSIDE):
            specs = station.choice.phase.parameters
            values = tuple(_near(spec, low=low, margin=margin) for spec in specs)
            await bring(station, S.IDLE)
            answer = await station.commit(station.block(C.START, parameters=values))
            if _taken(station, answer, on_limit=margin == 0.0, which="its " + ("minimum" if low else "maximum")):
                break
    await bring(station, S.IDLE)


async def updates(station: Station) -> None:
    """Update a running phase with each parameter on its limits in turn."""
    specs = station.choice.phase.parameters
    await bring(station, S.RUNNING)
    if not specs:
        answer = await _update(station, ())
        station.sheet.expect("UPD-01", answer.result == ACCEPTED, seen=answer.seen, contract="running takes an update")
        return
    answer = await _update(station, station.choice.parameters)
    says = "an update with the parameters in force is taken"
    station.sheet.expect("UPD-01", answer.result == ACCEPTED, seen=answer.seen, contract=says, **answer.situation())
    for place, spec in enumerate(specs):
        for low in (True, False):
            for margin in (0.0, INSIDE):
                value = _near(spec, low=low, margin=margin)
                answer = await _update(station, replaced(station.choice.parameters, place, value))
                if _taken(station, answer, on_limit=margin == 0.0, which=f"{spec.name} = {value:.9g}"):
                    break
    await bring(station, S.IDLE)


async def _update(station: Station, parameters: tuple[float, ...]) -> Answer:
    for _ in range(RACES):
        await bring(station, S.RUNNING)
        active = (await station.latched()).active
        answer = await station.commit(station.block(C.UPDATE, exec_id=active, parameters=parameters))
        if answer.before.state == S.RUNNING and (answer.result == ACCEPTED or not answer.raced):
            return answer
    raise NotReached("the phase does not stay running for the time of one update")


def _near(spec: ParameterSpec, *, low: bool, margin: float) -> float:
    inside = margin * (spec.maximum - spec.minimum)
    return single(spec.minimum + inside) if low else single(spec.maximum - inside)


def _taken(station: Station, answer: Answer, *, on_limit: bool, which: str) -> bool:
    """Judge a value on its limit, or one just inside it after that was refused; True when no more is to be tried."""
    says = "limits are inclusive, and rounded to REAL: x >= min and x <= max"
    if answer.result == ACCEPTED:
        station.sheet.expect(
            "PAR-05", on_limit, seen=f"refused on the limit, taken just inside: {answer.seen}", contract=says
        )
        return True
    if answer.result != BAD_VALUE:
        station.sheet.expect("PAR-05", False, seen=answer.seen, contract=says, **answer.situation())
        return True
    if not on_limit:
        station.sheet.remark("PAR-05", f"{which} is refused on its limit and inside it too: it may not fit the others")
    return False
