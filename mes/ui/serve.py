"""Serve the page inside the event loop that is there already; importing this costs nothing, serving loads NiceGUI."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import socket
from collections.abc import Callable

from mes.ui.shown import ShownPlant

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_LOADED_FIRST = ("nicegui", "mes.ui.web")


class PageError(Exception):
    """The page cannot be served; the message names the address and what to do. The engine is not concerned."""


async def serve(plant: ShownPlant, *, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve the page until cancelled; `ready` is called with its address once it answers.

    `port` 0 takes any free one. Raises `PageError` for an address that is taken or not of this machine.
    """
    with contextlib.closing(_bound(host, port)) as listening:
        # Loading takes a second or two: on a thread, so that the engine goes on scanning and the PLCs hear its heart.
        for name in _LOADED_FIRST:
            await asyncio.to_thread(importlib.import_module, name)
        from mes.ui.web import answer

        port = listening.getsockname()[1]
        names = [f"[{name}]" if ":" in name else name for name in LOOPBACK]
        shown = f"[{host}]" if ":" in host else host
        await answer(plant, listening, address=f"http://{shown}:{port}", hosts=names, port=port, ready=ready)


def _bound(host: str, port: int) -> socket.socket:
    if host not in LOOPBACK:
        raise PageError(
            f"the page cannot be served on {host!r}: it has no login yet, so it is for this machine only; "
            "use host 127.0.0.1"
        )
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            # On Windows a port could else be taken from the program that has it.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(128)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise PageError(
            f"the page cannot be served on {host} port {port}: {error.strerror}; "
            "end the program that has this port, or choose another one with --port"
        ) from None
    return listening
