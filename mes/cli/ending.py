"""Long commands: run until they are done or told to end by a signal, and end cleanly either way."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


class ToldToEnd(Exception):
    """A signal ended the work, and everything it had started has ended too; `number` is that of the signal."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by signal {number}")
        self.number = number


def run_until_told(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; SIGINT or SIGTERM cancels it, waits for its clean-up and raises `ToldToEnd`."""
    return asyncio.run(_until_told(work))


async def _until_told(work: Coroutine[Any, Any, T]) -> T:
    working = asyncio.ensure_future(work)
    told: list[int] = []

    def tell(number: int) -> None:
        told.append(number)
        working.cancel()

    with _listening(tell):
        try:
            return await working
        except asyncio.CancelledError:
            if not told:
                raise
            raise ToldToEnd(told[0]) from None


@contextmanager
def _listening(tell: Any) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def signalled(number: int, _: FrameType | None) -> None:
        loop.call_soon_threadsafe(tell, number)

    # Not the loop's own handlers: those do not exist on Windows.
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signalled) for number in numbers}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
