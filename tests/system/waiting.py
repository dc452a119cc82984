"""Waiting for something to become true, with a limit whose error tells what was seen last."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_S = 0.05


async def until(look: Callable[[], Awaitable[T]], holds: Callable[[T], bool], what: str, *, limit_s: float = 60.0) -> T:
    """Look again and again until what is seen holds, and give it; the error says what was seen last."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + limit_s
    while True:
        seen = await look()
        if holds(seen):
            return seen
        assert loop.time() < deadline_s, f"not within {limit_s:g} s: {what}; last seen: {seen}"
        await asyncio.sleep(LOOK_S)
