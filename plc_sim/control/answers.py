"""Answers of the control API: JSON text, and what is told about PLCs, slots and faults."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping

from plc_sim.cell import Cell
from plc_sim.control.panel import MODE_NAMES
from plc_sim.faults.board import NEVER, Fault
from plc_sim.faults.catalogue import FAMILIES
from plc_sim.faults.kinds import FaultKind
from plc_sim.phase_logic import PhaseSlot
from plc_sim.plant import TICK_S
from plc_sim.scan import SimulatedPlc


def json_text(value: object) -> str:
    """Give JSON text; what is no number there (NaN, infinite) is null."""
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return value


def time_answer(cell: Cell) -> dict[str, object]:
    """Tell process time (s) and speed."""
    return {"process_time_s": cell.process_time_s, "speed": cell.pace.speed}


def plc_answer(plc: SimulatedPlc, url: str | None) -> dict[str, object]:
    """Tell a PLC, its link and its slots."""
    return {
        "name": plc.tag_map.name,
        "title": plc.tag_map.title,
        "url": url,
        "boot_id": plc.boot_id,
        "program_id": plc.header.program_id,
        "runs": plc.powered,
        "link": "down" if plc.conditions.down else "up",
        "slots": [slot_answer(slot) for slot in plc.slots.values()],
        "units": {name: sorted(unit.disturbances()) for name, unit in plc.units.items()},
    }


def slot_answer(slot: PhaseSlot) -> dict[str, object]:
    """Tell a slot."""
    return {
        "name": slot.slot.name,
        "mode": MODE_NAMES[slot.mode],
        "state": slot.state.name.lower(),
        "phase": slot.phase.name if slot.phase is not None else None,
        "exec_id": slot.exec_id,
        "interlocks": list(slot.interlocks),
    }


def fault_answer(fault: Fault) -> dict[str, object]:
    """Tell a fault; `until_s` is null while it has no end."""
    return {
        "number": fault.number,
        "name": fault.order.kind.name,
        "target": fault.order.target,
        "parameters": dict(fault.order.values),
        "at_s": fault.start * TICK_S,
        "until_s": None if fault.end == NEVER else fault.end * TICK_S,
        "active": fault.ends is not None,
    }


def catalogue_answer() -> list[dict[str, object]]:
    """Tell every fault there is."""
    return [_kind_answer(kind) for kinds in FAMILIES.values() for kind in kinds]


def _kind_answer(kind: FaultKind) -> dict[str, object]:
    return {
        "name": kind.name,
        "target": kind.target.value,
        "units": list(kind.units),
        "says": kind.says,
        "effect": kind.effect,
        "momentary": kind.momentary,
        "parameters": [
            {
                "name": one.name,
                "unit": one.unit,
                "low": one.low,
                "high": one.high,
                "default": one.default,
                "only": list(one.only),
                "says": one.says,
            }
            for one in kind.parameters
        ],
    }
