"""`mes recipe chart`: the procedure of a recipe, or of a batch as it stands, as a picture."""

from __future__ import annotations

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption, Refused
from mes.cli.written import show, show_json
from mes.config import Config


class ChartLevel(StrEnum):
    """The lowest level that is drawn."""

    UNIT_PROCEDURE = "unit-procedure"
    OPERATION = "operation"
    PHASE = "phase"


class ChartLanguage(StrEnum):
    """The language of the words that are not the recipe's own."""

    EN = "en"
    ZH = "zh"


def chart(
    recipe: Annotated[
        str, typer.Argument(metavar="[RECIPE]", help="Recipe id, such as R1, or a file. A batch knows its own.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it there, not to the standard output.")
    ] = None,
    batch: Annotated[
        str, typer.Option("--batch", metavar="BATCH", help="Draw this batch, such as B-0001, with its states.")
    ] = "",
    level: Annotated[
        ChartLevel, typer.Option("--level", help="The lowest level that is drawn.")
    ] = ChartLevel.OPERATION,
    language: Annotated[ChartLanguage, typer.Option("--language", help="Language of the words.")] = ChartLanguage.EN,
    night: Annotated[bool, typer.Option("--night", help="Light on dark.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Draw a recipe, or a batch as it stands, as a procedure function chart (SVG)."""
    from mes.cli.installation import config_of

    if not recipe and not batch:
        raise Refused("nothing to draw: name a recipe, such as `mes recipe chart R1`, or a batch with --batch B-0001")
    where = config_of(data, config)
    if batch:
        svg = _of_batch(where, batch, recipe, level, language, night=night)
    else:
        svg = _of_recipe(where, recipe, level, language, night=night)
    if out is not None:
        _write(out, svg)
    if as_json:
        show_json({"recipe": recipe, "batch": batch, "file": out, "svg": svg if out is None else None})
    elif out is not None:
        show(f"{out}: chart of {batch or recipe}")
    else:
        sys.stdout.write(svg)


def _of_recipe(where: Config, recipe: str, level: ChartLevel, language: ChartLanguage, *, night: bool) -> str:
    from mes.recipes.chart import chart_svg
    from mes.recipes.chart_sight import Depth
    from mes.recipes.library import find_recipe
    from mes.recipes.reader import read_recipe

    master = read_recipe(find_recipe(recipe, where.recipe_folder))
    title = master.title.get(language.value) or master.title["en"]
    heading = (f"{master.recipe_id} {master.version} · {title}",)
    depth = Depth(level.value)
    return chart_svg(master.procedure, language=language.value, level=depth, night=night, heading=heading)


def _of_batch(
    where: Config, batch_no: str, recipe: str, level: ChartLevel, language: ChartLanguage, *, night: bool
) -> str:
    from mes.app import time_of, verbs
    from mes.cli.books import existing
    from mes.model.equipment import ProcessCell
    from mes.model.statewords import state_word
    from mes.recipes.chart_live import batch_chart
    from mes.recipes.chart_sight import Depth

    with existing(where) as database:
        batches, _ = verbs(where, database, ProcessCell(), time_of(database))
        view = asyncio.run(batches.show(batch_no))
    runs = view.row.recipe_id
    if recipe and recipe != runs:
        raise Refused(
            f"batch {batch_no} runs a frozen copy of {runs}, not of {recipe!r}; "
            f"leave the recipe out: `mes recipe chart --batch {batch_no}`"
        )
    now = state_word(language.value, view.state.state)
    heading = [f"{batch_no} · {runs} {view.row.recipe_version} · {view.row.size} · {now}"]
    waits = {path: str(wait) for path, wait in view.row.waits.items()}
    if "" in waits:
        heading.append(f"◷ {waits['']}")
    return batch_chart(
        view.state, waits=waits, language=language.value, level=Depth(level.value), night=night, heading=heading
    )


def _write(file: Path, svg: str) -> None:
    try:
        file.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file}: the chart cannot be written: {error.strerror or error}") from None
