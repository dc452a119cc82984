"""One test bench for three drivers: a fake PLC reached directly, over Modbus TCP, or over OPC UA through a cut-off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from mes.plc.drivers import open_port
from mes.plc.fake import FakePlc
from mes.plc.fake_program import FakeProgram
from mes.plc.port import PlcPort
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap
from tests.plc.wire_modbus import ModbusWire
from tests.plc.wire_opcua import OpcUaWire

MAPS = Path(__file__).with_name("maps")
DRIVERS = ("fake", "modbus", "opcua")
T = TypeVar("T")


class CutOff:
    """A TCP connection that can be cut: what comes in at `url` goes to `target`, while `down` is not set."""

    def __init__(self) -> None:
        self.down = False
        self._target = ("", 0)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, url: str) -> str:
        parts = urlsplit(url)
        self._target = (parts.hostname or "", parts.port or 0)
        self._server = await asyncio.start_server(self._through, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return f"{parts.scheme}://127.0.0.1:{port}{parts.path}"

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        inner = None
        try:
            if self.down:
                return
            inner_reader, inner = await asyncio.open_connection(*self._target)
            self._writers.add(inner)
            async with asyncio.TaskGroup() as copies:
                copies.create_task(_copy(reader, inner))
                copies.create_task(_copy(inner_reader, writer))
        except* (ConnectionError, OSError):
            pass
        finally:
            for one in (writer, inner):
                if one is not None:
                    self._writers.discard(one)
                    one.transport.abort()
            self._tasks.discard(task)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65536):
        writer.write(chunk)
    raise ConnectionResetError("the other side has closed")


class Bench:
    """A fake PLC and a way to reach it; `restart` makes it as new for the next test."""

    def __init__(self, driver: str, tag_map: TagMap, plc: FakePlc, cut_off: CutOff | None, url: str) -> None:
        self.driver = driver
        self.tag_map = tag_map
        self.plc = plc
        self.url = url
        self._cut_off = cut_off
        self._exec_id = 1000

    @property
    def program(self) -> FakeProgram:
        assert isinstance(self.plc.program, FakeProgram)
        return self.plc.program

    def open_port(self, tag_map: TagMap | None = None, url: str = "") -> PlcPort:
        return self.plc.port() if self._cut_off is None else open_port(self.tag_map, self.url)

    def lose_link(self, *, down: bool = False) -> None:
        if self._cut_off is None:
            self.plc.lose_link(down=down)
            return
        self._cut_off.down = down
        self._cut_off.cut()

    def restore_link(self) -> None:
        self.plc.restore_link()
        if self._cut_off is not None:
            self._cut_off.down = False

    def next_exec(self) -> int:
        self._exec_id += 1
        return self._exec_id

    def renew(self) -> None:
        self.plc.program = FakeProgram(self.tag_map)
        self.plc.scanning = True
        self.plc.delay_s = 0.0
        self.plc.release()
        self.plc.refuse()
        self.plc.lose_answers(0)
        self.plc.writes.clear()
        for tag in self.tag_map.tags:
            self.plc.force(tag, None)
        self.restore_link()


@asynccontextmanager
async def running_bench(driver: str, path: Path = MAPS / "oven.toml") -> AsyncIterator[Bench]:
    tag_map = read_map(path)
    plc = FakePlc(tag_map)
    if driver == "fake":
        yield Bench(driver, tag_map, plc, None, tag_map.url)
        await plc.stop()
        return
    # The wire decides what a writer hears; the fake must not give up before the driver does.
    plc.timeout_s = 3.0
    plc.begin()
    wire = ModbusWire(plc) if driver == "modbus" else OpcUaWire(plc)
    cut_off = CutOff()
    if isinstance(wire, OpcUaWire):
        wire.lost_answer = cut_off.cut
    url = await cut_off.start(await wire.start())
    try:
        yield Bench(driver, tag_map, plc, cut_off, url)
    finally:
        plc.release()
        await cut_off.stop()
        await wire.stop()
        await plc.stop()


async def until(condition: Callable[[], T], *, limit_s: float = 5.0, shown: Callable[[], object] = lambda: "") -> T:
    """Wait until `condition` gives something true and give it; the error tells what `shown` gives in the end."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + limit_s
    while not (found := condition()):
        if loop.time() > deadline_s:
            raise AssertionError(f"not within {limit_s} s; last seen: {shown()}")
        await asyncio.sleep(0.005)
    return found


@asynccontextmanager
async def in_background(work: object) -> AsyncIterator[asyncio.Task[None]]:
    """Run a coroutine beside the block and end it after; what it raised before is raised."""
    task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
