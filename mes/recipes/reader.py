"""Recipe text to master recipe: everything that can be judged without knowing the plant, all problems at once."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

from mes.model.lots import Role
from mes.model.procedure import BatchSize, FormulaParameter, Input, MasterRecipe, Output
from mes.model.quantity import Quantity
from mes.recipes.document import BatchSizeText, FormulaText, InputText, OutputText
from mes.recipes.notes import Notes
from mes.recipes.problem import RecipeError
from mes.recipes.shape import shaped
from mes.recipes.strict_yaml import parse_yaml, read_text
from mes.recipes.tree import procedure_of

RESERVED = ("size", "input")
"""Words after `$` that no formula parameter may take."""


def read_recipe(source: Path | str, file: str = "recipe") -> MasterRecipe:
    """Read a master recipe from a file (`Path`) or from its text (`str`, named `file` in messages).

    Raises `RecipeError` that holds every problem found, each with file, line and the fix.
    """
    text = read_text(source) if isinstance(source, Path) else source
    document = parse_yaml(text, str(source) if isinstance(source, Path) else file)
    recipe = shaped(document)
    notes = Notes(document)
    size = _size(notes, recipe.batch_size)
    formula = {name: _formula(notes, name, given) for name, given in recipe.formula.items()}
    inputs = {name: _input(notes, name, given) for name, given in recipe.inputs.items()}
    outputs = {name: _output(notes, name, given) for name, given in recipe.outputs.items()}
    for name in sorted(set(recipe.inputs) & set(recipe.outputs)):
        notes.add(("outputs", name), f"{name!r} is the name of an input and of an output; rename one")
    procedure = procedure_of(notes, recipe)
    if notes.problems:
        raise RecipeError(notes.problems)
    return MasterRecipe(
        recipe_id=recipe.recipe,
        version=recipe.version,
        title={language: words for language, words in recipe.title.model_dump().items() if words},
        product=recipe.product,
        size=size,
        formula=formula,
        inputs=inputs,
        outputs=outputs,
        procedure=procedure,
        file=document.file,
        text_sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )


def _limits(
    notes: Notes, place: tuple[str, ...], given: BatchSizeText | FormulaText
) -> tuple[Quantity, Quantity, Quantity]:
    """Give default, minimum and maximum in the unit of measure of the default."""
    before = len(notes.problems)
    default = notes.amount((*place, "default"), given.default)
    uom = default.uom if len(notes.problems) == before else ""
    low = notes.amount((*place, "minimum"), given.minimum, uom)
    high = notes.amount((*place, "maximum"), given.maximum, uom)
    if len(notes.problems) == before and not low.value <= default.value <= high.value:
        notes.add(
            place, f"{'.'.join(place)}: the default {default} is not between {low} and {high}; correct the limits"
        )
    return default, low, high


def _size(notes: Notes, given: BatchSizeText) -> BatchSize:
    default, low, high = _limits(notes, ("batch_size",), given)
    if low.value <= 0:
        notes.add(("batch_size", "minimum"), f"a batch of {low} is none; write a minimum above zero")
    return BatchSize(uom=default.uom, default=default.value, minimum=low.value, maximum=high.value)


def _formula(notes: Notes, name: str, given: FormulaText) -> FormulaParameter:
    if name in RESERVED:
        notes.add(("formula", name), f"${name} has a meaning of its own; give this formula parameter another name")
    default, low, high = _limits(notes, ("formula", name), given)
    return FormulaParameter(name=name, default=default, minimum=low, maximum=high, line=notes.line(("formula", name)))


def _input(notes: Notes, name: str, given: InputText) -> Input:
    place = ("inputs", name)
    if not given.per and not given.fixed:
        notes.add(place, f"input {name!r} says no amount; write per, fixed or both")
    uom = ""
    amounts: dict[str, Decimal] = {"per": Decimal(0), "fixed": Decimal(0)}
    for key, text in (("per", given.per), ("fixed", given.fixed)):
        if not text:
            continue
        amount = notes.amount((*place, key), text, uom)
        if amount.value < 0:
            notes.add((*place, key), f"{amount} is less than nothing; write an amount of zero or more")
        uom = uom or amount.uom
        amounts[key] = amount.value
    if uom == "1":
        notes.add(place, f"the amount of input {name!r} has no unit of measure; write it, such as '100 g'")
    return Input(
        name=name,
        material=given.material,
        uom=uom,
        fixed=amounts["fixed"],
        per_unit=amounts["per"],
        assay_corrected=given.assay_corrected,
        line=notes.line(place),
    )


def _output(notes: Notes, name: str, given: OutputText) -> Output:
    days = 0
    if given.shelf_life:
        place = ("outputs", name, "shelf_life")
        life = notes.amount(place, given.shelf_life, "d")
        days = int(life.value)
        if days < 1:
            notes.add(place, f"a shelf life of {life} is less than a day; write one day or more, or leave it out")
    return Output(
        name=name,
        material=given.material,
        role=Role(given.role),
        shelf_life_days=days,
        line=notes.line(("outputs", name)),
    )
