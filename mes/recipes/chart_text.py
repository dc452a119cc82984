"""How wide a text of a chart is, and how it is broken into lines, without asking a font."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import partial

_BOUND = "\ue000"
"""Stands for a space at which a line is not broken: in `< 1 ppm`."""

_TOGETHER = re.compile(r" (?=(?:<=|>=|<|>|=|!=) )|(?<=[<>=]) |(?<=\d) (?=[A-Za-z%°µ])|(?<=\bfor) (?=\d)")
_NARROW = frozenset(f"iljIft.,:;'|!()[]{{}} /-`{_BOUND}")
_BROAD = frozenset("mwMWQO@%&—")
_EM = {"narrow": 0.37, "broad": 0.95, "capital": 0.70, "other": 0.585}
_BOLD = 1.07
ELLIPSIS = "…"


def text_width(text: str, size_px: float, *, bold: bool = False) -> float:
    """Give a width in px that the text does not exceed in the usual sans-serif fonts; a Chinese character is 1 em."""
    em = sum(_em(char) for char in text)
    return em * size_px * (_BOLD if bold else 1.0)


def _em(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.0
    if char in _NARROW:
        return _EM["narrow"]
    if char in _BROAD:
        return _EM["broad"]
    if char.isupper():
        return _EM["capital"]
    # What is neither a letter nor a digit may come from a symbol font, which is as wide as it likes.
    return _EM["other"] if char.isalnum() or char.isascii() else 1.0


def wrapped(text: str, width_px: float, size_px: float, *, bold: bool = False, most: int = 8) -> tuple[str, ...]:
    """Break a text into at most `most` lines of at most `width_px`; what does not fit ends in an ellipsis.

    It is broken at spaces (but not within `< 1 ppm`), between Chinese characters, and inside a word only where that is
    too long for a line.
    """
    lines = [""]
    fits = partial(_fits, width_px=width_px, size_px=size_px, bold=bold)
    parts = (part for word in _words(text) for part in ((word,) if fits(word) else _apart(word)))
    for word in parts:
        if fits(lines[-1] + word):
            lines[-1] += word
            continue
        lines.append("")
        for char in word:
            if lines[-1] and not fits(lines[-1] + char):
                lines.append("")
            lines[-1] += char
    kept = [line.strip().replace(_BOUND, " ") for line in lines if line.strip()]
    if len(kept) <= most:
        return tuple(kept)
    last = kept[most - 1]
    while last and not fits(last + ELLIPSIS):
        last = last[:-1]
    return (*kept[: most - 1], last.rstrip() + ELLIPSIS)


def _fits(text: str, *, width_px: float, size_px: float, bold: bool) -> bool:
    return text_width(text.rstrip(), size_px, bold=bold) <= width_px


def _apart(word: str) -> Iterator[str]:
    """Give the parts of what should stay together but is too long for a line."""
    *before, last = word.split(_BOUND)
    yield from (f"{part} " for part in before)
    yield last


def _words(text: str) -> Iterator[str]:
    """Give the parts that stay together, each with the space after it."""
    word = ""
    for char in _TOGETHER.sub(_BOUND, " ".join(text.replace(_BOUND, " ").split())):
        wide = unicodedata.east_asian_width(char) in "WF"
        if wide and word:
            yield word
            word = ""
        word += char
        if char in " /" or wide:
            yield word
            word = ""
    if word:
        yield word
