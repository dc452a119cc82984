"""Values of structured text as a PLC holds them: integers of fixed width, REAL in single precision, checked arrays."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

BOOL, WORD, INT, UINT, UDINT, REAL = "BOOL", "WORD", "INT", "UINT", "UDINT", "REAL"
ANY_INT = "integer literal"
ELEMENTARY = (BOOL, WORD, INT, UINT, UDINT, REAL)
INTEGERS = (INT, UINT, UDINT)
RANGES = {WORD: (0, 0xFFFF), INT: (-0x8000, 0x7FFF), UINT: (0, 0xFFFF), UDINT: (0, 0xFFFF_FFFF)}
WRAPS = {UINT: "(({}) & 0xFFFF)", UDINT: "(({}) & 0xFFFFFFFF)", INT: "((({}) + 0x8000 & 0xFFFF) - 0x8000)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Array:
    """Type of an array with its bounds, both included."""

    low: int
    high: int
    of: str


def single(value: float) -> float:
    """Round to single precision; too large becomes infinite."""
    return ctypes.c_float(value).value


def divided(a: float, b: float) -> float:
    """Divide as IEEE 754 does, by zero as well."""
    if b == 0.0:
        return math.nan if a == 0.0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)
    return single(a / b)


def place(index: int, low: int, high: int) -> int:
    """Give the place of an array element; raises IndexError outside the bounds."""
    if not low <= index <= high:
        raise IndexError(f"index {index} is outside {low}..{high}")
    return index - low


def narrowed(value: int, low: int, high: int) -> int:
    """Pass a value that fits; a conversion that would lose something is a mistake of the program."""
    if not low <= value <= high:
        raise OverflowError(f"{value} does not fit into {low}..{high}")
    return value


CONVERSIONS: Mapping[str, tuple[str, str, str]] = {
    "UINT_TO_UDINT": (UINT, UDINT, "{}"),
    "UINT_TO_INT": (UINT, INT, "narrowed({}, 0, 0x7FFF)"),
    "UDINT_TO_REAL": (UDINT, REAL, "single({})"),
    "WORD_TO_UINT": (WORD, UINT, "{}"),
}
"""Name -> type taken, type given, and how."""

RUNTIME: Mapping[str, Callable[..., float]] = {
    "single": single,
    "divided": divided,
    "place": place,
    "narrowed": narrowed,
}
"""What compiled programs call."""
