"""The documentation says what is: its commands exist, its examples can be read, the tutorial runs as it is shown."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from mes.cli.root import app
from mes.config import load
from tests.console_blocks import blocks_of, commands_of, first_missing
from tests.life_diagram import PAGE as ENGINE
from tests.life_diagram import renewed
from tests.tutorial import Reader

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TUTORIAL = ROOT / "docs" / "tutorials" / "first-batch.md"
COMMANDS: Any = typer.main.get_command(app)


def command_lines(page: Path) -> Iterator[str]:
    """Every `mes` command line of a page: in console blocks, and in blocks that are set in by four spaces."""
    for block in blocks_of(page):
        if block.language == "console":
            yield from (shown.command for shown in commands_of(block))
    yield from re.findall(r"^ {4}((?:uv run )?mes .*)$", page.read_text("utf-8"), re.MULTILINE)


def refused(line: str) -> str:
    """Say why the command line would be refused as wrong usage; "" when it is none of `mes`, or right."""
    words = shlex.split(re.sub(r"^uv run ", "", line), comments=True)
    if words[0] != "mes":
        return ""
    command, rest = COMMANDS, [word for word in words[1:] if word not in {"|", ">"}]
    while hasattr(command, "commands"):
        if not rest or rest[0] not in command.commands:
            return f"{line}: there is no such command"
        command = command.commands[rest.pop(0)]
    try:
        command.make_context("mes", rest)
    except typer.TyperException as error:
        return f"{line}: {error}"
    return ""


@pytest.mark.timeout(300)
def test_the_tutorial_runs_as_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "anna")
    reader = Reader(folder=tmp_path)
    reader.follow(TUTORIAL)
    assert len(reader.transcript) > 20


def test_a_shown_line_that_is_not_printed_is_found() -> None:
    printed = "batch B-0001: start accepted\nstarted 2026-11-23 16:11:21 UTC\n  net 12.28 g\n"
    assert first_missing(["batch B-0001: start accepted", "...", "  net 11.99 g"], printed) is None
    assert first_missing(["started 2001-01-01 00:00:00 UTC"], printed) is None
    assert first_missing(["batch B-0002: start accepted"], printed) == "batch B-0002: start accepted"
    assert first_missing(["  net 12.28 g", "batch B-0001: start accepted"], printed) == "batch B-0001: start accepted"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_of_a_page_is_understood(page: Path) -> None:
    assert not [why for why in map(refused, command_lines(page)) if why]


def test_a_command_line_that_does_not_exist_is_found() -> None:
    assert "no such command" in refused("mes batch begin B-0001")
    assert "--becuase" in refused("mes batch hold B-0001 --becuase x")
    assert refused("uv run mes trace L-000001 --forward   # where it went") == ""


def test_the_readme_shows_every_group_of_commands() -> None:
    text = README.read_text("utf-8")
    assert not [name for name in COMMANDS.commands if f"mes {name}" not in text]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_of_a_page_can_be_read(page: Path, tmp_path: Path) -> None:
    for block in blocks_of(page):
        match block.language:
            case "toml":
                document = tomllib.loads(block.body)
                if {"cell", "plc"} & document.keys() and isinstance(document.get("plc", []), list):
                    (tmp_path / "mes.toml").write_text(block.body, encoding="utf-8")
                    assert load(data=tmp_path).plc
            case "yaml":
                yaml.safe_load(block.body)
            case "json":
                json.loads(block.body)


def test_the_picture_of_the_life_is_that_of_the_table() -> None:
    page = ENGINE.read_text("utf-8")
    assert renewed(page) == page, "the table in mes/model/states.py has changed: run python -m tests.life_diagram"


def test_the_worked_example_of_the_genealogy_adds_up() -> None:
    page = (ROOT / "docs" / "explanation" / "genealogy.md").read_text("utf-8")
    (sum_,) = re.findall(r"^ {4}([\d./* ]+) g = ([\d.]+) g$", page, re.MULTILINE)
    product = Decimal(1)
    for factor in sum_[0].split(" * "):
        numerator, _, denominator = factor.partition("/")
        product *= Decimal(numerator) / Decimal(denominator or 1)
    assert round(product, 4) == Decimal(sum_[1])
    assert f"L-000001            Li2S                       {sum_[1]} g" in page
