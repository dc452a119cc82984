"""Batches that compete for units, and batches that the engine starts by itself, in the order the queue says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mes.engine.queue_places import in_queue_order, rank_in_queue
from mes.model.equipment import ProcessCell
from mes.model.events import BatchCreated, LotReceived, StateCommand
from mes.model.execution import BatchState
from mes.model.fold import fold
from mes.model.procedure import Choose, Cleanliness
from mes.model.states import Command, CommandRefused, ProceduralState
from mes.model.steering import QueueChange
from mes.model.waiting import WaitKind
from mes.store.booking import book
from mes.store.commandrows import CommandStatus
from tests.engine.recipe import AT, grams, whole_recipe
from tests.engine.works import Works, until
from tests.engine.yard import any_mill, holding, recipe, stage

S = ProceduralState


def has(state: BatchState, unit: str) -> bool:
    return unit in state.units


async def started(yard: Works, *batches: str) -> None:
    """Start batches and wait until each has what it wants or waits for it."""
    for batch_no in batches:
        yard.put(batch_no, "start")
        await yard.shown(batch_no, lambda state: bool(state.holdings or state.requests))


async def waits_with(yard: Works, batch_no: str, words: str) -> None:
    await until(lambda: words in yard.batch(batch_no).waiting, shown=lambda: yard.batch(batch_no).waiting)


async def test_whoever_asked_first_gets_the_unit_unless_an_operator_moves_another_up(yard: Works) -> None:
    first, second, third = (yard.create(recipe(stage("M-1"))) for _ in range(3))
    async with yard.engine():
        await started(yard, first, second, third)
        await waits_with(yard, third, "unit M-1 is in use by batch B-0001")
        wait = yard.batch(third).waits["Work"]
        assert (wait.kind, wait.units, wait.owners, wait.position) == (WaitKind.UNIT, ("M-1",), ("B-0001",), 2)
        wrong = await yard.settled(yard.put(third, "rank", path="Work", name="M-1", value="7", because="urgent"))
        assert wrong.message == "the queue for M-1 has places 1 to 2, not 7"
        moved = await yard.settled(yard.put(third, "rank", path="Work", name="M-1", value="1", because="urgent"))
        assert moved.status is CommandStatus.DONE
        await until(lambda: yard.batch(third).waits["Work"].position == 1)
        await yard.let_end("M-1.PH")
        await yard.shown(third, lambda state: has(state, "M-1"))
        assert not has(yard.state(second), "M-1")
        await yard.let_end("M-1.PH")
        await yard.shown(second, lambda state: has(state, "M-1"))


async def test_a_queued_batch_of_higher_priority_is_started_and_served_first(yard: Works) -> None:
    running, usual, urgent = (yard.create(recipe(stage("M-1"))) for _ in range(3))
    async with yard.engine():
        await started(yard, running)
        for batch_no, priority in ((usual, "0"), (urgent, "5")):
            queued = await yard.settled(yard.put(batch_no, "queue", value=priority, because="plan of the week"))
            assert queued.status is CommandStatus.DONE
        for batch_no in (usual, urgent):
            state = await yard.shown(batch_no, lambda state: bool(state.requests))
            assert (state.commanded_by, state.because) == ("engine", "plan of the week")
        await yard.let_end("M-1.PH")
        await yard.shown(urgent, lambda state: has(state, "M-1"))
        assert not has(yard.state(usual), "M-1")


async def test_a_batch_starts_after_another_is_complete_but_not_after_it_was_stopped(yard: Works) -> None:
    first, second, third = (yard.create(recipe(stage("M-1"))) for _ in range(3))
    async with yard.engine():
        await started(yard, first)
        yard.put(second, "queue", name=first)
        yard.put(third, "queue", name=second)
        await waits_with(yard, second, "batch B-0001 to be complete, which is running")
        row = yard.batch(third)
        assert (row.queued, row.start_after, row.waits[""].kind, row.waits[""].owners) == (
            True,
            second,
            WaitKind.BATCH,
            (second,),
        )
        again = await yard.settled(yard.put(second, "queue", name=third))
        assert "neither would start" in again.message
        await yard.let_end("M-1.PH")
        await yard.shown(second, lambda state: has(state, "M-1"))
        assert not yard.batch(second).queued
        yard.put(second, "stop", because="wrong jar")
        await waits_with(yard, third, "a person: batch B-0002 was stopped, so this one does not start after it")
        gone = await yard.settled(yard.put(third, "unqueue"))
        assert gone.status is CommandStatus.DONE
        # The books answer a moment before the engine has taken notice of what it wrote.
        await until(lambda: third not in yard.cell.batches)
        assert not yard.batch(third).queued
    assert yard.state(third).command is None


async def test_a_queued_batch_waits_for_its_material(works: Works) -> None:
    control = works.state(works.create()).control
    salt = replace(control.inputs["salt"], amount=grams("900"))
    hungry = works.create(replace(control, inputs={**control.inputs, "salt": salt}))
    more = LotReceived(
        lot_no="SALT-2",
        material="NACL",
        quantity=grams("1000"),
        assay=Decimal(1),
        supplier="Acme",
        supplier_lot="A-2",
        by="ann",
    )
    async with works.engine():
        works.put(hungry, "queue")
        await waits_with(works, hungry, "NACL: 900 g needed from one lot")
        assert works.batch(hungry).waits[""].kind is WaitKind.MATERIAL
        await works.database.write(lambda connection: book(connection, cell="pilot", at=AT, facts=[("", more)]))
        await works.shown(hungry, lambda state: state.command is Command.START)


async def test_a_unit_out_of_service_is_given_to_nobody_until_it_is_back(yard: Works) -> None:
    batch_no = yard.create(recipe(stage("M-1")))
    async with yard.engine():
        unknown = await yard.settled(yard.put("", "out of service", unit="M-11", because="bearing"))
        assert unknown.message == "there is no unit 'M-11'; the nearest are M-1"
        silent = await yard.settled(yard.put("", "dirty", unit="M-1"))
        assert "needs a reason" in silent.message
        await yard.settled(yard.put("", "out of service", unit="M-1", because="bearing"))
        await started(yard, batch_no)
        await waits_with(yard, batch_no, "M-1 is out of service (bearing)")
        yard.put("", "in service", unit="M-1", because="new bearing")
        await yard.shown(batch_no, lambda state: has(state, "M-1"))
        # What is in use stays in use; only the next one has to wait.
        yard.put("", "out of service", unit="M-1", because="noise")
        await yard.let_end("M-1.PH")
        await yard.shown(batch_no, lambda state: state.ended)
    assert yard.state(batch_no).state is S.COMPLETE


async def test_a_dirty_unit_waits_for_its_cleaning_and_the_cleaning_does_not_wait_for_its_turn(yard: Works) -> None:
    yard.program.running_scans = 3
    dirties, next_one = (yard.create(recipe(stage("M-1", leaves=Cleanliness.DIRTY))) for _ in range(2))
    cleaning = yard.create(recipe(stage("M-1", leaves=Cleanliness.CLEAN, takes_dirty=True)))
    async with yard.engine():
        await started(yard, dirties)
        await yard.shown(dirties, lambda state: state.ended)
        await started(yard, next_one)
        await waits_with(yard, next_one, "M-1 is dirty (left dirty by Work of batch B-0001)")
        await started(yard, cleaning)
        await yard.shown(cleaning, lambda state: state.ended)
        await yard.shown(next_one, lambda state: state.ended)


async def test_a_shared_unit_has_as_many_users_as_its_map_says(yard: Works) -> None:
    users = [yard.create(recipe(stage(unit, uses=("SC-1",)))) for unit in ("M-1", "M-2", "FU-1")]
    async with yard.engine():
        await started(yard, *users)
        await waits_with(yard, users[2], "unit SC-1 is in use by batch B-0001 and batch B-0002")
        # The furnace is free, but who cannot have all it wants takes nothing.
        assert yard.state(users[2]).holdings == {}
        await yard.let_end("M-2.PH")
        await yard.shown(users[2], lambda state: has(state, "SC-1") and has(state, "FU-1"))


async def test_the_mill_that_was_idle_for_longest_is_taken_and_that_is_known_after_a_restart(yard: Works) -> None:
    yard.program.running_scans = 3
    for unit in ("M-2", "M-1"):
        batch_no = yard.create(recipe(stage(unit)))
        async with yard.engine():
            await started(yard, batch_no)
            await yard.shown(batch_no, lambda state: state.ended)
    longest = yard.create(recipe(any_mill(Choose.LONGEST_IDLE, "M-1", "M-2")))
    preferred = yard.create(recipe(any_mill(Choose.PREFERRED, "M-1", "M-2")))
    async with yard.engine():
        await started(yard, longest, preferred)
        await yard.shown(longest, lambda state: state.ended)
        await yard.shown(preferred, lambda state: state.ended)
    slots = [name for name, _ in yard.program.starts]
    assert slots[2:] == ["M-2.PH", "M-1.PH"]


async def test_an_operator_chooses_the_mill_and_the_batch_waits_for_that_one(yard: Works) -> None:
    other = yard.create(recipe(stage("M-2")))
    asking = yard.create(recipe(any_mill(Choose.OPERATOR, "M-1", "M-2")))
    async with yard.engine():
        await started(yard, other)
        yard.put(asking, "start")
        state = await yard.shown(asking, lambda state: "unit:Work" in state.prompts)
        assert state.prompts["unit:Work"].choices == ("M-1", "M-2")
        wrong = await yard.settled(yard.put(asking, "answer", prompt_id="unit:Work", value="M-3"))
        assert wrong.status is CommandStatus.REFUSED
        yard.put(asking, "answer", prompt_id="unit:Work", value="M-2")
        await waits_with(yard, asking, "unit M-2 is in use by batch B-0001")
        await yard.let_end("M-2.PH")
        await yard.shown(asking, lambda state: has(state, "M-2"))


async def test_a_start_that_could_lock_up_is_refused_with_the_circle_and_the_queue_waits_with_it(yard: Works) -> None:
    first = yard.create(recipe(holding("M-1", "FU-1")))
    second = yard.create(recipe(holding("FU-1", "M-1")))
    async with yard.engine():
        await started(yard, first)
        refused = await yard.settled(yard.put(second, "start"))
        assert refused.status is CommandStatus.REFUSED
        assert "B-0001 holds M-1 and wants FU-1, B-0002 holds FU-1 and wants M-1" in refused.message
        assert yard.state(second).command is None
        yard.put(second, "queue")
        await waits_with(yard, second, "another batch to end, for they could lock up")
        await yard.let_end("M-1.PH")
        await yard.shown(second, lambda state: has(state, "FU-1"))
        await yard.let_end("FU-1.PH")
        state = await yard.shown(second, lambda state: state.ended)
    assert state.state is S.COMPLETE
    starts = [fact.by for fact in yard.facts(second) if isinstance(fact, StateCommand) and fact.path == ""]
    assert starts == ["engine"]


def queued(cell: ProcessCell, batch_no: str, priority: int, rank: str) -> BatchState:
    created = BatchCreated(control=whole_recipe(cell), by="ann")
    return fold(
        batch_no, [created, QueueChange(queued=True, by="ann", because="", priority=priority, rank=Decimal(rank))]
    )


def test_a_place_in_the_queue_is_one_among_batches_of_the_same_priority(cell: ProcessCell) -> None:
    states = [queued(cell, "B-1", 0, "1"), queued(cell, "B-2", 0, "2"), queued(cell, "B-3", 9, "1")]
    _, two, three = states
    assert [state.batch_no for state in in_queue_order(states)] == ["B-3", "B-1", "B-2"]
    assert rank_in_queue(states, three, None, 0) == 3
    assert rank_in_queue(states, two, 2, 0) == 0
    with pytest.raises(CommandRefused, match="priority 0, which has places 2 to 3 in the queue, not 1"):
        rank_in_queue(states, two, 1, 0)
