"""Small procedures for one construct each, over the equipment of the hall."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mes.engine.draft import Permissive, condition_key
from mes.model.condition import Truth
from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order, Then
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import Command
from mes.model.steps import Parameter, PhaseStep, SlotBinding
from tests.engine.hall_plant import SLOTS, hall_cell
from tests.engine.shift import Plant, Shift

CONDITION = "T > 1 g"


def phase(path: str, slot: str = "A-1.X", **more: object) -> PhaseStep:
    unit, name = slot.split(".")
    step = PhaseStep(
        path=path,
        name=path.rsplit("/", 1)[-1],
        unit=unit,
        phase_class=f"P{name}",
        parameters=(Parameter(name="speed", value=Quantity(Decimal(10), "rpm"), uom="rpm"),),
        bindings=(SlotBinding(unit=unit, plc="L", slot=slot, number=SLOTS.index(name) + 1),),
        slot=slot,
        plc="L",
        number=SLOTS.index(name) + 1,
    )
    return replace(step, **more)  # type: ignore[arg-type]


def block(path: str, *children: Element, order: Order = Order.SEQUENCE, **more: object) -> Group:
    group = Group(path=path, name=path.rsplit("/", 1)[-1], level=Level.BLOCK, order=order, children=children)
    return replace(group, **more)  # type: ignore[arg-type]


def unit(path: str, *children: Element, name: str = "A-1", **more: object) -> Group:
    group = Group(
        path=path,
        name=path.rsplit("/", 1)[-1],
        level=Level.UNIT_PROCEDURE,
        order=Order.SEQUENCE,
        children=children,
        unit=name,
    )
    return replace(group, **more)  # type: ignore[arg-type]


def trouble(
    path: str, *steps: Element, then: Then, target: str = "", failure: str = "", at_most: int = 3
) -> ExceptionBlock:
    return ExceptionBlock(
        path=path,
        name=path.rsplit("/", 1)[-1],
        steps=block(path, *steps),
        then=then,
        when="" if failure else CONDITION,
        failure=failure,
        target=target,
        at_most=at_most,
    )


def recipe(*children: Element, hold_propagation: Level | None = Level.PROCEDURE, **more: object) -> ControlRecipe:
    control = ControlRecipe(
        recipe_id="S",
        version="1",
        title={"en": "Small"},
        product="P",
        size=Quantity(Decimal(1), "kg"),
        formula={},
        inputs={},
        outputs={},
        procedure=Group(path="", name="S", level=Level.PROCEDURE, order=Order.SEQUENCE, children=children),
        hold_propagation=hold_propagation,
    )
    return replace(control, **more)  # type: ignore[arg-type]


def shift_of(control: ControlRecipe, *, begun: bool = True) -> Shift:
    """Give a batch of the recipe, begun, whose conditions are unknown until somebody says how they stand."""
    shift = Shift(control, Plant(cell=hall_cell()))
    if begun:
        shift.command(Command.START, because="to the plan")
    return shift


def stands(shift: Shift, path: str, use: str, truth: Truth | None, *, since_s: float = 0.0) -> None:
    """Say how a condition of the recipe stands from now on; None: nobody has looked."""
    key = condition_key(path, use)
    if truth is None:
        shift.plant.permissives.pop(key, None)
    else:
        shift.plant.permissives[key] = Permissive(truth=truth, why=f"T is {truth}", since_s=since_s)


def ran(shift: Shift) -> list[str]:
    """Give the phases that were started, in order."""
    return [fact.path for fact in shift.starts()]
