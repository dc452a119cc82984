"""The beat of a watch: everything is looked at anew in time, also where each look takes long."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from mes.plc.pace import Pace, full_every_s


async def fulls(period_s: float, look_s: float, during_s: float) -> list[float]:
    """Give when every tag was due, in seconds from the first beat."""
    loop = asyncio.get_running_loop()
    pace, began_s, found = Pace(period_s), loop.time(), []
    while loop.time() - began_s < during_s:
        if pace.full:
            found.append(loop.time() - began_s)
        await asyncio.sleep(look_s)
        await pace.next()
    return found


async def test_everything_is_due_at_the_first_beat_and_then_in_time() -> None:
    assert full_every_s(0.02) == 0.2
    found = await fulls(0.02, 0.0, 1.0)
    assert found[0] < 0.02
    assert [later - earlier for earlier, later in itertools.pairwise(found)] == pytest.approx(
        [0.2] * (len(found) - 1), abs=0.1
    )


async def test_looks_that_take_longer_than_the_period_do_not_put_it_off() -> None:
    # Ten beats of 0.1 s each would make a second of what is due after 0.2 s.
    found = await fulls(0.02, 0.1, 1.2)
    assert len(found) >= 4
    assert max(later - earlier for earlier, later in itertools.pairwise(found)) < 0.5
