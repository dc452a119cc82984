"""Who a simulated PLC says it is on Modbus: device identification, function 43 with interface type 14."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.modbus.table import Refusal, Refused
from plc_sim.tagmap import TagMap

DEVICE_IDENTIFICATION, INTERFACE_TYPE = 43, 14
BASIC, REGULAR, EXTENDED, ONE_OBJECT = 1, 2, 3, 4
LAST_OBJECT = {BASIC: 0x02, REGULAR: 0x7F, EXTENDED: 0xFF}
CONFORMITY = 0x83
"""Extended identification, as a stream and object by object."""

FIRST_SLOT, LAST_SLOT = 0x81, 0xFF
ROOM = 253 - 7
"""Bytes of an answer left for objects, each with two bytes of its own."""


def identity_objects(tag_map: TagMap) -> dict[int, bytes]:
    """Give the identification objects of a PLC by their number, in ASCII.

    0 vendor, 1 product code (PLC name), 2 revision (MES-Phase version), 4 product name (title), 5 model, 6 application
    (namespace of the tags), 128 program id; from 129 one for each phase slot, which says what it can run.
    """
    texts = {
        0x00: "plc_sim",
        0x01: tag_map.name,
        0x02: str(tag_map.interface),
        0x04: tag_map.title,
        0x05: f"MES-Phase v{tag_map.interface}",
        0x06: tag_map.namespace,
        0x80: f"ProgramId {tag_map.program_id}",
    }
    for number, slot in zip(range(FIRST_SLOT, LAST_SLOT + 1), tag_map.slots, strict=False):
        phases = " ".join(phase.name for phase in slot.phases.values())
        texts[number] = f"{slot.name}: {phases}"
    return {number: text.encode("ascii", "replace")[: ROOM - 2] for number, text in texts.items()}


def identification(objects: Mapping[int, bytes], pdu: bytes) -> bytes:
    """Answer one request for identification; raises Refused."""
    if len(pdu) < 2 or pdu[1] != INTERFACE_TYPE:
        raise Refused(Refusal.ILLEGAL_FUNCTION if len(pdu) > 1 else Refusal.ILLEGAL_VALUE)
    if len(pdu) != 4 or pdu[2] not in (*LAST_OBJECT, ONE_OBJECT):
        raise Refused(Refusal.ILLEGAL_VALUE)
    access, first = pdu[2], pdu[3]
    if access == ONE_OBJECT:
        if first not in objects:
            raise Refused(Refusal.ILLEGAL_ADDRESS)
        return _answer(access, 0, {first: objects[first]})
    offered = {number: text for number, text in objects.items() if number <= LAST_OBJECT[access]}
    # The specification has a stream that is asked to go on at an object it does not know begin again.
    begin = first if first in offered else 0
    told: dict[int, bytes] = {}
    room = ROOM
    for number, text in offered.items():
        if number < begin:
            continue
        room -= 2 + len(text)
        if room < 0:
            return _answer(access, number, told)
        told[number] = text
    return _answer(access, 0, told)


def _answer(access: int, following: int, told: Mapping[int, bytes]) -> bytes:
    more = 0xFF if following else 0
    head = bytes((DEVICE_IDENTIFICATION, INTERFACE_TYPE, access, CONFORMITY, more, following, len(told)))
    return head + b"".join(bytes((number, len(text))) + text for number, text in told.items())
