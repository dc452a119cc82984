"""Modbus TCP server of a simulated PLC: every request of every client is answered, in the order it came."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

from plc_sim.image import TagImage
from plc_sim.mbap import FramingError, RegisterServer, RequestCutter
from plc_sim.tagmap import TagMap

log = logging.getLogger(__name__)


class ModbusServer:
    """Serves one tag image over Modbus TCP; `start` raises OSError when the address cannot be used."""

    def __init__(self, tag_map: TagMap, image: TagImage) -> None:
        self._registers = RegisterServer(image, tag_map.device_id, tag_map.word_order)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.BaseTransport] = set()

    async def start(self, host: str, port: int) -> str:
        """Listen, on a free port when `port` is 0, and give the URL to reach the server."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self._registers, self._connections), host, port)
        used_port = self._server.sockets[0].getsockname()[1]
        return f"modbus://{f'[{host}]' if ':' in host else host}:{used_port}"

    async def refresh(self) -> None:
        """Nothing to do after a scan: reads take their words from the image."""

    async def stop(self) -> None:
        """Close the listening socket and every connection."""
        if self._server is None:
            return
        self._server.close()
        for transport in tuple(self._connections):
            transport.close()
        await self._server.wait_closed()
        self._server = None


class _Connection(asyncio.Protocol):
    """One client."""

    def __init__(self, registers: RegisterServer, connections: set[asyncio.BaseTransport]) -> None:
        self._registers = registers
        self._connections = connections
        self._cutter = RequestCutter()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        answers = bytearray()
        try:
            for request in self._cutter.feed(data):
                answers += self._registers.answer(*request)
        except FramingError as error:
            log.warning("closing a Modbus connection: not Modbus TCP (%s)", error)
            self._transport.write(bytes(answers))
            self._transport.close()
            return
        self._transport.write(bytes(answers))

    def pause_writing(self) -> None:
        """The client does not fetch its answers: take no more requests from it."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
