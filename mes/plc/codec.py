"""Values on the wire: registers to values and back, and from a value with its quality to a reading."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from mes.model.reading import Quality, Reading
from mes.plc.tagmap import TagAddress, WireType

LETTER = {WireType.UINT: "H", WireType.UDINT: "I", WireType.REAL: "f"}
LARGEST = {WireType.UINT: 0xFFFF, WireType.UDINT: 0xFFFF_FFFF}


class Unchecked(float):
    """A REAL that is written as it is, NaN and infinite included: to see what a PLC does with one."""


def single(value: float) -> float:
    """Give `value` as a REAL carries it (IEEE 754 single precision); raises `OverflowError` when it is too large."""
    return float(struct.unpack(">f", struct.pack(">f", value))[0])


def checked(value: float | int, wire: WireType) -> float | int:
    """Give `value` when a tag of this type can carry it.

    Raises `ValueError` that says what fits: a finite single for REAL, a whole number in range for UINT and UDINT.
    """
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number; write 0 or 1")
    if wire is WireType.REAL:
        try:
            if math.isfinite(value) or isinstance(value, Unchecked):
                single(value)
                return float(value)
        except OverflowError:
            pass
        raise ValueError(f"{value!r} does not fit a REAL: it must be finite and below 3.4e38")
    if not isinstance(value, int) or not 0 <= value <= LARGEST[wire]:
        raise ValueError(f"{value!r} does not fit a {wire}: it must be a whole number 0..{LARGEST[wire]}")
    return value


def to_registers(value: float | int, wire: WireType, *, high_word_first: bool) -> tuple[int, ...]:
    """Give the registers of a value; each register is big-endian by the protocol, the order of the two words is not.

    Raises `ValueError` when the value does not fit the type.
    """
    value = checked(value, wire)
    if wire is WireType.UINT:
        return (int(value),)
    octets = struct.pack(">f", value) if wire is WireType.REAL else int(value).to_bytes(4, "big")
    high, low = int.from_bytes(octets[:2], "big"), int.from_bytes(octets[2:], "big")
    return (high, low) if high_word_first else (low, high)


def from_registers(registers: Sequence[int], wire: WireType, *, high_word_first: bool) -> float | int:
    """Give the value of one or two registers; a REAL may be NaN or infinite."""
    return row_from_registers(registers, (wire,), high_word_first=high_word_first)[0]


def row_from_registers(
    registers: Sequence[int], wires: tuple[WireType, ...], *, high_word_first: bool
) -> tuple[float | int, ...]:
    """Give the values that follow each other in registers; at once, for a scan has hundreds of them."""
    octets = struct.pack(f">{len(registers)}H", *(registers if high_word_first else registers[::-1]))
    # Read from the end, the low word of each value that comes first has become the one that comes last.
    values = _layout(wires if high_word_first else wires[::-1]).unpack(octets)
    return values if high_word_first else values[::-1]


@lru_cache(maxsize=1024)
def _layout(wires: tuple[WireType, ...]) -> struct.Struct:
    return struct.Struct(">" + "".join(LETTER[wire] for wire in wires))


def as_reading(tag: TagAddress, value: float | int, *, received_s: float, source_at: datetime | None = None) -> Reading:
    """Make a reading of a value that was answered Good: bad when it is not finite or outside the range of its tag."""
    why = ""
    if not math.isfinite(value):
        why = f"{tag.name} shows {value}, which is no finite number"
    elif tag.low is not None and tag.high is not None and not tag.low <= value <= tag.high:
        why = f"{tag.name} = {value:g} is outside its range {tag.low:g}..{tag.high:g}"
    quality = Quality.BAD if why else Quality.GOOD
    return Reading(value=value, quality=quality, received_s=received_s, source_at=source_at, why=why)
