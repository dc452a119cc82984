"""Master recipe to control recipe: scaled to a size, bound to the slots of a process cell, in PLC units, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum

from mes.model.equipment import EquipmentPhase, ProcessCell
from mes.model.procedure import ControlRecipe, Element, Group, Input, MasterRecipe, Parameter, PhaseStep, Source, phases
from mes.model.quantity import Quantity, UomError
from mes.recipes.amounts import fit
from mes.recipes.check import check
from mes.recipes.problem import Problem, RecipeError, nearest
from mes.recipes.values import amount_at, value_of

_NOT_CONTENT = frozenset({"line", "sha256"})
"""Fields that do not change what is done: moving a line of the text leaves the same control recipe."""


def bind(
    master: MasterRecipe, cell: ProcessCell, size: Quantity | None = None, formula: Mapping[str, Quantity] | None = None
) -> ControlRecipe:
    """Give the control recipe of one batch.

    `size` defaults to the recipe's, `formula` holds the values that differ from its defaults. Parameters that the
    recipe leaves out take the default of the equipment; those that wait for a scanned lot keep no value, and the amount
    of their input is in the unit of measure they want. The same arguments give the same `sha256`.

    Raises `RecipeError` when the recipe does not fit the cell, or size or formula are out of limits.
    """
    problems = check(master, cell)
    chosen = _size(master, size, problems)
    values = _formula(master, formula or {}, problems)
    if problems:
        raise RecipeError(problems)
    control = ControlRecipe(
        recipe_id=master.recipe_id,
        version=master.version,
        title=dict(master.title),
        product=master.product,
        size=chosen,
        formula=values,
        inputs={name: _needed(master, needed, chosen, cell) for name, needed in master.inputs.items()},
        outputs=dict(master.outputs),
        procedure=_bound_group(master.procedure, cell, chosen, values),
    )
    return replace(control, sha256=digest(control))


def digest(control: ControlRecipe) -> str:
    """Give the SHA-256 over the canonical JSON of a control recipe's content."""
    text = json.dumps(_plain(control), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(value: object) -> object:
    """Give a value as JSON knows it; decimals as text without trailing zeros, so that equal amounts are equal texts."""
    match value:
        case Enum():
            return value.value
        case Decimal():
            return f"{value.normalize():f}"
        case Mapping():
            return {str(key): _plain(inner) for key, inner in value.items()}
        case tuple() | list():
            return [_plain(inner) for inner in value]
        case _ if is_dataclass(value):
            names = (field.name for field in fields(value) if field.name not in _NOT_CONTENT)
            return {name: _plain(getattr(value, name)) for name in names}
        case _:
            return value


def _size(master: MasterRecipe, size: Quantity | None, problems: list[Problem]) -> Quantity:
    limits = master.size
    default = Quantity(limits.default, limits.uom)
    try:
        chosen = default if size is None else fit(size, limits.uom)
    except UomError as error:
        problems.append(Problem(master.file, 0, f"batch size of {master.recipe_id}: {error}"))
        return default
    if not limits.minimum <= chosen.value <= limits.maximum:
        low, high = Quantity(limits.minimum, limits.uom), Quantity(limits.maximum, limits.uom)
        allowed = f"exactly {low}" if low == high else f"{low} to {high}"
        message = f"a batch size of {chosen} is not possible with {master.recipe_id}; allowed is {allowed}"
        problems.append(Problem(master.file, 0, message))
    return chosen


def _formula(master: MasterRecipe, given: Mapping[str, Quantity], problems: list[Problem]) -> dict[str, Quantity]:
    values = {name: parameter.default for name, parameter in master.formula.items()}
    for name, value in given.items():
        parameter = master.formula.get(name)
        if parameter is None:
            known = nearest(name, master.formula) or "; it has none"
            problems.append(Problem(master.file, 0, f"{master.recipe_id} has no formula parameter {name!r}{known}"))
            continue
        try:
            values[name] = fit(value, parameter.default.uom)
        except UomError as error:
            problems.append(Problem(master.file, 0, f"formula parameter {name}: {error}"))
            continue
        if not parameter.minimum.value <= values[name].value <= parameter.maximum.value:
            allowed = f"{parameter.minimum} to {parameter.maximum}"
            problems.append(
                Problem(master.file, 0, f"formula parameter {name}: {value} is out of limits; allowed is {allowed}")
            )
    return values


def _needed(master: MasterRecipe, needed: Input, size: Quantity, cell: ProcessCell) -> Input:
    amount = amount_at(needed, size.value)
    for step in phases(master.procedure):
        for parameter in step.parameters:
            if parameter.source is Source.INPUT and parameter.reference == needed.name:
                spec = cell.phases[step.unit, step.phase_class].parameter(parameter.name)
                return replace(needed, amount=amount if spec is None else fit(amount, spec.uom))
    return replace(needed, amount=fit(amount, amount.uom))


def _bound_group(group: Group, cell: ProcessCell, size: Quantity, formula: Mapping[str, Quantity]) -> Group:
    return replace(group, children=tuple(_bound(child, cell, size, formula) for child in group.children))


def _bound(element: Element, cell: ProcessCell, size: Quantity, formula: Mapping[str, Quantity]) -> Element:
    if isinstance(element, Group):
        return _bound_group(element, cell, size, formula)
    if not isinstance(element, PhaseStep):
        return element
    phase = cell.phases[element.unit, element.phase_class]
    return replace(
        element,
        plc=phase.plc,
        slot=phase.slot,
        number=phase.number,
        parameters=tuple(_bound_parameters(element, phase, size, formula)),
    )


def _bound_parameters(
    step: PhaseStep, phase: EquipmentPhase, size: Quantity, formula: Mapping[str, Quantity]
) -> list[Parameter]:
    """Give the parameters in the order of the map, each in its unit of measure."""
    given = {parameter.name: parameter for parameter in step.parameters}
    bound = []
    for spec in phase.parameters:
        parameter = given.get(spec.name)
        if parameter is None:
            default = Quantity(Decimal(repr(spec.default)), spec.uom)
            bound.append(Parameter(name=spec.name, value=fit(default, spec.uom)))
            continue
        value = value_of(parameter, size, formula)
        bound.append(replace(parameter, value=None if value is None else fit(value, spec.uom)))
    return bound
