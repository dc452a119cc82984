"""Small recipes on the equipment of `yard.toml`, which compete for its units."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mes.model.procedure import Choose, Cleanliness, Element, Group, Level, Order, UnitWanted
from mes.model.recipe import ControlRecipe
from mes.model.steps import PhaseStep, SlotBinding
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap
from tests.engine.recipe import control_of

PHASE_OF = {"M-1": "GRIND", "M-2": "GRIND", "FU-1": "FIRE"}
NUMBER = {"GRIND": 1, "FIRE": 2}


def yard_map() -> TagMap:
    return read_map(Path(__file__).with_name("yard.toml"))


def recipe(*procedures: Group) -> ControlRecipe:
    """Give a recipe that needs no material."""
    return replace(control_of(*procedures), inputs={}, outputs={})


def stage(
    unit: str,
    name: str = "Work",
    *inside: Element,
    uses: tuple[str, ...] = (),
    leaves: Cleanliness | None = None,
    takes_dirty: bool = False,
) -> Group:
    """Give a unit procedure with one phase on a unit, and what else is in it before that."""
    phase = PhaseStep(
        path=f"{name}/Op/Run",
        name="Run",
        unit=unit,
        phase_class=PHASE_OF[unit],
        plc="LN",
        slot=f"{unit}.PH",
        number=NUMBER[PHASE_OF[unit]],
    )
    return _whole(name, (*inside, phase), unit=unit, uses=uses, leaves=leaves, takes_dirty=takes_dirty)


def any_mill(choose: Choose, *candidates: str, name: str = "Work") -> Group:
    """Give a unit procedure with one phase on a mill that is chosen when it begins."""
    bindings = tuple(SlotBinding(unit=unit, plc="LN", slot=f"{unit}.PH", number=1) for unit in candidates)
    phase = PhaseStep(path=f"{name}/Op/Run", name="Run", unit="", phase_class="GRIND", bindings=bindings)
    wanted = UnitWanted(unit_class="MILL", choose=choose, candidates=candidates)
    return replace(_whole(name, (phase,)), wanted=wanted)


def holding(unit: str, other: str) -> Group:
    """Give a unit procedure on one unit in which an operation uses another one as well."""
    inner = Group(
        path="Work/Both", name="Both", level=Level.OPERATION, order=Order.SEQUENCE, children=(), uses=(other,)
    )
    whole = stage(unit)
    (operation,) = whole.children
    return replace(whole, children=(operation, inner))


def _whole(
    name: str,
    steps: tuple[Element, ...],
    *,
    unit: str = "",
    uses: tuple[str, ...] = (),
    leaves: Cleanliness | None = None,
    takes_dirty: bool = False,
) -> Group:
    operation = Group(path=f"{name}/Op", name="Op", level=Level.OPERATION, order=Order.SEQUENCE, children=steps)
    return Group(
        path=name,
        name=name,
        level=Level.UNIT_PROCEDURE,
        order=Order.SEQUENCE,
        children=(operation,),
        unit=unit,
        uses=uses,
        leaves=leaves,
        takes_dirty=takes_dirty,
    )
