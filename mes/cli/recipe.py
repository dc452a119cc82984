"""`mes recipe`: the library, one recipe, and whether recipes can be run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption
from mes.cli.written import show, show_json, table, tell

app = typer.Typer(help="Master recipes.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the recipes: those in `recipes/` of the data folder, then those that come with mes."""
    from mes.cli.installation import config_of
    from mes.cli.recipe_text import row_of
    from mes.recipes.library import library

    rows = [row_of(path) for path in library(config_of(data, config).recipe_folder)]
    if as_json:
        show_json(rows)
        return
    names = {"recipe_id": "recipe", "version": "version", "title": "title", "size": "batch size", "file": "file"}
    show(table(tuple(names.values()), [[str(row[name]) for name in names] for row in rows]))


@app.command("show")
def show_(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Recipe id, such as R1, or a file.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a recipe: head, formula, inputs at the default size, outputs, procedure with parameters."""
    from mes.cli.installation import config_of
    from mes.cli.recipe_text import as_text
    from mes.recipes.library import find_recipe
    from mes.recipes.reader import read_recipe

    master = read_recipe(find_recipe(recipe, config_of(data, config).recipe_folder))
    if as_json:
        show_json(master)
    else:
        show(as_text(master))


@app.command()
def check(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Recipe files, or ids of the library.")],
    maps: Annotated[
        list[Path] | None,
        typer.Option("--map", metavar="MAP", help="Check against this tag map (again for each PLC), not mes.toml."),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove recipes against the equipment: all reachable, in limits, of units that fit, bounded, released, balanced.

    Problems are told with file and line; of a good recipe it is told what was proved, and what only shows when a batch
    is made or runs. Without `--map` and without a PLC in the configuration the equipment is the whole simulated
    plant. Exit code 1 when something is wrong; nothing is written.
    """
    from mes.app import read_equipment
    from mes.cli.installation import config_of
    from mes.cli.recipe_text import checked
    from mes.plc.tagfile import read_map
    from mes.plc.tagmap import process_cell
    from mes.simulated.plcs import simulated_equipment

    where = config_of(data, config)
    if maps:
        cell, plant = process_cell([read_map(path) for path in maps]), ""
    elif where.plc:
        cell, plant = read_equipment(where), ""
    else:
        cell, plant = asyncio.run(simulated_equipment()), " on the simulated plant (no PLC is configured)"
    results = [checked(name, where.recipe_folder, cell) for name in files]
    if as_json:
        show_json({"against_equipment": True, "simulated_plant": bool(plant), "recipes": results})
    for result in results:
        _tell(result, silent=as_json, plant=plant)
    if any(result["problems"] for result in results):
        raise typer.Exit(1)


def _tell(result: Mapping[str, Any], *, silent: bool, plant: str) -> None:
    for problem in result["problems"]:
        tell(str(problem))
    if not result["problems"] and not silent:
        show(f"{result['file']}: {result['recipe_id']} is good{plant}")
        for heading in ("proved", "unproved"):
            for words in result[heading]:
                show(f"  {'proved' if heading == 'proved' else 'not proved'}: {words}")


@app.command()
def schema(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Print the JSON Schema of recipe files, for completion in editors (it is JSON with and without --json)."""
    import json

    from mes.recipes.schema import recipe_schema

    show_json(json.loads(recipe_schema()))
