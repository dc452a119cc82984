"""Commands as the documentation shows them: `$ command` with the lines it prints, in blocks fenced as console.

A line of three dots stands for lines that are left out. What differs from one time to the next (times, weights,
addresses, hashes) is compared by its form only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = "..."

FORMS = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( UTC|\+00:00|Z)?"), "<time>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "<date>"),
    (re.compile(r"\b\d+:\d\d\b"), "<hours>"),
    (re.compile(r"^ *\d+ (?=<time>)"), "<number> "),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "<address>"),
    (re.compile(r'"boot_id": \d+'), '"boot_id": <number>'),
    (re.compile(r"\b(\d+ d \d+ h|\d+ d|\d+ h \d+ min|\d+ h|\d+ min|\d+ s)\b"), "<span>"),
    (re.compile(r"-?\d+(\.\d+)? (g|kg|m|%|ppm)(?![\w/])"), r"<amount> \2"),
    (re.compile(r"\b(exec_id|entry|seq) \d+\b"), r"\1 <number>"),
    (re.compile(r"\s+"), " "),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page: its language, what else the fence says (`terminal=2`, `file=...`), and its text."""

    language: str
    notes: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command line, and the lines that are shown of what it prints."""

    command: str
    lines: Sequence[str]


def blocks_of(page: Path) -> Iterator[Block]:
    """Give the fenced blocks of a page in order."""
    for fence in FENCE.finditer(page.read_text("utf-8")):
        language, _, notes = fence["info"].partition(" ")
        yield Block(language=language, notes=notes.strip(), body=fence["body"])


def commands_of(block: Block) -> Sequence[Shown]:
    """Give the commands of a console block with what each prints."""
    found: list[tuple[str, list[str]]] = []
    for line in block.body.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        elif found:
            found[-1][1].append(line)
        else:
            raise ValueError(f"a console block begins with a command, not with {line!r}")
    return [Shown(command=command, lines=tuple(lines)) for command, lines in found]


def form_of(line: str) -> str:
    """Give a line with everything that differs from time to time replaced by its kind."""
    for pattern, kind in FORMS:
        line = pattern.sub(kind, line)
    return line.strip()


def first_missing(shown: Sequence[str], printed: str) -> str | None:
    """Give the first shown line that was not printed in this order; None when all were."""
    forms = iter([form_of(line) for line in printed.splitlines()])
    for line in shown:
        if line.strip() != LEFT_OUT and line.strip() and not any(form_of(line) == form for form in forms):
            return line
    return None
