"""The PLC on trial: its connection, its header, the heart of the one who tries it, and identities to give out."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from mes.model.reading import Reading
from mes.plc.conform.sheet import Sheet
from mes.plc.port import PlcError, PlcPort
from mes.plc.status import good_number
from mes.plc.tagmap import TagMap

T = TypeVar("T")
BEAT_S = 0.25
KEEPING_TMO_S = 10
"""MesTmo while the check runs: should it die, the PLC does its comm-loss action."""

FIRST_EXEC = 0xF000_0000
"""Executions of the check are counted from here, far from those of a database."""

ACK_LIMIT_S = 2.0


async def at_once(plays: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Play all at once and give what they gave; the first error ends the others and comes out as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(play) for play in plays]
    except BaseExceptionGroup as errors:
        raise _first(errors) from None
    return [task.result() for task in tasks]


def _first(error: BaseException) -> BaseException:
    return _first(error.exceptions[0]) if isinstance(error, BaseExceptionGroup) else error


class NotReached(Exception):
    """A situation that a check needs could not be brought about; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long to wait and to watch, in wall seconds.

    `rest_s` and `complete_s` are the most that a unit has to come to rest and a phase to complete, `back_s` the most
    that the PLC has to come back from a restart. `listen_s` is how long to listen for the heart of another MES, which
    beats every second; `lasting_s` how long a phase has to stay running to be tried with; `watch_s` how long to see
    that nothing happens, or that reports stand.
    """

    rest_s: float = 60.0
    complete_s: float = 60.0
    listen_s: float = 1.5
    lasting_s: float = 0.6
    watch_s: float = 1.0
    back_s: float = 120.0


class PlcOnTrial:
    """One PLC that is being tried.

    `epoch` is the highest one it was given, `beating` says whether MesHb moves, `slowest_beat_s` is the longest time
    that was needed from one beat to the next.
    """

    def __init__(self, tag_map: TagMap, port: PlcPort, sheet: Sheet, limits: Limits) -> None:
        self.tag_map = tag_map
        self.port = port
        self.sheet = sheet
        self.limits = limits
        self.scan_s = tag_map.scan_ms / 1000
        self.boot_id = 0
        self.epoch = 1
        self.beating = False
        self.beat_began_s = 0.0
        self.slowest_beat_s = 0.0
        self._mes_hb = 0
        self._exec_id = FIRST_EXEC

    @property
    def poll_s(self) -> float:
        """Wall seconds between two looks while waiting."""
        return min(max(self.scan_s / 3, 0.003), 0.02)

    @property
    def quiet_s(self) -> float:
        """Wall seconds after which a PLC that was going to act has acted."""
        return max(4 * self.scan_s, 0.06)

    @property
    def ack_limit_s(self) -> float:
        """Wall seconds that the PLC has for an answer."""
        return ACK_LIMIT_S + 2 * self.scan_s

    def now_s(self) -> float:
        """Give the loop time."""
        return asyncio.get_running_loop().time()

    async def header(self, *fields: str) -> dict[str, int]:
        """Read header tags; raises `PlcError` for one that is not good."""
        readings = await self.port.read([self.tag_map.header(field) for field in fields])
        return {field: good_number(readings, self.tag_map.header(field)) for field in fields}

    async def shows(self, field: str, wanted: int, limit_s: float) -> int:
        """Wait until a header tag shows a value, at most `limit_s`, and give what it shows then."""
        end_s = self.now_s() + limit_s
        while True:
            shown = (await self.header(field))[field]
            if shown == wanted or self.now_s() >= end_s:
                return shown
            await asyncio.sleep(self.poll_s)

    async def write_header(self, **values: int) -> None:
        """Write header tags."""
        await self.port.write({self.tag_map.header(field): value for field, value in values.items()})

    async def read(self, tags: Sequence[str]) -> Mapping[str, Reading]:
        """Read tags of the map."""
        return await self.port.read(tags)

    def next_exec(self) -> int:
        """Give an ExecId that no slot of this PLC has had."""
        self._exec_id += 1
        return self._exec_id

    def take_identity(self, boot_id: int, mes_hb: int, last_execs: Sequence[int]) -> None:
        """Begin where the PLC stands."""
        self.boot_id = boot_id
        self._mes_hb = mes_hb
        self._exec_id = max(FIRST_EXEC, *last_execs)
        if self._exec_id > 0xFFFF_0000:
            self._exec_id = FIRST_EXEC

    async def beat(self) -> None:
        """Move MesHb until cancelled; raises `PlcError` when the link is lost."""
        while True:
            if self.beating:
                await self.one_beat()
            await asyncio.sleep(BEAT_S)

    async def one_beat(self) -> int:
        """Move MesHb once and give what was written."""
        self._mes_hb = (self._mes_hb + 1) & 0xFFFF
        before_s, self.beat_began_s = self.beat_began_s, self.now_s()
        await self.write_header(MesHb=self._mes_hb)
        if self.beating:
            self.slowest_beat_s = max(self.slowest_beat_s, self.now_s() - before_s)
        return self._mes_hb

    async def leave(self, mes_tmo: int) -> None:
        """Put MesTmo back as it was found."""
        self.beating = False
        with suppress(PlcError):
            await self.write_header(MesTmo=mes_tmo)
