"""One Modbus device: what each function code does, and which exception answers what cannot be done."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from plc_sim.codec import WordOrder
from plc_sim.image import TagImage
from plc_sim.link import LinkConditions
from plc_sim.modbus.identity import DEVICE_IDENTIFICATION, identification, identity_objects
from plc_sim.modbus.table import Refusal, Refused, RegisterTable
from plc_sim.tagmap import TagMap

READ_COILS, READ_INPUTS, READ_HOLDING, READ_INPUT_REGISTERS = 1, 2, 3, 4
WRITE_COIL, WRITE_REGISTER, WRITE_COILS, WRITE_REGISTERS = 5, 6, 15, 16
MASK_WRITE, READ_WRITE = 22, 23

REGISTERS_READ_MAX, REGISTERS_WRITTEN_MAX, READ_WRITE_MAX = 125, 123, 121
COILS_READ_MAX, COILS_WRITTEN_MAX = 2000, 1968
COIL_ON, COIL_OFF = 0xFF00, 0

THE_DEVICE_ITSELF = (0, 255)
"""Unit ids that Modbus on TCP/IP gives to the device that has the IP address."""
LAST_UNIT_ID = 247
"""Beyond it are reserved numbers, for which a gateway can have no path."""

_TWO = struct.Struct(">xHH")
_MASK = struct.Struct(">xHHH")
_MANY = struct.Struct(">xHHB")
_READ_WRITE = struct.Struct(">xHHHHB")
OPPOSITE = {WordOrder.BIG: WordOrder.LITTLE, WordOrder.LITTLE: WordOrder.BIG}


class ModbusDevice:
    """Answers Modbus requests for one PLC from its tag image.

    Holding registers (3, 6, 16, 22, 23) and input registers (4) are one table. Coils (1, 5, 15) are the bits of the
    UINT registers the MES writes, discrete inputs (2) those of all UINT registers; bit address = 16 x register + bit.
    """

    def __init__(self, tag_map: TagMap, image: TagImage, conditions: LinkConditions) -> None:
        order = tag_map.word_order
        self._unit_ids = {tag_map.device_id, *THE_DEVICE_ITSELF}
        self._conditions = conditions
        self._table = RegisterTable(image, order)
        self._swapped = RegisterTable(image, OPPOSITE[order])
        self._identity = identity_objects(tag_map)
        self._functions: dict[int, Callable[[RegisterTable, bytes], bytes]] = {
            READ_COILS: self._read_bits,
            READ_INPUTS: self._read_bits,
            READ_HOLDING: self._read,
            READ_INPUT_REGISTERS: self._read,
            WRITE_COIL: self._write_coil,
            WRITE_REGISTER: self._write_register,
            WRITE_COILS: self._write_coils,
            WRITE_REGISTERS: self._write_registers,
            MASK_WRITE: self._mask_write,
            READ_WRITE: self._read_write,
            DEVICE_IDENTIFICATION: self._identify,
        }

    def reply(self, unit_id: int, pdu: bytes) -> bytes:
        """Carry out one request and give the PDU of its answer."""
        if unit_id not in self._unit_ids:
            return _refused(pdu, Refusal.NO_SUCH_DEVICE if unit_id <= LAST_UNIT_ID else Refusal.NO_GATEWAY_PATH)
        busy = self._conditions.busy_code
        if busy not in (0, Refusal.ACKNOWLEDGE):
            return _refused(pdu, busy)
        function = self._functions.get(pdu[0])
        if function is None:
            return _refused(pdu, Refusal.ILLEGAL_FUNCTION)
        try:
            reply = function(self._swapped if self._conditions.swap_words else self._table, pdu)
        except Refused as refused:
            return _refused(pdu, refused.code)
        # Acknowledge says that the request is accepted and takes long: unlike with the other codes, it is carried out.
        return _refused(pdu, busy) if busy else reply

    def _read(self, table: RegisterTable, pdu: bytes) -> bytes:
        first, count = _fields(_TWO, pdu)
        _within(count, REGISTERS_READ_MAX)
        return struct.pack(f">BB{count}H", pdu[0], 2 * count, *table.words(first, count))

    def _read_bits(self, table: RegisterTable, pdu: bytes) -> bytes:
        first, count = _fields(_TWO, pdu)
        _within(count, COILS_READ_MAX)
        flags = table.flags(first, count, written_by_mes=pdu[0] == READ_COILS)
        size = (count + 7) // 8
        return bytes((pdu[0], size)) + flags.to_bytes(size, "little")

    def _write_coil(self, table: RegisterTable, pdu: bytes) -> bytes:
        address, value = _fields(_TWO, pdu)
        if value not in (COIL_ON, COIL_OFF):
            raise Refused(Refusal.ILLEGAL_VALUE)
        self._apply(table, table.bit_changes(address, 1, int(value == COIL_ON)))
        return pdu

    def _write_register(self, table: RegisterTable, pdu: bytes) -> bytes:
        register, word = _fields(_TWO, pdu)
        self._apply(table, table.changes(register, (word,)))
        return pdu

    def _write_coils(self, table: RegisterTable, pdu: bytes) -> bytes:
        first, count, size = _fields(_MANY, pdu[: _MANY.size])
        _within(count, COILS_WRITTEN_MAX)
        flags = _rest(pdu, _MANY, size, (count + 7) // 8)
        self._apply(table, table.bit_changes(first, count, int.from_bytes(flags, "little")))
        return pdu[:5]

    def _write_registers(self, table: RegisterTable, pdu: bytes) -> bytes:
        first, count, size = _fields(_MANY, pdu[: _MANY.size])
        _within(count, REGISTERS_WRITTEN_MAX)
        words = struct.unpack(f">{count}H", _rest(pdu, _MANY, size, 2 * count))
        self._apply(table, table.changes(first, words))
        return pdu[:5]

    def _mask_write(self, table: RegisterTable, pdu: bytes) -> bytes:
        register, and_mask, or_mask = _fields(_MASK, pdu)
        (word,) = table.words(register, 1)
        self._apply(table, table.changes(register, (word & and_mask | or_mask & ~and_mask,)))
        return pdu

    def _read_write(self, table: RegisterTable, pdu: bytes) -> bytes:
        read_first, read_count, first, count, size = _fields(_READ_WRITE, pdu[: _READ_WRITE.size])
        _within(read_count, REGISTERS_READ_MAX)
        _within(count, READ_WRITE_MAX)
        words = struct.unpack(f">{count}H", _rest(pdu, _READ_WRITE, size, 2 * count))
        changes = table.changes(first, words)
        table.words(read_first, read_count)  # refused before anything is written
        self._apply(table, changes)
        return struct.pack(f">BB{read_count}H", pdu[0], 2 * read_count, *table.words(read_first, read_count))

    def _identify(self, table: RegisterTable, pdu: bytes) -> bytes:
        return identification(self._identity, pdu)

    def _apply(self, table: RegisterTable, changes: dict[int, int]) -> None:
        if not self._conditions.ignore_writes:
            table.apply(changes)


def _fields(form: struct.Struct, pdu: bytes) -> tuple[Any, ...]:
    if len(pdu) != form.size:
        raise Refused(Refusal.ILLEGAL_VALUE)
    return form.unpack(pdu)


def _within(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise Refused(Refusal.ILLEGAL_VALUE)


def _rest(pdu: bytes, form: struct.Struct, said: int, size: int) -> bytes:
    rest = pdu[form.size :]
    if not said == size == len(rest):
        raise Refused(Refusal.ILLEGAL_VALUE)
    return rest


def _refused(pdu: bytes, code: int) -> bytes:
    return bytes((pdu[0] | 0x80, code))
