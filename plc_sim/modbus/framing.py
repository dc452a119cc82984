"""Modbus TCP framing: cutting a stream of bytes into requests, and putting the header before an answer."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER = struct.Struct(">HHHB")  # transaction, protocol (0), length of what follows, unit id
LENGTH_MIN, LENGTH_MAX = 2, 254  # unit id and function code at least; unit id and a PDU of 253 bytes at most


class FramingError(ValueError):
    """The byte stream is not Modbus TCP; where the next request begins cannot be known."""


class Request(NamedTuple):
    """One request; `pdu` is the function code and what belongs to it, 1 to 253 bytes."""

    transaction: int
    unit_id: int
    pdu: bytes


class RequestCutter:
    """Cuts a stream of bytes, in whatever pieces it comes, into requests."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    @property
    def waiting(self) -> int:
        """Number of bytes that came and were not taken as a request yet."""
        return len(self._buffer)

    def feed(self, piece: bytes) -> None:
        """Add what came."""
        self._buffer += piece

    def take(self) -> Request | None:
        """Give the next request, or None when it is not complete yet; raises FramingError."""
        if len(self._buffer) < HEADER.size:
            return None
        transaction, protocol, length, unit_id = HEADER.unpack_from(self._buffer)
        if protocol != 0 or not LENGTH_MIN <= length <= LENGTH_MAX:
            raise FramingError(f"protocol {protocol}, length {length}")
        end = HEADER.size - 1 + length
        if len(self._buffer) < end:
            return None
        pdu = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return Request(transaction, unit_id, pdu)


def framed(request: Request, reply: bytes) -> bytes:
    """Give the bytes of the answer to a request: its transaction and unit id, then the reply's PDU."""
    return HEADER.pack(request.transaction, 0, len(reply) + 1, request.unit_id) + reply
