"""The tree of commands."""

from __future__ import annotations

from typing import Annotated

import typer

from mes import __version__
from mes.cli import batch, batch_orders, db, demo, lot, plc, recipe, record, serve, trace

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
app.add_typer(recipe.app, name="recipe")
batch_orders.add_to(batch.app)
app.add_typer(batch.app, name="batch")
app.add_typer(lot.app, name="lot")
app.command("trace")(trace.trace)
app.command("record")(record.record)
app.add_typer(plc.app, name="plc")
app.add_typer(db.app, name="db")
