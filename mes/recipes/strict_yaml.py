"""Strict reading of YAML: text becomes plain values with line numbers, and whatever is ambiguous is refused.

Built on PyYAML's event stream: nothing is constructed from tags, nothing is expanded, nothing recurses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import yaml

from mes.recipes.problem import Problem, RecipeError
from mes.recipes.scalars import ScalarRefused, plain_value, refuse_ambiguous

LARGEST_BYTES = 1024 * 1024
DEEPEST = 40
MOST_VALUES = 20_000

Value = str | int | Decimal | bool | list["Value"] | dict[str, "Value"]
Place = tuple[str | int, ...]

# Invisible characters that reorder or join what a reader sees, and line ends that only YAML counts.
_HIDDEN = frozenset(
    map(chr, [0x7F, *range(0x80, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF])
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The values of one text and the line of each place in it (keys and list items, counted from 1)."""

    file: str
    value: dict[str, Value]
    lines: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """Give the line of the place, or of the nearest place around it."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_text(path: Path) -> str:
    """Give the text of a recipe file, at most 1 MiB of UTF-8.

    Raises `RecipeError` when it is missing, too large or not UTF-8.
    """
    try:
        with path.open("rb") as stream:
            raw = stream.read(LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:
        # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise RecipeError([Problem(str(path), 0, f"cannot be read: {reason}")]) from None
    if len(raw) > LARGEST_BYTES:
        raise RecipeError([_too_large(str(path))])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        message = f"byte 0x{raw[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise RecipeError([Problem(str(path), line, message)]) from None


def parse_yaml(text: str, file: str) -> Document:
    """Read one YAML mapping.

    Raises `RecipeError` with every problem found, each `file:line: what is wrong; how to fix it`.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > LARGEST_BYTES or len(text.encode("utf-8", "replace")) > LARGEST_BYTES:
        raise RecipeError([_too_large(file)])
    hidden = [
        Problem(file, number, _character(character))
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1)
        for character in sorted(set(line))
        if character == "\t" or _is_hidden(character)
    ]
    if hidden:
        raise RecipeError(hidden)
    reading = _Reading(file=file)
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            reading.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = " ".join(part for part in (error.context, error.problem) if part)
        reading.refuse(
            mark.line + 1 if mark else 0, f"not readable as YAML ({said}); check indentation, quotes and colons"
        )
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        # PyYAML turns escapes and version numbers into int and chr without asking whether they fit.
        reading.refuse(
            reading.line, f"not readable as YAML ({str(error).splitlines()[0]}); check the characters after here"
        )
    except _Enough:
        pass
    if not reading.problems and not isinstance(reading.root, dict):
        reading.refuse(1, "a recipe is a mapping of keys (recipe, version, title ...); this text is none")
    if reading.problems or not isinstance(reading.root, dict):
        raise RecipeError(reading.problems)
    return Document(file=file, value=reading.root, lines=reading.lines)


def _too_large(file: str) -> Problem:
    return Problem(file, 0, f"larger than {LARGEST_BYTES} bytes, which no recipe needs; it was not read")


def _is_hidden(character: str) -> bool:
    return character < " " or character in _HIDDEN or "\ud800" <= character <= "\udfff" or character in "\ufffe\uffff"


def _character(character: str) -> str:
    if character == "\t":
        return "a tab; YAML wants spaces: replace it by spaces"
    return f"control character U+{ord(character):04X}; remove it"


class _Enough(Exception):
    """The text is refused as a whole: reading on would only cost time."""


@dataclass(slots=True)
class _Open:
    """A list or mapping that has begun and not ended."""

    value: list[Value] | dict[str, Value]
    place: Place
    key: str | None = None
    key_lines: dict[str, int] = field(default_factory=dict)
    dropped: bool = False


@dataclass(slots=True)
class _Reading:
    file: str
    problems: list[Problem] = field(default_factory=list)
    lines: dict[Place, int] = field(default_factory=dict)
    root: Value | None = None
    line: int = 1
    _open: list[_Open] = field(default_factory=list)
    _values: int = 0
    _documents: int = 0

    def refuse(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, message))

    def refuse_all(self, message: str) -> None:
        self.refuse(self.line, message)
        raise _Enough

    def take(self, event: yaml.Event) -> None:
        if event.start_mark is not None:
            self.line = event.start_mark.line + 1
        match event:
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.AliasEvent():
                self.refuse(self.line, f"alias *{event.anchor}: recipes have no aliases; write the value out")
                self._place("")
            case yaml.ScalarEvent():
                self._refuse_decoration(event)
                self._scalar(event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                self._refuse_decoration(event)
                self._begin([] if isinstance(event, yaml.SequenceStartEvent) else {})
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
            case _:
                pass

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            self.refuse_all("a second document begins; one file is one recipe: remove '---' and what follows")
        if event.version or event.tags:
            self.refuse(self.line, "a YAML directive (%); remove the line")

    def _refuse_decoration(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self.refuse(
                self.line, f"anchor &{event.anchor}: recipes have no anchors; write the value out where it is used"
            )
        if event.tag is not None:
            self.refuse(self.line, f"tag {event.tag!r}: values have no tags here; remove it, or quote it if it is text")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        plain = event.style is None
        value: Value = event.value
        hidden = next((character for character in event.value if character != "\n" and _is_hidden(character)), None)
        if hidden is not None:
            self.refuse(self.line, f"control character U+{ord(hidden):04X} in a text; remove it")
            value = ""
        try:
            if plain and self._wants_key():
                refuse_ambiguous(event.value)
            elif plain:
                value = plain_value(event.value)
        except ScalarRefused as refused:
            self.refuse(self.line, str(refused))
        if self._wants_key():
            self._key(str(value))
        else:
            self._place(value)

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _key(self, key: str) -> None:
        mapping = self._open[-1]
        mapping.key = key
        mapping.dropped = key in mapping.key_lines
        if mapping.dropped:
            first = mapping.key_lines[key]
            self.refuse(self.line, f"key {key!r} is here twice (first in line {first}); remove or rename one")
        else:
            mapping.key_lines[key] = self.line
            self.lines[(*mapping.place, key)] = self.line

    def _begin(self, value: list[Value] | dict[str, Value]) -> None:
        if self._wants_key():
            self.refuse_all("a list or mapping cannot be a key; write a word before the colon")
        if len(self._open) >= DEEPEST:
            self.refuse_all(f"nested deeper than {DEEPEST} levels, which no recipe needs; flatten it")
        self._open.append(_Open(value=value, place=self._place(value)))

    def _place(self, value: Value) -> Place:
        """Put a value where it belongs and give its place."""
        self._values += 1
        if self._values > MOST_VALUES:
            self.refuse_all(f"more than {MOST_VALUES} values, which no recipe needs; the rest was not read")
        if not self._open:
            self.root = value
            self.lines[()] = self.line
            return ()
        around = self._open[-1]
        if isinstance(around.value, list):
            place: Place = (*around.place, len(around.value))
            around.value.append(value)
            self.lines[place] = self.line
            return place
        if around.key is None:
            # An alias or a refused word stood where a key belongs; it is a problem already.
            around.key = ""
            return around.place
        place = (*around.place, around.key)
        if not around.dropped:
            around.value[around.key] = value
        around.key = None
        return place
