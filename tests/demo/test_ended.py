"""A demonstration that people look on goes on when one of them ends a batch."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mes.app import Plant
from mes.demo.operator import BatchEnded
from mes.demo.play import Options, play

LIMIT_S = 110.0


@pytest.mark.parametrize("once", [False, True])
async def test_a_batch_that_a_person_aborts_ends_the_demonstration_only_with_once(tmp_path: Path, once: bool) -> None:
    said: list[str] = []
    reached = asyncio.Event()

    async def person(plant: Plant) -> None:
        await _open(plant, "B-0001")
        await plant.batches.abort("B-0001", by="ann", because="to see what happens")
        await _open(plant, "B-0002")
        reached.set()

    playing = asyncio.create_task(
        play(Options(speed=100.0, once=once, data=tmp_path, port=0, beside=[person], say=said.append))
    )
    if once:
        with pytest.raises(BaseExceptionGroup) as raised:
            await asyncio.wait_for(playing, LIMIT_S)
        assert raised.group_contains(BatchEnded, match="B-0001 ended aborted: to see what happens")
        assert not reached.is_set()
        return
    watch = asyncio.create_task(reached.wait())
    try:
        await asyncio.wait({playing, watch}, timeout=LIMIT_S, return_when=asyncio.FIRST_COMPLETED)
        assert reached.is_set(), said
        assert "batch B-0001 ended aborted: to see what happens; the next one is begun" in said
    finally:
        watch.cancel()
        playing.cancel()
        await asyncio.gather(playing, watch, return_exceptions=True)


async def _open(plant: Plant, batch_no: str) -> None:
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + LIMIT_S
    while batch_no not in plant.cell.open_numbers():
        assert loop.time() < deadline_s, f"{batch_no} is not open within {LIMIT_S} s: {plant.cell.open_numbers()}"
        await asyncio.sleep(0.05)
