"""What a new engine finds: running phases, commands under way, and what the old one could not tell any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mes.model.change import Change, LeaseLost
from mes.model.events import Alarm, CommandOutcome, StateCommand
from mes.model.procedure import ExceptionBlock, Level, Then
from mes.model.states import Command, ProceduralState
from mes.model.steps import AnswerKind, PromptStep
from mes.store.engine_store import CellStore
from tests.engine.recipe import SALT, group
from tests.engine.works import Crash, CrashingStore, Works, is_answer, is_start, until
from tests.engine.yard import recipe, stage

S = ProceduralState
C = Command


async def test_an_engine_that_lost_its_lease_stops_and_writes_nothing_more(works: Works) -> None:
    batch_no = works.create()
    async with works.engine() as running:
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: "scan:salt" in state.prompts)
        works.wall.ahead_s = 60.0
        other = CellStore(works.database, wall=works.wall)
        assert await other.acquire("pilot", "another engine", lease_s=10) == works.cell.epoch + 1
        works.put(batch_no, "answer", prompt_id="scan:salt", value="SALT-1")
        with pytest.raises(LeaseLost):
            await asyncio.wait_for(running, 10)
    assert works.program.starts == []
    assert works.state(batch_no).answers == {}


async def test_a_second_engine_is_refused_while_the_first_lives(works: Works) -> None:
    async with works.engine():
        rival, _ = works.new_cell(owner="rival")
        with pytest.raises(LeaseLost, match="test engine"):
            await rival.begin()


async def test_a_new_engine_takes_a_running_phase_over(works: Works) -> None:
    works.program.running_scans = 100_000
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: state.state_of(SALT) is S.RUNNING)
        first = works.cell.epoch
    works.program._left["WS-1.PH"] = 3  # noqa: SLF001 - the scale is done while no engine lives
    works.program.running_scans = 3
    async with works.engine():
        assert works.cell.epoch > first
        await works.shown(batch_no, lambda state: state.ended)
    assert len(works.starts_of("WS-1.PH")) == 2
    assert works.batch(batch_no).state is S.COMPLETE


async def test_a_start_that_was_durable_and_never_sent_is_sent_once_after_the_crash(works: Works) -> None:
    batch_no = works.create()
    store = CrashingStore(works.database, wall=works.wall)
    store.after = is_start
    async with works.engine(store) as running:
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: SALT in state.executions)
        with pytest.raises(Crash):
            await asyncio.wait_for(running, 10)
    assert works.program.starts == []
    assert works.state(batch_no).executions[SALT].pending is C.START
    async with works.engine():
        await works.shown(batch_no, lambda state: state.state_of(SALT) is S.COMPLETE)
    facts = works.facts(batch_no)
    outcomes = [fact.because for fact in facts if isinstance(fact, CommandOutcome) and fact.path == SALT]
    assert outcomes[0] == "not done when the engine restarted, and fenced"
    assert len(works.starts_of("WS-1.PH")) == 1
    assert not [fact for fact in facts if isinstance(fact, Alarm)]


async def test_a_start_whose_answer_was_not_recorded_is_found_and_not_repeated(works: Works) -> None:
    works.program.running_scans = 100_000
    batch_no = works.create()
    store = CrashingStore(works.database, wall=works.wall)
    store.before = is_answer
    async with works.engine(store) as running:
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: SALT in state.executions)
        with pytest.raises(Crash):
            await asyncio.wait_for(running, 10)
    assert len(works.starts_of("WS-1.PH")) == 1
    async with works.engine():
        state = await works.shown(batch_no, lambda state: state.state_of(SALT) is S.RUNNING)
        assert state.executions[SALT].exec_id == works.starts_of("WS-1.PH")[0]
    outcomes = [fact for fact in works.facts(batch_no) if isinstance(fact, CommandOutcome) and fact.path == SALT]
    assert [(fact.accepted, fact.because) for fact in outcomes] == [
        (True, "found done after a restart of the engine"),
    ]
    assert len(works.starts_of("WS-1.PH")) == 1


async def test_a_command_that_never_became_a_request_is_decided_again(works: Works) -> None:
    batch_no = works.create()
    async with works.engine():
        works.put(batch_no, "start")
        await works.shown(batch_no, lambda state: "scan:salt" in state.prompts)
    # What an engine leaves that could not compose its command and died before it could tell.
    left = StateCommand(path=SALT, command=C.START, by="engine", because="its turn in the recipe", exec_id=1)
    async with works.engine():
        at = works.cell.clock.now()
        await works.cell.store.commit(Change(at=at, facts=((batch_no, left),), exec_high=1))
    async with works.engine():
        await works.shown(batch_no, lambda state: state.ended)
    assert works.starts_of("WS-1.PH")[0] == 2
    assert works.batch(batch_no).state is S.COMPLETE


async def test_places_in_queues_and_what_is_known_of_units_outlive_an_engine(yard: Works) -> None:
    first, second, third, queued = (yard.create(recipe(stage("M-1"))) for _ in range(4))
    async with yard.engine():
        for batch_no in (first, second, third):
            yard.put(batch_no, "start")
            await yard.shown(batch_no, lambda state: bool(state.holdings or state.requests))
        await yard.settled(yard.put(third, "rank", path="Work", value="1", because="urgent"))
        await yard.settled(yard.put(queued, "queue", name=third, value="3", because="plan"))
        await yard.settled(yard.put("", "out of service", unit="M-2", because="bearing"))
        before = {number: yard.state(number) for number in (second, third, queued)}
    async with yard.engine():
        assert {number: yard.cell.batches[number] for number in before} == before
        await until(lambda: "batch B-0003 to be complete" in yard.batch(queued).waiting)
        row = yard.batch(queued)
        assert (row.queued, row.priority, row.start_after) == (True, 3, third)
        on_other = yard.create(recipe(stage("M-2")))
        yard.put(on_other, "start")
        await until(lambda: "M-2 is out of service (bearing)" in yard.batch(on_other).waiting)
        await yard.let_end("M-1.PH")
        await yard.shown(third, lambda state: "M-1" in state.units)
        late = yard.create(recipe(stage("M-1")))
        yard.put(late, "start")
        state = await yard.shown(late, lambda state: bool(state.requests))
        assert state.requests["Work"].rank > yard.state(second).requests["Work"].rank


async def test_open_prompts_and_raised_exceptions_outlive_an_engine(yard: Works) -> None:
    ask = PromptStep(path="Work/Help/Ask", name="Ask", text={"en": "What happened?"}, answer=AnswerKind.TEXT)
    steps = group("Work/Help", ask, level=Level.BLOCK)
    block = ExceptionBlock(path="Work/Help", name="Help", steps=steps, then=Then.RETURN, failure="any")
    batch_no = yard.create(recipe(replace(stage("M-1"), exceptions=(block,))))
    async with yard.engine():
        yard.put(batch_no, "start")
        await yard.shown(batch_no, lambda state: state.state_of("Work/Op/Run") is S.RUNNING)
        interlock = yard.tag_map.slots["M-1.PH"].tag("Interlock")
        yard.program.write(interlock, 1)
        before = await yard.shown(batch_no, lambda state: ask.path in state.prompts)
        assert before.raised == {"Work/Help"}
    async with yard.engine():
        known = yard.cell.batches[batch_no]
        assert (known.raised, known.prompts) == (before.raised, before.prompts)
        yard.program.write(interlock, 0)
        yard.put(batch_no, "answer", prompt_id=ask.path, value="a stone")
        await yard.shown(batch_no, lambda state: not state.raised and state.state_of("Work/Op/Run") is S.RUNNING)
