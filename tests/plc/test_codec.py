"""Golden words: what the registers of a PLC hold for a value, worked out by hand from IEEE 754."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.reading import Quality
from mes.plc.codec import as_reading, from_registers, single, to_registers
from mes.plc.tagmap import TagAddress, WireType

UINT, UDINT, REAL = WireType.UINT, WireType.UDINT, WireType.REAL

# sign 0, exponent 127 + n, fraction: 1.0 = 3F80 0000, 550.0 = 512 x 1.07421875 = 4409 8000, -0.1 = BDCC CCCD ...
GOLDEN = [
    (UINT, 0, (0x0000,)),
    (UINT, 65535, (0xFFFF,)),
    (UDINT, 1, (0x0000, 0x0001)),
    (UDINT, 65536, (0x0001, 0x0000)),
    (UDINT, 305419896, (0x1234, 0x5678)),
    (UDINT, 4294967295, (0xFFFF, 0xFFFF)),
    (REAL, 0.0, (0x0000, 0x0000)),
    (REAL, 1.0, (0x3F80, 0x0000)),
    (REAL, -2.5, (0xC020, 0x0000)),
    (REAL, 550.0, (0x4409, 0x8000)),
    (REAL, 65.7, (0x4283, 0x6666)),
    (REAL, -0.1, (0xBDCC, 0xCCCD)),
    (REAL, 16777217.0, (0x4B80, 0x0000)),
    (REAL, 3.4028234663852886e38, (0x7F7F, 0xFFFF)),
]


@pytest.mark.parametrize(("wire", "value", "high_first"), GOLDEN)
def test_a_value_has_the_golden_words_in_either_word_order(
    wire: WireType, value: float, high_first: tuple[int, ...]
) -> None:
    assert to_registers(value, wire, high_word_first=True) == high_first
    assert to_registers(value, wire, high_word_first=False) == high_first[::-1]


@pytest.mark.parametrize(("wire", "value", "high_first"), GOLDEN)
def test_the_golden_words_are_read_as_the_value(wire: WireType, value: float, high_first: tuple[int, ...]) -> None:
    expected = single(value) if wire is REAL else value
    assert from_registers(high_first, wire, high_word_first=True) == expected
    assert from_registers(high_first[::-1], wire, high_word_first=False) == expected


@pytest.mark.parametrize(("words", "shown"), [((0x7FC0, 0), "nan"), ((0x7F80, 0), "inf"), ((0xFF80, 0), "-inf")])
def test_words_that_are_no_number_make_a_bad_reading(words: tuple[int, int], shown: str) -> None:
    value = from_registers(words, REAL, high_word_first=True)
    reading = as_reading(_tag(low=None, high=None), value, received_s=1.0)
    assert str(value) == shown
    assert reading.quality is Quality.BAD
    assert "finite" in reading.why


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        (UINT, -1),
        (UINT, 65536),
        (UINT, 1.0),
        (UINT, True),
        (UDINT, 4294967296),
        (REAL, math.nan),
        (REAL, -math.inf),
        (REAL, 1e39),
        (REAL, 3.5e38),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_fits(wire: WireType, value: float) -> None:
    with pytest.raises(ValueError, match=r"must be|write 0 or 1"):
        to_registers(value, wire, high_word_first=True)


@given(value=st.floats(width=32, allow_nan=False, allow_infinity=False), high_word_first=st.booleans())
def test_every_single_comes_back_as_it_was(value: float, high_word_first: bool) -> None:
    words = to_registers(value, REAL, high_word_first=high_word_first)
    assert from_registers(words, REAL, high_word_first=high_word_first) == value


@given(value=st.integers(0, 0xFFFF_FFFF), high_word_first=st.booleans())
def test_every_udint_comes_back_as_it_was(value: int, high_word_first: bool) -> None:
    words = to_registers(value, UDINT, high_word_first=high_word_first)
    assert from_registers(words, UDINT, high_word_first=high_word_first) == value


@pytest.mark.parametrize(
    ("value", "quality"), [(0.0, Quality.GOOD), (900.0, Quality.GOOD), (-0.001, Quality.BAD), (900.1, Quality.BAD)]
)
def test_a_reading_is_good_within_the_range_of_its_tag_ends_included(value: float, quality: Quality) -> None:
    reading = as_reading(_tag(low=0.0, high=900.0), value, received_s=1.0)
    assert reading.quality is quality
    assert ("outside its range 0..900" in reading.why) is (quality is Quality.BAD)


def _tag(*, low: float | None, high: float | None) -> TagAddress:
    return TagAddress(name="FU-1.T", type=REAL, register=0, node="FU-1.T", owner="test", low=low, high=high)
