"""The dialog that makes a batch of a recipe of the library."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nicegui import ui

from mes.batches import NewBatch
from mes.model.quantity import Quantity, parse_quantity
from mes.model.recipe import MasterRecipe
from mes.recipes.library import library, recipe_id_of
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe
from mes.ui.commanding import BY, Commanding
from mes.ui.controls import asking, box, button, entry, text
from mes.ui.values import uom_text
from mes.ui.words import of_title, say


class NewBatchDialog:
    """Recipe and size. The size is proposed with its limits; whether it will do is said by the verb, not here."""

    def __init__(self, recipes: Mapping[str, MasterRecipe | None], commanding: Commanding) -> None:
        self._commanding = commanding
        self._language = commanding.language
        with asking(commanding.place) as self._dialog, box("asking"):
            text(say(self._language, "new_batch"), tag="h3")
            options = {
                known: f"{known} – {of_title(self._language, recipe.title)}" if recipe else known
                for known, recipe in recipes.items()
            }
            first = next(iter(recipes), None)
            self._recipe = ui.select(options, label=say(self._language, "recipe"), value=first).mark("recipe")
            self._recipe.props("outlined square bg-color=white data-mark=recipe")
            self._size = entry(say(self._language, "size"), mark="size")
            self._recipe.on_value_change(lambda: self._propose(recipes.get(self._recipe.value)))
            self._propose(recipes.get(first or ""))
            with box("buttons"):
                button(say(self._language, "cancel"), self._dialog.close, mark="cancel")
                button(say(self._language, "create"), self._create, mark="create", kind="main")
        self._dialog.open()

    def _propose(self, recipe: MasterRecipe | None) -> None:
        if recipe is None:
            return
        size = recipe.size
        self._size.value = f"{size.default} {size.uom}"
        uom = uom_text(size.uom)
        limits = say(self._language, "size_limits", minimum=size.minimum, maximum=size.maximum, uom=uom)
        if size.minimum == size.maximum:
            limits = say(self._language, "size_exactly", size=size.default, uom=uom)
        self._size.props["hint"] = limits
        self._size.update()

    async def _create(self) -> None:
        made: list[NewBatch] = []

        async def create() -> None:
            written = (self._size.value or "").strip()
            size: Quantity | None = parse_quantity(written) if written else None
            made.append(await self._commanding.batches.create(self._recipe.value or "", by=BY, size=size))

        if not await self._commanding.carry_out(create, say(self._language, "create")):
            return
        self._dialog.close()
        if made[0].missing:
            told = [
                say(self._language, "created", batch=made[0].batch_no, recipe=made[0].control.recipe_id),
                say(self._language, "missing", missing="\n".join(made[0].missing)),
            ]
            self._commanding.tell("\n".join(told))


def read_library(folder: Path | None) -> Mapping[str, MasterRecipe | None]:
    """Read the recipes by id; one that cannot be read stays in the list, and creating a batch says what is wrong."""
    found: dict[str, MasterRecipe | None] = {}
    for path in library(folder):
        try:
            found.setdefault(recipe_id_of(path), read_recipe(path))
        except RecipeError:
            found.setdefault(recipe_id_of(path), None)
    return found
