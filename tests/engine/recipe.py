"""A small control recipe on the equipment of `line.toml`, and the lots it needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from mes.model.equipment import ProcessCell
from mes.model.lots import Lot, Role
from mes.model.procedure import Element, Group, Level, Order
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe, Input, Output
from mes.model.steps import AnswerKind, Consumption, Parameter, PhaseStep, Production, PromptStep, Source
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap, process_cell

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
MAP = Path(__file__).with_name("line.toml")

SALT = "Charge/Weigh/Salt"
SUGAR = "Charge/Weigh/Sugar"
LOOK = "Charge/Weigh/Look"
HEAT = "React/Cook/parallel 1/Heat"
STIR = "React/Cook/parallel 1/Stir"
PH = "React/Cook/Acidity"
PACK = "Pack/Fill/Pack"
SAMPLE = "Pack/Fill/Sample"
PHASES = (SALT, SUGAR, HEAT, STIR, PACK, SAMPLE)
IN_ORDER = (SALT, SUGAR, LOOK, HEAT, STIR, PH, PACK, SAMPLE)


def line_map() -> TagMap:
    return read_map(MAP)


def line_cell() -> ProcessCell:
    return process_cell([line_map()])


def grams(value: str) -> Quantity:
    return Quantity(Decimal(value), "g")


def group(path: str, *children: Element, level: Level, order: Order = Order.SEQUENCE, unit: str = "") -> Group:
    return Group(path=path, name=path.rsplit("/", 1)[-1], level=level, order=order, children=children, unit=unit)


def bound(cell: ProcessCell, phase: PhaseStep) -> PhaseStep:
    """Give the phase as it stands in a control recipe: slot, PLC and number of its equipment phase filled in."""
    equipment = cell.phases[phase.unit, phase.phase_class]
    return replace(phase, slot=equipment.slot, plc=equipment.plc, number=equipment.number)


def weigh(cell: ProcessCell, path: str, name: str) -> PhaseStep:
    phase = PhaseStep(
        path=path,
        name=path.rsplit("/", 1)[-1],
        unit="WS-1",
        phase_class="WEIGH",
        parameters=(Parameter(name="mass", source=Source.INPUT, reference=name),),
        scan=(name,),
        consumes=(Consumption(input=name, report="mass"),),
        produces=(Production(output=f"Spilled {name}", report="spilled", role=Role.LOSS),),
    )
    return bound(cell, phase)


def charge(cell: ProcessCell) -> Group:
    look = PromptStep(path=LOOK, name="Look", text={"en": "Is it white?", "zh": "是白色的吗？"})
    salt, sugar = weigh(cell, SALT, "salt"), weigh(cell, SUGAR, "sugar")
    operation = group("Charge/Weigh", salt, sugar, look, level=Level.OPERATION)
    return group("Charge", operation, level=Level.UNIT_PROCEDURE, unit="WS-1")


def react(cell: ProcessCell, *, requires: str = "", within_s: int = 600) -> Group:
    heat = PhaseStep(
        path=HEAT,
        name="Heat",
        unit="RX-1",
        phase_class="HEAT",
        parameters=(Parameter(name="target", value=Quantity(Decimal(550), "degC")),),
        requires=requires,
        requires_within_s=within_s,
    )
    speed = Parameter(name="speed", value=Quantity(Decimal(60), "rpm"))
    stir = PhaseStep(path=STIR, name="Stir", unit="RX-1", phase_class="STIR", parameters=(speed,))
    acidity = PromptStep(
        path=PH,
        name="Acidity",
        text={"en": "Measure the conductivity"},
        answer=AnswerKind.NUMBER,
        uom="mS/cm",
        minimum=Decimal(6),
        maximum=Decimal(8),
    )
    both = group("React/Cook/parallel 1", bound(cell, heat), bound(cell, stir), level=Level.BLOCK, order=Order.PARALLEL)
    operation = group("React/Cook", both, acidity, level=Level.OPERATION)
    return group("React", operation, level=Level.UNIT_PROCEDURE, unit="RX-1")


def pack(cell: ProcessCell) -> Group:
    fill = PhaseStep(
        path=PACK,
        name="Pack",
        unit="PK-1",
        phase_class="PACK",
        produces=(
            Production(output="powder", report="packed", role=Role.PRODUCT, made_from=("salt", "sugar")),
            Production(output="Left in the packer", report="left", role=Role.LOSS),
        ),
    )
    sample = PhaseStep(
        path=SAMPLE,
        name="Sample",
        unit="PK-1",
        phase_class="SAMPLE",
        consumes=(Consumption(input="powder", report="taken"),),
        produces=(Production(output="retain", report="taken", role=Role.SAMPLE, made_from=("powder",)),),
    )
    operation = group("Pack/Fill", bound(cell, fill), bound(cell, sample), level=Level.OPERATION)
    return group("Pack", operation, level=Level.UNIT_PROCEDURE, unit="PK-1")


def control_of(*children: Element, order: Order = Order.SEQUENCE) -> ControlRecipe:
    return ControlRecipe(
        recipe_id="R9",
        version="1",
        title={"en": "Candy"},
        product="CANDY",
        size=grams("600"),
        formula={},
        inputs={
            "salt": Input(name="salt", material="NACL", uom="g", amount=grams("200")),
            "sugar": Input(name="sugar", material="SUCROSE", uom="g", assay_corrected=True, amount=grams("396")),
        },
        outputs={
            "powder": Output(name="powder", material="CANDY", role=Role.PRODUCT, shelf_life_days=365),
            "retain": Output(name="retain", material="CANDY", role=Role.SAMPLE),
        },
        procedure=group("", *children, level=Level.PROCEDURE, order=order),
        sha256="cafe",
    )


def whole_recipe(cell: ProcessCell, *, requires: str = "", within_s: int = 600) -> ControlRecipe:
    return control_of(charge(cell), react(cell, requires=requires, within_s=within_s), pack(cell))


def usual_lots() -> dict[str, Lot]:
    """Give one good lot of each material; the sugar has an assay of 0.99, so 400 g of it are weighed."""
    salt = Lot(lot_no="SALT-1", material="NACL", quantity=grams("500"))
    sugar = Lot(lot_no="SUGAR-1", material="SUCROSE", quantity=grams("450"), assay=Decimal("0.99"))
    return {lot.lot_no: lot for lot in (salt, sugar)}


LOT_OF = {"salt": "SALT-1", "sugar": "SUGAR-1"}
REPORTS = {
    "WEIGH": {"spilled": 1.5},
    "HEAT": {"peak": 551.0},
    "PACK": {"packed": 590.0, "left": 7.0},
    "SAMPLE": {"taken": 6.0},
}
