"""`mes record`: the record of one batch."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption
from mes.cli.written import show, show_json


class RecordFormat(StrEnum):
    """How a record can be written."""

    TEXT = "text"
    JSON = "json"


def record(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="Batch number, such as B-0001.")],
    form: Annotated[RecordFormat, typer.Option("--format", help="How to write it.")] = RecordFormat.TEXT,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the record of a batch: events, who and why, material balance, seal."""
    from mes import records
    from mes.cli.books import existing
    from mes.cli.installation import config_of

    with existing(config_of(data, config)) as database:
        whole = records.record(database, batch)
    if as_json or form is RecordFormat.JSON:
        show_json(whole)
    else:
        show(records.as_text(whole))
