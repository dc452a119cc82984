"""Running several simulated PLCs in one process: open the servers, say so, scan, and end cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from plc_sim.image import TagImage
from plc_sim.memory import RetainFile
from plc_sim.modbus_server import ModbusServer
from plc_sim.scan import ScanLoop, SimulatedPlc
from plc_sim.tagmap import TagMap

MODBUS_PORT, OPCUA_PORT = 502, 4840
PARENT_POLL_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where and by which protocol a PLC is served."""

    scheme: str
    host: str
    port: int
    path: str

    @staticmethod
    def parse(url: str, where: str) -> Listen:
        """Read a URL such as `modbus://127.0.0.1:5511` or `opc.tcp://127.0.0.1:0/mes`; raises ValueError."""
        example = "modbus://127.0.0.1:0 or opc.tcp://127.0.0.1:0/mes"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"{where}: {url!r} is no address ({error}); write {example}") from error
        if parts.scheme not in ("modbus", "opc.tcp") or not parts.hostname:
            raise ValueError(f"{where}: {url!r} is no address; write {example}")
        if port is None:
            port = MODBUS_PORT if parts.scheme == "modbus" else OPCUA_PORT
        return Listen(scheme=parts.scheme, host=parts.hostname, port=port, path=parts.path or "/mes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One PLC and where it is served."""

    plc: SimulatedPlc
    listen: Listen


class Server(Protocol):
    """A protocol server on the tag image of one PLC."""

    async def refresh(self) -> None:
        """Tell clients what the last scan changed, where the protocol tells by itself."""
        ...

    async def stop(self) -> None:
        """Close the server and every connection."""
        ...


async def open_server(tag_map: TagMap, image: TagImage, listen: Listen) -> tuple[Server, str]:
    """Start the server a PLC is reached by, and give it with its URL; raises OSError naming PLC and address."""
    try:
        if listen.scheme == "modbus":
            modbus = ModbusServer(tag_map, image)
            return modbus, await modbus.start(listen.host, listen.port)
        # Imported here, because it costs a Modbus PLC's process tens of megabytes it does not need.
        from plc_sim.opcua_server import OpcuaServer

        opcua = OpcuaServer(tag_map, image)
        return opcua, await opcua.start(listen.host, listen.port, listen.path)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(f"{tag_map.name}: cannot listen on {listen.host} port {listen.port}: {reason}") from error


async def serve(services: Sequence[Service], *, retain: RetainFile | None = None, parent: int | None = None) -> None:
    """Serve the PLCs until SIGTERM, SIGINT or the end of the process whose id is `parent`.

    Prints one JSON line for every PLC that is ready. Raises OSError when an address cannot be used.
    """
    end = asyncio.Event()
    _end_on_signals(end)
    async with contextlib.AsyncExitStack() as stack:
        loops = [await stack.enter_async_context(_served(service, retain)) for service in services]
        _give_back_memory()
        waits = [asyncio.ensure_future(end.wait()), *(asyncio.ensure_future(loop.run()) for loop in loops)]
        if parent is not None:
            waits.append(asyncio.ensure_future(_parent_gone(parent)))
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
            wait.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for wait in done:
            wait.result()  # a scan that broke ends the process with its error


@contextlib.asynccontextmanager
async def _served(service: Service, retain: RetainFile | None) -> AsyncIterator[ScanLoop]:
    plc = service.plc
    # The first scan comes before the first client: nobody ever sees an image that no scan has filled.
    plc.scan(0.0)
    server, url = await open_server(plc.tag_map, plc.image, service.listen)

    async def after_scan() -> None:
        if retain is not None:
            retain.save(plc.tag_map.name, plc.remember())
        await server.refresh()

    try:
        sys.stdout.write(json.dumps({"ready": plc.tag_map.name, "url": url, "boot_id": plc.boot_id}) + "\n")
        sys.stdout.flush()
        yield ScanLoop(plc, after_scan)
    finally:
        await server.stop()


def _give_back_memory() -> None:
    """Give the system what start-up needed for a moment: a third of an OPC UA process."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError, TypeError):  # there is no malloc_trim outside the GNU C library
        ctypes.CDLL(None).malloc_trim(0)


def _end_on_signals(end: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, end.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(end.set))


async def _parent_gone(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - the end of a parent is no event anywhere
        await asyncio.sleep(PARENT_POLL_S)
