"""Resident memory of every process of the demonstration: `mes` with its page in use, and the simulated plant."""

from __future__ import annotations

import argparse
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psutil
from rig.telling import Line, end_in_order, machine, parser_of, tell

MES_GOAL_MB, PLANT_GOAL_MB = 250, 140
EVERY_S = 0.5
READY_S, END_S = 90.0, 20.0
BROWSER_FINDER = Path(__file__).parents[1] / "tests" / "browser.py"
PLANT = re.compile(r"simulated plant: pid (?P<pid>\d+)")
PAGE = re.compile(r"page: (?P<url>http://\S+)")
LIBRARIES = {
    "mes": "asyncua, pymodbus.client, sqlalchemy, alembic.command, pint, transitions, lark, yaml, typer, nicegui",
    "plant": "asyncio, argparse, tomllib, json, asyncua.server, starlette.applications, uvicorn",
}
"""What a process of each kind cannot do without: the reference is a Python that has loaded it and does nothing."""


@dataclass(slots=True)
class Watched:
    """One process of the demonstration and what it was seen to hold, in MB (10^6 bytes)."""

    name: str
    kind: str
    process: psutil.Process
    goal_mb: int
    seen_mb: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Take one sample; a process that has ended gives none."""
        try:
            held_mb = self.process.memory_info().rss / 1e6
        except psutil.NoSuchProcess:
            return
        if held_mb:
            self.seen_mb.append(held_mb)


def main() -> int:
    """Measure and print; 0 when the demonstration could be watched to its end (or for --seconds)."""
    parser = parser_of(__doc__ or "")
    parser.add_argument("--seconds", type=float, default=0.0, metavar="N", help="end after N s (0: with the lots)")
    parser.add_argument("--speed", type=float, default=2000.0, metavar="N", help="speed of the demo (default 2000)")
    parser.add_argument("--no-browser", action="store_true", help="load the page with plain HTTP only")
    arguments = parser.parse_args()
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="mes-bench-") as folder, demo(arguments, Path(folder)) as running:
        watched, ended, shown = watch(running, arguments)
    references = {kind: reference_mb(kind) for kind in {one.kind for one in watched}}
    tell(
        "Resident memory of each process of the demonstration (MB = 10^6 bytes)",
        [_line(one, references[one.kind]) for one in watched],
        reference="a Python process that has loaded the libraries a process of this kind needs, and does nothing",
        on=machine("nicegui", "asyncua", "sqlalchemy"),
        settings={"speed": arguments.speed, "seed": arguments.seed, "page": shown, "until": ended},
        as_json=arguments.json,
    )
    return 0


class Demo:
    """The demonstration as a process; its lines are read as they come, so that it never waits for a reader."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[str] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        for stream in (process.stdout, process.stderr):
            threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: Iterator[str]) -> None:
        for line in stream:
            self.said.append(line)
            self._lines.put(line)

    def wait_for(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Give the first line that fits; ends the measurement with what was said when none comes."""
        deadline_s = time.monotonic() + READY_S
        while time.monotonic() < deadline_s and (self.process.poll() is None or not self._lines.empty()):
            try:
                found = pattern.search(self._lines.get(timeout=0.2))
            except queue.Empty:
                continue
            if found:
                return found
        raise SystemExit(f"no line {pattern.pattern!r} within {READY_S:g} s; said:\n{''.join(self.said)}")


@contextmanager
def demo(arguments: argparse.Namespace, folder: Path) -> Iterator[Demo]:
    """Run `mes demo` until the block ends; every process of it is ended by its id."""
    command = [sys.executable, "-u", "-m", "mes", "demo", "--once", "--port", "0", "--data", str(folder / "data")]
    command += ["--speed", f"{arguments.speed:g}", "--seed", str(arguments.seed)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_environment()
    )
    try:
        yield Demo(process)
    finally:
        _end(process)


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}


def _end(process: subprocess.Popen[str]) -> None:
    below = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _, left = psutil.wait_procs(below, timeout=END_S)
    for one in left:
        one.kill()


def watch(running: Demo, arguments: argparse.Namespace) -> tuple[list[Watched], str, str]:
    """Use the page and sample every process; gives what was seen, why it ended, and how the page was used."""
    watched = [Watched("mes", "mes", psutil.Process(running.process.pid), MES_GOAL_MB)]
    plant = running.wait_for(PLANT)
    watched.append(Watched("plant", "plant", psutil.Process(int(plant["pid"])), PLANT_GOAL_MB))
    url = running.wait_for(PAGE)["url"]
    with urllib.request.urlopen(url, timeout=READY_S) as answer:
        if answer.status != 200 or not answer.read():
            raise SystemExit(f"{url} gave status {answer.status} or nothing")
    browser = "" if arguments.no_browser else _browser()
    with _page_open(url, browser) if browser else _nothing() as still_open:
        began_s = time.monotonic()
        ended = ""
        while not ended:
            for one in watched:
                one.look()
            if running.process.poll() is not None:
                ended = f"the lots were made ({time.monotonic() - began_s:.0f} s)"
                if running.process.returncode != 0:
                    raise SystemExit(f"the demonstration failed:\n{''.join(running.said)}")
            elif arguments.seconds and time.monotonic() - began_s > arguments.seconds:
                ended = f"{arguments.seconds:g} s were over"
            else:
                still_open(EVERY_S)
    return watched, ended, "open in a browser" if browser else "loaded once"


def _browser() -> str:
    found = subprocess.run([sys.executable, str(BROWSER_FINDER)], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


@contextmanager
def _page_open(url: str, browser: str) -> Iterator[Callable[[float], None]]:
    """Hold the page open in a browser; gives how to wait meanwhile, so that the browser is served."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        try:
            page = chromium.new_page()
            page.goto(url)
            page.wait_for_function("document.body.innerText.includes('WS-111')", timeout=READY_S * 1000)
            yield lambda seconds: page.wait_for_timeout(1000 * seconds)
        finally:
            chromium.close()


@contextmanager
def _nothing() -> Iterator[Callable[[float], None]]:
    yield time.sleep


def reference_mb(kind: str) -> float:
    """Give the resident memory of a Python that has loaded the libraries of a kind of process."""
    program = f"import {LIBRARIES[kind]}, sys; print('loaded', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        try:
            if process.stdout is None or process.stdout.readline().strip() != "loaded":
                raise SystemExit(f"the reference process cannot load {LIBRARIES[kind]}")
            return psutil.Process(process.pid).memory_info().rss / 1e6
        finally:
            process.kill()


def _line(one: Watched, reference: float) -> Line:
    if not one.seen_mb:
        raise SystemExit(f"{one.name} had ended before it could be looked at")
    largest = max(one.seen_mb)
    return Line(
        what=f"{one.name} (pid {one.process.pid}, {len(one.seen_mb)} samples)",
        measured={"median_mb": round(median(one.seen_mb), 1), "max_mb": round(largest, 1)},
        reference={"libraries_mb": round(reference, 1)},
        ratio={"max": round(largest / reference, 3)},
        goal=f"max <= {one.goal_mb} MB",
        met=largest <= one.goal_mb,
    )


if __name__ == "__main__":
    sys.exit(main())
