"""Both lines at the same time in one process cell, and a third batch that has to wait for a unit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mes import records
from mes.genealogy import trace
from mes.model.quantity import Quantity
from mes.model.states import ProceduralState
from mes.store.check import check
from tests.system.floor import OPERATOR, LivePlant, live_plant
from tests.system.plcs import MODBUS, OPC_UA, started_plcs, urls_of
from tests.system.waiting import until

S = ProceduralState
SPEED = 10_000.0


async def record_of(floor: LivePlant, batch_no: str) -> Mapping[str, Any]:
    return await asyncio.to_thread(records.record, floor.database, batch_no)


@pytest.mark.timeout(300)
async def test_powder_and_film_are_made_at_once_and_a_second_powder_waits_for_its_unit(tmp_path: Path) -> None:
    async with (
        started_plcs(tmp_path, {"SY": MODBUS, "UT": MODBUS, "FM": OPC_UA}, speed=SPEED) as plcs,
        live_plant(tmp_path, urls_of(plcs), speed=SPEED) as floor,
    ):
        await floor.receive_deliveries()
        bought = await floor.receive("Li6PS5Cl powder", "1000", "g")
        powder = await floor.started("R1")
        film = await floor.started("R3", size=Quantity(Decimal(50), "m"), lots={"powder": bought})
        second = await floor.started("R1")

        # Whichever unit the first powder is in by now: the second cannot overtake it.
        waiting = f"is in use by batch {powder}"
        await until(lambda: floor.see(second), lambda seen: waiting in seen.waiting, f"{second} waits")
        listed = {row.batch_no: row for row in await floor.batches.list()}
        assert {row.state for row in listed.values()} == {S.RUNNING}
        await floor.batches.abort(second, by=OPERATOR, because="it was only to see it wait")
        await floor.until_state(second, S.ABORTED)

        at_once = [powder, film]
        await asyncio.gather(*(floor.until_state(batch_no, S.COMPLETE, limit_s=240) for batch_no in at_once))

        whole = {batch_no: await record_of(floor, batch_no) for batch_no in at_once}
        assert whole[powder]["started_at"] < whole[film]["started_at"] < whole[powder]["ended_at"]
        for record in whole.values():
            assert abs(Decimal(record["mass_balance"]["closure_percent"])) <= 1
        # The one that waited took nothing and commanded nothing.
        assert not [event for event in (await record_of(floor, second))["events"] if event["event"] == "Consume"]

        for roll in (f"{film}-film_roll_1", f"{film}-film_roll_2"):
            found = trace(floor.database, roll)
            ends = {lot.material: lot for lot in found.lots if not [e for e in found.edges if e.child == lot.lot_no]}
            assert set(ends) == {"Li6PS5Cl powder", "NBR", "Xylene", "PET carrier film"}
            assert ends["Li6PS5Cl powder"].lot_no == bought
            assert {lot.supplier for lot in ends.values()} == {"ACME"}
        made = trace(floor.database, f"{powder}-powder")
        assert {lot.material for lot in made.lots if lot.supplier} == {"Li2S", "P2S5", "LiCl"}
    assert check(f"sqlite:///{tmp_path / 'mes.db'}") == []
