"""When a condition is looked at, what its `for` remembers, and how long it has been waited for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from mes.engine.conditions import ConditionWatch
from mes.engine.draft import Permissive, condition_key
from mes.model.condition import Truth
from mes.model.equipment import ProcessCell
from mes.model.procedure import ExceptionBlock, Group, Level, Order, Then
from mes.model.reading import Quality, Reading, missing
from mes.model.states import Command, ProceduralState
from mes.model.steps import WaitStep
from tests.engine.recipe import AT, HEAT, charge, control_of, group, react, whole_recipe
from tests.engine.shift import Plant, Shift

S = ProceduralState
KEY = condition_key(HEAT, "requires")


def cold(tag: str) -> Reading:
    return Reading(value=20.0, quality=Quality.GOOD, received_s=0.0)


def hot(tag: str) -> Reading:
    return Reading(value=80.0, quality=Quality.GOOD, received_s=0.0)


def looks(
    watch: ConditionWatch, shift: Shift, reading: Callable[[str], Reading], *, minutes: float, faster: float = 1.0
) -> list[str]:
    """Look at a moment of process time, which runs so much `faster` than the wall."""
    watch.follow(shift.state)
    at, now_s = AT + timedelta(minutes=minutes), 60.0 * minutes / faster
    return watch.look(lambda batch_no: {HEAT}, reading, lambda tag: "degC", at, now_s)


def stands(
    watch: ConditionWatch, shift: Shift, reading: Callable[[str], Reading], *, minutes: float, key: str = KEY
) -> Permissive:
    looks(watch, shift, reading, minutes=minutes)
    return watch.of(shift.state.batch_no)[key]


def reacting(cell: ProcessCell, requires: str) -> Shift:
    """A batch of which the unit procedure with the condition is the first."""
    shift = Shift(control_of(react(cell, requires=requires)), Plant(cell=cell))
    shift.command(Command.START)
    return shift


def test_a_phase_that_waited_for_its_lot_is_not_late_for_its_condition(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), reacting(cell, "RX-1.T < 50 degC")
    assert stands(watch, shift, cold, minutes=0).since_s == 0
    assert stands(watch, shift, cold, minutes=300).since_s == 0
    assert stands(watch, shift, missing, minutes=301).since_s == 0
    assert stands(watch, shift, missing, minutes=303).since_s == 120


def test_a_wait_is_not_too_long_before_a_reading_can_be_of_its_time(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), reacting(cell, "RX-1.T < 50 degC")
    for minutes, since_s in ((0, 0), (900, 0), (1_100, 66_000)):
        looks(watch, shift, hot, minutes=minutes, faster=20_000)
        assert watch.of(shift.state.batch_no)[KEY].since_s == since_s


def test_a_condition_that_was_true_in_between_is_waited_for_anew(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), reacting(cell, "RX-1.T < 50 degC")
    assert stands(watch, shift, missing, minutes=0).since_s == 0
    assert stands(watch, shift, missing, minutes=60).since_s == 3600
    assert stands(watch, shift, cold, minutes=61).since_s == 0
    assert stands(watch, shift, missing, minutes=62).since_s == 0


def test_a_condition_matters_from_when_its_unit_procedure_is_next(cell: ProcessCell) -> None:
    watch = ConditionWatch()
    later = Shift(whole_recipe(cell, requires="RX-1.T < 50 degC"), Plant(cell=cell))
    later.command(Command.START)
    assert looks(watch, later, cold, minutes=0) == []
    assert KEY not in watch.of(later.state.batch_no)
    later.until(lambda: later.state.state_of("Charge") is S.COMPLETE)
    assert stands(watch, later, cold, minutes=0).is_true


def test_a_for_counts_before_the_turn_of_its_phase_and_says_with_live_values_what_is_missing(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), reacting(cell, "RX-1.T < 50 degC for 10 min")
    assert stands(watch, shift, cold, minutes=0).truth is Truth.FALSE
    early = stands(watch, shift, cold, minutes=4)
    assert (early.is_true, early.why) == (False, "RX-1.T = 20 degC, meets < 50 degC for 4 of 10 min")
    assert stands(watch, shift, cold, minutes=10).is_true
    late = stands(watch, shift, hot, minutes=11)
    (part,) = late.parts
    assert (part.value, part.truth) == ("RX-1.T = 80 degC", "false")


def test_only_a_condition_that_comes_to_stand_otherwise_is_news(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), reacting(cell, "RX-1.T < 50 degC")
    assert looks(watch, shift, cold, minutes=0) == [shift.state.batch_no]
    assert looks(watch, shift, cold, minutes=1) == []
    assert looks(watch, shift, hot, minutes=2) == [shift.state.batch_no]
    assert looks(watch, shift, hot, minutes=3) == []


def test_a_batch_that_rests_forgets_how_long_its_conditions_were_true(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), reacting(cell, "RX-1.T < 50 degC for 10 min")
    stands(watch, shift, cold, minutes=0)
    shift.command(Command.HOLD)
    assert looks(watch, shift, cold, minutes=20) == []
    shift.command(Command.RESTART)
    assert not stands(watch, shift, cold, minutes=21).is_true


def test_waits_and_exceptions_are_looked_at_while_what_they_belong_to_runs(cell: ProcessCell) -> None:
    wait = WaitStep(path="React/Cook/Settle", name="Settle", until="RX-1.T < 30 degC", within_s=600)
    steps = group("React/Too hot", level=Level.BLOCK)
    block = ExceptionBlock(path="React/Too hot", name="Too hot", steps=steps, then=Then.RETURN, when="RX-1.T > 70 degC")
    cook = group("React/Cook", wait, level=Level.OPERATION)
    guarded = Group(
        path="React",
        name="React",
        level=Level.UNIT_PROCEDURE,
        order=Order.SEQUENCE,
        children=(cook,),
        exceptions=(block,),
    )
    watch, shift = ConditionWatch(), Shift(control_of(charge(cell), guarded), Plant(cell=cell))
    shift.command(Command.START)
    assert looks(watch, shift, hot, minutes=0) == []
    shift.run_to(wait.path)
    too_hot = stands(watch, shift, hot, minutes=5, key=condition_key(block.path, "when"))
    waited = stands(watch, shift, hot, minutes=7, key=condition_key(wait.path, "wait"))
    assert (too_hot.is_true, waited.is_true, waited.since_s) == (True, False, 120)
