"""Modbus TCP on bytes: cutting a stream into requests and answering one request from the tag image."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum

from plc_sim.codec import WordOrder, shifts
from plc_sim.image import TagImage

HEADER = struct.Struct(">HHHB")  # transaction, protocol (0), length of what follows, unit id
LENGTH_MIN, LENGTH_MAX = 2, 254
READ_MAX, WRITE_MAX = 125, 123
READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_MANY = 3, 4, 6, 16


class Refusal(IntEnum):
    """Modbus exception code."""

    ILLEGAL_FUNCTION = 1
    ILLEGAL_ADDRESS = 2
    ILLEGAL_VALUE = 3
    NO_SUCH_DEVICE = 0x0B


class FramingError(ValueError):
    """The byte stream is not Modbus TCP; where the next request begins cannot be known."""


class RequestCutter:
    """Cuts a stream of bytes, in whatever pieces it comes, into requests."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, piece: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Yield (transaction, unit id, PDU) of each request complete so far; raises FramingError."""
        self._buffer += piece
        while len(self._buffer) >= HEADER.size:
            transaction, protocol, length, unit_id = HEADER.unpack_from(self._buffer)
            if protocol != 0 or not LENGTH_MIN <= length <= LENGTH_MAX:
                raise FramingError(f"protocol {protocol}, length {length}")
            end = HEADER.size - 1 + length
            if len(self._buffer) < end:
                return
            pdu = bytes(self._buffer[HEADER.size : end])
            del self._buffer[:end]
            yield transaction, unit_id, pdu


class RegisterServer:
    """Answers Modbus requests for one device from a tag image.

    Every register of a tag can be read as holding (FC3) or input register (FC4). A request that touches a register
    without a tag is refused as a whole with exception 2, as is a write that touches a tag the MES may not write.
    """

    def __init__(self, image: TagImage, device_id: int, order: WordOrder) -> None:
        self._image = image
        self._device_id = device_id
        self._places: dict[int, tuple[int, int]] = {}
        for index, tag in enumerate(image.tags):
            for offset, shift in enumerate(shifts(tag.wire_type, order)):
                self._places[tag.register + offset] = (index, shift)

    def answer(self, transaction: int, unit_id: int, pdu: bytes) -> bytes:
        """Give the whole answer to one request."""
        if unit_id != self._device_id:
            reply = _refused(pdu[0], Refusal.NO_SUCH_DEVICE)
        elif pdu[0] in (READ_HOLDING, READ_INPUT):
            reply = self._read(pdu)
        elif pdu[0] == WRITE_ONE:
            reply = self._write_one(pdu)
        elif pdu[0] == WRITE_MANY:
            reply = self._write_many(pdu)
        else:
            reply = _refused(pdu[0], Refusal.ILLEGAL_FUNCTION)
        return HEADER.pack(transaction, 0, len(reply) + 1, unit_id) + reply

    def _read(self, pdu: bytes) -> bytes:
        if len(pdu) != 5:
            return _refused(pdu[0], Refusal.ILLEGAL_VALUE)
        first, count = struct.unpack(">HH", pdu[1:])
        if not 1 <= count <= READ_MAX:
            return _refused(pdu[0], Refusal.ILLEGAL_VALUE)
        places, bits = self._places, self._image.bits
        words = []
        for register in range(first, first + count):
            place = places.get(register)
            if place is None:
                return _refused(pdu[0], Refusal.ILLEGAL_ADDRESS)
            words.append(bits(place[0]) >> place[1] & 0xFFFF)
        return struct.pack(f">BB{count}H", pdu[0], 2 * count, *words)

    def _write_one(self, pdu: bytes) -> bytes:
        if len(pdu) != 5:
            return _refused(pdu[0], Refusal.ILLEGAL_VALUE)
        register, word = struct.unpack(">HH", pdu[1:])
        return pdu if self._write(register, (word,)) else _refused(pdu[0], Refusal.ILLEGAL_ADDRESS)

    def _write_many(self, pdu: bytes) -> bytes:
        if len(pdu) < 6:
            return _refused(pdu[0], Refusal.ILLEGAL_VALUE)
        first, count, size = struct.unpack(">HHB", pdu[1:6])
        if not 1 <= count <= WRITE_MAX or size != 2 * count or len(pdu) != 6 + size:
            return _refused(pdu[0], Refusal.ILLEGAL_VALUE)
        if not self._write(first, struct.unpack(f">{count}H", pdu[6:])):
            return _refused(pdu[0], Refusal.ILLEGAL_ADDRESS)
        return pdu[:5]

    def _write(self, first: int, words: tuple[int, ...]) -> bool:
        """Write all words or none."""
        changed: dict[int, int] = {}
        for register, word in enumerate(words, first):
            place = self._places.get(register)
            if place is None or not self._image.tags[place[0]].writable:
                return False
            index, shift = place
            bits = changed.get(index, self._image.bits(index))
            changed[index] = bits & ~(0xFFFF << shift) | word << shift
        for index, bits in changed.items():
            self._image.write_bits(index, bits)
        return True


def _refused(function: int, code: Refusal) -> bytes:
    return bytes((function | 0x80, code))
