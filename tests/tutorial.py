"""Runs a page of the documentation as a reader would, but faster and on ports of its own: see `Reader`."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mes.cli.outcome import run
from tests.console_blocks import Block, Shown, blocks_of, commands_of, first_missing

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 120.0
AGAIN_S = 0.3
SHOWN_SPEED, SPEED = "600", "3000"
HOME = {"/home/anna/pilot": "folder", "/home/anna/mes": "clone"}
"""Where the reader of the page is; what stands for the folder and the clone of this machine."""


@dataclass(slots=True)
class Reader:
    """Follows a page block by block in `folder`: writes files, keeps long commands running, compares what is printed.

    A command whose output is not yet the shown one is given again, as the page says, unless it has done something.
    """

    folder: Path
    transcript: list[str] = field(default_factory=list)
    _running: list[tuple[subprocess.Popen[bytes], Path]] = field(default_factory=list)

    def follow(self, page: Path) -> None:
        """Do everything the page shows; raises `AssertionError` that names the command which went otherwise."""
        try:
            for block in blocks_of(page):
                self._do(block)
        finally:
            self._end()

    def _do(self, block: Block) -> None:
        if block.language == "toml":
            file = self.folder / block.notes.removeprefix("file=")
            file.write_text(self._faster(block.body), encoding="utf-8")
        elif block.language == "console":
            for shown in commands_of(block):
                self._begin(shown) if block.notes.startswith("terminal=") else self._command(shown)

    def _faster(self, text: str) -> str:
        return re.sub(rf"(speed[ =]+){SHOWN_SPEED}\b", rf"\g<1>{SPEED}", text)

    def _begin(self, shown: Shown) -> None:
        """Start a command that stays in its terminal, and wait until it has printed what is shown."""
        words = shlex.split(self._faster(shown.command))
        words += {"plc-sim": self._free_addresses, "mes": lambda: ["--port", "0"]}[words[0]]()
        out = self.folder / f"terminal{len(self._running)}.txt"
        with out.open("wb") as written:
            process = subprocess.Popen(
                _program(words), cwd=self.folder, stdout=written, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
            )
        self._running.append((process, out))
        for printed in self._until(shown):
            printed.append(out.read_text("utf-8"))
            assert process.poll() is None, f"$ {shown.command}\nended with {process.returncode}: {printed[-1]}"
        if words[0] == "plc-sim":
            self._tell_addresses(out.read_text("utf-8"))

    def _free_addresses(self) -> list[str]:
        """Let each PLC serve a free port: the ports of the maps may be in use on a machine that runs tests."""
        options = []
        for text in self._maps().values():
            name, url = re.findall(r'^(?:name|url) = "(.*)"', text, re.MULTILINE)[:2]
            options += ["--listen", f"{name}={re.sub(r':[0-9]+', ':0', url)}"]
        return options

    def _maps(self) -> dict[Path, str]:
        """Give the maps of the PLCs that are part of the plant: the simulated plant hands over more of them."""
        used = (self.folder / "plant" / "mes.toml").read_text("utf-8")
        maps = sorted(self.folder.glob("plant/maps/*.toml"))
        return {path: path.read_text("utf-8") for path in maps if f"maps/{path.name}" in used}

    def _tell_addresses(self, printed: str) -> None:
        ready = {line["ready"]: line["url"] for line in map(json.loads, printed.splitlines())}
        for path, text in self._maps().items():
            name = re.findall(r'^name = "(.*)"', text, re.MULTILINE)[0]
            port = re.findall(r":(\d+)", ready[name])[0]
            path.write_text(re.sub(r'^(url = ".*):\d+', rf"\g<1>:{port}", text, count=1, flags=re.MULTILINE), "utf-8")

    def _command(self, shown: Shown) -> None:
        for printed in self._until(shown):
            code, text = self._carried_out(shlex.split(shown.command))
            printed.append(self._as_shown(text))
            refused = any(line.startswith("mes: ") for line in shown.lines)
            asked = re.match(r"mes (batch|lot|recipe) (show|list)|mes plc|mes record|mes trace", shown.command)
            done = code == 0 and not asked
            assert not done or refused or first_missing(shown.lines, printed[-1]) is None, (
                f"$ {shown.command}\nprinted\n{printed[-1]}"
            )
        self.transcript.append(f"$ {shown.command}\n{printed[-1]}")

    def _carried_out(self, words: Sequence[str]) -> tuple[int, str]:
        if words[0] != "mes":
            ended = subprocess.run(_program(words), cwd=self.folder, capture_output=True, text=True, check=False)
            return ended.returncode, ended.stdout + ended.stderr
        # In this process: a reader's patience is no test, and half of a short command is the start of Python.
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
            code = run(words[1:])
        return code, out.getvalue()

    def _as_shown(self, text: str) -> str:
        for home, place in HOME.items():
            text = text.replace(str({"folder": self.folder, "clone": ROOT}[place]), home)
        return text

    def _until(self, shown: Shown) -> Iterator[list[str]]:
        """Look again and again until what is shown was printed; the looker appends what it has seen."""
        deadline_s = time.monotonic() + LIMIT_S
        while True:
            printed: list[str] = []
            yield printed
            missing = first_missing(shown.lines, printed[-1])
            if missing is None:
                return
            assert time.monotonic() < deadline_s, (
                f"$ {shown.command}\nhas not printed within {LIMIT_S:g} s\n{missing}\nbut\n{printed[-1]}\n"
                + "\n".join(f"--- {out.name}\n{out.read_text('utf-8')[-2000:]}" for _, out in self._running)
            )
            time.sleep(AGAIN_S)

    def _end(self) -> None:
        for process, _ in reversed(self._running):
            process.terminate()
        for process, _ in self._running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _program(words: Sequence[str]) -> list[str]:
    """Give a command line that does not rely on the environment being activated."""
    module = {"mes": "mes", "plc-sim": "plc_sim"}[words[0]]
    return [sys.executable, "-m", module, *words[1:]]
