"""A Modbus TCP server over a fake PLC, with its own packing of words, so that a codec cannot agree with itself."""

from __future__ import annotations

import asyncio
import struct

from mes.plc.fake import FakePlc
from mes.plc.port import PlcRefused
from mes.plc.tagmap import WireType

FORMAT = {WireType.UINT: ">H", WireType.UDINT: ">I", WireType.REAL: ">f"}


class ModbusWire:
    """Serves the tags of a `FakePlc` at the registers of its map, little word first where the map says so."""

    def __init__(self, plc: FakePlc) -> None:
        self.plc = plc
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        return f"modbus://{host}:{port}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            while True:
                tid, _, length, unit = struct.unpack(">HHHB", await reader.readexactly(7))
                answer = await self._answer(await reader.readexactly(length - 1))
                if answer:
                    writer.write(struct.pack(">HHHB", tid, 0, len(answer) + 1, unit) + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._clients.discard(task)
            writer.close()

    async def _answer(self, request: bytes) -> bytes:
        function, register, count = struct.unpack(">BHH", request[:5])
        if function == 3:
            words = self._words()
            asked = [words.get(one) for one in range(register, register + count)]
            if None in asked:
                return bytes([0x83, 2])
            return struct.pack(f">BB{count}H", 3, 2 * count, *asked)
        if function != 16:
            return bytes([function | 0x80, 1])
        written = struct.unpack(f">{count}H", request[6:])
        try:
            answered = await self.plc.take(self._values(register, written))
        except PlcRefused:
            return bytes([0x90, 3])
        return struct.pack(">BHH", 16, register, count) if answered else b""

    def _words(self) -> dict[int, int]:
        words: dict[int, int] = {}
        for tag in self.plc.tag_map.tags.values():
            packed = struct.pack(FORMAT[tag.type], self.plc.value(tag.name))
            parts = struct.unpack(f">{len(packed) // 2}H", packed)
            parts = parts if self.plc.tag_map.high_word_first else parts[::-1]
            words.update({tag.register + place: word for place, word in enumerate(parts)})
        return words

    def _values(self, register: int, written: tuple[int, ...]) -> dict[str, float | int]:
        values: dict[str, float | int] = {}
        for tag in sorted(self.plc.tag_map.tags.values(), key=lambda one: one.register):
            if register <= tag.register < register + len(written):
                parts = written[tag.register - register :][: tag.type.registers]
                parts = parts if self.plc.tag_map.high_word_first else parts[::-1]
                values[tag.name] = struct.unpack(FORMAT[tag.type], struct.pack(f">{len(parts)}H", *parts))[0]
        return values
