"""The way a batch takes: `mes batch mode|confirm|break|clear|skip|repeat|go-to|set`."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from mes.cli.options import ByOption, ConfigOption, DataOption, JsonOption, KeyOption, person
from mes.cli.ordering import (
    BatchArgument,
    BecauseOption,
    PathArgument,
    PathOption,
    Where,
    WhyOption,
    order_batches,
    reason,
)


class ModeWord(StrEnum):
    """A mode, as the argument takes it."""

    AUTOMATIC = "automatic"
    SEMI_AUTOMATIC = "semi-automatic"
    MANUAL = "manual"


FREELY = {
    "break": "Set a breakpoint: the element waits for a confirmation before it begins.",
    "clear": "Take a breakpoint away.",
}
"""Verbs on one element that need no reason, with what they do."""

WITH_A_REASON = {
    "skip": "Pass an element over; the procedure goes on behind it. Needs --because.",
    "repeat": "Do an element once more. Needs --because.",
    "go-to": "Make an element the active step of the sequence it stands in. Needs --because.",
}
"""Verbs on one element that change the way of the batch, with what they do."""


def add_to(app: typer.Typer) -> None:
    """Add the commands to the group `mes batch`."""
    app.command("mode")(mode)
    app.command("confirm")(confirm)
    for word, help_ in FREELY.items():
        app.command(word, help=help_)(_freely(word))
    for word, help_ in WITH_A_REASON.items():
        app.command(word, help=help_)(_with_a_reason(word))
    app.command("set")(set_)


def mode(
    batch: BatchArgument,
    to: Annotated[ModeWord, typer.Argument(metavar="MODE", help="automatic, semi-automatic or manual.")],
    path: PathOption = "",
    because: BecauseOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who goes forward: the engine, the engine after a confirmation of each step, or a person alone."""
    from mes.model.steering import Mode

    who, wanted, why = person(by), Mode(to.value), because.strip()
    order_batches(
        lambda verbs: verbs.mode(batch, wanted, by=who, because=why, path=path, key=key),
        (data, config),
        as_json=as_json,
    )


def confirm(
    batch: BatchArgument,
    path: PathOption = "",
    because: BecauseOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let the element begin that waits for a confirmation; without --path every one that does."""
    who, why = person(by), because.strip()
    order_batches(
        lambda verbs: verbs.confirm(batch, by=who, because=why, path=path, key=key), (data, config), as_json=as_json
    )


def _freely(word: str) -> Callable[..., None]:
    def order(
        batch: BatchArgument,
        path: PathArgument,
        because: BecauseOption = "",
        by: ByOption = "",
        key: KeyOption = None,
        data: DataOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        _steer(word, batch, path, because=because.strip(), by=by, key=key, at=(data, config), as_json=as_json)

    return order


def _with_a_reason(word: str) -> Callable[..., None]:
    def order(
        batch: BatchArgument,
        path: PathArgument,
        because: WhyOption = "",
        by: ByOption = "",
        key: KeyOption = None,
        data: DataOption = None,
        config: ConfigOption = None,
        as_json: JsonOption = False,
    ) -> None:
        why = reason(because, f"a {word}")
        _steer(word, batch, path, because=why, by=by, key=key, at=(data, config), as_json=as_json)

    return order


def _steer(
    word: str, batch: str, path: str, *, because: str, by: str, key: str | None, at: Where, as_json: bool
) -> None:
    from mes.model.verbs import Verb

    who, verb = person(by), Verb(word.replace("-", " "))
    order_batches(
        lambda verbs: verbs.steer(batch, verb, by=who, because=because, path=path, key=key), at, as_json=as_json
    )


def set_(
    batch: BatchArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The parameter of the phase, or the formula value.")],
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its new value, such as '580 rpm'.")],
    path: Annotated[
        str, typer.Option("--path", metavar="PATH", help="The phase; without it the value is one of the formula.")
    ] = "",
    because: WhyOption = "",
    by: ByOption = "",
    key: KeyOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Change a parameter of a phase, running or not begun, or a formula value, within its limits. Needs --because."""
    from mes.model.quantity import parse_quantity

    who, amount, why = person(by), parse_quantity(value), reason(because, "a change of a value")
    order_batches(
        lambda verbs: verbs.set_value(batch, name, amount, by=who, because=why, path=path, key=key),
        (data, config),
        as_json=as_json,
    )
