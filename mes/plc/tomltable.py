"""Strict reading of TOML tables: every error is collected with its file, line and place, none stops the reading."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence

from mes.model.equipment import Title

_HEADER = re.compile(r"^\s*\[\[?\s*([\w.-]+)\s*\]")


def nearest(word: str, known: Iterable[str]) -> str:
    """Give ` - did you mean "x"?` for the known word nearest to `word`, or an empty text."""
    close = difflib.get_close_matches(word, list(known), 1)
    return f' - did you mean "{close[0]}"?' if close else ""


class Lines:
    """Where the tables of a TOML text begin, so that an error can name its line."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self._headers: dict[str, list[int]] = {}
        for number, line in enumerate(self._lines, 1):
            if found := _HEADER.match(line):
                self._headers.setdefault(found[1], []).append(number)

    def header(self, name: str, index: int) -> int | None:
        """Give the line of the table header `name`, the `index`-th of its kind (from 0)."""
        found = self._headers.get(name, [])
        return found[index] if index < len(found) else None

    def key(self, header: int | None, key: str) -> int | None:
        """Give the line of `key` in the table whose header stands in line `header`, or that line when not found."""
        if header is None:
            return None
        pattern = re.compile(rf"^\s*\"?{re.escape(key)}\"?\s*=")
        for number in range(header + 1, len(self._lines) + 1):
            line = self._lines[number - 1]
            if _HEADER.match(line):
                break
            if pattern.match(line):
                return number
        return header


class Errors:
    """All errors found in one file, in the order of the file's reading."""

    def __init__(self, path: str, lines: Lines) -> None:
        self.path = path
        self.lines = lines
        self.found: list[str] = []

    def add(self, line: int | None, place: str, text: str) -> None:
        where = f"{self.path}:{line}" if line else self.path
        self.found.append(f"{where}: {place}: {text}" if place else f"{where}: {text}")


class Table:
    """One table of a TOML file. What is asked of it is known; what is left over at `end` is an error.

    Every getter gives None (or an empty value) after an error, so that reading goes on and finds the next one.
    """

    def __init__(self, raw: Mapping[str, object], place: str, errors: Errors, header: int | None) -> None:
        self._raw = raw
        self._asked: set[str] = set()
        self._errors = errors
        self.place = place
        self.header = header

    def error(self, text: str, *, key: str | None = None) -> None:
        line = self._errors.lines.key(self.header, key) if key else self.header
        self._errors.add(line, self.place, text)

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._raw

    def all(self) -> Mapping[str, object]:
        """Give all keys and values, for a table whose keys are free."""
        self._asked.update(self._raw)
        return self._raw

    def end(self) -> None:
        """Report every key that nobody asked for."""
        for key in self._raw:
            if key not in self._asked:
                known = sorted(self._asked)
                hint = nearest(key, known) or f"; known here: {', '.join(known)}"
                self.error(f'unknown key "{key}"{hint}', key=key)

    def value(self, key: str, *, required: bool = True) -> object:
        self._asked.add(key)
        if key not in self._raw:
            if required:
                self.error(f'"{key}" is missing; add it')
            return None
        return self._raw[key]

    def text(self, key: str, *, pattern: str | None = None, default: str | None = None) -> str | None:
        value = self.value(key, required=default is None)
        if value is None:
            return default
        if not isinstance(value, str) or not value.strip():
            self.error(f"{key} = {value!r} must be a text that is not empty", key=key)
            return None
        if pattern is not None and not re.fullmatch(pattern, value):
            self.error(f"{key} = {value!r} does not fit the pattern {pattern}", key=key)
            return None
        return value

    def choice(self, key: str, choices: Sequence[str], *, default: str | None = None) -> str | None:
        value = self.text(key, default=default)
        if value is None or value in choices:
            return value
        self.error(f"{key} = {value!r} is none of {', '.join(choices)}{nearest(value, choices)}", key=key)
        return None

    def integer(self, key: str, low: int, high: int) -> int | None:
        value = self.value(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.error(f"{key} = {value!r} must be a whole number {low}..{high}", key=key)
            return None
        return value

    def number(self, key: str, *, required: bool = True) -> float | None:
        value = self.value(key, required=required)
        return None if value is None else self._finite(key, value)

    def pair(self, key: str) -> tuple[float, float] | None:
        value = self.value(key)
        if value is None:
            return None
        if not isinstance(value, list) or len(value) != 2:
            self.error(f"{key} = {value!r} must be [low, high]", key=key)
            return None
        low, high = (self._finite(key, one) for one in value)
        if low is None or high is None:
            return None
        if low >= high:
            self.error(f"{key} = [{low:g}, {high:g}]: low must be below high", key=key)
            return None
        return low, high

    def title(self) -> Title:
        """Give the title: texts by language code, English at least."""
        table = self.table("title")
        if table is None:
            return {}
        title = {}
        for key, value in table.all().items():
            if not re.fullmatch(r"[a-z]{2}(-[A-Za-z]{2,4})?", key):
                table.error(f'title: "{key}" is no language code such as "en" or "zh"', key="title")
            elif not isinstance(value, str) or not value.strip():
                table.error(f"title: {key} = {value!r} must be a text", key="title")
            else:
                title[key] = value
        if "en" not in title:
            table.error('title: the English text "en" is missing; add it', key="title")
        return title

    def table(self, key: str, *, place: str | None = None) -> Table | None:
        """Give a table inside this one; its errors are told at the place of this one unless `place` is given."""
        value = self.value(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.error(f"{key} = {value!r} must be a table", key=key)
            return None
        own = self._errors.lines.header(key, 0) if self.header is None else self.header
        return Table(value, self.place if place is None else place, self._errors, own)

    def tables(
        self, key: str, *, what: str, named: str = "name", header: str | None = None, first: int = 0
    ) -> list[Table]:
        """Give a list of tables (none when the key is absent); `what` and the value of `named` make the place.

        `header` is the name of their `[[header]]` in the file and `first` the index of the first of them, if they have
        one.
        """
        value = self.value(key, required=False)
        if value is None:
            return []
        if not isinstance(value, list):
            self.error(f"{key} = {value!r} must be a list of tables", key=key)
            return []
        tables = []
        for index, one in enumerate(value):
            if not isinstance(one, dict):
                self.error(f"{key}[{index}] = {one!r} must be a table", key=key)
                continue
            name = one.get(named)
            place = f"{what} {name}" if isinstance(name, str | int) else f"{what} no. {index + 1}"
            place = f"{self.place}, {place}" if self.place else place
            lines = self._errors.lines
            line = lines.header(header, first + index) if header else lines.key(self.header, key)
            tables.append(Table(one, place, self._errors, line or self.header))
        return tables

    def registers(self, known: Iterable[str]) -> dict[str, int]:
        """Give a table of register addresses by tag name, each name one of `known`."""
        found = {}
        names = list(known)
        for key in self._raw:
            self._asked.add(key)
            if key not in names:
                self.error(f'tags: unknown tag "{key}"{nearest(key, names)}')
                continue
            register = self.integer(key, 0, 65535)
            if register is not None:
                found[key] = register
        return found

    def _finite(self, key: str, value: object) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            self.error(f"{key} = {value!r} must be a finite number", key=key)
            return None
        return float(value)
