"""`mes batch`: create, list and look at batches; the commands to them are in modules of their own."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from mes.cli.options import ByOption, ConfigOption, DataOption, JsonOption, KeyOption, assignments, options_of, person
from mes.cli.ordering import BatchArgument, BecauseOption
from mes.cli.written import show, show_json, table

app = typer.Typer(help="Batches: create, command and look at them.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the batches, newest first."""
    from mes.cli.batch_text import CELLS, cells_of
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.store.batchrows import list_batches

    with existing(config_of(data, config)) as database:
        rows = database.read_now(list_batches)
    if as_json:
        show_json(rows)
    elif rows:
        show(table(CELLS, [cells_of(row) for row in rows]))
    else:
        show("there is no batch yet; `mes batch create RECIPE` makes one")


@app.command("show")
def show_(
    batch: BatchArgument,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one batch: state, progress, what it waits for, the states in its procedure, prompts, legal commands."""
    from mes.app import time_of, verbs
    from mes.cli.batch_text import as_text, document
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.model.equipment import ProcessCell

    where = config_of(data, config)
    with existing(where) as database:
        batches, _ = verbs(where, database, ProcessCell(), time_of(database))
        view = asyncio.run(batches.show(batch))
    if as_json:
        show_json(document(view))
    else:
        show(as_text(view, options_of(data, config)))


@app.command("why")
def why(
    batch: BatchArgument, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Say what every waiting element of a batch waits for: conditions with live values, units, people, interlocks."""
    from mes.app import time_of, verbs
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.cli.wait_text import waits_document, waits_text
    from mes.model.equipment import ProcessCell

    where = config_of(data, config)
    with existing(where) as database:
        batches, _ = verbs(where, database, ProcessCell(), time_of(database))
        waiting = asyncio.run(batches.why(batch))
    if as_json:
        show_json(waits_document(waiting))
    else:
        show(waits_text(batch, waiting))


@app.command()
def create(
    recipe: Annotated[str, typer.Argument(metavar="RECIPE", help="Recipe id, such as R1, or a file.")],
    size: Annotated[
        str | None, typer.Option("--size", metavar="QUANTITY", help="Such as '50 m' (default: the recipe's).")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A formula value, such as soak_time='240 min'; repeatable."),
    ] = None,
    lots: Annotated[
        list[str] | None,
        typer.Option("--lot", metavar="INPUT=LOT", help="The lot to use for an input (default: proposed); repeatable."),
    ] = None,
    because: BecauseOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Create a batch: the recipe scaled, bound to the equipment and frozen. It waits in state idle for its start."""
    from mes.app import time_of, verbs
    from mes.cli.batch_text import created_document, created_text
    from mes.cli.books import made
    from mes.cli.installation import config_of, equipment_of
    from mes.model.quantity import parse_quantity

    formula = {name: parse_quantity(text) for name, text in assignments(values, "--set", "soak_time='240 min'").items()}
    chosen = assignments(lots, "--lot", "Li2S=L-000001")
    amount = None if size is None else parse_quantity(size)
    who = person(by)
    where = config_of(data, config)
    equipment = equipment_of(where)
    with made(where) as database:
        batches, _ = verbs(where, database, equipment, time_of(database))
        new = asyncio.run(
            batches.create(recipe, by=who, size=amount, formula=formula, lots=chosen, because=because.strip(), key=key)
        )
    if as_json:
        show_json(created_document(new))
    else:
        show(created_text(new, options_of(data, config)))
