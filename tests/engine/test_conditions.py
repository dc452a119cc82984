"""How long a condition has been waited for, as it is timed for `requires_within`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from mes.engine.conditions import ConditionWatch
from mes.model.equipment import ProcessCell
from mes.model.reading import Quality, Reading, missing
from mes.model.states import Command
from tests.engine.recipe import AT, HEAT, whole_recipe
from tests.engine.shift import Plant, Shift


def cold(tag: str) -> Reading:
    return Reading(value=20.0, quality=Quality.GOOD, received_s=0.0)


def waited_s(watch: ConditionWatch, shift: Shift, reading: Callable[[str], Reading], *, minutes: int) -> float:
    waiting = {HEAT: "a person: scan a lot of salt"}
    at = AT + timedelta(minutes=minutes)
    return watch.look(shift.state, waiting, reading, lambda tag: "degC", at)[HEAT].since_s


def begun(cell: ProcessCell) -> Shift:
    shift = Shift(whole_recipe(cell, requires="RX-1.T < 50 degC"), Plant(cell=cell))
    shift.command(Command.START)
    return shift


def test_a_phase_that_waited_for_its_lot_is_not_late_for_its_condition(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), begun(cell)
    assert waited_s(watch, shift, cold, minutes=0) == 0
    assert waited_s(watch, shift, cold, minutes=300) == 0
    assert waited_s(watch, shift, missing, minutes=301) == 0
    assert waited_s(watch, shift, missing, minutes=303) == 120


def test_a_condition_that_was_true_in_between_is_waited_for_anew(cell: ProcessCell) -> None:
    watch, shift = ConditionWatch(), begun(cell)
    assert waited_s(watch, shift, missing, minutes=0) == 0
    assert waited_s(watch, shift, missing, minutes=60) == 3600
    assert waited_s(watch, shift, cold, minutes=61) == 0
    assert waited_s(watch, shift, missing, minutes=62) == 0
