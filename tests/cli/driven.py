"""An installation whose engine runs beside the test, in a thread with a loop of its own, over fake PLCs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

from mes.app import Plant, opened, running
from mes.config import load
from mes.plc.fake import FakePlc, fake_plc
from mes.plc.fake_program import FakeProgram

LIMIT_S = 30.0
ENDLESS = 1_000_000


def _plcs_of(plant: Plant) -> list[FakePlc]:
    return [fake_plc(tag_map, plc.url) for tag_map, plc in zip(plant.maps, plant.config.plc, strict=True)]


def keep_running(plant: Plant) -> None:
    """Let phases that start from now on run until they are told otherwise."""
    for plc in _plcs_of(plant):
        assert isinstance(plc.program, FakeProgram)
        plc.program.running_scans = ENDLESS


@contextmanager
def driven(folder: Path) -> Iterator[Plant]:
    """Run the engine of an installation until the block ends; its phases take a moment."""
    ready: Future[tuple[Plant, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(_drive(folder, ready)), name="engine")
    thread.start()
    try:
        plant, loop, over = ready.result(LIMIT_S)
        try:
            yield plant
        finally:
            loop.call_soon_threadsafe(over.set)
    finally:
        thread.join(LIMIT_S)
        assert not thread.is_alive()


async def _drive(folder: Path, ready: Future[tuple[Plant, asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
    over = asyncio.Event()
    try:
        config = load(data=folder)
        with opened(config) as database:
            async with running(config, database) as plant:
                plcs = _plcs_of(plant)
                try:
                    ready.set_result((plant, asyncio.get_running_loop(), over))
                    await over.wait()
                finally:
                    for plc in plcs:
                        await plc.stop()
    except BaseException as error:
        # Whoever waits for the engine has to hear of it; the thread alone would die in silence.
        if ready.done():
            raise
        ready.set_exception(error)
