"""The lines that a running plant tells, over fake PLCs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from mes.app import opened, running
from mes.config import load
from mes.demo.progress import show_links, show_progress

MAPS = Path(__file__).parents[2] / "plc_sim" / "maps"
LIMIT_S = 20.0


async def test_links_and_batches_are_told_as_they_change(tmp_path: Path) -> None:
    tables = [
        f"[[plc]]\nmap = '{(MAPS / name).as_posix()}.toml'\nurl = 'fake://progress-{name}'\n"
        for name in ("sy", "fm", "ut")
    ]
    (tmp_path / "mes.toml").write_text("\n".join(tables), encoding="utf-8")
    lines: list[str] = []
    config = load(data=tmp_path)
    with opened(config) as database:
        async with running(config, database) as plant, asyncio.TaskGroup() as beside:
            telling = [beside.create_task(show(plant, lines.append)) for show in (show_links, show_progress)]
            for name in ("SY", "FM", "UT"):
                await _until(f"PLC {name}: connected (fake", lines)
            batch = await plant.batches.create("R1", by="ann")
            plant.batches.timeout_s = LIMIT_S
            for material in ("Li2S", "P2S5", "LiCl"):
                await plant.lots.receive(material, batch.control.size, by="ann")
            await plant.batches.start(batch.batch_no, by="ann")
            await _until("B-0001 running", lines)
            _, steps = (await plant.batches.show(batch.batch_no)).steps
            await _until(f"/{steps}  ", lines)  # which phase it is depends on how quick the fake is
            await plant.batches.abort(batch.batch_no, by="ann", because="seen")
            await _until("B-0001 aborted", lines)
            count = len(lines)
            await asyncio.sleep(1.2)  # two further looks
            assert lines[count:] == []
            for task in telling:
                task.cancel()


async def _until(words: str, lines: list[str]) -> None:
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + LIMIT_S
    while not any(words in line for line in lines):
        assert loop.time() < deadline_s, f"no {words!r} within {LIMIT_S} s; told so far: {lines}"
        await asyncio.sleep(0.05)
