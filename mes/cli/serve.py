"""`mes serve`: run the engine of the configured process cell, with its page."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption
from mes.cli.written import show_json, tell


def serve(
    headless: Annotated[bool, typer.Option("--headless", help="Without the page.")] = False,
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", min=0, max=65535, help="Port of the page (0: any free one).")
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the engine of the configured process cell until it is told to end (Ctrl-C, SIGTERM).

    Batches go on where the last engine left them. Progress goes to stderr; with --json a document at the end says how
    many batches are open.
    """
    from mes.app import read_maps
    from mes.cli.books import made
    from mes.cli.ending import ToldToEnd, run_until_told
    from mes.cli.installation import config_of, refuse_without_plc
    from mes.cli.serving import engine_until_cancelled

    where = config_of(data, config)
    refuse_without_plc(where)
    read_maps(where)
    with made(where) as database:
        address = None if headless else (where.page.host, where.page.port if port is None else port)
        work = engine_until_cancelled(where, database, address=address, progress=sys.stderr.isatty())
        try:
            run_until_told(work)
        except ToldToEnd:
            tell("the engine has ended; running phases go on in their PLCs until it is started again")
        if as_json:
            from mes.store.batchrows import open_batches

            left = database.read_now(lambda books: open_batches(books, where.cell.name))
            show_json({"cell": where.cell.name, "open_batches": left})
