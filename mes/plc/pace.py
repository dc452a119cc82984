"""What all drivers have in common: the pace of a watch, and the look-up of tags by name."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mes.plc.port import PlcRefused
from mes.plc.tagmap import TagAddress, TagMap
from mes.plc.tomltable import nearest

FULL_EVERY_S = 1.0
"""Every tag is given anew at least this often (or each period, if that is longer), changed or not: its age then shows
that it was looked at."""


def full_every_s(period_s: float) -> float:
    """Give the wall seconds between two full sets of a watch."""
    return min(10 * period_s, max(period_s, FULL_EVERY_S))


class Pace:
    """The beat of a watch. A beat that comes late is not made good.

    `full` says that this time every tag is due: at the first beat, and then as often as `full_every_s` says. That is
    counted in time, not in beats: where each look takes long, what has not changed must not seem to be old.
    """

    def __init__(self, period_s: float) -> None:
        self.full = True
        self._period_s = period_s
        self._loop = asyncio.get_running_loop()
        self._due_s = self._full_s = self._loop.time()

    async def next(self) -> None:
        """Wait for the next beat."""
        self._due_s = max(self._due_s + self._period_s, self._loop.time())
        await asyncio.sleep(self._due_s - self._loop.time())
        since_s = self._loop.time() - self._full_s
        self.full = since_s > full_every_s(self._period_s) - self._period_s / 2
        if self.full:
            self._full_s = self._loop.time()


def heed_cancellation() -> None:
    """Raise `CancelledError` when this task was asked to end but a library has swallowed the request.

    `asyncio.wait_for` of Python 3.11, which both protocol libraries use, drops a cancellation that arrives together
    with the answer it waits for; a loop that goes on after that would never end.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def known_tags(tag_map: TagMap, names: Sequence[str]) -> list[TagAddress]:
    """Give the addresses of these tags; raises `PlcRefused` that names the nearest tag of the map."""
    tags = []
    for name in names:
        tag = tag_map.tags.get(name)
        if tag is None:
            raise PlcRefused(
                f"{tag_map.name}: the tag map {tag_map.path} has no tag {name!r}{nearest(name, tag_map.tags)}"
            )
        tags.append(tag)
    return tags
