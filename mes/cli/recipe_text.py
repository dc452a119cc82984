"""A master recipe as people read it, and what a check of it says."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mes.cli.written import table
from mes.model.equipment import ProcessCell
from mes.model.procedure import (
    AnswerKind,
    Element,
    Group,
    Level,
    MasterRecipe,
    Order,
    Parameter,
    PhaseStep,
    PromptStep,
    Source,
)
from mes.model.quantity import Quantity
from mes.recipes.check import check
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
    """Check one recipe in itself and against a process cell; `problems` is empty when it is good."""
    try:
        master = read_recipe(find_recipe(name, folder))
    except RecipeError as error:
        return {"file": name, "recipe_id": None, "problems": error.problems}
    return {"file": master.file, "recipe_id": master.recipe_id, "problems": check(master, cell)}


def _size(master: MasterRecipe) -> str:
    size = master.size
    low, high = Quantity(size.minimum, size.uom), Quantity(size.maximum, size.uom)
    default = str(Quantity(size.default, size.uom))
    return default if low == high else f"{default} ({low} to {high})"


def as_text(master: MasterRecipe) -> str:
    """Give a recipe as lines: head, formula, inputs with amounts at the default size, outputs, procedure."""
    head = f"{master.recipe_id} {master.version}: {' / '.join(master.title.values())}"
    parts = [f"{head}\n  makes {master.product}, {_size(master)}\n  file  {master.file}"]
    if master.formula:
        rows = [(one.name, str(one.default), f"{one.minimum} to {one.maximum}") for one in master.formula.values()]
        parts.append("Formula\n" + _columns(("parameter", "default", "limits"), rows))
    parts.append(f"Inputs for {Quantity(master.size.default, master.size.uom)}\n" + _inputs(master))
    outputs = [
        (one.name, one.material, one.role.value, f"{one.shelf_life_days} d" if one.shelf_life_days else "")
        for one in master.outputs.values()
    ]
    parts.append("Outputs\n" + _columns(("output", "material", "role", "shelf life"), outputs))
    parts.append("Procedure\n" + "\n".join(line for child in master.procedure.children for line in _lines(child, "  ")))
    return "\n\n".join(parts)


def _columns(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return textwrap.indent(table(headings, rows), "  ")


def _inputs(master: MasterRecipe) -> str:
    rows = [
        (
            one.name,
            one.material,
            str(amount_at(one, master.size.default)),
            "of the pure substance" if one.assay_corrected else "",
        )
        for one in master.inputs.values()
    ]
    return _columns(("input", "material", "amount", ""), rows)


def _lines(element: Element, indent: str) -> Iterator[str]:
    if isinstance(element, Group):
        yield indent + _heading(element)
        for child in element.children:
            yield from _lines(child, indent + "  ")
    elif isinstance(element, PhaseStep):
        yield from _phase(element, indent)
    else:
        yield f"{indent}prompt {element.name}: {element.text['en']} [{_answer(element)}]"


def _heading(group: Group) -> str:
    if group.level is Level.BLOCK:
        return "in parallel" if group.order is Order.PARALLEL else "in sequence"
    unit = f" on {group.unit}" if group.unit else ""
    parallel = " (in parallel)" if group.order is Order.PARALLEL else ""
    return f"{group.level} {group.name}{unit}{parallel}"


def _phase(step: PhaseStep, indent: str) -> Iterator[str]:
    named = "" if step.name == step.phase_class else f" {step.name}"
    values = ", ".join(f"{parameter.name} {_value(parameter)}" for parameter in step.parameters)
    yield f"{indent}phase {step.phase_class}{named}" + (f": {values}" if values else "")
    further = indent + "    "
    if step.requires:
        yield f"{further}requires {step.requires}"
    if step.scan:
        yield f"{further}scans a lot for {', '.join(step.scan)}"
    for consumed in step.consumes:
        yield f"{further}consumes {consumed.input} ({'all of it' if consumed.whole_lot else consumed.report})"
    for made in step.produces:
        yield f"{further}{'loses' if made.role.value == 'loss' else 'makes'} {made.output} ({made.report})"


def _value(parameter: Parameter) -> str:
    match parameter.source:
        case Source.VALUE:
            return str(parameter.value)
        case Source.BATCH_SIZE:
            return "$size"
        case Source.INPUT:
            return f"$input.{parameter.reference}"
        case Source.FORMULA:
            return f"${parameter.reference}"


def _answer(prompt: PromptStep) -> str:
    if prompt.answer is not AnswerKind.NUMBER:
        return prompt.answer.value
    return f"number, {prompt.minimum} to {prompt.maximum} {prompt.uom}"
