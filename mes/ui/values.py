"""How a reading is written: a number that can be read at a glance, never without its quality."""

from __future__ import annotations

import re

from mes.model.equipment import TagSpec
from mes.model.reading import Quality, Reading

_POWERS = {"2": "²", "3": "³"}
_WORST_FIRST = ("HH", "LL", "H", "L")

Shown = tuple[str, str, str]
"""Text, mark, and why: the mark is "" (good), "stale", "bad", or the name of the alarm limit that is passed."""


def uom_text(uom: str) -> str:
    """Give a unit of measure as people write it."""
    if uom == "1":
        return ""
    text = uom.replace("degC", "°C").replace(".", "·")
    text = re.sub(r"\bum\b", "µm", text)
    return re.sub(r"(?<=[a-z])[23]\b", lambda found: _POWERS[found[0]], text)


def number_text(value: float) -> str:
    """Give a number with the digits that a person takes in, about four."""
    size = abs(value)
    if size >= 1000 or value == int(value):
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 1 else f"{value:.3f}"


def reading_text(reading: Reading, spec: TagSpec) -> Shown:
    """Give the text of a reading; one that is not good ends in "?" and says why."""
    if reading.is_good and reading.value is not None:
        return number_text(reading.value), _passed(reading.value, spec), ""
    mark = "stale" if reading.quality is Quality.STALE else "bad"
    usable = reading.value is not None and reading.value == reading.value
    text = f"{number_text(reading.value)} ?" if usable and reading.value is not None else "– ?"
    return text, mark, reading.why


def _passed(value: float, spec: TagSpec) -> str:
    for name in _WORST_FIRST:
        limit = spec.limits.get(name)
        if limit is not None and (value > limit if name.startswith("H") else value < limit):
            return name
    return ""


def duration_text(seconds: float) -> str:
    """Give a duration as days and hours, hours and minutes, or minutes and seconds."""
    whole = max(0, round(seconds))
    days, hours, minutes = whole // 86400, whole // 3600 % 24, whole // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {whole % 60:02} s" if minutes else f"{whole % 60} s"
