"""Where recipes are: the library that comes with the product, and a folder of the plant."""

from __future__ import annotations

import re
from pathlib import Path

from mes.recipes.problem import Problem, RecipeError, nearest

SHIPPED = Path(__file__).with_name("library")
_ID = re.compile(r"^recipe:[ ]*[\"']?([A-Za-z][A-Za-z0-9_.-]*)", re.MULTILINE)
_HEAD_BYTES = 65_536


def library(folder: Path | None = None) -> list[Path]:
    """Give the recipe files, those of `folder` (of the plant) first."""
    places = [SHIPPED] if folder is None else [folder, SHIPPED]
    return [path for place in places for path in sorted(place.glob("*.yaml"))]


def find_recipe(name: str, folder: Path | None = None) -> Path:
    """Give the recipe file of that id (`R1`), file name (`R1-lpscl-solid-state`) or path; a plant's own file wins.

    Raises `RecipeError` that tells the nearest names when there is none.
    """
    by_name: dict[str, Path] = {}
    for path in library(folder):
        for known in (recipe_id_of(path), path.stem, path.name):
            by_name.setdefault(known, path)
    if name in by_name:
        return by_name[name]
    if name.endswith((".yaml", ".yml")) or "/" in name or "\\" in name:
        path = Path(name)
        if path.is_file():
            return path
        raise RecipeError([Problem(name, 0, "there is no such recipe file")])
    words = (word for word in by_name if not word.endswith(".yaml"))
    raise RecipeError([Problem(name, 0, f"no recipe has this id or file name{nearest(name, words)}")])


def recipe_id_of(path: Path) -> str:
    """Give the id that a recipe file names, without reading the rest; its file name when it names none."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES).decode("utf-8", "replace")
    found = _ID.search(head)
    return found[1] if found else path.stem
