"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from mes import __version__
from mes.cli import (
    batch,
    batch_orders,
    batch_queue,
    batch_steering,
    db,
    demo,
    lot,
    plc,
    recipe,
    recipe_chart,
    recipe_dry_run,
    record,
    serve,
    trace,
    unit,
)

app = typer.Typer(
    name="mes",
    help="Batch MES for pilot plants of battery materials.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"mes {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Batch MES for pilot plants of battery materials: ISA-88 recipes over OPC UA and Modbus, with lot genealogy."""


app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
recipe.app.command("chart")(recipe_chart.chart)
recipe.app.command("dry-run")(recipe_dry_run.dry_run)
app.add_typer(recipe.app, name="recipe")
for orders in (batch_orders, batch_steering, batch_queue):
    orders.add_to(batch.app)
app.add_typer(batch.app, name="batch")
app.add_typer(unit.app, name="unit")
app.add_typer(lot.app, name="lot")
app.command("trace")(trace.trace)
app.command("record")(record.record)
app.add_typer(plc.app, name="plc")
app.add_typer(db.app, name="db")
