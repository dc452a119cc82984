"""A batch is looked at when something it depends on has changed, and left in peace otherwise."""

from __future__ import annotations

from datetime import timedelta

from mes.engine.quiet import LIVE_EVERY_S, Attention
from mes.model.equipment import ProcessCell
from mes.model.procedure import Level
from mes.model.states import ProceduralState
from mes.model.steps import WaitStep
from mes.model.waiting import Wait, WaitKind
from tests.engine.recipe import AT, HEAT, control_of, group, whole_recipe
from tests.engine.shift import Plant, Shift
from tests.engine.works import Works, until
from tests.engine.yard import recipe, stage

S = ProceduralState


def cooking(cell: ProcessCell) -> Shift:
    shift = Shift(whole_recipe(cell), Plant(cell=cell))
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    return shift


def test_only_the_slots_in_which_something_runs_or_is_waited_for_matter(cell: ProcessCell) -> None:
    shift, attention = cooking(cell), Attention()
    attention.follow(shift.state, {})
    attention.mark_slots(["WS-1.PH", "PK-1.PH"])
    assert attention.take(AT, 0.0) == []
    attention.mark_slots(["RX-1.ST"])
    assert attention.take(AT, 0.0) == ["B-0001"]
    assert attention.take(AT, 0.0) == []
    attention.follow(shift.state, {"Pack/Fill/Pack": Wait(kind=WaitKind.SLOT, text="to be ready")})
    attention.mark_slots(["PK-1.PH"])
    assert attention.take(AT, 0.0) == ["B-0001"]
    attention.forget("B-0001")
    attention.mark_slots(["RX-1.ST", "PK-1.PH"])
    assert attention.take(AT, 9.0) == []


def test_waits_with_live_words_are_looked_at_once_a_second_and_those_for_people_are_not(cell: ProcessCell) -> None:
    shift, attention = cooking(cell), Attention()
    attention.follow(shift.state, {"Pack": Wait(kind=WaitKind.UNIT, text="in use")})
    assert attention.take(AT, LIVE_EVERY_S) == []
    attention.follow(shift.state, {HEAT: Wait(kind=WaitKind.CONDITION, text="too hot")})
    assert attention.take(AT, LIVE_EVERY_S * 1.5) == []
    assert attention.take(AT, LIVE_EVERY_S * 2) == ["B-0001"]


def test_a_wait_for_a_time_is_looked_at_when_it_is_over(cell: ProcessCell) -> None:
    wait = WaitStep(path="Rest/Op/Wait", name="Wait", duration_s=600)
    operation = group("Rest/Op", wait, level=Level.OPERATION)
    shift, attention = Shift(control_of(operation), Plant(cell=cell)), Attention()
    shift.run_to(wait.path)
    attention.follow(shift.state, shift.waits)
    begun_at = shift.state.timers[wait.path] - timedelta(seconds=600)
    assert attention.take(begun_at + timedelta(seconds=599), 0.0) == []
    assert attention.take(begun_at + timedelta(seconds=600), 0.0) == ["B-0001"]


async def test_while_a_phase_only_runs_its_batch_costs_no_step(yard: Works) -> None:
    batch_no = yard.create(recipe(stage("M-1")))
    async with yard.engine():
        yard.put(batch_no, "start")
        await yard.shown(batch_no, lambda state: state.state_of("Work/Op/Run") is S.RUNNING)
        scans = yard.cell.scans
        await until(lambda: yard.cell.scans > scans + 5)
        scans, steps = yard.cell.scans, yard.cell.steps
        await until(lambda: yard.cell.scans > scans + 30)
        assert yard.cell.steps == steps
        await yard.let_end("M-1.PH")
        await yard.shown(batch_no, lambda state: state.ended)
