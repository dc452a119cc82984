"""`mes lot`: receive, list and look up lots."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from mes.cli.options import ByOption, ConfigOption, DataOption, JsonOption, Refused, assignments, person
from mes.cli.written import show, show_json, table

app = typer.Typer(help="Lots of material.", no_args_is_help=True, rich_markup_mode=None)


class Status(StrEnum):
    """Disposition of a lot, as the option takes it."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    HOLD = "hold"
    REJECTED = "rejected"


@app.command("list")
def list_(
    material: Annotated[str | None, typer.Option("--material", metavar="NAME", help="Only this material.")] = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only lots of this status.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Empty lots too.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the lots that are not empty, those that expire first on top."""
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.cli.lot_text import CELLS, cells_of, document
    from mes.model.lots import LotStatus
    from mes.store.lots import list_lots

    wanted = None if status is None else LotStatus(status.value)
    empty = None if every else False
    with existing(config_of(data, config)) as database:
        # Read straight from the books: the verbs would load the recipe reader, which a list does not need.
        rows = database.read_now(lambda books: list_lots(books, material=material, status=wanted, empty=empty))
    if as_json:
        show_json([document(row) for row in rows])
    elif rows:
        show(table(CELLS, [cells_of(row) for row in rows]))
    else:
        show("no such lot; `mes lot receive MATERIAL QUANTITY` takes one in")


@app.command("show")
def show_(
    lot: Annotated[str, typer.Argument(metavar="LOT", help="Lot number.")],
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one lot."""
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.cli.lot_text import as_text, document
    from mes.store.lots import the_lot

    with existing(config_of(data, config)) as database:
        row = database.read_now(lambda books: the_lot(books, lot))
    if as_json:
        show_json(document(row))
    else:
        show(as_text(row))


@app.command()
def receive(
    material: Annotated[str, typer.Argument(metavar="MATERIAL", help="What it is, in the words of the recipes.")],
    quantity: Annotated[str, typer.Argument(metavar="QUANTITY", help="How much, such as '500 g'.")],
    assay: Annotated[
        str, typer.Option("--assay", metavar="FRACTION", help="Mass fraction of the substance: 0.999 or 99.9%.")
    ] = "1",
    supplier: Annotated[str, typer.Option("--supplier", metavar="NAME", help="Who delivered it.")] = "",
    supplier_lot: Annotated[str, typer.Option("--supplier-lot", metavar="LOT", help="The supplier's lot.")] = "",
    lot_no: Annotated[
        str, typer.Option("--lot-no", metavar="LOT", help="Number of the lot (default: the next free one).")
    ] = "",
    properties: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="NAME=VALUE", help="A figure of its certificate: moisture='80 ppm'."),
    ] = None,
    new_material: Annotated[
        bool, typer.Option("--new-material", help="Yes, a material that no recipe and no lot knows yet.")
    ] = False,
    by: ByOption = "",
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a delivered lot into the books; it is released at once."""
    from mes.app import time_of, verbs
    from mes.cli.books import made
    from mes.cli.installation import config_of
    from mes.cli.lot_text import document
    from mes.model.equipment import ProcessCell
    from mes.model.quantity import parse_quantity

    amount = parse_quantity(quantity)
    if amount.uom == "1":
        raise Refused(f"the quantity {quantity!r} has no unit of measure; write for example '{quantity.strip()} g'")
    purity = parse_quantity(assay).to("1").value
    figures = {
        name: parse_quantity(value)
        for name, value in assignments(properties, "--property", "moisture='80 ppm'").items()
    }
    who = person(by)
    where = config_of(data, config)
    with made(where) as database:
        _, lots = verbs(where, database, ProcessCell(), time_of(database))
        row = asyncio.run(
            lots.receive(
                material,
                amount,
                by=who,
                assay=purity,
                supplier=supplier,
                supplier_lot=supplier_lot,
                lot_no=lot_no,
                new_material=new_material,
                properties=figures,
            )
        )
    if as_json:
        show_json(document(row))
    else:
        show(f"lot {row.lot.lot_no} received: {row.lot.quantity} of {row.lot.material}, {row.lot.status}")
