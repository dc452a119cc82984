"""`mes unit`: look at units and their queues, take them out of service, and say whether they are clean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from mes.cli.options import ByOption, ConfigOption, DataOption, JsonOption, KeyOption, person
from mes.cli.ordering import BatchArgument, Where, WhyOption, order_units, reason
from mes.cli.written import show, show_json, table

app = typer.Typer(
    help="Units: who has them, who waits for them, in service or not, clean or dirty.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

UnitArgument = Annotated[str, typer.Argument(metavar="UNIT", help="Unit, such as FU-301.")]

SAID = {
    "out-of-service": "Take a unit out of service: nobody gets it; who has it keeps it. Needs --because.",
    "in-service": "Put a unit back into service. Needs --because.",
    "dirty": "Say that a unit is dirty: only those get it who take a dirty one. Needs --because.",
    "clean": "Say that a unit is clean. Needs --because.",
}
"""What may be said of a unit, with what follows."""


@app.command("list")
def list_(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the units: how each stands, which batches have it, and who waits for it."""
    from mes.cli.unit_text import CELLS, cells_of, document

    views = _read(lambda units: units.list(), (data, config))
    if as_json:
        show_json([document(view) for view in views])
    else:
        show(table(CELLS, [cells_of(view) for view in views]))


@app.command("show")
def show_(
    unit: UnitArgument, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """Show one unit: how it stands, since what was said of it, who has it, and its queue."""
    from mes.cli.unit_text import as_text, document

    view = _read(lambda units: units.show(unit), (data, config))
    if as_json:
        show_json(document(view))
    else:
        show(as_text(view))


@app.command("queue")
def queue(
    unit: UnitArgument, data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """List who waits for a unit, the next one first, and why."""
    from mes.cli.unit_text import queue_document, queue_text

    view = _read(lambda units: units.show(unit), (data, config))
    if as_json:
        show_json(queue_document(view))
    else:
        show(queue_text(view))


@app.command("move")
def move(
    unit: UnitArgument,
    batch: BatchArgument,
    place: Annotated[int, typer.Argument(metavar="PLACE", min=1, help="Its new place in the queue; 1 is the next.")],
    path: Annotated[
        str, typer.Option("--path", metavar="PATH", help="Which element, when several of the batch want the unit.")
    ] = "",
    because: WhyOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move a batch to another place in the queue of a unit. Needs --because."""
    who, why = person(by), reason(because, "a move in the queue")
    order_units(
        lambda units: units.move(unit, batch, place, by=who, because=why, path=path, key=key),
        (data, config),
        as_json=as_json,
    )


def _saying(word: str) -> Callable[..., None]:
    def say(
        unit: UnitArgument,
        because: WhyOption = "",
        by: ByOption = "",
        key: KeyOption = None,
        data: DataOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        from mes.model.verbs import UnitVerb

        verb = UnitVerb(word.replace("-", " "))
        who, why = person(by), reason(because, f"{verb} of a unit")
        order_units(lambda units: units.say(unit, verb, by=who, because=why, key=key), (data, config), as_json=as_json)

    return say


for _word, _help in SAID.items():
    app.command(_word, help=_help)(_saying(_word))


def _read(look: Callable[[Any], Coroutine[Any, Any, Any]], at: Where) -> Any:
    from mes.app import time_of, unit_verbs
    from mes.cli.books import existing
    from mes.cli.installation import config_of, equipment_of

    where = config_of(*at)
    with existing(where) as database:
        units = unit_verbs(where, database, equipment_of(where), time_of(database))
        return asyncio.run(look(units))
