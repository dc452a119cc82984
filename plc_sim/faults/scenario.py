"""Scenario files: faults at their process times, in TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path

from plc_sim.faults.order import FaultOrder, order_from


def read_scenario(path: Path) -> tuple[FaultOrder, ...]:
    """Read the `[[fault]]` entries of a file; raises ValueError naming the file and the entry."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{path}: cannot read the scenario: {error.strerror or error}") from error
    except ValueError as error:
        raise ValueError(f"{path}: not a TOML file ({error})") from error
    unknown = [key for key in content if key != "fault"]
    if unknown:
        raise ValueError(f"{path}: {unknown[0]!r} means nothing here; a scenario is made of [[fault]] entries")
    entries = content.get("fault")
    if not isinstance(entries, list) or not entries:
        raise ValueError(f"{path}: no [[fault]] entry")
    orders = []
    for number, entry in enumerate(entries, start=1):
        try:
            if not isinstance(entry, dict):
                raise ValueError(f"{entry!r} must be a table")
            orders.append(order_from(entry))
        except ValueError as error:
            raise ValueError(f"{path}: [[fault]] {number}: {error}") from error
    return tuple(orders)
