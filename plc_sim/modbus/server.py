"""Modbus TCP server of a simulated PLC: every request of every client is answered, in the order it came."""

from __future__ import annotations

import asyncio

from plc_sim.image import TagImage
from plc_sim.link import LinkConditions
from plc_sim.modbus.connection import Connection
from plc_sim.modbus.functions import ModbusDevice
from plc_sim.tagmap import TagMap

CLIENTS_MAX = 16
"""The connection beyond is closed as soon as it comes, as a PLC does that has no socket left."""


class ModbusServer:
    """Serves one tag image over Modbus TCP; `start` raises OSError when the address cannot be used.

    `conditions` may change at any time; connections that are silent notice it at the next `refresh`.
    """

    def __init__(self, tag_map: TagMap, image: TagImage, conditions: LinkConditions | None = None) -> None:
        self._conditions = LinkConditions() if conditions is None else conditions
        self._device = ModbusDevice(tag_map, image, self._conditions)
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    async def start(self, host: str, port: int) -> str:
        """Listen, on a free port when `port` is 0, and give the URL to reach the server."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host, port)
        used_port = self._server.sockets[0].getsockname()[1]
        return f"modbus://{f'[{host}]' if ':' in host else host}:{used_port}"

    async def refresh(self) -> None:
        """Let every connection notice what the conditions have become; reads take their words from the image."""
        for connection in tuple(self._connections):
            connection.notice()

    async def stop(self) -> None:
        """Close the listening socket and every connection."""
        if self._server is None:
            return
        self._server.close()
        for connection in tuple(self._connections):
            connection.abort()
        await self._server.wait_closed()
        self._server = None

    def _connection(self) -> Connection:
        return Connection(self._device, self._conditions, self._connections, CLIENTS_MAX)
