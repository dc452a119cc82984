"""The web server of the page: uvicorn in the loop of the engine, with the headers and hosts of a page without login."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware

from mes.ui.guard import Headers
from mes.ui.page import mount
from mes.ui.shown import ShownPlant

SHUTDOWN_S = 2


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to whoever runs the engine.
        yield


async def answer(
    plant: ShownPlant,
    listening: socket.socket,
    *,
    address: str,
    hosts: Sequence[str],
    port: int,
    ready: Callable[[str], None] | None,
) -> None:
    """Answer on a listening socket until cancelled; `ready` is told the address once it does.

    Only `hosts` are answered for, and only their pages may open the live connection.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Headers)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    pages = mount(app, plant, origins=[f"http://{host}:{port}" for host in hosts])
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="on",
            access_log=False,
            log_config=None,
            timeout_graceful_shutdown=SHUTDOWN_S,
            server_header=False,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    ticking = asyncio.create_task(pages.run())
    try:
        # The server tells nobody when it has started, it only notes it.
        while not server.started and not serving.done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        if ready is not None and server.started:
            ready(address)
        await asyncio.shield(serving)
    finally:
        ticking.cancel()
        server.should_exit = True
        await asyncio.gather(serving, ticking, return_exceptions=True)
