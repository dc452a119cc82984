"""The equipment and the materials of the hall that small and random recipes run in."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict

from mes.model.equipment import EquipmentPhase, ParameterSpec, ProcessCell, Unit
from mes.model.lots import Role
from mes.model.quantity import Quantity
from mes.model.recipe import FormulaParameter, Input, Output
from mes.model.steps import Consumption, Production

UNITS = ("A-1", "A-2", "B-1", "C-1")
SHARED = ("S-1", "S-2")
SLOTS = ("X", "Y")
SPEED = ParameterSpec(name="speed", uom="rpm", minimum=0, maximum=100, default=10)
MADE = ParameterSpec(name="made", uom="g", minimum=0, maximum=1000)


def rpm(value: int) -> Quantity:
    return Quantity(Decimal(value), "rpm")


SPEED_VALUE = FormulaParameter(name="speed", default=rpm(10), minimum=rpm(1), maximum=rpm(90))
SALT = Input(name="salt", material="NACL", uom="g", amount=Quantity(Decimal(10), "g"))
MADE_OUTPUTS = (
    Output(name="sub", material="SUB", role=Role.INTERMEDIATE),
    Output(name="blend", material="BLEND", role=Role.PRODUCT),
)


class Material(TypedDict):
    """What a phase has to do with lots."""

    scan: tuple[str, ...]
    consumes: tuple[Consumption, ...]
    produces: tuple[Production, ...]


def hall_cell() -> ProcessCell:
    """Give units of three classes, two slots each, and two units that batches share."""
    phases = {
        (unit, f"P{slot}"): EquipmentPhase(
            plc="L",
            unit=unit,
            slot=f"{unit}.{slot}",
            phase_class=f"P{slot}",
            number=index + 1,
            title={"en": slot},
            parameters=(SPEED,),
            reports=(MADE,),
        )
        for unit in UNITS
        for index, slot in enumerate(SLOTS)
    }
    units = {name: Unit(name=name, unit_class=name[0], plc="L", title={"en": name}) for name in (*UNITS, *SHARED)}
    return ProcessCell(units=units, phases=phases, tags={})
