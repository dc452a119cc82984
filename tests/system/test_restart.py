"""Engines and PLCs that die in the middle of a phase, and links that fall silent: nothing is done twice or unseen."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from mes.clock import wall_now
from mes.model.events import Alarm, BatchFact, StateCommand
from mes.model.quantity import Quantity
from mes.model.reading import Quality
from mes.model.states import Command, ProceduralState
from mes.store.check import check
from mes.store.journal import entries_of
from mes.store.lease import lease_of
from mes.store.versions import upgrade
from tests.system import eye
from tests.system.engine import EngineProcess
from tests.system.floor import OPERATOR, Floor, exec_of, floor_beside, live_plant, path_of, phase_state, write_config
from tests.system.plcs import MODBUS, started_plcs, urls_of
from tests.system.waiting import until

S = ProceduralState
LISTEN = {"SY": MODBUS, "UT": MODBUS}
SLOT = "BM-201.PH"


def with_recipe(folder: Path) -> Path:
    """Give a data folder the recipe of these tests."""
    shutil.copytree(Path(__file__).with_name("recipes"), folder / "recipes")
    return folder


async def facts_of(floor: Floor, batch_no: str) -> Sequence[BatchFact]:
    entries = await floor.database.read(lambda books: entries_of(books, batch_no))
    return [entry.fact for entry in entries if isinstance(entry.fact, BatchFact)]


async def starts_of(floor: Floor, batch_no: str, path: str) -> list[int]:
    """Give the execution ids under which a phase was started."""
    facts = await facts_of(floor, batch_no)
    commands = [fact for fact in facts if isinstance(fact, StateCommand) and fact.path == path]
    return [fact.exec_id for fact in commands if fact.command is Command.START]


async def epoch_of(floor: Floor) -> int:
    lease = await floor.database.read(lambda books: lease_of(books, "pilot", wall_now()))
    assert lease is not None
    return lease.epoch


@pytest.mark.timeout(300)
async def test_an_engine_killed_mid_phase_is_followed_by_one_that_adopts_the_phase(tmp_path: Path) -> None:
    speed = 2000.0
    async with started_plcs(with_recipe(tmp_path), LISTEN, speed=speed, retentive=True) as plcs:
        # The PLC bears with a silent MES for as long as a restart takes; what it does then is not the question here.
        config = write_config(tmp_path, urls_of(plcs), speed=speed, heartbeat_timeout_s=60)
        upgrade(config.database_url)
        first = EngineProcess(folder=tmp_path, log=tmp_path / "first.log")
        second = EngineProcess(folder=tmp_path, log=tmp_path / "second.log")
        try:
            async with floor_beside(config) as floor:
                assert await first.start(), first.log.read_text()
                await floor.receive("Li2S", "2000", "g")
                batch_no = await floor.started("MILLING", formula={"mill_time": Quantity(Decimal(16), "h")})
                state = await floor.until_phase(batch_no, "MILL", S.RUNNING)
                path, exec_id = path_of(state, "MILL"), exec_of(state, "MILL")
                running = await eye.look(plcs["SY"], SLOT)
                assert (running.state, running.act_exec) == (eye.RUNNING, exec_id)
                retained, epoch = plcs["SY"].retained[SLOT], await epoch_of(floor)

                assert not await second.start(), "two engines drive one cell"
                told = second.log.read_text()
                assert "process cell pilot is driven by" in told
                assert "end that engine first" in told
                assert "Traceback" not in told
                await first.kill()

                async def try_again() -> bool:
                    return await second.start()

                assert await until(try_again, bool, "the lease of the killed engine to run out", limit_s=40)
                assert await epoch_of(floor) > epoch
                state = await floor.until_phase(batch_no, "MILL", S.RUNNING)
                assert (state.state, exec_of(state, "MILL")) == (S.RUNNING, exec_id)
                adopted = await eye.look(plcs["SY"], SLOT)
                assert (adopted.state, adopted.act_exec, adopted.last_exec) == (eye.RUNNING, exec_id, exec_id)
                assert adopted.first_report > running.first_report
                assert plcs["SY"].retained[SLOT] == retained

                await floor.until_state(batch_no, S.COMPLETE, limit_s=200)
                assert await starts_of(floor, batch_no, path) == [exec_id]
                assert not [fact for fact in await facts_of(floor, batch_no) if isinstance(fact, Alarm)]
                assert await second.end() == 0
        finally:
            await first.end()
            await second.end()
    assert check(config.database_url) == []


@pytest.mark.timeout(300)
async def test_a_plc_restarted_mid_phase_leaves_it_to_a_person_to_repeat_the_phase(tmp_path: Path) -> None:
    speed = 2000.0
    async with (
        started_plcs(with_recipe(tmp_path), LISTEN, speed=speed, retentive=True) as plcs,
        live_plant(tmp_path, urls_of(plcs), speed=speed) as floor,
    ):
        await floor.receive("Li2S", "2000", "g")
        batch_no = await floor.started("MILLING")
        state = await floor.until_phase(batch_no, "INERTISE", S.RUNNING)
        path, exec_id = path_of(state, "INERTISE"), exec_of(state, "INERTISE")
        boxes = plcs["UT"]
        url, boot_id = boxes.url, boxes.boot_id
        await boxes.kill()
        await boxes.start()
        assert boxes.url == url
        assert boxes.boot_id != boot_id

        state = await floor.until_state(batch_no, S.HELD)
        assert state.commanded_by == "engine"
        assert phase_state(state, "INERTISE") is S.ABORTED
        alarms = [fact.text for fact in await facts_of(floor, batch_no) if isinstance(fact, Alarm)]
        assert any("interrupted" in alarm for alarm in alarms), alarms
        seen = await eye.look(boxes, "GB-101.PH")
        assert (seen.state, seen.act_exec) == (eye.IDLE, 0)

        await floor.batches.restart(batch_no, by=OPERATOR, because="the PLC is back")
        prompt_id = f"repeat:{path}"
        asked = await until(
            lambda: floor.see(batch_no), lambda seen: prompt_id in seen.state.prompts, "to be asked what to do"
        )
        prompt = asked.state.prompts[prompt_id]
        assert (
            prompt.text["en"]
            == "INERTISE on GB-101 did not end. Check the unit; repeat it, skip it, or stop or abort the batch."
        )
        # Nothing is repeated before somebody has said so.
        assert await starts_of(floor, batch_no, path) == [exec_id]
        await floor.batches.answer(batch_no, "repeat", by=OPERATOR, prompt_id=prompt_id)

        state = await floor.until_phase(batch_no, "INERTISE", S.RUNNING)
        again = exec_of(state, "INERTISE")
        assert again > exec_id
        assert (await eye.look(boxes, "GB-101.PH")).act_exec == again
        await floor.until_phase(batch_no, "INERTISE", S.COMPLETE)
        assert await starts_of(floor, batch_no, path) == [exec_id, again]
        await floor.until_phase(batch_no, "MILL", S.RUNNING)
        await floor.batches.stop(batch_no, by=OPERATOR, because="seen")
        await floor.until_state(batch_no, S.STOPPED)


@pytest.mark.timeout(300)
async def test_a_plc_that_stands_still_makes_its_readings_stale_and_holds_the_batch(tmp_path: Path) -> None:
    speed = 4000.0
    async with (
        started_plcs(with_recipe(tmp_path), LISTEN, speed=speed) as plcs,
        live_plant(tmp_path, urls_of(plcs), speed=speed) as floor,
    ):
        await floor.receive("Li2S", "2000", "g")
        batch_no = await floor.started("MILLING")
        state = await floor.until_phase(batch_no, "MILL", S.RUNNING)
        path, exec_id = path_of(state, "MILL"), exec_of(state, "MILL")
        link, began_s = floor.plant.links["SY"], floor.plant.cell.clock.monotonic()
        assert link.reading("BM-201.T_JAR").quality is Quality.GOOD

        def since_s() -> float:
            return floor.plant.cell.clock.monotonic() - began_s

        plcs["SY"].freeze()
        began_s = floor.plant.cell.clock.monotonic()

        async def reading() -> tuple[Quality, str]:
            now = link.reading("BM-201.T_JAR")
            return now.quality, now.why

        _, why = await until(reading, lambda seen: seen[0] is Quality.STALE, "a stale reading", limit_s=5)
        # One second of a silent heart, and what a busy machine adds.
        assert since_s() < 3
        assert "SY" in why
        assert (await floor.see(batch_no)).state.state is S.RUNNING

        state = (await until(lambda: floor.see(batch_no), lambda seen: not seen.state.going, "the hold")).state
        assert 2 < since_s() < 10
        assert state.commanded_by == "engine"
        assert state.because.startswith("link to SY lost while MILL was running: ")

        plcs["SY"].thaw()
        await floor.until_state(batch_no, S.HELD)
        held = await until(lambda: eye.look(plcs["SY"], SLOT), lambda seen: seen.state == eye.HELD, "the mill held")
        assert held.act_exec == exec_id
        await floor.batches.restart(batch_no, by=OPERATOR, because="the link is back")
        await floor.until_state(batch_no, S.COMPLETE)
        assert await starts_of(floor, batch_no, path) == [exec_id]
        alarms = [fact.text for fact in await facts_of(floor, batch_no) if isinstance(fact, Alarm)]
        assert len(alarms) == 1
        assert alarms[0].startswith("link to SY lost: ")
