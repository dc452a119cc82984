"""Steering from the command line, against a running engine: the how-to does what it shows."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mes.app import Plant
from tests.cli.driven import driven, keep_running
from tests.cli.installation import Ending, Mes, make_installation
from tests.console_blocks import Shown, blocks_of, commands_of, first_missing

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "steer-a-batch.md"
LIMIT_S = 20.0
READING = ("mes batch show", "mes batch why", "mes batch queue --data", "mes unit show", "mes unit queue")


@pytest.fixture
def plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    """A data folder named plant in the working directory, with its engine running."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "anna")
    make_installation(tmp_path / "plant")
    for block in blocks_of(PAGE):
        if block.notes.startswith("file="):
            file = tmp_path / "plant" / block.notes.removeprefix("file=")
            file.parent.mkdir(exist_ok=True)
            file.write_text(block.body, encoding="utf-8")
    with driven(tmp_path / "plant") as running:
        yield running


def _follow(mes: Mes, shown: Shown) -> None:
    """Give a command as the page shows it; one that only reads is given again until it shows what the page does."""
    deadline_s = time.monotonic() + LIMIT_S
    while True:
        ending: Ending = mes(*shlex.split(shown.command)[1:])
        missing = first_missing(shown.lines, ending.out + ending.err)
        if missing is None:
            return
        reading = shown.command.startswith(READING) and time.monotonic() < deadline_s
        assert reading, f"$ {shown.command}\nprinted no\n{missing}\nbut\n{ending.out}{ending.err}"
        time.sleep(0.1)


def test_the_how_to_runs_as_it_is_shown(plant: Plant, mes: Mes) -> None:
    for block in blocks_of(PAGE):
        for shown in commands_of(block) if block.language == "console" else ():
            # Until the mill is let go, phases end soon; from then on it mills as long as the page needs it.
            if shown.command.startswith("mes batch confirm B-0001 --path MILL"):
                keep_running(plant)
            _follow(mes, shown)
