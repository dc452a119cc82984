"""The batch queue: `mes batch queue` and `mes batch move`."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from mes.cli.options import ByOption, ConfigOption, DataOption, JsonOption, KeyOption, person
from mes.cli.ordering import BatchArgument, BecauseOption, Where, WhyOption, order_batches, reason
from mes.cli.written import show, show_json, table

CELLS = ("place", "batch", "recipe", "priority", "after", "waiting")
"""Headings of the queue."""


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `mes batch`."""
    app.command("queue")(queue)
    app.command("move")(move)


def queue(
    add: Annotated[
        str,
        typer.Option("--add", metavar="BATCH", help="Put this idle batch into the queue, or change how it is in it."),
    ] = "",
    priority: Annotated[
        int | None, typer.Option("--priority", metavar="N", help="With --add: the higher one goes first (default 0).")
    ] = None,
    after: Annotated[
        str, typer.Option("--after", metavar="BATCH", help="With --add: not before this batch is complete.")
    ] = "",
    remove: Annotated[
        str, typer.Option("--remove", metavar="BATCH", help="Take this batch out of the queue; it stays idle.")
    ] = "",
    because: BecauseOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the batches that start by themselves, the next one first; or put one in, or take one out."""
    if add and remove:
        raise typer.BadParameter("put a batch in or take one out, one at a time", param_hint="--add --remove")
    if not add and (priority is not None or after):
        raise typer.BadParameter("say which batch it is for with --add BATCH", param_hint="--priority --after")
    at, why = (data, config), because.strip()
    if not add and not remove:
        _list(at, as_json=as_json)
        return
    who = person(by)
    if remove:
        order_batches(lambda verbs: verbs.unqueue(remove, by=who, because=why, key=key), at, as_json=as_json)
        return
    order_batches(
        lambda verbs: verbs.queue(add, by=who, because=why, priority=priority or 0, after=after, key=key),
        at,
        as_json=as_json,
    )


def _list(at: Where, *, as_json: bool) -> None:
    from mes.app import time_of, verbs
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.model.equipment import ProcessCell

    where = config_of(*at)
    with existing(where) as database:
        batches, _ = verbs(where, database, ProcessCell(), time_of(database))
        places = asyncio.run(batches.queued())
    if as_json:
        show_json(places)
    elif places:
        rows = [
            (str(one.position), one.batch_no, one.recipe_id, str(one.priority), one.after, one.waiting)
            for one in places
        ]
        show(table(CELLS, rows))
    else:
        show("no batch is in the queue; `mes batch queue --add BATCH` puts one in")


def move(
    batch: BatchArgument,
    place: Annotated[int, typer.Argument(metavar="PLACE", min=1, help="Its new place in the queue; 1 is the next.")],
    because: WhyOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a batch to another place among those of its priority in the batch queue. Needs --because."""
    who, why = person(by), reason(because, "a move in the queue")
    order_batches(lambda verbs: verbs.move(batch, place, by=who, because=why, key=key), (data, config), as_json=as_json)
