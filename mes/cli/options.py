"""The options that many commands take, and the refusal of a command that was given wrongly. Light: loads only typer."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path
from typing import Annotated

import typer

DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Data folder (default: the user's data folder).")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Configuration (default: mes.toml in the data folder).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
ByOption = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who orders it, for the record (default: the user of this session).")
]
KeyOption = Annotated[
    str | None,
    typer.Option("--key", metavar="K", help="Idempotency key: the same command with the same key happens once."),
]


class Refused(Exception):
    """A command cannot be carried out as it was given; the message says what to change. Nothing was done."""


def options_of(data: Path | None, config: Path | None) -> str:
    """Give the options that name the same installation again, for commands that are shown to be copied."""
    named = (("--data", data), ("--config", config))
    return "".join(f" {option} {shlex.quote(str(path))}" for option, path in named if path is not None)


def person(by: str) -> str:
    """Give who orders something; raises `typer.BadParameter` when nobody is named and nobody is logged in."""
    if by.strip():
        return by.strip()
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError):
        raise typer.BadParameter("this session has no user name; say who you are", param_hint="--by") from None


def assignments(given: list[str] | None, option: str, example: str) -> dict[str, str]:
    """Read `name=value` options; raises `typer.BadParameter` for one without a name or given twice."""
    found: dict[str, str] = {}
    for text in given or []:
        name, sign, value = (part.strip() for part in text.partition("="))
        if not (name and sign and value):
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE; write for example {example}", param_hint=option)
        if name in found:
            raise typer.BadParameter(f"{name} is given twice: {found[name]!r} and {value!r}", param_hint=option)
        found[name] = value
    return found
