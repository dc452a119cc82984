"""Device identification: who a PLC says it is, object by object and as a stream."""

from __future__ import annotations

import pytest

from plc_sim.modbus.identity import identification, identity_objects
from plc_sim.modbus.table import Refusal, Refused
from tests.plc_sim.heater import heater_map

OBJECTS = identity_objects(heater_map())
LONG = {0: b"plc_sim", 1: b"HT", 2: b"1", **{0x80 + i: bytes([0x41 + i]) * 100 for i in range(5)}}


def asked(objects: dict[int, bytes], access: int, first: int) -> tuple[int, int, dict[int, bytes]]:
    """Ask once; gives more-follows, next object and the objects told."""
    reply = identification(objects, bytes((0x2B, 0x0E, access, first)))
    assert len(reply) <= 253
    assert reply[:4] == bytes((0x2B, 0x0E, access, 0x83))
    more, following, count = reply[4:7]
    told, at = {}, 7
    for _ in range(count):
        number, size = reply[at : at + 2]
        told[number] = reply[at + 2 : at + 2 + size]
        at += 2 + size
    assert at == len(reply)
    return more, following, told


def test_the_map_says_who_the_plc_is() -> None:
    assert OBJECTS == {
        0x00: b"plc_sim",
        0x01: b"HT",
        0x02: b"1",
        0x04: b"Heaters",
        0x05: b"MES-Phase v1",
        0x06: b"urn:test:ht",
        0x80: b"ProgramId 305419896",
        0x81: b"HE-1.PH: HEAT COOL",
        0x82: b"HE-2.PH: HEAT",
        0x83: b"HE-3.PH: HEAT",
    }


@pytest.mark.parametrize(("access", "last"), [(1, 0x02), (2, 0x06), (3, 0x83)])
def test_a_category_brings_its_objects_and_those_of_the_smaller_ones(access: int, last: int) -> None:
    more, following, told = asked(OBJECTS, access, 0)
    assert (more, following) == (0, 0)
    assert told == {number: text for number, text in OBJECTS.items() if number <= last}


def test_a_long_stream_is_told_in_parts_that_follow_each_other() -> None:
    told: dict[int, bytes] = {}
    first, answers = 0, 0
    while True:
        more, following, part = asked(LONG, 3, first)
        assert part
        assert not told.keys() & part.keys()
        told |= part
        answers += 1
        if not more:
            break
        assert more == 0xFF
        assert following not in told
        first = following
    assert told == LONG
    assert answers == 3


def test_a_stream_that_goes_on_at_an_unknown_object_begins_again() -> None:
    assert asked(OBJECTS, 1, 0x55) == asked(OBJECTS, 1, 0)
    assert asked(OBJECTS, 1, 0x81) == asked(OBJECTS, 1, 0)


@pytest.mark.parametrize("number", sorted(OBJECTS))
def test_every_object_can_be_asked_for_alone(number: int) -> None:
    assert asked(OBJECTS, 4, number) == (0, 0, {number: OBJECTS[number]})


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        ("2b", Refusal.ILLEGAL_VALUE),
        ("2b 0e", Refusal.ILLEGAL_VALUE),
        ("2b 0e 01", Refusal.ILLEGAL_VALUE),
        ("2b 0e 01 00 00", Refusal.ILLEGAL_VALUE),
        ("2b 0e 00 00", Refusal.ILLEGAL_VALUE),
        ("2b 0e 05 00", Refusal.ILLEGAL_VALUE),
        ("2b 0d 01 00", Refusal.ILLEGAL_FUNCTION),
        ("2b 0e 04 03", Refusal.ILLEGAL_ADDRESS),
        ("2b 0e 04 ff", Refusal.ILLEGAL_ADDRESS),
    ],
)
def test_what_cannot_be_told_is_refused(pdu: str, code: Refusal) -> None:
    with pytest.raises(Refused) as refused:
        identification(OBJECTS, bytes.fromhex(pdu))
    assert refused.value.code is code
