"""What a group need not ask for, because an acquire step before it has the unit already."""

from __future__ import annotations

from dataclasses import replace

from mes.model.procedure import Element, Group, Order
from mes.model.steps import HoldingStep


def unburdened(procedure: Group) -> Group:
    """Give the procedure without the units that its groups find acquired when they begin.

    Acquire and release steps are followed in the order of the recipe; the branches of a parallel or a choose each begin
    with what was held before it.
    """
    found, _ = _followed(procedure, frozenset())
    return found


def _followed(group: Group, held: frozenset[str]) -> tuple[Group, frozenset[str]]:
    own = "" if group.wanted is None and group.unit in held else group.unit
    uses = tuple(unit for unit in group.uses if unit not in held)
    children: list[Element] = []
    after = held
    for child in group.children:
        before = after if group.order is Order.SEQUENCE else held
        new, after = _child(child, before)
        children.append(new)
    blocks = tuple(replace(block, steps=_followed(block.steps, held)[0]) for block in group.exceptions)
    found = replace(group, unit=own, uses=uses, children=tuple(children), exceptions=blocks)
    return found, held if group.order is Order.PARALLEL else after


def _child(child: Element, held: frozenset[str]) -> tuple[Element, frozenset[str]]:
    match child:
        case Group():
            return _followed(child, held)
        case HoldingStep():
            units = frozenset(child.units)
            return child, held - units if child.release else held | units
        case _:
            return child, held
