"""Running the simulated PLCs of one process: open the servers, say so, scan, and end cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plc_sim.cell import Cell
from plc_sim.control.address import ControlAddress
from plc_sim.control.answers import json_text
from plc_sim.control.material import MaterialDoor
from plc_sim.listen import Listen, Server, open_server
from plc_sim.memory import RetainFile, RetainKeeper, replace_text
from plc_sim.opcua.security import OpcuaSecurity
from plc_sim.scan import ScanLoop

PARENT_POLL_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What to serve: the PLCs of a cell each at its place, and what is wanted beside.

    `retain` keeps what PLCs remember, `control` is where the control API listens, `material` its door to the material,
    `truth` the file for the truth at the end, `parent` the process whose end is also the end of this one, `security`
    how OPC UA protects itself.
    """

    cell: Cell
    listen: Mapping[str, Listen]
    retain: RetainFile | None = None
    control: ControlAddress | None = None
    material: MaterialDoor | None = None
    truth: Path | None = None
    parent: int | None = None
    security: OpcuaSecurity | None = None


async def serve(service: Service) -> None:
    """Serve until SIGTERM, SIGINT or the end of the parent.

    Prints one JSON line for every PLC that is ready. Raises OSError when an address or a file cannot be used.
    """
    end = asyncio.Event()
    _end_on_signals(end)
    cell = service.cell
    keeper = RetainKeeper(service.retain, lambda: {name: plc.remember() for name, plc in cell.plcs.items()})
    # The first scan comes before the first client: nobody ever sees an image that no scan has filled.
    cell.scan(0.0)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(write_truth, service)
        stack.push_async_callback(keeper.flush)
        servers = await _opened(service, stack)
        _give_back_memory()

        async def after_scan() -> None:
            keeper.look()
            for server in servers:
                await server.refresh()

        loop = ScanLoop(cell.scan, cell.period_s, after_scan)
        waits = [asyncio.ensure_future(end.wait()), asyncio.ensure_future(loop.run())]
        if service.parent is not None:
            waits.append(asyncio.ensure_future(_parent_gone(service.parent)))
        done, pending = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for wait in pending:
            wait.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        for wait in done:
            wait.result()  # a scan that broke ends the process with its error


async def _opened(service: Service, stack: contextlib.AsyncExitStack) -> Sequence[Server]:
    urls: dict[str, str] = {}
    ready: dict[str, object] = {}
    if service.control is not None:
        ready["control"] = await stack.enter_async_context(_controlled(service, service.control, urls))
    servers = []
    for name, plc in service.cell.plcs.items():
        server, urls[name] = await open_server(plc, service.listen[name], service.security)
        stack.push_async_callback(server.stop)
        servers.append(server)
        line = {"ready": name, "url": urls[name], "boot_id": plc.boot_id, **ready}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return servers


@contextlib.asynccontextmanager
async def _controlled(service: Service, address: ControlAddress, urls: Mapping[str, str]) -> AsyncIterator[str]:
    # Imported here: a plant without the control API needs no web server.
    from plc_sim.control.server import ControlServer

    server = ControlServer(service.cell, urls, service.material)
    url = await server.start(address)
    try:
        yield url
    finally:
        await server.stop()


def write_truth(service: Service) -> None:
    """Write the truth where it is wanted; raises OSError."""
    if service.truth is not None and service.material is not None:
        replace_text(service.truth, json_text(service.material.truth()) + "\n")


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
