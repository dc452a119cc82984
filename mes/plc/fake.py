"""A PLC without a wire: the port over tags in memory, with everything a test wants to set, hold, refuse or break.

It ships with the product, so that recipes can be tried on any map before there is a PLC (`url = "fake://NAME"`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Protocol

from mes.model.reading import Reading
from mes.plc.codec import as_reading, checked, single
from mes.plc.fake_program import FakeProgram
from mes.plc.pace import Pace, known_tags
from mes.plc.port import PlcError, PlcPort, PlcRefused
from mes.plc.tagmap import TagMap, WireType

TIMEOUT_S = 1.0


class Program(Protocol):
    """What a fake PLC runs: `write` is what a client writes, taken up by the next `scan`."""

    def scan(self) -> None:
        """Do one scan."""
        ...

    def read(self, tag: str) -> float | int:
        """Give the value of a tag."""
        ...

    def write(self, tag: str, value: float | int) -> None:
        """Take the value of a tag that the MES writes."""
        ...


class FakePlc:
    """One fake PLC, which outlives its connections: `port()` gives a new one each time.

    `writes` lists every value written, in order. It scans each `scan_s` wall seconds from the first connection on.
    """

    def __init__(
        self,
        tag_map: TagMap,
        program: Program | None = None,
        *,
        url: str = "",
        scan_s: float | None = None,
        timeout_s: float = TIMEOUT_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        url = url or tag_map.url
        self.source = url if url.startswith("fake") else f"fake+{url}"
        self.tag_map = tag_map
        self.program: Program = program if program is not None else FakeProgram(tag_map)
        self.writes: list[tuple[str, float | int]] = []
        self.delay_s = 0.0
        self.scanning = True
        self.timeout_s = timeout_s
        self.monotonic = monotonic
        self.down = False
        self._scan_s = tag_map.scan_ms / 1000 if scan_s is None else scan_s
        self._connections = 0
        self._forced: dict[str, float | int] = {}
        self._refused: set[str] = set()
        self._answers_to_lose = 0
        self._held: list[tuple[Mapping[str, float | int], asyncio.Event]] | None = None
        self._scans: asyncio.Task[None] | None = None

    def port(self) -> PlcPort:
        """Give a new, not yet connected port to this PLC."""
        return _FakePort(self)

    def set(self, tag: str, value: float | int) -> None:
        """Set a tag of the program, as a sensor or a switch would."""
        self.program.write(tag, value)

    def force(self, tag: str, value: float | int | None) -> None:
        """Show `value` for a tag whatever the program says; None ends it."""
        if value is None:
            self._forced.pop(tag, None)
        else:
            self._forced[tag] = value

    def refuse(self, *tags: str) -> None:
        """Refuse writes to exactly these tags from now on."""
        self._refused = set(tags)

    def hold_writes(self) -> None:
        """Let no write reach the program and no writer get an answer, until `release`."""
        self._held = self._held or []

    def release(self) -> None:
        """Let the held writes through in their order, also those whose writers have given up."""
        held, self._held = self._held or [], None
        for values, done in held:
            self._apply(values)
            done.set()

    def lose_answers(self, count: int = 1) -> None:
        """Carry out the next writes, but let their writers wait for an answer in vain."""
        self._answers_to_lose = count

    def lose_link(self, *, down: bool = False) -> None:
        """Break every connection; with `down` no new one is accepted until `restore_link`."""
        self._connections += 1
        self.down = down

    def restore_link(self) -> None:
        """Accept connections again."""
        self.down = False

    async def stop(self) -> None:
        """End the scanning."""
        if self._scans is not None:
            self._scans.cancel()
            await asyncio.gather(self._scans, return_exceptions=True)
            self._scans = None

    # What a port does

    def begin(self) -> int:
        """Accept a connection and give its number; the first one starts the scanning."""
        if self.down:
            raise PlcError(f"{self.tag_map.name} ({self.source}) does not accept connections")
        if self._scans is None or self._scans.done():
            self._scans = asyncio.get_running_loop().create_task(self._scan())
        return self._connections

    def is_up(self, connection: int) -> bool:
        """Say whether the connection of that number still stands."""
        return connection == self._connections

    def value(self, tag: str) -> float | int:
        """Give what the PLC shows for a tag, as the wire would carry it."""
        value = self._forced.get(tag, self.program.read(tag))
        return single(value) if self.tag_map.tags[tag].type is WireType.REAL else int(value)

    async def take(self, values: Mapping[str, float | int]) -> bool:
        """Take a write; False when the writer gets no answer within its time-out."""
        refused = [tag for tag in values if tag in self._refused or not self.tag_map.tags[tag].written]
        if refused:
            raise PlcRefused(f"{self.tag_map.name} ({self.source}) refused to write {', '.join(refused)}")
        if self._held is not None:
            done = asyncio.Event()
            self._held.append((dict(values), done))
            try:
                await asyncio.wait_for(done.wait(), self.timeout_s)
            except TimeoutError:
                return False
            return True
        self._apply(values)
        if self._answers_to_lose:
            self._answers_to_lose -= 1
            await asyncio.sleep(self.timeout_s)
            return False
        return True

    def _apply(self, values: Mapping[str, float | int]) -> None:
        for tag, value in values.items():
            self.writes.append((tag, value))
            self.program.write(tag, single(value) if self.tag_map.tags[tag].type is WireType.REAL else value)

    async def _scan(self) -> None:
        while True:
            if self.scanning:
                self.program.scan()
            await asyncio.sleep(self._scan_s)


class _FakePort:
    """One connection to a `FakePlc`."""

    def __init__(self, plc: FakePlc) -> None:
        self.source = plc.source
        self._plc = plc
        self._connection: int | None = None

    async def connect(self) -> None:
        self._connection = self._plc.begin()

    async def close(self) -> None:
        self._connection = None

    async def read(self, tags: Sequence[str]) -> Mapping[str, Reading]:
        addresses = known_tags(self._plc.tag_map, tags)
        received_s = self._plc.monotonic()
        await self._answered()
        return {tag.name: as_reading(tag, self._plc.value(tag.name), received_s=received_s) for tag in addresses}

    async def write(self, values: Mapping[str, float | int]) -> None:
        for tag in known_tags(self._plc.tag_map, tuple(values)):
            try:
                checked(values[tag.name], tag.type)
            except ValueError as error:
                raise PlcRefused(f"{self._plc.tag_map.name}: {tag.name} cannot be written: {error}") from None
        await self._answered()
        if not await self._plc.take(values):
            self._connection = None
            raise PlcError(f"{self._plc.tag_map.name} ({self.source}) gave no valid answer")

    async def watch(self, tags: Sequence[str], *, period_s: float) -> AsyncGenerator[Mapping[str, Reading], None]:
        pace = Pace(period_s)
        last: Mapping[str, Reading] = {}
        while True:
            full = pace.full
            now = await self.read(tags)
            changes = {
                name: reading
                for name, reading in now.items()
                if full or name not in last or last[name].value != reading.value
            }
            last = now
            if changes:
                yield changes
            await pace.next()

    async def _answered(self) -> None:
        if self._plc.delay_s:
            await asyncio.sleep(min(self._plc.delay_s, self._plc.timeout_s))
        late = self._plc.delay_s >= self._plc.timeout_s
        if late or self._connection is None or not self._plc.is_up(self._connection):
            self._connection = None
            raise PlcError(f"{self._plc.tag_map.name} ({self.source}) gave no valid answer: the connection is lost")


_FAKES: dict[tuple[str, str], FakePlc] = {}


def fake_plc(tag_map: TagMap, url: str) -> FakePlc:
    """Give the fake PLC of this process that stands at `url` for this map, made at the first call."""
    return _FAKES.setdefault((tag_map.name, url), FakePlc(tag_map, url=url))
