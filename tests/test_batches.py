"""The verbs on batches, over a real engine: what people steer is done, recorded, or refused with what is possible."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mes.model.quantity import Quantity
from mes.model.states import CommandRefused, ProceduralState
from mes.model.steering import ElementCommand, Mode, ParameterChange
from mes.model.waiting import WaitKind
from mes.store.errors import BooksRefused, NotInBooks
from tests.doors import HEAT, LOOK, STIR, Doors, doors_of, rpm
from tests.engine.works import until

S = ProceduralState


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    async with doors_of(tmp_path) as opened:
        yield opened


async def test_a_part_of_the_procedure_is_held_and_goes_on(doors: Doors) -> None:
    batch_no = await doors.started()
    await doors.batches.hold(batch_no, by="ann", because="odd noise", path="STIR")
    await doors.state(batch_no, STIR, S.HELD)
    view = await doors.batches.show(batch_no)
    assert view.state.command == "start"
    assert view.state.local[STIR].because == "odd noise"
    await doors.batches.restart(batch_no, by="ann", because="it was the fan", path="Mix/STIR")
    await doors.state(batch_no, STIR, S.RUNNING)
    orders = [fact for fact in doors.works.facts(batch_no) if isinstance(fact, ElementCommand)]
    assert [(fact.path, fact.command, fact.by) for fact in orders] == [(STIR, "hold", "ann"), (STIR, "restart", "ann")]


async def test_a_path_that_is_not_there_is_refused_before_anything_is_put_in_the_books(doors: Doors) -> None:
    batch_no = await doors.started()
    with pytest.raises(CommandRefused, match="called 'STIRR'; did you mean 'Mix/Mix/STIR'"):
        await doors.batches.hold(batch_no, by="ann", because="odd noise", path="STIRR")
    with pytest.raises(NotInBooks):
        await doors.batches.skip("B-0009", "STIR", by="ann", because="no need")
    assert not [fact for fact in doors.works.facts(batch_no) if isinstance(fact, ElementCommand)]


async def test_a_semi_automatic_batch_waits_for_each_confirmation(doors: Doors) -> None:
    batch_no = doors.create()
    await doors.batches.mode(batch_no, Mode.SEMI_AUTOMATIC, by="ann", because="first of its kind")
    await doors.batches.start(batch_no, by="ann")
    before = await doors.waits(batch_no, "Mix", WaitKind.CONFIRMATION)
    assert (before.name, "confirm the start of Mix" in before.wait.text) == ("Mix", True)
    await doors.batches.confirm(batch_no, by="bob")
    await doors.waits(batch_no, STIR, WaitKind.CONFIRMATION)
    await doors.batches.confirm(batch_no, by="bob", path="STIR")
    await doors.state(batch_no, STIR, S.RUNNING)
    view = await doors.batches.show(batch_no)
    assert dict(view.state.modes) == {"": Mode.SEMI_AUTOMATIC}
    with pytest.raises(CommandRefused, match="waits for a confirmation"):
        await doors.batches.confirm(batch_no, by="bob")


async def test_a_breakpoint_holds_the_way_until_it_is_confirmed(doors: Doors) -> None:
    batch_no = doors.create()
    await doors.batches.set_breakpoint(batch_no, "STIR", by="ann")
    await doors.batches.start(batch_no, by="ann")
    await doors.waits(batch_no, STIR, WaitKind.BREAKPOINT)
    await doors.batches.set_breakpoint(batch_no, "HEAT", by="ann")
    await doors.batches.clear_breakpoint(batch_no, "HEAT", by="ann")
    assert (await doors.batches.show(batch_no)).state.breakpoints == {STIR}
    with pytest.raises(CommandRefused, match=f"no breakpoint before '{HEAT}'; breakpoints: {STIR}"):
        await doors.batches.clear_breakpoint(batch_no, "HEAT", by="ann")
    await doors.batches.confirm(batch_no, by="ann", path="STIR")
    await doors.state(batch_no, STIR, S.RUNNING)


async def test_skip_repeat_and_go_to_change_the_way_and_want_a_reason(doors: Doors) -> None:
    batch_no = doors.create()
    await doors.batches.set_breakpoint(batch_no, "STIR", by="ann")
    await doors.batches.start(batch_no, by="ann")
    await doors.waits(batch_no, STIR, WaitKind.BREAKPOINT)
    with pytest.raises(CommandRefused, match="skip needs a reason"):
        await doors.batches.skip(batch_no, "STIR", by="ann", because=" ")
    await doors.batches.skip(batch_no, "STIR", by="ann", because="it is even already")
    await until(lambda: LOOK in doors.works.state(batch_no).prompts)
    await doors.batches.go_to(batch_no, "STIR", by="ann", because="not even after all")
    await doors.batches.confirm(batch_no, by="ann", path="STIR")
    await doors.state(batch_no, STIR, S.RUNNING)
    doors.works.program.running_scans = 3
    await doors.batches.stop(batch_no, by="ann", because="even now", path="STIR")
    await doors.state(batch_no, STIR, S.STOPPED)
    await doors.batches.repeat(batch_no, "STIR", by="ann", because="once more")
    await doors.state(batch_no, STIR, S.IDLE)


async def test_a_running_phase_takes_a_new_parameter_within_its_limits(doors: Doors) -> None:
    batch_no = await doors.started()
    with pytest.raises(CommandRefused, match="speed = 900 rpm is outside what the equipment allows, 0 to 300 rpm"):
        await doors.batches.set_value(batch_no, "speed", rpm("900"), by="ann", because="faster", path="STIR")
    with pytest.raises(CommandRefused, match=r"no parameter 'sped'; did you mean 'speed'\?"):
        await doors.batches.set_value(batch_no, "sped", rpm("90"), by="ann", because="faster", path="STIR")
    await doors.batches.set_value(batch_no, "speed", rpm("90"), by="ann", because="lumps", path="STIR")
    phase = doors.works.plc.tag_map.slots["RX-1.ST"]
    await until(lambda: 90.0 in [value for tag, value in doors.works.plc.writes if tag.startswith(phase.name)])
    (change,) = [fact for fact in doors.works.facts(batch_no) if isinstance(fact, ParameterChange)]
    assert (change.path, change.value, change.before) == (STIR, rpm("90"), rpm("60"))


async def test_a_formula_value_is_changed_within_three_levels_of_limits(doors: Doors) -> None:
    batch_no = doors.create()
    with pytest.raises(CommandRefused, match="speed = 301 rpm is outside its hard limits, 10 rpm to 300 rpm"):
        await doors.batches.set_value(batch_no, "speed", rpm("301"), by="ann", because="trial")
    with pytest.raises(CommandRefused, match="speed"):
        await doors.batches.set_value(batch_no, "speed", Quantity(rpm("1").value, "kg"), by="ann", because="trial")
    await doors.batches.set_value(batch_no, "speed", rpm("250"), by="ann", because="trial of thick powder")
    view = await doors.batches.show(batch_no)
    assert view.state.formula["speed"] == rpm("250")
    (deviation,) = view.deviations
    assert (deviation.limit, deviation.because) == ("high", "trial of thick powder")


async def test_the_same_key_is_the_same_order(doors: Doors) -> None:
    batch_no = doors.create()
    first = await doors.batches.set_breakpoint(batch_no, "HEAT", by="ann", key="k1")
    again = await doors.batches.set_breakpoint(batch_no, HEAT, by="ann", key="k1")
    assert again.row.command_id == first.row.command_id
    with pytest.raises(BooksRefused, match="'k1' was used for break"):
        await doors.batches.set_breakpoint(batch_no, "STIR", by="ann", key="k1")


async def test_the_queue_starts_batches_in_its_order_and_after_others(doors: Doors) -> None:
    running = await doors.started()
    first, second, third = (doors.create() for _ in range(3))
    await doors.batches.queue(first, by="ann", after=running)
    await doors.batches.queue(second, by="ann", after=running)
    await doors.batches.queue(third, by="ann", priority=5, after=running)

    async def order() -> list[str]:
        return [place.batch_no for place in await doors.batches.queued()]

    assert await order() == [third, first, second]
    await doors.batches.move(second, 2, by="bob", because="its powder is getting old")
    assert await order() == [third, second, first]
    await doors.waits(first, "", WaitKind.BATCH)
    places = {place.batch_no: place for place in await doors.batches.queued()}
    assert (places[third].priority, places[third].after) == (5, running)
    assert running in places[third].waiting
    queued = (await doors.batches.show(second)).queue
    assert queued is not None
    assert queued.position == 2
    await doors.batches.unqueue(first, by="ann")
    assert await order() == [third, second]
    with pytest.raises(CommandRefused, match=f"batch {first} is not in the queue"):
        await doors.batches.move(first, 1, by="ann", because="hurry")
    with pytest.raises(NotInBooks, match="no batch 'B-0099'"):
        await doors.batches.queue(first, by="ann", after="B-0099")
