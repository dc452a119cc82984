"""Exception blocks interrupt what they guard, run their steps, and then return, jump or end, all in the record."""

from __future__ import annotations

import pytest

from mes.model.condition import Truth
from mes.model.procedure import ExceptionBlock, Level, Order, Then
from mes.model.states import Command, ProceduralState
from mes.model.steering import ExceptionEnded, ExceptionRaised, Skip
from mes.model.steps import PromptStep
from mes.model.waiting import WaitKind
from tests.engine.shift import Shift
from tests.engine.small import block, phase, ran, recipe, shift_of, stands, trouble, unit

S = ProceduralState

WORK, NEXT, LAST = "M/work", "M/next", "M/last"
HELP = "M/oxygen"


def guarded(exception: ExceptionBlock, *, level: Level | None = Level.PROCEDURE) -> Shift:
    steps = (phase(WORK), phase(NEXT), phase(LAST))
    shift = shift_of(recipe(unit("M", *steps, exceptions=(exception,)), hold_propagation=level))
    shift.plant.slots["A-1.X"].work = 20
    return shift


def purge(then: Then, **more: str | int) -> ExceptionBlock:
    return trouble(HELP, phase(f"{HELP}/purge", "A-1.Y"), then=then, **more)  # type: ignore[arg-type]


def outcomes(shift: Shift) -> list[Then]:
    return [fact.then for fact in shift.facts if isinstance(fact, ExceptionEnded)]


def test_a_condition_holds_what_runs_and_returns_to_it() -> None:
    shift = guarded(purge(Then.RETURN))
    shift.run_to(WORK)
    stands(shift, HELP, "when", Truth.TRUE)
    shift.until(lambda: shift.slot(WORK).state == "held")
    stands(shift, HELP, "when", Truth.FALSE)
    assert shift.state.state is S.RUNNING
    shift.finish()
    assert ran(shift) == [WORK, f"{HELP}/purge", NEXT, LAST]
    assert shift.given(WORK) == [Command.START, Command.HOLD, Command.RESTART, Command.RESET]
    assert outcomes(shift) == [Then.RETURN]
    assert shift.state.state is S.COMPLETE


def test_the_steps_wait_until_everything_is_held() -> None:
    shift = guarded(purge(Then.RETURN))
    shift.run_to(WORK)
    stands(shift, HELP, "when", Truth.TRUE)
    shift.look()
    assert shift.waits[HELP].kind is WaitKind.EXCEPTION
    assert shift.waiting[HELP] == "M/work to come to rest"


def test_an_unknown_condition_raises_nothing() -> None:
    shift = guarded(purge(Then.RETURN))
    stands(shift, HELP, "when", Truth.UNKNOWN)
    shift.plant.slots["A-1.X"].work = 2
    shift.finish()
    assert ran(shift) == [WORK, NEXT, LAST]


def test_a_failure_by_name_raises_its_block_and_not_a_hold() -> None:
    shift = guarded(purge(Then.RETURN, failure="JAM"))
    shift.run_to(WORK)
    shift.slot(WORK).fail("JAM")
    shift.until(lambda: f"{HELP}/purge" in ran(shift))
    assert shift.state.state is S.RUNNING
    raised = next(fact for fact in shift.facts if isinstance(fact, ExceptionRaised))
    assert (raised.path, raised.failed) == (HELP, WORK)
    assert "work on A-1 went held by itself: failure JAM" in raised.because
    shift.finish()
    assert shift.state.state is S.COMPLETE


def test_another_failure_holds_the_batch() -> None:
    shift = guarded(purge(Then.RETURN, failure="LEAK"))
    shift.run_to(WORK)
    shift.slot(WORK).fail("JAM")
    assert "failure JAM" in shift.held()


def test_a_phase_that_failed_to_its_end_is_run_again_after_a_return() -> None:
    shift = guarded(purge(Then.RETURN, failure="any"))
    shift.run_to(WORK)
    shift.slot(WORK).failure = "JAM"
    shift.slot(WORK).panel("abort")
    shift.plant.slots["A-1.X"].work = 2
    shift.finish()
    assert ran(shift) == [WORK, f"{HELP}/purge", WORK, NEXT, LAST]


def test_what_somebody_does_at_the_panel_is_no_failure() -> None:
    shift = guarded(purge(Then.RETURN, failure="any"))
    shift.run_to(WORK)
    shift.slot(WORK).panel("hold")
    assert "no reason given by the PLC" in shift.held()
    assert f"{HELP}/purge" not in ran(shift)


def test_a_jump_stops_what_runs_and_goes_on_at_its_target() -> None:
    shift = guarded(purge(Then.JUMP, target=LAST))
    shift.run_to(WORK)
    stands(shift, HELP, "when", Truth.TRUE)
    shift.until(lambda: HELP in shift.state.raises)
    stands(shift, HELP, "when", Truth.FALSE)
    shift.plant.slots["A-1.X"].work = 2
    shift.finish()
    assert ran(shift) == [WORK, f"{HELP}/purge", LAST]
    assert [fact.path for fact in shift.facts if isinstance(fact, Skip)] == [WORK, NEXT]
    assert shift.state.state is S.COMPLETE


