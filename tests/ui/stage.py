"""A whole process cell over fake PLCs with its page, for tests that look at it with a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from mes.app import Plant, opened, running
from mes.config import load
from mes.model.quantity import Quantity
from mes.plc.fake import FakePlc, fake_plc
from mes.plc.fake_program import FakeProgram
from mes.store.batchrows import BatchRow
from mes.ui.serve import serve

MAPS = Path(__file__).parents[2] / "plc_sim" / "maps"
DELIVERIES = (("Li2S", "0.999"), ("P2S5", "0.99"), ("LiCl", "0.999"))
ENDLESS_SCANS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The plant, its fake PLCs by name, and the address of its page."""

    plant: Plant
    plcs: dict[str, FakePlc]
    url: str

    def program(self, plc: str) -> FakeProgram:
        """Give the program of a fake PLC."""
        program = self.plcs[plc].program
        assert isinstance(program, FakeProgram)
        return program

    def keep_running(self, *, endless: bool) -> None:
        """Let phases run until they are told otherwise, or end soon."""
        for plc in self.plcs:
            self.program(plc).running_scans = ENDLESS_SCANS if endless else 3

    def make_pure(self) -> None:
        """Set what the recipes require of the boxes."""
        for box in ("GB-101", "GB-102", "GB-103"):
            self.plcs["UT"].set(f"{box}.O2_PPM", 0.4)
            self.plcs["UT"].set(f"{box}.H2O_PPM", 0.3)

    async def new_batch(self) -> str:
        """Create a batch of R1."""
        return (await self.plant.batches.create("R1", by="test")).batch_no

    async def receive_materials(self) -> None:
        """Take one lot of each raw material of R1 in."""
        for material, assay in DELIVERIES:
            await self.plant.lots.receive(
                material,
                Quantity(Decimal("5000"), "g"),
                by="test",
                assay=Decimal(assay),
                supplier="ACME",
                supplier_lot=f"{material}-7",
            )


@asynccontextmanager
async def staged(folder: Path, *, port: int = 0) -> AsyncIterator[Stage]:
    """Run the cell and its page until the block ends."""
    names = ("SY", "FM", "UT")
    tables = [f"[[plc]]\nmap = '{MAPS / name.lower()}.toml'\nurl = 'fake://page-{name}'\n" for name in names]
    (folder / "mes.toml").write_text("[cell]\nname = 'pilot'\nspeed = 60\n" + "\n".join(tables))
    config = load(data=folder)
    with opened(config) as database:
        async with running(config, database) as plant:
            plcs = {tag_map.name: fake_plc(tag_map, f"fake://page-{tag_map.name}") for tag_map in plant.maps}
            for plc in plcs.values():
                _calm(plc, plant)
            loop = asyncio.get_running_loop()
            address: asyncio.Future[str] = loop.create_future()
            page = asyncio.create_task(serve(plant, host="127.0.0.1", port=port, ready=address.set_result))
            try:
                first: list[asyncio.Future[Any]] = [page, address]
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                if page.done():
                    page.result()
                yield Stage(plant=plant, plcs=plcs, url=address.result())
            finally:
                page.cancel()
                await asyncio.gather(page, return_exceptions=True)
                for plc in plcs.values():
                    await plc.stop()


def _calm(plc: FakePlc, plant: Plant) -> None:
    """Put every tag with alarm limits to where it passes none."""
    for spec in plant.equipment.tags.values():
        if spec.name in plc.tag_map.tags:
            low = spec.limits.get("L", spec.limits.get("LL", spec.low))
            high = spec.limits.get("H", spec.limits.get("HH", spec.high))
            plc.set(spec.name, low + (high - low) * 0.42)


async def until(seen: Callable[[], bool], what: str, last: Callable[[], object], *, limit_s: float = 30.0) -> None:
    """Wait until something holds; the error tells what did not come and what was there last."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + limit_s
    while True:
        if seen():
            return
        assert loop.time() < deadline, f"not within {limit_s} s: {what}; last seen: {last()}"
        await asyncio.sleep(0.05)


async def row_of(stage: Stage, batch_no: str) -> BatchRow:
    """Give a batch as the books have it."""
    return next(row for row in await stage.plant.batches.list() if row.batch_no == batch_no)
