"""Arguments, statistics and the printed form that all measurements have in common."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import sqlite3
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

SEED = 1


def end_in_order() -> None:
    """Let a request to end (SIGTERM) unwind like any other error, so that every process started here is ended too."""

    def ended(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, ended)


def parser_of(text: str) -> argparse.ArgumentParser:
    """Give a parser with what every measurement takes: --json and --seed."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of a table")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"seed of the run (default {SEED})")
    return parser


def machine(*packages: str) -> dict[str, Any]:
    """Give what a figure depends on: Python, processor cores, load of the machine, versions of libraries."""
    load = os.getloadavg() if hasattr(os, "getloadavg") else ()
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        "load_average": [round(one, 2) for one in load],
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in packages},
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """Give a percentile of measured values, interpolated between the two nearest."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Give mean, p50 and p95."""
    return {
        "mean": round(statistics.fmean(values), 3),
        "p50": round(percentile(values, 50), 3),
        "p95": round(percentile(values, 95), 3),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table: what was measured, what it is compared with, and whether the goal is met.

    `also` are figures beside the measured one, by name; `goal` says what is asked, `met` is None where nothing is.
    """

    what: str
    measured: dict[str, Any]
    reference: dict[str, Any] = field(default_factory=dict)
    also: dict[str, dict[str, Any]] = field(default_factory=dict)
    ratio: dict[str, float] = field(default_factory=dict)
    goal: str = ""
    met: bool | None = None


def tell(
    title: str, lines: Sequence[Line], *, reference: str, on: dict[str, Any], settings: dict[str, Any], as_json: bool
) -> None:
    """Print a measurement: for people as lines, for programs as one JSON document."""
    if as_json:
        document = {
            "measurement": title,
            "reference": reference,
            "machine": on,
            "settings": settings,
            "lines": [asdict(line) for line in lines],
        }
        sys.stdout.write(f"{json.dumps(document, indent=2)}\n")
        return
    print(title)
    print(f"  reference: {reference}")
    print(f"  machine:   {_row(on)}")
    print(f"  settings:  {_row(settings)}")
    for line in lines:
        verdict = "" if line.met is None else "   ok" if line.met else "   OVER THE GOAL"
        print(f"  {line.what}")
        print(f"    measured   {_row(line.measured)}")
        if line.reference:
            print(f"    reference  {_row(line.reference)}")
        for name, values in line.also.items():
            print(f"    {name}: {_row(values)}")
        print(f"    ratio      {_row(line.ratio)}   (goal: {line.goal}){verdict}")


def _row(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in values.items())


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list):
        return "/".join(str(one) for one in value)
    return str(value)
