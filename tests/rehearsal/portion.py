"""The recipe of the page about dry runs, as text and bound to the simulated plant."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from mes.model.events import BatchCreated
from mes.model.execution import BatchState
from mes.model.fold import fold
from mes.model.recipe import ControlRecipe
from mes.model.states import Command, ProceduralState
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap, process_cell
from mes.recipes.binding import bind
from mes.recipes.reader import read_recipe
from tests.console_blocks import blocks_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "dry-run-a-recipe.md"
MAPS = ROOT / "plc_sim" / "maps"

PURGE = "Inertise box/Inertise/Purge until inert/Purge and hold"
WEIGH = "Weigh/Weigh/Weigh LiCl"
GATE = "Weigh/Weigh/Second balance"


def write_portion(folder: Path) -> Path:
    """Write the recipe into a folder, under the name that the page gives it."""
    (block,) = [block for block in blocks_of(PAGE) if block.notes.startswith("file=")]
    file = folder / block.notes.removeprefix("file=")
    file.write_text(block.body, encoding="utf-8")
    return file


@cache
def shipped_map(name: str) -> TagMap:
    return read_map(MAPS / f"{name}.toml")


@cache
def bound_portion() -> ControlRecipe:
    with TemporaryDirectory() as folder:
        return bind(read_recipe(write_portion(Path(folder))), process_cell([shipped_map("sy"), shipped_map("ut")]))


def portion_batch(**states: ProceduralState) -> BatchState:
    """A batch of it that was started, with elements in these states."""
    created = fold("B-0001", [BatchCreated(control=bound_portion(), by="ann")])
    return replace(created, command=Command.START, states=states)