def test_a_jump_back_runs_everything_from_there_again() -> None:
    shift = guarded(purge(Then.JUMP, target=WORK))
    shift.plant.slots["A-1.X"].work = 2
    shift.until(lambda: ran(shift) == [WORK, NEXT])
    stands(shift, HELP, "when", Truth.TRUE)
    shift.until(lambda: HELP in shift.state.raises)
    stands(shift, HELP, "when", Truth.FALSE)
    shift.finish()
    assert ran(shift) == [WORK, NEXT, f"{HELP}/purge", WORK, NEXT, LAST]


def test_an_end_stops_the_batch_after_its_steps() -> None:
    shift = guarded(purge(Then.END))
    shift.run_to(WORK)
    stands(shift, HELP, "when", Truth.TRUE)
    shift.finish()
    assert ran(shift) == [WORK, f"{HELP}/purge"]
    assert shift.state.state is S.STOPPED
    assert shift.state.because == "oxygen ends the batch"
    assert not shift.state.holdings


def test_raised_too_often_it_holds_the_batch() -> None:
    shift = guarded(purge(Then.RETURN, at_most=2))
    shift.run_to(WORK)
    stands(shift, HELP, "when", Truth.TRUE)
    assert "oxygen was raised 2 times, which is the most its recipe allows" in shift.held()
    assert ran(shift).count(f"{HELP}/purge") == 2


def test_a_prompt_as_a_step_is_asked_each_time() -> None:
    ask = PromptStep(path=f"{HELP}/look", name="look", text={"en": "Is the oxygen gone?"})
    shift = guarded(trouble(HELP, ask, then=Then.RETURN))
    shift.run_to(WORK)
    for number in (1, 2):
        stands(shift, HELP, "when", Truth.TRUE)
        shift.until(lambda: bool(shift.state.prompts), helpful=False)
        stands(shift, HELP, "when", Truth.FALSE)
        (prompt_id,) = shift.state.prompts
        assert prompt_id == f"{HELP}/look" + (" #2" if number == 2 else "")
        shift.answer(prompt_id, "yes")
        shift.until(lambda: not shift.state.raised)
    shift.finish()
    assert outcomes(shift) == [Then.RETURN, Then.RETURN]


def test_the_innermost_block_that_fits_is_raised() -> None:
    inner = trouble("M/op/inner", phase("M/op/inner/a", "A-1.Y"), then=Then.RETURN, failure="any")
    outer = trouble("M/outer", phase("M/outer/b", "A-1.Y"), then=Then.RETURN, failure="any")
    shift = shift_of(recipe(unit("M", block("M/op", phase("M/op/work"), exceptions=(inner,)), exceptions=(outer,))))
    shift.plant.slots["A-1.X"].work = 10
    shift.run_to("M/op/work")
    shift.slot("M/op/work").fail("JAM")
    shift.finish()
    assert "M/op/inner/a" in ran(shift)
    assert "M/outer/b" not in ran(shift)


def test_a_block_on_one_branch_leaves_the_other_alone() -> None:
    help_a = trouble("both/A/oxygen", phase("both/A/oxygen/purge", "A-1.Y"), then=Then.RETURN)
    branch_a = unit("both/A", phase("both/A/work"), exceptions=(help_a,))
    branch_b = unit("both/B", phase("both/B/work", "B-1.X"), name="B-1")
    shift = shift_of(recipe(block("both", branch_a, branch_b, order=Order.PARALLEL)))
    for slot in ("A-1.X", "B-1.X"):
        shift.plant.slots[slot].work = 20
    shift.run_to("both/B/work")
    stands(shift, "both/A/oxygen", "when", Truth.TRUE)
    shift.until(lambda: shift.slot("both/A/work").state == "held")
    stands(shift, "both/A/oxygen", "when", Truth.FALSE)
    shift.finish()
    assert Command.HOLD not in shift.given("both/B/work")


@pytest.mark.parametrize("command", [Command.STOP, Command.ABORT])
def test_a_batch_may_be_ended_while_a_block_runs(command: Command) -> None:
    shift = guarded(purge(Then.RETURN))
    shift.plant.slots["A-1.Y"].work = 50
    shift.run_to(WORK)
    stands(shift, HELP, "when", Truth.TRUE)
    shift.until(lambda: f"{HELP}/purge" in ran(shift))
    shift.command(command, because="enough")
    shift.finish()
    assert shift.state.state in {S.STOPPED, S.ABORTED}


def test_a_hold_of_the_batch_holds_the_steps_of_a_block_too() -> None:
    shift = guarded(purge(Then.RETURN))
    shift.plant.slots["A-1.Y"].work = 50
    shift.run_to(WORK)
    stands(shift, HELP, "when", Truth.TRUE)
    shift.until(lambda: shift.state.state_of(f"{HELP}/purge") is S.RUNNING)
    stands(shift, HELP, "when", Truth.FALSE)
    shift.command(Command.HOLD, because="wait")
    shift.held()
    assert {shift.slot(path).state for path in (WORK, f"{HELP}/purge")} == {"held"}
    shift.command(Command.RESTART, because="go")
    shift.until(lambda: shift.state.state_of(f"{HELP}/purge") is S.RUNNING)
    assert shift.slot(WORK).state == "held"
    shift.finish()
    assert shift.state.state is S.COMPLETE
