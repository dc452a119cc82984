"""How late the turns of a loop begin that wants to run ten times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise
from typing import Any

from rig.running import StillPlc

PERIOD_S = 0.1


async def feed(plc: StillPlc) -> None:
    """Read a tenth of the statuses anew in every tenth of a second: other objects of the same content."""
    slots = list(plc.statuses)
    while True:
        for part in range(10):
            for slot in slots[part::10]:
                plc.statuses[slot] = replace(plc.statuses[slot])
            await asyncio.sleep(PERIOD_S)


async def empty_loop(begins_s: list[float]) -> None:
    """Do nothing at 10 Hz."""
    loop = asyncio.get_running_loop()
    while True:
        begun_s = loop.time()
        begins_s.append(begun_s)
        await asyncio.sleep(begun_s + PERIOD_S - loop.time())


async def for_a_while(loop: Coroutine[Any, Any, None], seconds: float) -> None:
    """Run something endless for so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(loop, seconds)


def late_ms(begins_s: Sequence[float]) -> list[float]:
    """Give by how much each scan began later than a period after the one before it."""
    return [1000 * max(after - before - PERIOD_S, 1e-6) for before, after in pairwise(begins_s)]
