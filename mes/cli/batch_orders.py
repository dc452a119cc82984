"""The commands to a running batch: `mes batch start|hold|restart|pause|resume|stop|abort|answer`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from mes.cli.options import ByOption, ConfigOption, DataOption, JsonOption, KeyOption, person
from mes.cli.ordering import BatchArgument, BecauseOption, PathOption, Where, WhyOption, order_batches, reason

ORDERS = {
    "hold": "Bring a batch, or with --path a part of it, to a safe rest for long; `restart` goes on. Needs --because.",
    "restart": "Go on with what is held.",
    "pause": "Stop at the next safe point for a short while; `resume` goes on.",
    "resume": "Go on with what is paused.",
    "stop": "End a batch, or with --path a part of it, in good order; it cannot go on. Needs --because.",
    "abort": "End a batch, or with --path a part of it, at once; it cannot go on. Needs --because.",
}
"""The commands with what they do; a start is for whole batches only."""

NEEDS_REASON = frozenset({"hold", "stop", "abort"})
"""What interrupts or ends a batch is not ordered without a word for those who read the record."""


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `mes batch`."""
    app.command("start")(start)
    for word, help_ in ORDERS.items():
        app.command(word, help=help_)(_needing_reason(word) if word in NEEDS_REASON else _order(word))
    app.command("answer")(answer)


def start(
    batch: BatchArgument,
    because: BecauseOption = "ordered",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start an idle batch."""
    why = because.strip() or "ordered"
    _carry_out("start", batch, "", because=why, by=by, key=key, at=(data, config), as_json=as_json)


def _order(word: str) -> Callable[..., None]:
    def order(
        batch: BatchArgument,
        path: PathOption = "",
        because: BecauseOption = "ordered",
        by: ByOption = "",
        key: KeyOption = None,
        data: DataOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        why = because.strip() or "ordered"
        _carry_out(word, batch, path, because=why, by=by, key=key, at=(data, config), as_json=as_json)

    return order


def _needing_reason(word: str) -> Callable[..., None]:
    def order(
        batch: BatchArgument,
        path: PathOption = "",
        because: WhyOption = "",
        by: ByOption = "",
        key: KeyOption = None,
        data: DataOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        why = reason(because, f"a {word}")
        _carry_out(word, batch, path, because=why, by=by, key=key, at=(data, config), as_json=as_json)

    return order


def _carry_out(
    word: str, batch: str, path: str, *, because: str, by: str, key: str | None, at: Where, as_json: bool
) -> None:
    from mes.model.states import Command

    who = person(by)
    order_batches(
        lambda verbs: verbs.command(batch, Command(word), by=who, because=because, path=path, key=key),
        at,
        as_json=as_json,
    )


def answer(
    batch: BatchArgument,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="The answer: yes, a number, a lot, a choice, a text.")],
    prompt: Annotated[
        str, typer.Option("--prompt", metavar="ID", help="Which prompt; not needed when only one is open.")
    ] = "",
    because: BecauseOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a prompt of a batch; `mes batch show` lists the open ones."""
    who, why = person(by), because.strip()
    order_batches(
        lambda verbs: verbs.answer(batch, value, by=who, prompt_id=prompt, because=why, key=key),
        (data, config),
        as_json=as_json,
    )
