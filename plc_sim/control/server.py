"""The HTTP server of the control API, in the event loop of the plant."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace

import uvicorn

from plc_sim.cell import Cell
from plc_sim.control.address import ControlAddress
from plc_sim.control.guard import Guard
from plc_sim.control.material import MaterialDoor
from plc_sim.control.routes import control_app

START_LIMIT_S = 10.0
END_LIMIT_S = 1


class ControlServer:
    """Serves the control API of a cell; `start` raises OSError naming the address when it cannot be used."""

    def __init__(self, cell: Cell, urls: Mapping[str, str], material: MaterialDoor | None) -> None:
        self._app = control_app(cell, urls, material)
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    async def start(self, address: ControlAddress) -> str:
        """Listen, and give the URL."""
        listening = _listen(address)
        used = replace(address, port=listening.getsockname()[1])
        config = uvicorn.Config(
            Guard(self._app, used),
            log_config=None,
            log_level="error",
            access_log=False,
            lifespan="off",
            ws="none",
            http="h11",
            timeout_graceful_shutdown=END_LIMIT_S,
        )
        self._server = _Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))
        async with asyncio.timeout(START_LIMIT_S):
            while not self._server.started and not self._serving.done():  # noqa: ASYNC110 - it has no event for it
                await asyncio.sleep(0.005)
        return f"http://{used.shown_host}:{used.port}"

    async def stop(self) -> None:
        """Close the server and every connection."""
        if self._server is None or self._serving is None:
            return
        self._server.should_exit = self._server.force_exit = True
        await self._serving
        self._server = self._serving = None


class _Server(uvicorn.Server):
    """Leaves the signals of the process to whoever serves the plant."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(address: ControlAddress) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere the option lets two servers share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address.host, address.port))
    except OSError as error:
        listening.close()
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(f"control API: cannot listen on {address.host} port {address.port}: {reason}") from error
    return listening
