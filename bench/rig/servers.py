"""The process whose cost is measured: the protocol servers of one tag image beside a bare echo, in one event loop.

No plant and no scan runs here: the image holds zeros, which cost as much to serve as anything else. Prints one JSON
line with the addresses when all are open, and ends with its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import sys
import time
from pathlib import Path

from plc_sim.image import TagImage
from plc_sim.mapfile import read_map
from plc_sim.modbus.server import ModbusServer

SIZES = struct.Struct(">II")
SECONDS = struct.Struct(">d")
HOST = "127.0.0.1"


class Echo(asyncio.Protocol):
    """Is told two sizes first; then gives as many bytes as the second for every so many bytes as the first."""

    def __init__(self) -> None:
        self._came = b""
        self._asked = 0
        self._answer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        if not self._asked:
            if len(self._came) < SIZES.size:
                return
            self._asked, answered = SIZES.unpack_from(self._came)
            self._came, self._answer = self._came[SIZES.size :], bytes(answered)
        whole, rest = divmod(len(self._came), self._asked)
        if whole and self._transport is not None:
            self._transport.write(self._answer * whole)
            self._came = self._came[-rest:] if rest else b""


class Meter(asyncio.Protocol):
    """Answers anything with the processor seconds (user and system) this process has used."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(SECONDS.pack(time.process_time()))


async def serve(map_file: Path, *, opcua: bool) -> None:
    loop = asyncio.get_running_loop()
    tag_map = read_map(map_file)
    image = TagImage(tag_map.wire_tags())
    modbus = ModbusServer(tag_map, image)
    ports = {}
    for name, protocol in (("echo", Echo), ("meter", Meter)):
        server = await loop.create_server(protocol, HOST, 0)
        ports[name] = server.sockets[0].getsockname()[1]
    ports["modbus"] = int((await modbus.start(HOST, 0)).rsplit(":", 1)[1])
    url = ""
    if opcua:
        # Imported here, so that the figures for Modbus are those of a process without the other library.
        from plc_sim.opcua.server import OpcuaServer

        url = await OpcuaServer(tag_map, image).start(HOST, 0)
    print(json.dumps({"ports": ports, "opcua": url}), flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--map", type=Path, required=True)
    parser.add_argument("--opcua", action="store_true")
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.map, opcua=arguments.opcua))


if __name__ == "__main__":
    main()
