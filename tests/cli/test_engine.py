"""The commands to a running batch, against an engine in a process of its own (`mes serve` over fake PLCs)."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.installation import LOTS, Site

LIMIT_S = 25.0


@pytest.fixture
def engine(stocked: Site) -> Iterator[subprocess.Popen[str]]:
    """`mes serve` without its page."""
    with Serving(stocked.folder, "--headless") as running:
        yield running


def _log(folder: Path) -> Path:
    return folder / "serve.log"


class Serving:
    """`mes serve` until the block ends; its stderr goes into a file, so that it is never held up by a full pipe."""

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder, self._options = folder, options

    def __enter__(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "mes", "serve", "--data", str(self._folder), *self._options]
        with _log(self._folder).open("w") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, text=True)
        try:
            self.wait_for("engine of process cell pilot runs")
        except BaseException:
            self.__exit__()
            raise
        return self._process

    def wait_for(self, words: str) -> None:
        until(lambda: words in _log(self._folder).read_text() or self._process.poll() is not None, words)
        assert words in _log(self._folder).read_text(), _log(self._folder).read_text()

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def until(seen: Callable[[], object], what: str) -> None:
    """Wait until something is so; the error tells what did not come and what was seen last."""
    deadline_s = time.monotonic() + LIMIT_S
    while not (found := seen()):
        assert time.monotonic() < deadline_s, f"not within {LIMIT_S} s: {what}; seen last: {found!r}"
        time.sleep(0.05)


def state(site: Site, wanted: str) -> None:
    """Wait until batch B-0001 is in a state."""

    def there() -> bool:
        seen.append(site("batch", "show", "B-0001", "--json").document["state"])
        return seen[-1] == wanted

    seen: list[str] = []
    until(there, f"{wanted}, not {seen}")


def prompted(site: Site) -> str:
    """Wait until batch B-0001 asks for something, and give the text that `batch show` prints."""
    until(lambda: site("batch", "show", "B-0001", "--json").document["prompts"], "a prompt")
    return site("batch", "show", "B-0001").out


def test_a_batch_is_started_answered_interrupted_and_ended(stocked: Site, engine: subprocess.Popen[str]) -> None:
    assert stocked("batch", "create", "R1", "--by", "ann").code == 0
    started = stocked("batch", "start", "B-0001", "--by", "ann", "--json").document
    assert (started["status"], started["by"], started["because"]) == ("done", "ann", "ordered")
    text = prompted(stocked)
    shown = next(line for line in text.splitlines() if line.strip().startswith("mes batch answer B-0001"))
    assert LOTS[0] in shown
    assert str(stocked.folder) in shown
    before = stocked.journal()
    stocked("batch", "answer", "B-0001", LOTS[1]).says("P2S5", "Li2S needs Li2S")
    stocked("batch", "answer", "B-0001", "L-00001").says("no lot 'L-00001'", "L-000001")
    stocked("batch", "resume", "B-0001").says("resume", "possible now: pause, hold, stop, abort")
    assert stocked.journal() == before
    for order, then in (("pause", "paused"), ("resume", "running"), ("hold", "held"), ("restart", "running")):
        assert stocked("batch", order, "B-0001", "--because", f"to see {then}").code == 0
        state(stocked, then)
    assert stocked("batch", "answer", "B-0001", LOTS[0], "--by", "ann").code == 0
    assert stocked("batch", "show", "B-0001", "--json").document["lots"] == {"Li2S": LOTS[0]}
    assert stocked("batch", "stop", "B-0001", "--because", "enough seen").code == 0
    state(stocked, "stopped")
    assert "enough seen" in stocked("record", "B-0001").out
    assert "Possible now: abort" in stocked("batch", "show", "B-0001").out
    assert stocked("batch", "list", "--json").document[0]["state"] == "stopped"


def test_a_batch_is_aborted(stocked: Site, engine: subprocess.Popen[str]) -> None:
    stocked("batch", "create", "R1", "--by", "ann")
    stocked("batch", "start", "B-0001")
    assert stocked("batch", "abort", "B-0001", "--because", "smell of H2S").code == 0
    state(stocked, "aborted")


def test_a_missing_material_is_told_before_the_start(site: Site) -> None:
    assert "missing" in site("batch", "create", "R1", "--by", "ann").out
    with Serving(site.folder, "--headless"):
        before = site.journal()
        site("batch", "start", "B-0001").says("Li2S: 427.96 g needed", "no released lot is there")
        assert site.journal() == before
    assert site("batch", "list", "--json").document[0]["state"] == "idle"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_engine_that_is_told_to_end_ends_with_0_and_gives_the_cell_up(stocked: Site, number: signal.Signals) -> None:
    with Serving(stocked.folder, "--headless") as running:
        running.send_signal(number)
        assert running.wait(10) == 0
    assert "Traceback" not in _log(stocked.folder).read_text()
    stocked("batch", "create", "R1", "--by", "ann")
    stocked("batch", "start", "B-0001").says("no engine drives process cell pilot")


def test_a_second_engine_for_the_same_cell_is_refused(stocked: Site, engine: subprocess.Popen[str]) -> None:
    stocked("serve", "--headless").says("process cell pilot is driven by", "end that engine first")
    assert engine.poll() is None


def test_the_engine_serves_its_page_and_tells_where(stocked: Site) -> None:
    serving = Serving(stocked.folder, "--port", "0")
    with serving:
        serving.wait_for("page: http://127.0.0.1:")
        address = _log(stocked.folder).read_text().split("page: ")[1].split()[0]
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
            assert answer.status == 200
