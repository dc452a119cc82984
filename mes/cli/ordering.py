"""Put an order to the engine that drives the cell, and tell how it was settled: what all order commands share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from mes.cli.written import plain, show, show_json

BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="Batch number, such as B-0001.")]
PathArgument = Annotated[
    str,
    typer.Argument(
        metavar="PATH", help="Element of the procedure, such as 'Mill/Mill/MILL', or an end that is unique."
    ),
]
PathOption = Annotated[
    str,
    typer.Option("--path", metavar="PATH", help="Only this part of the procedure; an end that is unique will do."),
]
BecauseOption = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for the record.")]
WhyOption = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for the record; needed.")]

Where = tuple[Path | None, Path | None]
"""What `--data` and `--config` say."""


def reason(because: str, what: str) -> str:
    """Give the reason; raises `typer.BadParameter` when there is none."""
    if not because.strip():
        raise typer.BadParameter(
            f"{what} needs a reason for the record; add for example --because 'smell of H2S at the mill'",
            param_hint="--because",
        )
    return because.strip()


def order_batches(ask: Callable[[Any], Coroutine[Any, Any, Any]], at: Where, *, as_json: bool) -> None:
    """Give an order to a batch by its verbs, and tell how it was settled."""
    from mes.app import time_of, verbs
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.model.equipment import ProcessCell

    where = config_of(*at)
    with existing(where) as database:
        batches, _ = verbs(where, database, ProcessCell(), time_of(database))
        tell_settled(asyncio.run(ask(batches)), as_json=as_json)


def order_units(ask: Callable[[Any], Coroutine[Any, Any, Any]], at: Where, *, as_json: bool) -> None:
    """Give an order about a unit by its verbs, and tell how it was settled."""
    from mes.app import time_of, unit_verbs
    from mes.cli.books import existing
    from mes.cli.installation import config_of, equipment_of

    where = config_of(*at)
    with existing(where) as database:
        units = unit_verbs(where, database, equipment_of(where), time_of(database))
        tell_settled(asyncio.run(ask(units)), as_json=as_json)


def tell_settled(state: Any, *, as_json: bool) -> None:
    """Tell how an order was settled: in one line, or as JSON."""
    row = state.row
    if as_json:
        show_json(
            {
                "batch_no": row.batch_no,
                "verb": row.verb,
                "arguments": plain(row.arguments),
                "status": state.status.value,
                "message": state.message,
                "key": state.key,
                "by": row.by,
                "because": row.because,
                "settled_at": plain(state.settled_at),
            }
        )
    else:
        what = f"batch {row.batch_no}" if row.batch_no else f"unit {row.arguments.get('unit', '')}"
        show(f"{what}: {state.message}")
