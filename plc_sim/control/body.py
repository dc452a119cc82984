"""The JSON table in a request, read strictly."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from plc_sim.faults.catalogue import nearest

LARGEST_BYTES = 1_000_000


def read_table(raw: bytes) -> dict[str, Any]:
    """Read a body; none at all is an empty table. Raises ValueError for what is no JSON table."""
    if not raw:
        return {}
    try:
        table = json.loads(raw, parse_constant=_no_constant, parse_int=_whole, parse_float=_real)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"the request is no JSON ({error})") from error
    if not isinstance(table, dict):
        raise ValueError(f"the request must be a JSON table, not {type(table).__name__}")
    return table


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _whole(digits: str) -> int:
    _real(digits)  # what no float holds would break whatever is worked out with it
    return int(digits)


class Fields:
    """The keys of a table; raises ValueError for one that is not meant, with the nearest that is."""

    def __init__(self, table: Mapping[str, Any], *known: str) -> None:
        for key in table:
            if key not in known:
                raise ValueError(f"there is no key {key!r} here{nearest(key, known)}")
        self._table = table

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text; raises ValueError when it is missing, without a default, or no text."""
        value = self._table.get(key, default)
        if not isinstance(value, str) or (not value and default is None):
            raise ValueError(f"{key!r} must be a text, such as a name; it is {value!r}")
        return value

    def yes_or_no(self, key: str) -> bool:
        """Give true or false; false when it is not there."""
        value = self._table.get(key, False)
        if not isinstance(value, bool):
            raise ValueError(f"{key!r} must be true or false; it is {value!r}")
        return value

    def numbers(self, key: str) -> dict[str, float]:
        """Give a table of numbers by name; an empty one when it is not there."""
        value = self._table.get(key, {})
        if not isinstance(value, dict):
            raise ValueError(f"{key!r} must be a table of numbers; it is {value!r}")
        for name, number in value.items():
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise ValueError(f"{key}: {name} must be a number; it is {number!r}")
        return {name: float(number) for name, number in value.items()}
