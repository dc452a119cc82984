"""Recipe text to master recipe: everything that can be judged without knowing the plant, all problems at once."""

from __future__ import annotations

import hashlib
from pathlib import Path

from mes.model.procedure import Level
from mes.model.recipe import MasterRecipe
from mes.recipes.formulas import balance_of, formula_of, input_of, output_of, size_of
from mes.recipes.notes import Notes
from mes.recipes.problem import RecipeError
from mes.recipes.shape import shaped
from mes.recipes.strict_yaml import parse_yaml, read_text
from mes.recipes.tree import procedure_of

_HELD_WITH = {"phase": None, "operation": Level.OPERATION, "unit": Level.UNIT_PROCEDURE, "batch": Level.PROCEDURE}


def read_recipe(source: Path | str, file: str = "recipe") -> MasterRecipe:
    """Read a master recipe from a file (`Path`) or from its text (`str`, named `file` in messages).

    Raises `RecipeError` that holds every problem found, each with file, line and the fix.
    """
    text = read_text(source) if isinstance(source, Path) else source
    document = parse_yaml(text, str(source) if isinstance(source, Path) else file)
    recipe = shaped(document)
    notes = Notes(document)
    size = size_of(notes, recipe.batch_size)
    formula = {name: formula_of(notes, name, given, size) for name, given in recipe.formula.items()}
    inputs = {name: input_of(notes, name, given) for name, given in recipe.inputs.items()}
    outputs = {name: output_of(notes, name, given) for name, given in recipe.outputs.items()}
    balance = balance_of(notes, recipe)
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
        balance=balance,
        hold_propagation=_HELD_WITH[recipe.hold_propagation],
        file=document.file,
        text_sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
    )
