"""Registers and their bits as two views of one tag image."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.codec import WordOrder
from plc_sim.image import TagImage
from plc_sim.modbus.table import Refusal, Refused, RegisterTable
from tests.plc_sim.heater import heater_map

COMMAND_WORDS, COMMAND_BITS = 120, 1920
WIDTH = 5 * 16
"""Cmd, CmdBootId, CmdEpochLo, ProcReq and CmdSeq lie in a row and are written by the MES."""


def new_table(order: WordOrder = WordOrder.BIG) -> RegisterTable:
    return RegisterTable(TagImage(heater_map().wire_tags()), order)


spans = st.integers(0, WIDTH - 1).flatmap(lambda first: st.tuples(st.just(first), st.integers(1, WIDTH - first)))


@given(st.lists(st.integers(0, 0xFFFF), min_size=5, max_size=5), spans, st.integers(0, 2**WIDTH - 1))
def test_writing_bits_changes_these_bits_and_no_others(words: list[int], span: tuple[int, int], flags: int) -> None:
    table = new_table()
    table.apply(table.changes(COMMAND_WORDS, words))
    before = [words[bit // 16] >> bit % 16 & 1 for bit in range(WIDTH)]
    first, count = span
    table.apply(table.bit_changes(COMMAND_BITS + first, count, flags))
    after = [*before[:first], *(flags >> bit & 1 for bit in range(count)), *before[first + count :]]
    assert table.words(COMMAND_WORDS, 5) == [sum(after[16 * i + bit] << bit for bit in range(16)) for i in range(5)]
    assert table.flags(COMMAND_BITS + first, count, written_by_mes=True) == flags & (1 << count) - 1
    assert table.flags(COMMAND_BITS, WIDTH, written_by_mes=False) == sum(bit << i for i, bit in enumerate(after))


@given(st.integers(0, 2**32 - 1), st.integers(0, 1), st.integers(0, 0xFFFF), st.sampled_from(WordOrder))
def test_writing_one_word_of_two_leaves_the_other(bits: int, which: int, word: int, order: WordOrder) -> None:
    table = new_table(order)
    words = [bits >> 16, bits & 0xFFFF]
    table.apply(table.changes(1102, words))
    table.apply(table.changes(1102 + which, [word]))
    words[which] = word
    assert table.words(1102, 2) == words


@given(st.integers(0, 2**32 - 1))
def test_the_other_word_order_has_the_words_the_other_way_round(bits: int) -> None:
    image = TagImage(heater_map().wire_tags())
    big, little = RegisterTable(image, WordOrder.BIG), RegisterTable(image, WordOrder.LITTLE)
    big.apply(big.changes(1102, [bits >> 16, bits & 0xFFFF]))
    assert little.words(1102, 2) == [bits & 0xFFFF, bits >> 16]
    assert image.value("HE-1.PH.ExecId") == bits


@pytest.mark.parametrize("bit", [7 * 16, 8 * 16, 112, 65535])
def test_a_bit_of_a_register_without_a_tag_is_refused(bit: int) -> None:
    with pytest.raises(Refused) as refused:
        new_table().flags(bit, 1, written_by_mes=False)
    assert refused.value.code is Refusal.ILLEGAL_ADDRESS


def test_a_32_bit_tag_has_no_bits() -> None:
    table = new_table()
    with pytest.raises(Refused):
        table.flags(1100 * 16, 1, written_by_mes=False)
    with pytest.raises(Refused):
        table.bit_changes(1100 * 16, 1, 1)


def test_bits_the_plc_writes_are_inputs_and_no_coils() -> None:
    table = new_table()
    assert table.flags(100 * 16, 12 * 16, written_by_mes=False) == 0
    with pytest.raises(Refused):
        table.flags(100 * 16, 1, written_by_mes=True)
    with pytest.raises(Refused):
        table.bit_changes(100 * 16, 1, 1)


def test_a_refused_write_has_changed_nothing() -> None:
    table = new_table()
    with pytest.raises(Refused):
        table.changes(5, [1, 2, 3])
    assert table.words(5, 2) == [0, 0]
