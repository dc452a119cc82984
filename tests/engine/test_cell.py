"""The shell of a cell over a real store and a supervised PLC: nothing is done before it is durable, nothing twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from mes.model.events import Alarm, Consume, Produce
from mes.model.states import Command, ProceduralState
from mes.store.commandrows import CommandStatus
from mes.store.lots import find_lot
from tests.engine.recipe import HEAT, SALT, STIR
from tests.engine.works import MADE, USED, Crash, CrashingStore, Works, is_start, until

S = ProceduralState
C = Command


async def test_a_batch_runs_from_its_first_command_to_its_lots(works: Works) -> None:
    batch_no = works.create()
    async with works.engine():
        started = works.put(batch_no, "start", because="to the plan")
        await works.shown(batch_no, lambda state: state.ended)
        await until(lambda: batch_no not in works.cell.batches)
    assert works.batch(batch_no).state is S.COMPLETE
    assert works.command(started).status is CommandStatus.DONE
    left = {number: works.database.read_now(lambda c, number=number: find_lot(c, number)) for number in (*USED, *MADE)}
    assert {number: row.lot.quantity for number, row in left.items() if row and number in USED} == USED
    assert {number: row.lot.quantity.value for number, row in left.items() if row and number in MADE} == MADE
    assert works.numbers() == sorted(set(works.numbers()))
    assert not [fact for fact in works.facts(batch_no) if isinstance(fact, Alarm)]


async def test_the_memory_of_the_engine_is_what_the_record_says(works: Works) -> None:
    works.program.running_scans = 100_000
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: state.state_of(SALT) is S.RUNNING)
        await until(lambda: works.cell.batches[batch_no] == works.state(batch_no))
        assert await works.cell.store.exec_high() == max(works.numbers())


async def test_a_refused_command_is_settled_with_the_reason(works: Works) -> None:
    batch_no = works.create()
    async with works.engine():
        refused = works.put(batch_no, "hold")
        nonsense = works.put(batch_no, "explode")
        answer = works.put(batch_no, "answer", prompt_id="scan:salt", value="SALT-1")
        await until(lambda: works.command(answer).status is CommandStatus.REFUSED)
    assert works.command(refused).status is CommandStatus.REFUSED
    assert "it is idle; possible now: start" in works.command(refused).message
    assert works.command(nonsense).message == "'explode' is no command for a batch"
    assert works.command(answer).message == "no prompt 'scan:salt' is open; open prompts: none"


async def test_a_start_without_material_is_refused_before_anything_moves(works: Works) -> None:
    batch_no = works.create()
    short = replace(
        works.state(batch_no).control,
        inputs={
            name: replace(needed, amount=needed.amount.times(9) if needed.amount else None)
            for name, needed in works.state(batch_no).control.inputs.items()
        },
    )
    hungry = works.create(short)
    async with works.engine():
        command = works.put(hungry, "start")
        await until(lambda: works.command(command).status is CommandStatus.REFUSED)
    assert "NACL: 1800 g needed from one lot, the largest (SALT-1) has 500 g" in works.command(command).message
    assert works.commanded() == []


async def test_what_cannot_be_made_durable_is_never_done(works: Works) -> None:
    batch_no = works.create()
    store = CrashingStore(works.database, wall=works.wall)
    store.before = is_start
    async with works.engine(store) as running:
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: "scan:salt" in state.prompts)
        works.put(batch_no, "answer", prompt_id="scan:salt", value="SALT-1")
        with pytest.raises(Crash):
            await asyncio.wait_for(running, 10)
        # Time enough for a command that was let out too early to reach the PLC.
        await until(lambda: len(works.plc.writes) > 2)
    assert works.commanded() == []
    assert works.program.starts == []


async def test_a_plc_with_another_program_holds_the_batch_and_does_not_flood_the_record(works: Works) -> None:
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: "scan:salt" in state.prompts)
        works.plc.force("LN.ProgramId", 666)
        await until(lambda: not works.cell.links["LN"].status().usable)
        works.put(batch_no, "answer", prompt_id="scan:salt", value="SALT-1")
        state = await works.shown(batch_no, lambda state: state.state is S.HELD)
        assert "runs the program 666" in state.because
        known = len(works.facts(batch_no))
        scans = works.cell.scans
        await until(lambda: works.cell.scans > scans + 10)
        assert len(works.facts(batch_no)) == known
        works.plc.force("LN.ProgramId", None)
        await until(lambda: works.cell.links["LN"].status().usable)
        works.put(batch_no, "restart")
        await works.shown(batch_no, lambda state: state.ended)


async def test_a_lost_link_holds_the_batch_after_a_while_and_the_phases_come_back(works: Works) -> None:
    works.program.running_scans = 100_000
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: state.state_of(SALT) is S.RUNNING)
        works.plc.lose_link(down=True)
        state = await works.shown(batch_no, lambda state: state.state is S.HOLDING)
        assert state.because.startswith("link to LN lost while Salt was running")
        works.plc.restore_link()
        await works.shown(batch_no, lambda state: state.state is S.HELD)
        works.program.running_scans = 3
        works.program._left["WS-1.PH"] = 3  # noqa: SLF001 - let the scale come to its end
        works.put(batch_no, "restart")
        await works.shown(batch_no, lambda state: state.ended)
    assert len(works.starts_of("WS-1.PH")) == 2


async def test_a_plc_that_was_restarted_asks_a_person(works: Works) -> None:
    works.program.running_scans = 100_000
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: state.state_of(SALT) is S.RUNNING)
        works.program.restart()
        state = await works.shown(batch_no, lambda state: state.state is S.HELD)
        assert "was interrupted" in state.because
        works.program.running_scans = 3
        works.put(batch_no, "restart")
        repeat = f"repeat:{SALT}"
        await works.shown(batch_no, lambda state: repeat in state.prompts)
        works.put(batch_no, "answer", prompt_id=repeat, value="repeat")
        await works.shown(batch_no, lambda state: state.ended)
    assert len(works.starts_of("WS-1.PH")) == 3
    taken = [fact for fact in works.facts(batch_no) if isinstance(fact, Consume) and fact.input == "salt"]
    assert [fact.quantity.value for fact in taken] == [Decimal(200)]


async def test_two_batches_share_the_cell_one_unit_at_a_time(works: Works) -> None:
    works.program.running_scans = 20
    batches = [works.create(), works.create()]
    async with works.engine():
        for batch_no in batches:
            works.put(batch_no, "start")
        await until(lambda: len(works.cell.batches) == 2)
        await until(lambda: "WS-1 is in use by batch B-0001" in works.batch("B-0002").waiting)
        await works.shown("B-0001", lambda state: HEAT in state.executions)
        works.program.running_scans = 3
        await works.shown("B-0001", lambda state: state.ended)
        works.put("B-0002", "abort")
        await works.shown("B-0002", lambda state: state.ended)
    powder = [f for f in works.facts("B-0001") if isinstance(f, Produce) and f.output == "powder"]
    assert powder[0].lot_no == "B-0001-powder"


async def test_a_stop_reaches_every_phase_that_runs(works: Works) -> None:
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: f"{HEAT.rsplit('/', 2)[0]}" in state.states)
        works.program.running_scans = 100_000
        await works.shown(batch_no, lambda state: {state.state_of(HEAT), state.state_of(STIR)} == {S.RUNNING})
        works.put(batch_no, "stop", because="enough for today")
        state = await works.shown(batch_no, lambda state: state.ended)
    assert (state.state, state.state_of(HEAT), state.state_of(STIR)) == (S.STOPPED, S.STOPPED, S.STOPPED)
    assert works.batch(batch_no).ended_at is not None
