"""What commands print: aligned tables, times and durations for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

BAR = 24
"""Characters of a progress bar."""


def show(text: str) -> None:
    """Print lines for people on stdout."""
    sys.stdout.write(clean(text) + "\n")


def show_json(value: object) -> None:
    """Print a value as the one JSON document of a command."""
    utf_8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=not utf_8, indent=2) + "\n")


def tell(text: str) -> None:
    """Print lines on stderr: progress, and what was found wrong."""
    sys.stderr.write(clean(text) + "\n")
    sys.stderr.flush()


def plain(value: object) -> Any:
    """Give a value as JSON knows it: decimals as text, quantities as {"value", "uom"}, times as ISO 8601 in UTC."""
    match value:
        case Decimal():
            return f"{value:f}"
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds")
        case Path():
            return str(value)
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _ if is_dataclass(value):
            return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        case _:
            return value


def clean(text: str) -> str:
    """Give a text without characters that would command the terminal (what came from outside may hold them)."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)


def width(text: str) -> int:
    """Give how many columns of a terminal a text takes: Chinese characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Give rows in columns that stand below each other."""
    lines = [list(headings), *([clean(cell) for cell in row] for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def pairs(named: Mapping[str, str], *, indent: str = "  ") -> str:
    """Give names and values below each other; a value of nothing is left out."""
    kept = {name: value for name, value in named.items() if value}
    wide = max((width(name) for name in kept), default=0)
    return "\n".join(f"{indent}{name}{' ' * (wide - width(name))}  {value}" for name, value in kept.items())


def time_text(at: datetime | None) -> str:
    """Give a time as people read it, in UTC; "-" for none."""
    return "-" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def bar(done: int, whole: int) -> str:
    """Give a progress bar with its numbers."""
    filled = BAR * done // whole if whole else 0
    return f"[{'#' * filled}{'-' * (BAR - filled)}] {done}/{whole}"
