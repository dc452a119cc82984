"""The page about dry runs, followed by a reader at a command line of its own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from tests.console_blocks import Shown, blocks_of, commands_of, first_missing
from tests.rehearsal.portion import PAGE, ROOT, write_portion

LIMIT_S = 60.0


def shown_on_the_page() -> Iterator[Shown]:
    for block in blocks_of(PAGE):
        if block.language == "console":
            yield from commands_of(block)


def words_of(command: str) -> list[str]:
    return [sys.executable, "-m", *shlex.split(command)]


def environment(folder: Path) -> Mapping[str, str]:
    """An environment whose temporary files lie where the test can see them."""
    (folder / "tmp").mkdir()
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "110", "TMPDIR": str(folder / "tmp")}


@pytest.mark.timeout(180)
def test_the_commands_of_the_page_print_what_it_shows_and_leave_nothing_behind(tmp_path: Path) -> None:
    write_portion(tmp_path)
    given = environment(tmp_path)
    before = set(tmp_path.rglob("*"))
    codes = []
    for shown in shown_on_the_page():
        words = words_of(shown.command)
        ending = subprocess.run(
            words, cwd=tmp_path, env=given, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )
        assert first_missing(shown.lines, ending.stdout) is None, ending.stdout + ending.stderr
        assert ending.stderr == ""
        codes.append(ending.returncode)
    assert codes == [0, 0, 1]
    assert set(tmp_path.rglob("*")) == before


@pytest.mark.timeout(90)
def test_an_interrupt_ends_the_plant_and_takes_everything_temporary_away(tmp_path: Path) -> None:
    write_portion(tmp_path)
    running = subprocess.Popen(
        words_of("mes recipe dry-run portion.yaml --speed 10"),
        cwd=tmp_path,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline_s = time.monotonic() + LIMIT_S
    while not list(tmp_path.glob("tmp/*/mes.db")):
        assert running.poll() is None, running.communicate()
        assert time.monotonic() < deadline_s, f"no books within {LIMIT_S} s: {list(tmp_path.rglob('*'))}"
        time.sleep(0.05)
    plant = psutil.Process(running.pid).children()
    assert len(plant) == 1
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=LIMIT_S)
    assert (running.returncode, out, err) == (128 + signal.SIGINT, "", "")
    assert not plant[0].is_running()
    assert list((tmp_path / "tmp").iterdir()) == []
