"""Golden words: known values in known registers, so that a wrong word order cannot cancel out."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.codec import WireType, WordOrder, from_bits, from_words, to_bits, to_single, to_words

GOLDEN = [
    (WireType.UINT, 0, (0x0000,)),
    (WireType.UINT, 65535, (0xFFFF,)),
    (WireType.UINT, 4711, (0x1267,)),
    (WireType.UDINT, 1, (0x0000, 0x0001)),
    (WireType.UDINT, 305419896, (0x1234, 0x5678)),
    (WireType.UDINT, 4294967295, (0xFFFF, 0xFFFF)),
    (WireType.REAL, 16.4, (0x4183, 0x3333)),
    (WireType.REAL, 65.7, (0x4283, 0x6666)),
    (WireType.REAL, 1.0, (0x3F80, 0x0000)),
    (WireType.REAL, -2.5, (0xC020, 0x0000)),
    (WireType.REAL, 0.1, (0x3DCC, 0xCCCD)),
    (WireType.REAL, math.inf, (0x7F80, 0x0000)),
    (WireType.REAL, math.nan, (0x7FC0, 0x0000)),
]


@pytest.mark.parametrize(("wire_type", "value", "words"), GOLDEN)
def test_a_value_has_its_golden_words(wire_type: WireType, value: float, words: tuple[int, ...]) -> None:
    assert to_words(wire_type, value, WordOrder.BIG) == words
    assert to_words(wire_type, value, WordOrder.LITTLE) == words[::-1]


@pytest.mark.parametrize(("wire_type", "value", "words"), GOLDEN)
def test_golden_words_give_their_value(wire_type: WireType, value: float, words: tuple[int, ...]) -> None:
    for order, laid in ((WordOrder.BIG, words), (WordOrder.LITTLE, words[::-1])):
        read = from_words(wire_type, laid, order)
        assert read == pytest.approx(value, rel=1e-7, nan_ok=True)
        assert wire_type is WireType.REAL or read == value


def test_a_real_beyond_single_precision_becomes_infinite() -> None:
    assert to_single(1e39) == math.inf
    assert to_single(-1e39) == -math.inf


@pytest.mark.parametrize(
    ("wire_type", "value"),
    [
        (WireType.UINT, -1),
        (WireType.UINT, 65536),
        (WireType.UINT, 1.5),
        (WireType.UDINT, 2**32),
        (WireType.UINT, math.nan),
    ],
)
def test_a_number_that_does_not_fit_is_refused(wire_type: WireType, value: float) -> None:
    with pytest.raises(ValueError, match=f"does not fit into a {wire_type.value}"):
        to_bits(wire_type, value)


def test_a_wrong_number_of_registers_is_refused() -> None:
    with pytest.raises(ValueError, match="takes 2"):
        from_words(WireType.REAL, (1,), WordOrder.BIG)


@given(st.floats(width=32, allow_nan=False), st.sampled_from(WordOrder))
def test_every_real_comes_back_as_it_went(value: float, order: WordOrder) -> None:
    assert from_words(WireType.REAL, to_words(WireType.REAL, value, order), order) == value


@given(st.integers(0, 2**32 - 1), st.sampled_from(WordOrder))
def test_every_bit_pattern_survives_as_udint(value: int, order: WordOrder) -> None:
    assert from_words(WireType.UDINT, to_words(WireType.UDINT, value, order), order) == value
    assert from_bits(WireType.UDINT, value) == value
