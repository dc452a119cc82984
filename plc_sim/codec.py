"""The PLC's own words: how a UINT, UDINT or REAL lies in 16-bit registers."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from enum import Enum

_REAL = struct.Struct("<f")
_BITS = struct.Struct("<I")


class WireType(Enum):
    """Type of a tag on the wire: UINT (16 bit), UDINT (32 bit), REAL (IEEE 754 single)."""

    UINT = "UINT"
    UDINT = "UDINT"
    REAL = "REAL"


class WordOrder(Enum):
    """Which word of a 32-bit tag comes at the lower register: `BIG` the high one, `LITTLE` the low one."""

    BIG = "big"
    LITTLE = "little"


REGISTERS = {WireType.UINT: 1, WireType.UDINT: 2, WireType.REAL: 2}
LARGEST = {WireType.UINT: 0xFFFF, WireType.UDINT: 0xFFFF_FFFF}


def to_bits(wire_type: WireType, value: float) -> int:
    """Give the bit pattern of a value.

    A REAL is rounded to single precision; beyond its range it becomes infinite, as on a PLC. Raises ValueError for an
    integer that is not whole or not in 0..65535 (UINT) or 0..4294967295 (UDINT).
    """
    if wire_type is WireType.REAL:
        try:
            raw = _REAL.pack(value)
        except OverflowError:
            raw = _REAL.pack(math.copysign(math.inf, value))
        return int(_BITS.unpack(raw)[0])
    if not math.isfinite(value) or value != int(value) or not 0 <= value <= LARGEST[wire_type]:
        raise ValueError(f"{value} does not fit into a {wire_type.value} (whole number 0..{LARGEST[wire_type]})")
    return int(value)


def from_bits(wire_type: WireType, bits: int) -> float:
    """Give the value of a bit pattern: an int for UINT and UDINT, a float (possibly NaN or infinite) for REAL."""
    if wire_type is WireType.REAL:
        return float(_REAL.unpack(_BITS.pack(bits))[0])
    return bits


def to_single(value: float) -> float:
    """Round a value to what a REAL can hold."""
    return from_bits(WireType.REAL, to_bits(WireType.REAL, value))


def shifts(wire_type: WireType, order: WordOrder) -> tuple[int, ...]:
    """Say by how many bits each register's word is shifted inside the bit pattern, lowest register first."""
    if REGISTERS[wire_type] == 1:
        return (0,)
    return (16, 0) if order is WordOrder.BIG else (0, 16)


def to_words(wire_type: WireType, value: float, order: WordOrder) -> tuple[int, ...]:
    """Encode a value into its registers, lowest address first; raises ValueError as `to_bits`."""
    bits = to_bits(wire_type, value)
    return tuple(bits >> shift & 0xFFFF for shift in shifts(wire_type, order))


def from_words(wire_type: WireType, words: Sequence[int], order: WordOrder) -> float:
    """Decode the registers of one tag; raises ValueError when their number is wrong."""
    places = shifts(wire_type, order)
    if len(words) != len(places):
        raise ValueError(f"a {wire_type.value} takes {len(places)} register(s), got {len(words)}")
    return from_bits(wire_type, sum(word << shift for word, shift in zip(words, places, strict=True)))
