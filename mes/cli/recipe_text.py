"""A master recipe as people read it, and what a check of it says."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mes.cli.recipe_lines import procedure_lines
from mes.cli.written import table
from mes.model.equipment import ProcessCell
from mes.model.plain_amount import rounded
from mes.model.procedure import Level
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, Balance, FormulaParameter, MasterRecipe
from mes.recipes.check import prove
from mes.recipes.library import find_recipe, recipe_id_of
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe
from mes.recipes.values import amount_at


def row_of(path: Path) -> Mapping[str, Any]:
    """Give what the list shows of a recipe file; one that cannot be read says why in the place of its title."""
    try:
        master = read_recipe(path)
    except RecipeError as error:
        broken = f"cannot be read: {error.problems[0].message}"
        return {
            "recipe_id": recipe_id_of(path),
            "version": "",
            "title": broken,
            "product": "",
            "size": "",
            "file": path,
            "problems": error.problems,
        }
    return {
        "recipe_id": master.recipe_id,
        "version": master.version,
        "title": master.title["en"],
        "product": master.product,
        "size": _size(master),
        "file": path,
        "problems": (),
    }


def checked(name: str, folder: Path, cell: ProcessCell) -> Mapping[str, Any]:
    """Check one recipe in itself and against a process cell; `problems` is empty when it is good.

    `proved` and `unproved` say in words what holds for every batch of it, and what only shows when one is made or runs.
    """
    try:
        master = read_recipe(find_recipe(name, folder))
    except RecipeError as error:
        return {"file": name, "recipe_id": None, "problems": error.problems, "proved": (), "unproved": ()}
    proof = prove(master, cell)
    good = not proof.problems
    return {
        "file": master.file,
        "recipe_id": master.recipe_id,
        "problems": proof.problems,
        "proved": proof.proved if good else (),
        "unproved": proof.unproved if good else (),
    }


def _size(master: MasterRecipe) -> str:
    size = master.size
    low, high = Quantity(size.minimum, size.uom), Quantity(size.maximum, size.uom)
    default = str(Quantity(size.default, size.uom))
    return default if low == high else f"{default} ({low} to {high})"


def as_text(master: MasterRecipe) -> str:
    """Give a recipe as lines: head, formula, inputs with amounts at the default size, outputs, procedure."""
    head = f"{master.recipe_id} {master.version}: {' / '.join(master.title.values())}"
    held = master.hold_propagation
    holds = "" if held is Level.PROCEDURE else f"\n  a hold holds {f'its {held}' if held else 'the phase only'}"
    parts = [f"{head}\n  makes {master.product}, {_size(master)}\n  file  {master.file}{holds}"]
    if master.formula:
        parts.append("Formula\n" + _formula(master))
    parts.append(f"Inputs for {Quantity(master.size.default, master.size.uom)}\n" + _inputs(master))
    parts.append("Outputs\n" + _outputs(master))
    if master.balance:
        parts.append(f"Material balance\n  {_balance(master.balance, master.size.uom)}")
    parts.append("Procedure\n" + "\n".join(procedure_lines(master.procedure, "  ")))
    return "\n\n".join(parts)


def _columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return textwrap.indent(table(headings, rows), "  ")


def _formula(master: MasterRecipe) -> str:
    rows = [
        (
            one.name,
            _default(one, master.size.uom),
            f"{one.minimum} to {one.maximum}",
            _inner(one),
            "" if one.ask is Ask.NEVER else f"at the {one.ask}" if one.ask is Ask.START else "when first needed",
        )
        for one in master.formula.values()
    ]
    headings = ("parameter", "default", "limits", "high and soft limits", "asked")
    shown = [index for index, _ in enumerate(headings) if index < 3 or any(row[index] for row in rows)]
    return _columns([headings[index] for index in shown], [[row[index] for index in shown] for row in rows])


def _default(parameter: FormulaParameter, uom: str) -> str:
    if parameter.steps:
        return ", ".join(f"{step.value} up to {Quantity(step.up_to, uom)}" for step in parameter.steps)
    if not parameter.per_unit:
        return str(parameter.default)
    return f"{parameter.default} + {Quantity(parameter.per_unit, parameter.default.uom)} per {uom}"


def _inner(parameter: FormulaParameter) -> str:
    limits = (("high", parameter.high), ("soft", parameter.soft))
    return ", ".join(f"{word} {limit.low} to {limit.high}" for word, limit in limits if limit is not None)


def _inputs(master: MasterRecipe) -> str:
    rows = []
    for one in master.inputs.values():
        notes = ["of the pure substance"] if one.assay_corrected else []
        if one.yield_share != 1:
            notes.append(f"at a yield of {Quantity(one.yield_share * 100, '%')}")
        rows.append((one.name, one.material, str(rounded(amount_at(one, master.size.default))), ", ".join(notes)))
    return _columns(("input", "material", "amount", ""), rows)


def _outputs(master: MasterRecipe) -> str:
    rows = [
        (
            one.name,
            one.material,
            one.role.value,
            f"{one.shelf_life_days} d" if one.shelf_life_days else "",
            str(rounded(Quantity(one.per_unit * master.size.default, one.uom))) if one.per_unit else "",
        )
        for one in master.outputs.values()
    ]
    headings = ("output", "material", "role", "shelf life", "expected")
    shown = 5 if any(row[4] for row in rows) else 4
    return _columns(headings[:shown], [row[:shown] for row in rows])


def _balance(balance: Balance, uom: str) -> str:
    lost = [f"{Quantity(balance.per_unit_g, 'g')} per {uom}"] if balance.per_unit_g or not balance.fixed_g else []
    lost += [str(Quantity(balance.fixed_g, "g"))] if balance.fixed_g else []
    return f"loses {' + '.join(lost)}, closes within {Quantity(balance.tolerance * 100, '%')}"
