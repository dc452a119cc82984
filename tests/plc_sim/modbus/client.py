"""A Modbus master made of bytes alone, for tests."""

from __future__ import annotations

import asyncio
import struct

LIMIT_S = 5.0


class RawClient:
    """Numbers its requests from 1; every wait has a limit."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._transaction = 0

    def frame(self, pdu: bytes, unit_id: int = 1) -> bytes:
        self._transaction += 1
        return struct.pack(">HHHB", self._transaction, 0, len(pdu) + 1, unit_id) + pdu

    async def answer(self) -> tuple[int, bytes]:
        header = await asyncio.wait_for(self.reader.readexactly(7), LIMIT_S)
        transaction, protocol, length, _ = struct.unpack(">HHHB", header)
        assert protocol == 0
        return transaction, await asyncio.wait_for(self.reader.readexactly(length - 1), LIMIT_S)

    async def ask(self, pdu: bytes, unit_id: int = 1) -> bytes:
        self.writer.write(self.frame(pdu, unit_id))
        transaction, reply = await self.answer()
        assert transaction == self._transaction
        return reply

    async def read(self, first: int, count: int) -> tuple[int, ...]:
        reply = await self.ask(struct.pack(">BHH", 3, first, count))
        assert reply[:2] == bytes((3, 2 * count)), reply
        return struct.unpack(f">{count}H", reply[2:])

    async def write(self, first: int, *words: int) -> bytes:
        return await self.ask(struct.pack(f">BHHB{len(words)}H", 16, first, len(words), 2 * len(words), *words))

    async def end(self) -> bytes:
        """Give what still comes until the server closes the connection."""
        return await asyncio.wait_for(self.reader.read(), LIMIT_S)

    def close(self) -> None:
        self.writer.transport.abort()


async def connected(url: str) -> RawClient:
    """Connect to a `modbus://` URL."""
    host, port = url.removeprefix("modbus://").rsplit(":", 1)
    return RawClient(*await asyncio.open_connection(host, int(port)))
