"""What an exception block interrupts stays interrupted: no round, no person and no restart gets past it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.model.condition import Truth
from mes.model.events import StateCommand
from mes.model.procedure import Group, Order, Then
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, FormulaParameter
from mes.model.states import Command, CommandRefused, ProceduralState
from mes.model.steps import Parameter, PromptStep, Source
from tests.engine.shift import Shift
from tests.engine.small import CONDITION, block, phase, ran, recipe, shift_of, stands, trouble, unit

S = ProceduralState
WORK, HELP = "M/loop/work", "M/loop/oxygen"
PURGE = f"{HELP}/purge"


def purged() -> Shift:
    """Give a batch whose only work is held while a block purges its unit."""
    help_ = trouble(HELP, phase(PURGE, "A-1.Y"), then=Then.RETURN)
    shift = shift_of(recipe(unit("M", block("M/loop", phase(WORK), until=CONDITION, at_most=3, exceptions=(help_,)))))
    stands(shift, "M/loop", "until", Truth.FALSE)
    shift.plant.slots["A-1.X"].work = 20
    shift.plant.slots["A-1.Y"].work = 20
    return shift


def interrupt(shift: Shift) -> None:
    stands(shift, HELP, "when", Truth.TRUE)
    shift.look()
    stands(shift, HELP, "when", Truth.FALSE)


def test_the_hold_is_recorded_as_that_of_the_block() -> None:
    shift = purged()
    shift.run_to(WORK)
    interrupt(shift)
    (hold,) = (fact for fact in shift.facts if isinstance(fact, StateCommand) and fact.command is Command.HOLD)
    assert (hold.by, hold.because) == ("engine", "exception oxygen")


def test_no_round_begins_before_the_block_is_done() -> None:
    shift = purged()
    shift.run_to(WORK)
    shift.slot(WORK).state = "completing"
    interrupt(shift)
    shift.until(lambda: shift.state.state_of(PURGE) is S.RUNNING)
    assert ran(shift) == [WORK, PURGE]
    shift.until(lambda: ran(shift) == [WORK, PURGE, WORK])
    assert not shift.state.raised


def test_what_is_interrupted_is_not_restarted_by_hand() -> None:
    shift = purged()
    shift.run_to(WORK)
    interrupt(shift)
    shift.until(lambda: shift.state.state_of(WORK) is S.HELD)
    with pytest.raises(CommandRefused, match=r"was given hold by engine \(exception oxygen\); let that go on first"):
        shift.command(Command.RESTART, path=WORK, because="now")


def test_a_batch_that_goes_on_in_the_middle_of_a_block_is_running() -> None:
    shift = purged()
    shift.run_to(WORK)
    interrupt(shift)
    shift.until(lambda: shift.state.state_of(PURGE) is S.RUNNING)
    shift.command(Command.HOLD, because="wait")
    shift.held()
    shift.command(Command.RESTART, because="go")
    shift.until(lambda: shift.state.state_of(PURGE) is S.RUNNING)
    shift.tick()
    assert {shift.state.state_of(path) for path in ("", "M", "M/loop")} == {S.RUNNING}


def rpm(value: str) -> Quantity:
    return Quantity(Decimal(value), "rpm")


def both(*exceptions: object) -> Group:
    left, right = unit("both/L", phase("both/L/x")), unit("both/R", phase("both/R/x", "B-1.X"), name="B-1")
    return block("both", left, right, order=Order.PARALLEL, exceptions=exceptions)


def test_what_a_person_has_stopped_is_not_run_again_by_a_return() -> None:
    ask = PromptStep(path="both/oxygen/look", name="look", text={"en": "Is the oxygen gone?"})
    shift = shift_of(recipe(both(trouble("both/oxygen", ask, then=Then.RETURN))))
    for slot in ("A-1.X", "B-1.X"):
        shift.plant.slots[slot].work = 100
    shift.until(lambda: all(shift.state.state_of(path) is S.RUNNING for path in ("both/L/x", "both/R/x")))
    shift.command(Command.STOP, path="both/L/x", because="it smells")
    shift.until(lambda: "repeat:both/L/x" in shift.state.prompts)
    stands(shift, "both/oxygen", "when", Truth.TRUE)
    shift.until(lambda: "both/oxygen/look" in shift.state.prompts, helpful=False)
    stands(shift, "both/oxygen", "when", Truth.FALSE)
    shift.until(lambda: shift.slot("both/R/x").state == "running")
    assert shift.state.state_of("both/L/x") is S.STOPPED
    assert "repeat:both/L/x" in shift.state.prompts


def test_a_block_may_ask_for_the_value_that_what_it_interrupts_waits_for() -> None:
    limit = FormulaParameter(name="speed", default=rpm("10"), minimum=rpm("1"), maximum=rpm("90"), ask=Ask.RUN)
    speed = (Parameter(name="speed", source=Source.FORMULA, reference="speed", uom="rpm"),)
    help_ = trouble("M/oxygen", phase("M/oxygen/purge", "A-1.Y", parameters=speed), then=Then.RETURN)
    steps = unit("M", phase("M/work", parameters=speed), exceptions=(help_,))
    shift = shift_of(recipe(steps, limits={"speed": limit}, formula={"speed": rpm("10")}))
    shift.until(lambda: bool(shift.state.prompts), helpful=False)
    stands(shift, "M/oxygen", "when", Truth.TRUE)
    shift.until(lambda: bool(shift.state.raised), helpful=False)
    stands(shift, "M/oxygen", "when", Truth.FALSE)
    shift.until(lambda: "value:speed #2" in shift.state.prompts, helpful=False)
    with pytest.raises(CommandRefused, match="was answered already"):
        shift.answer("value:speed", "20")
    shift.answer("value:speed #2", "30")
    shift.finish()
    assert {str(start.parameters["speed"]) for start in shift.starts()} == {"30 rpm"}


def test_a_link_that_is_lost_before_the_interrupted_has_come_to_rest_holds_the_batch() -> None:
    shift = purged()
    shift.run_to(WORK)
    interrupt(shift)
    shift.plant.lost = "no route"
    shift.until(lambda: shift.state.command is Command.HOLD)
    assert shift.state.because == "link to L lost while work was running: no route"
    assert shift.alarms() == ["link to L lost: no route"]
    shift.plant.lost = ""
    shift.held()
    shift.command(Command.RESTART, because="mended")
    shift.until(lambda: PURGE in ran(shift))
