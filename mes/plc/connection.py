"""One connection while it stands: watching the tags into the image, settling phase status, beating the MES heart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping, Sequence
from contextlib import aclosing
from typing import TypeVar

from mes.model.reading import Reading
from mes.plc.image import PlcImage
from mes.plc.port import PlcError, PlcPort, PlcRefused, Protected
from mes.plc.status import STATUS_16, STATUS_32, status_tags
from mes.plc.tagmap import Slot, TagMap

PERIOD_S = {"status": 0.1, "fast": 0.2, "normal": 1.0}
BEAT_S = 1.0
HEADER_TAGS = ("IfVersion", "BootId", "PlcHb", "MesHbEcho", "CommOk", "ProgramId")
TEARS = 5
T = TypeVar("T")


class _Guarded:
    """A port that notes its loss: a driver that failed once is not asked again, whoever met the failure."""

    def __init__(self, port: PlcPort) -> None:
        self.source = port.source
        self.lost = asyncio.Event()
        self.why = ""
        self._port = port

    @property
    def protection(self) -> str:
        return self._port.protection if isinstance(self._port, Protected) else ""

    @property
    def notice(self) -> str:
        return self._port.notice if isinstance(self._port, Protected) else ""

    async def connect(self) -> None:
        await self._port.connect()

    async def close(self) -> None:
        await self._port.close()

    async def read(self, tags: Sequence[str]) -> Mapping[str, Reading]:
        return await self._asked(self._port.read(tags))

    async def write(self, values: Mapping[str, float | int]) -> None:
        await self._asked(self._port.write(values))

    def watch(self, tags: Sequence[str], *, period_s: float) -> AsyncGenerator[Mapping[str, Reading], None]:
        return self._port.watch(tags, period_s=period_s)

    async def _asked(self, request: Awaitable[T]) -> T:
        try:
            return await request
        except PlcRefused:
            raise
        except PlcError as error:
            self.why = self.why or str(error)
            self.lost.set()
            raise


class Connection:
    """A connected port at work. `complaint` says what is wrong with it though it stands, e.g. a refused heartbeat."""

    def __init__(
        self, tag_map: TagMap, port: PlcPort, image: PlcImage, changed: asyncio.Event, *, mes_timeout_s: int
    ) -> None:
        self.port = _Guarded(port)
        self.complaint = ""
        self._map = tag_map
        self._image = image
        self._changed = changed
        self._mes_timeout_s = mes_timeout_s
        self._beats = 0
        self._beat_before = 0

    @property
    def mes_alive_seen(self) -> bool:
        """True when the PLC shows that our heartbeat reaches its program."""
        echoed = self._image.header("MesHbEcho") in (self._beats, self._beat_before)
        return echoed and bool(self._image.header("CommOk") & 1)

    async def greet(self) -> None:
        """Read the header and say how long the MES may be silent; raises `PlcError` when the header cannot be read."""
        tags = [self._map.header(field) for field in (*HEADER_TAGS, "MesHb")]
        header = await self.port.read(tags)
        unusable = [reading.why for reading in header.values() if not reading.is_good]
        if unusable:
            raise PlcError(f"{self._map.name} ({self.port.source}): the header cannot be read: {unusable[0]}")
        mes_hb = self._map.header("MesHb")
        self._beats = int(header[mes_hb].value or 0)
        self._image.take({tag: reading for tag, reading in header.items() if tag != mes_hb})
        self._changed.set()
        await self._beat()

    @property
    def is_lost(self) -> bool:
        """True as soon as anybody has met a failure of the driver."""
        return self.port.lost.is_set()

    async def end(self) -> None:
        """Wait until the connection is lost, and raise `PlcError` with the reason."""
        await self.port.lost.wait()
        raise PlcError(self.port.why)

    async def beat(self) -> None:
        """Beat the heart of the MES each second until the link is lost (`PlcError`)."""
        while True:
            await asyncio.sleep(BEAT_S)
            await self._beat()

    async def _beat(self) -> None:
        beat = self._beats % 0xFFFF + 1
        # The time-out goes with every beat: a PLC that restarted behind an open link has forgotten it.
        timeout = {self._map.header("MesTmo"): self._mes_timeout_s}
        try:
            await self.port.write({self._map.header("MesHb"): beat, **timeout})
        except PlcRefused as error:
            self.complaint = f"the heartbeat of the MES cannot be written: {error}"
            return
        self.complaint = ""
        self._beat_before, self._beats = self._beats, beat

    async def watch(self) -> None:
        """Bring every change into the image until the link is lost (`PlcError`)."""
        slots = list(self._map.slots.values())
        status = [self._map.header(field) for field in HEADER_TAGS]
        # All 32-bit tags before all 16-bit ones, whatever slots they belong to: see `status_tags`.
        status += [slot.tag(field) for slot in slots for field in STATUS_32]
        status += [slot.tag(field) for slot in slots for field in STATUS_16]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._watch(status, PERIOD_S["status"]))
            for sampling in ("fast", "normal"):
                tags = [tag.name for tag in self._map.unit_tags.values() if tag.sampling == sampling]
                if tags:
                    tasks.create_task(self._watch(tags, PERIOD_S[sampling]))

    async def _watch(self, tags: Sequence[str], period_s: float) -> None:
        async with aclosing(self.port.watch(tags, period_s=period_s)) as watch:
            async for changes in watch:
                touched, changed = self._image.take(changes)
                for name in touched:
                    changed = await self._settle(self._map.slots[name]) or changed
                if changed:
                    self._changed.set()
        raise PlcError(f"{self._map.name} ({self.port.source}): the watch has ended")

    async def _settle(self, slot: Slot) -> bool:
        """Make the status of a slot one that belongs together; give whether that took another look."""
        if not self._image.needs_settling(slot):
            self._image.settle(slot)
            return False
        seen = self._image.state_changes(slot)
        for _ in range(TEARS):
            readings = await self.port.read(status_tags(slot))
            now = self._image.state_changes(slot, readings)
            self._image.take(readings)
            if now is not None and now == seen:
                self._image.settle(slot)
                return True
            seen = now
        self._image.tear(slot, f"the status of {slot.name} is torn: StateChg and StatusEnd differ in {TEARS} looks")
        return True
