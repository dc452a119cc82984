"""Reading the reports of a phase: all of one state, each finite and within its range."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from mes.model.equipment import EquipmentPhase
from mes.model.phase import PLC_STATE
from mes.model.states import FINAL
from mes.plc.codec import single
from mes.plc.port import PlcError, PlcPort
from mes.plc.status import good_number
from mes.plc.tagmap import Slot

LOOKS = 5
LOOK_S = 0.05


async def read_reports(port: PlcPort, slot: Slot, phase: EquipmentPhase) -> Mapping[str, float]:
    """Give the reports of `phase` by name.

    Raises `PlcError` that names the report and its value when one is not finite or out of range, when the phase has not
    ended or was reset, when the slot runs another phase, or when the state of the slot changes at every look.
    """
    bracket = tuple(slot.tag(field) for field in ("State", "ProcAct", "StateChg", "StatusEnd"))
    tags = {spec.name: slot.tag(f"Rep{place}") for place, spec in enumerate(phase.reports, 1)}
    before = good_number(await port.read((slot.tag("StateChg"),)), slot.tag("StateChg"))
    for _ in range(LOOKS):
        readings = await port.read((*tags.values(), *bracket))
        after = good_number(readings, slot.tag("StateChg"))
        if before == after == good_number(readings, slot.tag("StatusEnd")):
            break
        before = after
        await asyncio.sleep(LOOK_S)
    else:
        raise PlcError(f"{slot.name}: the reports cannot be read as one: the state changed in each of {LOOKS} looks")
    state = PLC_STATE.get(good_number(readings, slot.tag("State")))
    if state not in FINAL:
        raise PlcError(f"{slot.name} is {state or 'in no known state'}; reports stand from the end to the reset")
    number = good_number(readings, slot.tag("ProcAct"))
    if number not in (0, phase.number):
        raise PlcError(f"{slot.name} shows the reports of phase number {number}, not of {phase.phase_class}")
    reports: dict[str, float] = {}
    for spec in phase.reports:
        tag = tags[spec.name]
        reading = readings[tag]
        value = reading.value
        if value is None or not reading.is_good:
            raise PlcError(f"{phase.unit} {phase.phase_class}: report {spec.name} ({tag}) is bad: {reading.why}")
        # Limits on the PLC are REAL constants: 0.7 there is the same rounding of 0.7 as on the wire.
        if not single(spec.minimum) <= value <= single(spec.maximum):
            raise PlcError(
                f"{phase.unit} {phase.phase_class}: report {spec.name} = {value:g} {spec.uom} ({tag}) is outside "
                f"its range {spec.minimum:g}..{spec.maximum:g}"
            )
        reports[spec.name] = float(value)
    return reports
