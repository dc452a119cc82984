"""Master recipe to control recipe: scaled to a size, bound to the slots of a process cell, in PLC units, frozen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum

from mes.model.equipment import ProcessCell
from mes.model.limits import Limit, default_at, limit_of
from mes.model.procedure import Group, phases
from mes.model.quantity import Quantity, UomError
from mes.model.recipe import ControlRecipe, Input, MasterRecipe, Output
from mes.model.steps import Source
from mes.recipes.amounts import fit
from mes.recipes.check import check
from mes.recipes.placing import Placing
from mes.recipes.problem import Problem, RecipeError, nearest
from mes.recipes.values import amount_at

_NOT_CONTENT = frozenset({"line", "sha256"})
"""Fields that do not change what is done: moving a line of the text leaves the same control recipe."""


def bind(
    master: MasterRecipe, cell: ProcessCell, size: Quantity | None = None, formula: Mapping[str, Quantity] | None = None
) -> ControlRecipe:
    """Give the control recipe of one batch.

    `size` defaults to the recipe's, `formula` holds the values that differ from those its size makes; of the ones
    outside soft or high limits `mes.model.limits.deviations` tells. Parameters that the recipe leaves out take the
    default of the equipment. Those of an input or an expression keep no value until the phase starts, and the amount of
    an input is in the unit of measure they want. Phases on a unit of a class get a binding for each unit that can run
    all of them. The same arguments give the same `sha256`.

    Raises `RecipeError` when the recipe does not fit the cell, or size or formula are out of limits.
    """
    problems = check(master, cell)
    chosen = _size(master, size, problems)
    values = _formula(master, chosen, formula or {}, problems)
    if problems:
        raise RecipeError(problems)
    placing = Placing(file=master.file, cell=cell, size=chosen, formula=values, inputs=master.inputs)
    procedure = placing.group(master.procedure)
    if placing.problems:
        raise RecipeError(placing.problems)
    wanted = _wanted_uoms(procedure)
    control = ControlRecipe(
        recipe_id=master.recipe_id,
        version=master.version,
        title=dict(master.title),
        product=master.product,
        size=chosen,
        formula=values,
        inputs={name: _needed(needed, chosen, wanted.get(name, "")) for name, needed in master.inputs.items()},
        outputs={name: _expected(output, chosen) for name, output in master.outputs.items()},
        procedure=procedure,
        limits=dict(master.formula),
        hold_propagation=master.hold_propagation,
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


def _formula(
    master: MasterRecipe, size: Quantity, given: Mapping[str, Quantity], problems: list[Problem]
) -> dict[str, Quantity]:
    defaults = {name: default_at(parameter, size.value) for name, parameter in master.formula.items()}
    values = {name: fit(value, value.uom) for name, value in defaults.items()}
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
        if limit_of(parameter, values[name]) is Limit.HARD:
            allowed = f"{parameter.minimum} to {parameter.maximum}"
            problems.append(
                Problem(master.file, 0, f"formula parameter {name}: {value} is out of limits; allowed is {allowed}")
            )
    return values


def _wanted_uoms(procedure: Group) -> dict[str, str]:
    """Give the unit of measure in which the first parameter that takes an input wants it, by input."""
    wanted: dict[str, str] = {}
    for step in phases(procedure):
        for parameter in step.parameters:
            if parameter.source is Source.INPUT:
                wanted.setdefault(parameter.reference, parameter.uom)
    return wanted


def _needed(needed: Input, size: Quantity, uom: str) -> Input:
    amount = amount_at(needed, size.value)
    return replace(needed, amount=fit(amount, uom or amount.uom))


def _expected(output: Output, size: Quantity) -> Output:
    if not output.per_unit:
        return output
    return replace(output, expected=fit(Quantity(output.per_unit * size.value, output.uom), output.uom))
