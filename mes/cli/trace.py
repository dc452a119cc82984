"""`mes trace`: where a lot came from and where it went."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption
from mes.cli.written import clean, show, show_json


class TraceFormat(StrEnum):
    """How a trace can be written."""

    TABLE = "table"
    TREE = "tree"
    JSON = "json"
    CSV = "csv"
    DOT = "dot"


def trace(
    lot: Annotated[str, typer.Argument(metavar="LOT", help="Lot number.")],
    forward: Annotated[
        bool,
        typer.Option("--forward/--backward", help="What it went into, or what it was made from (the default)."),
    ] = False,
    form: Annotated[TraceFormat, typer.Option("--format", help="How to write it.")] = TraceFormat.TABLE,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Trace a lot through every batch, with quantities."""
    import json

    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.genealogy import FORMATS, trace

    if as_json and form not in (TraceFormat.TABLE, TraceFormat.JSON):
        raise typer.BadParameter(f"--json and --format {form} want different things; give one", param_hint="--json")
    with existing(config_of(data, config)) as database:
        found = trace(database, lot, "forward" if forward else "backward")
    if as_json or form is TraceFormat.JSON:
        show_json(json.loads(FORMATS["json"](found)))
    elif form is TraceFormat.CSV:
        # Written as it is: it ends in a line break of its own.
        sys.stdout.write(clean(FORMATS["csv"](found)))
    else:
        show(FORMATS[form.value](found))
