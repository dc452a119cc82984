"""Which registers are asked for in one request."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mes.plc.blocks import READ_LIMIT, WRITE_LIMIT, read_areas, write_areas
from mes.plc.tagmap import TagAddress, WireType


def test_tags_that_follow_each_other_are_read_together_and_a_gap_is_never_read() -> None:
    tags = [_tag(10), _tag(12), _tag(11, WireType.UINT), _tag(20), _tag(22)]
    tags[0] = _tag(9)
    areas = read_areas(tags)
    assert [(area.register, area.count) for area in areas] == [(9, 5), (20, 4)]


def test_areas_are_read_in_the_order_in_which_they_were_asked_for() -> None:
    areas = read_areas([_tag(100), _tag(2), _tag(102), _tag(0)])
    assert [area.register for area in areas] == [100, 0]


def test_a_tag_asked_for_twice_is_read_once() -> None:
    assert [area.count for area in read_areas([_tag(4), _tag(4)])] == [2]


@given(registers=st.lists(st.integers(0, 600), min_size=1, unique=True))
def test_every_tag_is_in_one_area_that_one_request_can_carry(registers: list[int]) -> None:
    tags = [_tag(register, WireType.UINT) for register in registers]
    for areas, limit in ((read_areas(tags), READ_LIMIT), (write_areas(tags), WRITE_LIMIT)):
        assert sorted(tag.register for area in areas for tag in area.tags) == sorted(registers)
        assert all(area.count == len(area.tags) <= limit for area in areas)
        assert all(area.tags[0].register == area.register for area in areas)


def test_a_write_keeps_the_order_given_even_where_addresses_would_join() -> None:
    areas = write_areas([_tag(2), _tag(0), _tag(4)])
    assert [area.register for area in areas] == [2, 0, 4]


def test_a_long_write_is_cut_between_tags_at_123_registers() -> None:
    areas = write_areas([_tag(2 * place) for place in range(100)])
    assert [area.count for area in areas] == [122, 78]


def _tag(register: int, wire: WireType = WireType.REAL) -> TagAddress:
    return TagAddress(name=f"T{register}", type=wire, register=register, node=f"T{register}", owner="test")
