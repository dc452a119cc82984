"""Driver for Modbus TCP on pymodbus, with every answer checked: pymodbus takes a wrong function code for a reply."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from mes.model.reading import Reading
from mes.plc.blocks import Area, read_areas, write_areas
from mes.plc.codec import as_reading, row_from_registers, to_registers
from mes.plc.pace import Pace, heed_cancellation, known_tags
from mes.plc.port import PlcError, PlcRefused
from mes.plc.tagmap import TagAddress, TagMap

# Every failure comes back as a PlcError in words; pymodbus would dump packets to the log as well.
logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)

READ_HOLDING_REGISTERS = 3
WRITE_REGISTERS = 16
TIMEOUT_S = 1.0
BUSY_RETRIES = 3
BUSY_WAIT_S = 0.05
EXCEPTIONS: Mapping[int, str] = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "device failure",
    5: "acknowledged, still working",
    6: "device busy",
    8: "memory parity error",
    10: "gateway path not available",
    11: "gateway target does not answer",
}
CONFIGURATION = frozenset({1, 2, 3})
"""Exceptions that say that the request does not fit the PLC: repeating it helps nobody."""

BUSY = frozenset({5, 6})


class _Wire:
    """One TCP connection. The first failure ends it: what comes later could belong to an earlier request."""

    def __init__(self, plc: str, url: str, device_id: int, timeout_s: float) -> None:
        parts = urlsplit(url)
        self._plc = plc
        self._url = url
        self._device_id = device_id
        self._lost = ""
        self._client = AsyncModbusTcpClient(
            parts.hostname or "",
            port=parts.port or 502,
            timeout=timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_connect=self._connection_changed,
        )
        self._waiting = 0
        self._opening = asyncio.Lock()
        self._opened = False

    async def open(self) -> None:
        """Connect; a second call waits for the first one and does nothing."""
        async with self._opening:
            if self._opened:
                return
            self._opened = True
            if not await self._client.connect():
                raise self._fail("does not accept connections; is the PLC on and is the address right?")

    def close(self) -> None:
        self._lost = self._lost or "the connection is closed"
        self._client.close()

    async def read(self, register: int, count: int) -> Sequence[int]:
        request = self._client.read_holding_registers
        for attempt in range(BUSY_RETRIES + 1):
            answer = await self._answer(lambda: request(register, count=count, device_id=self._device_id))
            busy = isinstance(answer, ExceptionResponse) and answer.exception_code in BUSY
            if not busy or attempt == BUSY_RETRIES:
                break
            await asyncio.sleep(BUSY_WAIT_S)
        self._check(answer, READ_HOLDING_REGISTERS)
        if len(answer.registers) != count:
            raise self._fail(f"answered {len(answer.registers)} registers instead of {count} from {register}")
        return answer.registers

    async def write(self, register: int, words: list[int]) -> None:
        request = self._client.write_registers
        answer = await self._answer(lambda: request(register, words, device_id=self._device_id))
        self._check(answer, WRITE_REGISTERS)
        if (answer.address, answer.count) != (register, len(words)):
            raise self._fail(
                f"confirmed {answer.count} registers from {answer.address} instead of {len(words)} from {register}"
            )

    async def _answer(self, request: Callable[[], Awaitable[ModbusPDU]]) -> ModbusPDU:
        if self._lost:
            raise PlcError(f"{self._plc} ({self._url}): {self._lost}")
        try:
            self._waiting += 1
            answer = await request()
        except (ModbusException, ConnectionError, OSError) as error:
            raise self._fail(f"gave no valid answer ({error})") from None
        finally:
            self._waiting -= 1
        heed_cancellation()
        return answer

    def _check(self, answer: ModbusPDU, function_code: int) -> None:
        if isinstance(answer, ExceptionResponse):
            code = answer.exception_code
            text = f"refused: exception {code} ({EXCEPTIONS.get(code, 'unknown')})"
            if code in CONFIGURATION or code in BUSY:
                raise PlcRefused(f"{self._plc} ({self._url}) {text}")
            raise self._fail(text)
        if answer.function_code != function_code:
            raise self._fail(f"answered function code {answer.function_code} to a request with {function_code}")

    def _fail(self, text: str) -> PlcError:
        self._lost = self._lost or text
        self._client.close()
        return PlcError(f"{self._plc} ({self._url}) {text}")

    def _connection_changed(self, connected: bool) -> None:
        # pymodbus lets a request run into its time-out when the peer has closed the connection.
        pending = self._client.ctx.response_future
        if not connected and self._waiting and not pending.done():
            pending.set_exception(ConnectionError("the PLC closed the connection"))


class ModbusPort:
    """One connection to a PLC over Modbus TCP: one socket to watch, another one for `read` and `write`, so that polling
    never delays a command. The first `watch` opens the one to watch: OpenPLC, given two at once, serves only one.
    `timeout_s` and `monotonic` are wall time; a reading bears the time of its request."""

    def __init__(
        self,
        tag_map: TagMap,
        url: str,
        *,
        timeout_s: float = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = url
        self._map = tag_map
        self._monotonic = monotonic
        self._polling = _Wire(tag_map.name, url, tag_map.device_id, timeout_s)
        self._commands = _Wire(tag_map.name, url, tag_map.device_id, timeout_s)
        self._areas = lru_cache(maxsize=64)(self._areas_of)

    async def connect(self) -> None:
        await self._commands.open()

    async def close(self) -> None:
        self._commands.close()
        self._polling.close()

    async def read(self, tags: Sequence[str]) -> Mapping[str, Reading]:
        readings: dict[str, Reading] = {}
        for area in self._areas(tuple(tags)):
            received_s = self._monotonic()
            registers = await self._read(self._commands, area)
            readings.update(self._decode(area, registers, received_s))
        return readings

    async def write(self, values: Mapping[str, float | int]) -> None:
        tags = known_tags(self._map, tuple(values))
        encoded: dict[str, tuple[int, ...]] = {}
        for tag in tags:
            try:
                encoded[tag.name] = to_registers(values[tag.name], tag.type, high_word_first=self._map.high_word_first)
            except ValueError as error:
                raise PlcRefused(f"{self._map.name}: {tag.name} cannot be written: {error}") from None
        for area in write_areas(tags):
            words = [word for tag in area.tags for word in encoded[tag.name]]
            try:
                await self._commands.write(area.register, words)
            except PlcRefused as error:
                raise PlcRefused(f"{error} to write {area.describe()}") from None

    async def watch(self, tags: Sequence[str], *, period_s: float) -> AsyncGenerator[Mapping[str, Reading], None]:
        await self._polling.open()
        areas = self._areas(tuple(tags))
        last: dict[int, Sequence[int]] = {}
        pace = Pace(period_s)
        while True:
            changes: dict[str, Reading] = {}
            for area in areas:
                received_s = self._monotonic()
                registers = await self._read(self._polling, area)
                before = None if pace.full else last.get(area.register)
                if registers != before:
                    changes.update(self._decode(area, registers, received_s, before))
                    last[area.register] = registers
            if changes:
                yield changes
            await pace.next()

    def _areas_of(self, tags: tuple[str, ...]) -> tuple[Area, ...]:
        return read_areas(known_tags(self._map, tags))

    async def _read(self, wire: _Wire, area: Area) -> Sequence[int]:
        try:
            return await wire.read(area.register, area.count)
        except PlcRefused as error:
            raise PlcRefused(f"{error} to read {area.describe()}; compare the tag map with the PLC") from None

    def _decode(
        self, area: Area, registers: Sequence[int], received_s: float, before: Sequence[int] | None = None
    ) -> dict[str, Reading]:
        wires = tuple([tag.type for tag in area.tags])
        values = row_from_registers(registers, wires, high_word_first=self._map.high_word_first)
        readings = {}
        for tag, value in zip(area.tags, values, strict=True):
            if before is None or _differ(area, tag, registers, before):
                readings[tag.name] = as_reading(tag, value, received_s=received_s)
        return readings


def _differ(area: Area, tag: TagAddress, registers: Sequence[int], before: Sequence[int]) -> bool:
    begin, end = tag.register - area.register, tag.end - area.register
    return registers[begin:end] != before[begin:end]
