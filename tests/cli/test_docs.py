"""The reference says everything the program can do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from mes.cli.root import app
from mes.config import CellTable, Config, DatabaseTable, PageTable, PlcTable, SecurityTable

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
CLI = (REFERENCE / "cli.md").read_text(encoding="utf-8")


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give every command with its words, depth first."""
    below = getattr(command, "commands", None)
    if below is None:
        yield words, command
        return
    for name, inner in below.items():
        yield from commands(inner, (*words, name))


ALL = dict(commands(typer.main.get_command(app)))


def test_the_commands_are_those_that_stay_stable() -> None:
    groups = {
        "recipe": "list show chart check dry-run schema",
        "batch": "list create show why start hold restart pause resume stop abort answer "
        "mode confirm break clear skip repeat go-to set queue move",
        "unit": "list show queue move out-of-service in-service dirty clean",
        "lot": "list receive show",
        "plc": "check probe conform certificate trust",
        "db": "upgrade check",
    }
    stable: set[tuple[str, ...]] = {("demo",), ("serve",), ("trace",), ("record",)}
    stable |= {(group, word) for group, words in groups.items() for word in words.split()}
    assert set(ALL) == stable


@pytest.mark.parametrize("words", ALL)
def test_the_reference_mentions_the_command_and_all_its_options(words: tuple[str, ...]) -> None:
    assert f"mes {' '.join(words)} " in CLI
    section = next(part for part in CLI.split("\n## ") if f"\nmes {' '.join(words)} " in part)
    for parameter in ALL[words].params:
        for option in (*parameter.opts, *parameter.secondary_opts):
            if option.startswith("--") and option != "--help":
                assert option in section, f"{option} of mes {' '.join(words)}"


@pytest.mark.parametrize("words", ALL)
def test_every_command_takes_json_and_an_installation(words: tuple[str, ...]) -> None:
    options = {option for parameter in ALL[words].params for option in parameter.opts}
    wanted = {"--json", "--data"} if words == ("demo",) else {"--json", "--data", "--config"}
    assert wanted <= options
    assert ALL[words].help


def test_the_reference_mentions_every_key_of_the_configuration() -> None:
    text = (REFERENCE / "configuration.md").read_text(encoding="utf-8")
    tables: dict[str, type[BaseModel]] = {}
    tables |= {"cell": CellTable, "database": DatabaseTable, "page": PageTable, "plc": PlcTable}
    assert set(tables) == set(Config.model_fields) - {"folder", "file"}
    tables |= {"plc.security": SecurityTable}
    for table, model in tables.items():
        for key in model.model_fields:
            assert f"`{table}.{key}`" in text
