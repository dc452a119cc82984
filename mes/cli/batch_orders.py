"""The commands to a running batch: `mes batch start|hold|restart|pause|resume|stop|abort|answer`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from mes.cli.options import ByOption, ConfigOption, DataOption, JsonOption, KeyOption, person
from mes.cli.written import show, show_json

BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="Batch number, such as B-0001.")]
BecauseOption = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for the record.")]
WhyOption = Annotated[str, typer.Option("--because", metavar="TEXT", help="Why, for the record; needed.")]

ORDERS = {
    "start": "Start an idle batch.",
    "hold": "Bring a batch to a safe rest for long; `restart` goes on. Needs --because.",
    "restart": "Go on with a held batch.",
    "pause": "Stop at the next safe point for a short while; `resume` goes on.",
    "resume": "Go on with a paused batch.",
    "stop": "End a batch in good order; it cannot go on. Needs --because.",
    "abort": "End a batch at once; it cannot go on. Needs --because.",
}
"""The commands with what they do."""

NEEDS_REASON = frozenset({"hold", "stop", "abort"})
"""What interrupts or ends a batch is not ordered without a word for those who read the record."""


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `mes batch`."""
    for word, help_ in ORDERS.items():
        app.command(word, help=help_)(_needing_reason(word) if word in NEEDS_REASON else _order(word))
    app.command("answer")(answer)


def _order(word: str) -> Callable[..., None]:
    def order(
        batch: BatchArgument,
        because: BecauseOption = "ordered",
        by: ByOption = "",
        key: KeyOption = None,
        data: DataOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        why = because.strip() or "ordered"
        _carry_out(word, batch, because=why, by=by, key=key, at=(data, config), as_json=as_json)

    return order


def _needing_reason(word: str) -> Callable[..., None]:
    def order(
        batch: BatchArgument,
        because: WhyOption = "",
        by: ByOption = "",
        key: KeyOption = None,
        data: DataOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        if not because.strip():
            raise typer.BadParameter(
                f"a {word} needs a reason for the record; add for example --because 'smell of H2S at the mill'",
                param_hint="--because",
            )
        _carry_out(word, batch, because=because.strip(), by=by, key=key, at=(data, config), as_json=as_json)

    return order


def _carry_out(
    word: str, batch: str, *, because: str, by: str, key: str | None, at: tuple[Path | None, Path | None], as_json: bool
) -> None:
    from mes.model.states import Command

    who = person(by)
    _ask(lambda verbs: verbs.command(batch, Command(word), by=who, because=because, key=key), at, as_json=as_json)


def answer(
    batch: BatchArgument,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The answer: yes, a number, a lot, a choice, a text.")],
    prompt: Annotated[
        str, typer.Option("--prompt", metavar="ID", help="Which prompt; not needed when only one is open.")
    ] = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a prompt of a batch; `mes batch show` lists the open ones."""
    who = person(by)
    at = (data, config)
    _ask(lambda verbs: verbs.answer(batch, value, by=who, prompt_id=prompt, key=key), at, as_json=as_json)


def _ask(ask: Callable[[Any], Coroutine[Any, Any, Any]], at: tuple[Path | None, Path | None], *, as_json: bool) -> None:
    """Put an order to the engine that drives the cell, and tell how it was settled."""
    from mes.app import time_of, verbs
    from mes.cli.batch_text import settled_document
    from mes.cli.books import existing
    from mes.cli.installation import config_of
    from mes.model.equipment import ProcessCell

    where = config_of(*at)
    with existing(where) as database:
        batches, _ = verbs(where, database, ProcessCell(), time_of(database))
        state = asyncio.run(ask(batches))
    if as_json:
        show_json(settled_document(state))
    else:
        show(f"batch {state.row.batch_no}: {state.message}")
