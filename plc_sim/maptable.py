"""Strict reading of one TOML table: every key is taken once, with its type, and none may be left over."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable


class MapError(ValueError):
    """A tag map that cannot be used; the message names the place, the value and what is right."""


class Table:
    """One table of a tag map; `where` is its place in words, e.g. `SY.toml: [[slot]] FU-301.PH`."""

    def __init__(self, raw: object, where: str) -> None:
        if not isinstance(raw, dict):
            raise MapError(f"{where}: expected a table, got {raw!r}")
        self._raw: dict[str, object] = raw
        self._left = set(raw)
        self.where = where

    def error(self, text: str) -> MapError:
        return MapError(f"{self.where}: {text}")

    def named(self, name: str) -> None:
        """Add the name of the thing to the place told in errors."""
        self.where = f"{self.where} {name}"

    def has(self, key: str) -> bool:
        return key in self._raw

    def take(self, key: str) -> object:
        if key not in self._raw:
            near = difflib.get_close_matches(key, self._left, 1)
            hint = f"; did you mean it by '{near[0]}'?" if near else ""
            raise self.error(f"'{key}' is missing{hint}")
        self._left.discard(key)
        return self._raw[key]

    def text(self, key: str, default: str | None = None, pattern: str | None = None) -> str:
        if default is not None and key not in self._raw:
            return default
        value = self.take(key)
        if not isinstance(value, str) or not value:
            raise self.error(f"{key} = {value!r} must be a text")
        if pattern is not None and not re.fullmatch(pattern, value):
            raise self.error(f"{key} = {value!r} does not match {pattern}")
        return value

    def choice(self, key: str, choices: Iterable[str], default: str | None = None) -> str:
        value = self.text(key, default)
        allowed = list(choices)
        if value not in allowed:
            near = difflib.get_close_matches(value, allowed, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise self.error(f"{key} = {value!r} is none of {', '.join(allowed)}{hint}")
        return value

    def integer(self, key: str, low: int, high: int) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.error(f"{key} = {value!r} must be a whole number {low}..{high}")
        return value

    def number(self, key: str) -> float:
        return self._number(key, self.take(key))

    def pair(self, key: str) -> tuple[float, float]:
        value = self.take(key)
        if not isinstance(value, list) or len(value) != 2:
            raise self.error(f"{key} = {value!r} must be [low, high]")
        low, high = (self._number(key, one) for one in value)
        if low >= high:
            raise self.error(f"{key} = {value!r}: low must be below high")
        return low, high

    def _number(self, key: str, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.error(f"{key} = {value!r} must be a finite number")
        return float(value)

    def table(self, key: str) -> Table:
        return Table(self.take(key), f"{self.where}: {key}")

    def tables(self, key: str, word: str, least: int = 0, most: int | None = None) -> list[Table]:
        """Take a list of tables; an absent list is empty."""
        value = self.take(key) if least or key in self._raw else []
        if not isinstance(value, list):
            raise self.error(f"{key} must be a list of tables, got {value!r}")
        if len(value) < least:
            raise self.error(f"{key} is empty; at least {least} is needed")
        if most is not None and len(value) > most:
            raise self.error(f"{key} has {len(value)} entries, at most {most} fit")
        return [Table(one, f"{self.where}: {word}") for one in value]

    def title(self) -> str:
        """Take an optional title, a text in English and Chinese; give the English one."""
        if not self.has("title"):
            return ""
        title = self.table("title")
        english = title.text("en")
        title.text("zh", default="-")
        title.finish()
        return english

    def keys(self) -> list[str]:
        return list(self._raw)

    def finish(self) -> None:
        """Refuse a key that nobody took."""
        for key in sorted(self._left):
            near = difflib.get_close_matches(key, [k for k in self._raw if k != key] + list(KNOWN), 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise self.error(f"unknown key '{key}'{hint}")


KNOWN = (
    "alarms bit class code command comm_loss default delay_s device_id failures header hysteresis interface interlocks"
    " limits max min modbus n name namespace number opcua parameters phase plc program_id properties range reports"
    " sampling scan_ms slot status steps tag tags title type unit uom url users w16 w32 word_order"
).split()
