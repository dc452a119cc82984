"""The verbs on units, over a real engine: who has them, who waits for them, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mes.model.states import CommandRefused, ProceduralState
from mes.model.verbs import UnitVerb
from mes.model.waiting import WaitKind
from mes.units import UnitView
from tests.doors import STIR, Doors, doors_of, eventually

S = ProceduralState


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    async with doors_of(tmp_path) as opened:
        yield opened


async def _queue_of_two(doors: Doors) -> tuple[str, str, str, UnitView]:
    """Let one batch have the reactor and two others wait for it, in the order they came."""
    owner = await doors.started()
    first, second = doors.create(), doors.create()
    for batch_no in (first, second):
        await doors.batches.start(batch_no, by="ann")
    for batch_no in (first, second):
        await doors.waits(batch_no, "Mix", WaitKind.UNIT, "in use")
    return owner, first, second, await doors.units.show("RX-1")


async def test_a_unit_tells_who_has_it_and_who_waits_in_which_order(doors: Doors) -> None:
    owner, first, second, view = await _queue_of_two(doors)
    assert [(use.batch_no, use.path) for use in view.used_by] == [(owner, "Mix")]
    assert [(one.position, one.batch_no, one.path) for one in view.queue] == [(1, first, "Mix"), (2, second, "Mix")]
    waits = [one.wait for one in view.queue if one.wait is not None]
    assert [(wait.position, owner in wait.owners) for wait in waits] == [(1, True), (2, True)]
    assert view.standing == "in use"
    assert {one.unit.name: one.standing for one in await doors.units.list()}["PK-1"] == "free"


async def test_a_request_is_moved_in_the_queue_with_a_reason(doors: Doors) -> None:
    owner, first, second, _ = await _queue_of_two(doors)
    await doors.units.move("RX-1", second, 1, by="bob", because="its powder is getting old")
    moved = await doors.units.show("RX-1")
    assert [one.batch_no for one in moved.queue] == [second, first]
    with pytest.raises(CommandRefused, match="places 1 to 2, not 7"):
        await doors.units.move("RX-1", second, 7, by="bob", because="later")
    with pytest.raises(CommandRefused, match=rf"batch {owner} and RX-1: .*in its queue: {second} \(Mix\)"):
        await doors.units.move("RX-1", owner, 1, by="bob", because="first")
    with pytest.raises(CommandRefused, match="reason"):
        await doors.units.move("RX-1", first, 1, by="bob", because="")


async def test_a_unit_out_of_service_is_given_to_nobody(doors: Doors) -> None:
    await doors.units.say("RX-1", UnitVerb.OUT_OF_SERVICE, by="eve", because="bearing worn")
    batch_no = doors.create()
    await doors.batches.start(batch_no, by="ann")
    await doors.waits(batch_no, "Mix", WaitKind.UNIT, "RX-1 is out of service (bearing worn)")
    view = await doors.units.show("RX-1")
    assert (view.in_service, view.clean, view.standing) == (False, True, "out of service")
    assert view.change is not None
    assert (view.change.by, view.change.because) == ("eve", "bearing worn")
    await doors.units.say("RX-1", UnitVerb.IN_SERVICE, by="eve", because="bearing changed")
    await doors.state(batch_no, STIR, S.RUNNING)


async def test_a_dirty_unit_is_cleaned_before_it_is_used(doors: Doors) -> None:
    await doors.units.say("RX-1", UnitVerb.DIRTY, by="eve", because="crust on the wall")
    batch_no = doors.create()
    await doors.batches.start(batch_no, by="ann")
    await doors.waits(batch_no, "Mix", WaitKind.UNIT, "RX-1 is dirty")
    await doors.units.say("RX-1", UnitVerb.CLEAN, by="eve", because="washed")
    await doors.state(batch_no, STIR, S.RUNNING)

    async def shown() -> bool:
        return (await doors.units.show("RX-1")).standing == "in use"

    await eventually(shown, lambda: doors.works.batch(batch_no))


async def test_an_unknown_unit_and_a_missing_reason_are_refused(doors: Doors) -> None:
    with pytest.raises(CommandRefused, match="no unit 'RX1'; did you mean 'RX-1'"):
        await doors.units.show("RX1")
    with pytest.raises(CommandRefused, match="dirty of RX-1 needs a reason"):
        await doors.units.say("RX-1", UnitVerb.DIRTY, by="eve", because=" ")
