"""Four batches of different recipes at once, which all want the scrubber and three of them the furnace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from mes import records
from mes.model.events import Alarm, Allocation, Deallocation, StateChange
from mes.model.states import ProceduralState
from mes.model.steering import QueueChange, RankChange, UnitRequest
from mes.rehearsal.script import Script
from mes.simulated.plcs import running_plant
from mes.store.check import check
from mes.store.journal import Entry, entries_of
from tests.system.floor import OPERATOR, LivePlant, Seen, live_plant
from tests.system.plcs import MODBUS, SHIPPED
from tests.system.waiting import until

S = ProceduralState

PLCS = ("SY", "SX", "FM", "UT")
SPEED = 4000.0
FURNACE, SCRUBBER = "FU-301", "SCR-002"
RECIPES = Path(__file__).with_name("recipes")
CHARGES = {"CALCINE-1": ("BM-201", "1000 g"), "CALCINE-2": ("BM-202", "800 g"), "CALCINE-3": ("BM-202", "600 g")}
"""Mill and size of the recipes that go to the furnace: three ways to the same two units."""


def write_recipes(folder: Path) -> None:
    folder.mkdir()
    (folder / "PASTE.yaml").write_text((RECIPES / "PASTE.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    text = (RECIPES / "CALCINE.yaml").read_text(encoding="utf-8")
    for recipe, (mill, size) in CHARGES.items():
        own = text.replace("recipe: CALCINE", f"recipe: {recipe}").replace("BM-201", mill)
        (folder / f"{recipe}.yaml").write_text(own.replace("default: 1000 g", f"default: {size}"), encoding="utf-8")


@asynccontextmanager
async def one_plant(folder: Path) -> AsyncIterator[LivePlant]:
    """All PLCs in one simulated plant, with the engine that drives them."""
    write_recipes(folder / "recipes")
    maps = {name: folder / "maps" / f"{name.lower()}.toml" for name in PLCS}
    (folder / "maps").mkdir()
    for path in maps.values():
        path.write_text((SHIPPED / path.name).read_text(encoding="utf-8"), encoding="utf-8")
    listen = dict.fromkeys(PLCS, MODBUS)
    async with running_plant(maps, speed=SPEED, seed=1, logs=folder, listen=listen) as shop:
        urls = {plc.name: plc.url for plc in shop.plcs}
        async with live_plant(folder, urls, speed=SPEED) as floor:
            yield floor


async def attend(floor: LivePlant, batch_no: str, looked_at: asyncio.Event) -> None:
    """Answer what a batch asks until it is complete; what is to be looked at, only when the time has come."""
    script = Script()
    while True:
        seen = await floor.see(batch_no)
        assert seen.state.state not in {S.STOPPED, S.ABORTED, S.HELD}, seen
        if seen.state.ended:
            return
        for prompt in seen.state.prompts.values():
            reply = script.reply(seen.state, prompt)
            if reply and (looked_at.is_set() or "Look at" not in prompt.path):
                await floor.batches.answer(batch_no, reply[0], by=OPERATOR, prompt_id=prompt.prompt_id)
        await asyncio.sleep(0.05)


def waits_for(seen: Seen, unit: str) -> bool:
    return any(unit in request.uses or unit in request.candidates for request in seen.state.requests.values())


async def until_waiting(floor: LivePlant, batch_no: str, unit: str) -> None:
    what = f"{batch_no} waits for {unit}"
    await until(lambda: floor.see(batch_no), lambda seen: waits_for(seen, unit), what, limit_s=90.0)


@dataclass(slots=True, kw_only=True)
class Request:
    """A request for units as the journal tells it."""

    wants: frozenset[str]
    place: tuple[int, Decimal]


def given_in_order(entries: Sequence[Entry], unit: str, names: Mapping[str, str]) -> Sequence[str]:
    """Give the recipes that got a unit, in order; asserts that each was the first of those that stood in the queue."""
    priority: dict[str, int] = {}
    queue: dict[tuple[str, str], Request] = {}
    owner = ""
    given = []
    for entry in entries:
        key = (entry.batch_no, entry.path)
        match entry.fact:
            case QueueChange(priority=own):
                priority[entry.batch_no] = own
            case UnitRequest(candidates=candidates, uses=uses, rank=rank):
                place = (-priority.get(entry.batch_no, 0), rank)
                queue[key] = Request(wants=frozenset((*candidates, *uses)), place=place)
            case RankChange(rank=rank):
                queue[key].place = (queue[key].place[0], rank)
            case Allocation(unit=taken) if taken == unit:
                assert not owner, f"{unit} was given to {entry.batch_no} while {owner} had it"
                owner = entry.batch_no
                first = min((key for key in queue if unit in queue[key].wants), key=lambda one: queue[one].place)
                assert key == first, f"{unit} was given to {key}, but {first} stood first"
                given.append(names[entry.batch_no])
            case Deallocation(unit=back) if back == unit:
                assert owner == entry.batch_no
                owner = ""
            case StateChange(before=S.IDLE):
                queue.pop(key, None)
    assert not owner, f"{unit} was never given back by {owner}"
    return given


@pytest.mark.timeout(240)
async def test_four_batches_get_furnace_and_scrubber_in_the_order_of_the_queue_and_all_end(tmp_path: Path) -> None:
    async with one_plant(tmp_path) as floor, asyncio.TaskGroup() as people:
        floor.batches.timeout_s = 30.0
        for material, amount in (("Li2S", "5000"), ("Li6PS5Cl powder", "900"), ("NBR", "90"), ("Xylene", "900")):
            await floor.receive(material, amount, "g")
        numbers = {recipe: (await floor.batches.create(recipe, by=OPERATOR)).batch_no for recipe in ("PASTE", *CHARGES)}
        paste, first, second, late = numbers.values()
        await floor.batches.queue(first, by=OPERATOR)
        await floor.batches.queue(second, by=OPERATOR)
        await floor.batches.queue(late, by=OPERATOR, priority=3, after=paste)
        await floor.batches.queue(paste, by=OPERATOR, priority=5)
        looked_at = {batch_no: asyncio.Event() for batch_no in numbers.values()}
        attending = [people.create_task(attend(floor, batch_no, event)) for batch_no, event in looked_at.items()]

        # The paste keeps the scrubber until both charges wait for it; then the operator lets the second one pass.
        for batch_no in (first, second):
            await until_waiting(floor, batch_no, SCRUBBER)
        assert (await floor.see(late)).state.state is S.IDLE
        await floor.batches.rank(second, "Calcine", 1, by=OPERATOR, because="its customer waits")
        looked_at[paste].set()
        # The second charge keeps the furnace until the late one, which is more urgent than the first, wants it too.
        await until_waiting(floor, late, FURNACE)
        assert waits_for(await floor.see(first), FURNACE)
        for event in looked_at.values():
            event.set()
        await asyncio.gather(*attending)

        by_batch = [
            await floor.database.read(lambda connection, number=number: entries_of(connection, number))
            for number in numbers.values()
        ]
        entries = sorted((entry for found in by_batch for entry in found), key=lambda entry: entry.seq)
        names = {batch_no: recipe for recipe, batch_no in numbers.items()}
        furnace = ["CALCINE-2", "CALCINE-3", "CALCINE-1"]
        assert given_in_order(entries, FURNACE, names) == furnace
        assert given_in_order(entries, SCRUBBER, names) == ["PASTE", *furnace]
        assert [entry.fact for entry in entries if isinstance(entry.fact, Alarm)] == []
        for batch_no in numbers.values():
            record = await asyncio.to_thread(records.record, floor.database, batch_no)
            assert record["state"] == "complete"
            assert abs(Decimal(record["mass_balance"]["closure_percent"])) <= 1, record["mass_balance"]
    assert check(f"sqlite:///{tmp_path / 'mes.db'}") == []
