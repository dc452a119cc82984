"""Modes, breakpoints, holds of a part, skip, repeat, active step and values: what people steer, and what is refused."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.model.condition import Truth
from mes.model.procedure import Level, Order
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, FormulaParameter, Limits
from mes.model.states import Command, CommandRefused, ProceduralState
from mes.model.steering import Deviation, Mode, ModeChange, ParameterChange
from mes.model.steps import Parameter, ParameterUpdate, Source, WaitStep
from mes.model.verbs import Verb
from mes.model.waiting import WaitKind
from tests.engine.shift import Shift
from tests.engine.small import CONDITION, block, phase, ran, recipe, shift_of, stands, unit

S = ProceduralState
A, B, C = "M/a", "M/b", "M/c"


def three(**more: object) -> Shift:
    return shift_of(recipe(unit("M", phase(A), phase(B), phase(C)), **more))  # type: ignore[arg-type]


def two_units(level: Level | None) -> Shift:
    left = unit("both/L", phase("both/L/x"), name="A-1")
    right = unit("both/R", phase("both/R/x", "B-1.X"), name="B-1")
    shift = shift_of(recipe(block("both", left, right, order=Order.PARALLEL), hold_propagation=level))
    for slot in ("A-1.X", "B-1.X"):
        shift.plant.slots[slot].work = 15
    shift.until(lambda: all(shift.state.state_of(path) is S.RUNNING for path in ("both/L/x", "both/R/x")))
    return shift


def rpm(value: str) -> Quantity:
    return Quantity(Decimal(value), "rpm")


def test_in_semi_automatic_mode_each_step_waits_for_its_confirmation() -> None:
    shift = three()
    shift.steer(Verb.MODE, "", value="semi-automatic")
    for path, confirmed in (("M", 0), (A, 0), (B, 1), (C, 2)):
        shift.until(lambda path=path: path in shift.waits)
        assert shift.waits[path].kind is WaitKind.CONFIRMATION
        assert len(ran(shift)) == confirmed
        shift.steer(Verb.CONFIRM, path)
    shift.finish()
    assert ran(shift) == [A, B, C]


def test_a_mode_holds_for_what_is_below_and_the_nearest_one_counts() -> None:
    shift = three()
    shift.steer(Verb.MODE, "", value="manual")
    shift.steer(Verb.MODE, "M", value="automatic")
    shift.finish()
    assert ran(shift) == [A, B, C]
    assert [fact.mode for fact in shift.facts if isinstance(fact, ModeChange)] == [Mode.MANUAL, Mode.AUTOMATIC]


def test_a_breakpoint_stops_before_its_step_until_it_is_confirmed() -> None:
    shift = three()
    shift.steer(Verb.BREAK, B)
    shift.until(lambda: B in shift.waits)
    assert shift.waits[B].kind is WaitKind.BREAKPOINT
    assert ran(shift) == [A]
    shift.steer(Verb.CONFIRM, B)
    shift.finish()


def test_a_breakpoint_that_is_cleared_stops_nobody() -> None:
    shift = three()
    shift.steer(Verb.BREAK, B)
    shift.steer(Verb.CLEAR, B)
    shift.finish()
    with pytest.raises(CommandRefused, match="has ended; nothing can be steered"):
        shift.steer(Verb.BREAK, B)


@pytest.mark.parametrize(
    ("level", "held"),
    [(None, {"both/L/x"}), (Level.UNIT_PROCEDURE, {"both/L/x"}), (Level.PROCEDURE, {"both/L/x", "both/R/x"})],
)
def test_a_failure_holds_what_the_recipe_says(level: Level | None, held: set[str]) -> None:
    shift = two_units(level)
    shift.slot("both/L/x").fail("JAM")
    shift.until(lambda: all(shift.slot(path).state == "held" for path in held))
    for _ in range(3):
        shift.tick()
    assert {path for path in ("both/L/x", "both/R/x") if shift.slot(path).state == "held"} == held


def test_a_part_is_held_and_goes_on_alone() -> None:
    shift = two_units(Level.PROCEDURE)
    shift.command(Command.HOLD, path="both/L", because="look at it")
    shift.until(lambda: shift.state.state_of("both/L") is S.HELD)
    assert shift.state.state is S.RUNNING
    assert shift.state.state_of("both/R") is S.RUNNING
    shift.command(Command.RESTART, path="both/L", because="it is well")
    shift.finish()
    assert shift.state.state is S.COMPLETE


def test_a_restart_of_the_batch_lets_its_held_parts_go_on_too() -> None:
    shift = two_units(Level.PROCEDURE)
    shift.command(Command.HOLD, path="both/L", because="look at it")
    shift.until(lambda: shift.state.state_of("both/L") is S.HELD)
    shift.command(Command.HOLD, because="all")
    shift.held()
    with pytest.raises(CommandRefused, match="what it is part of was given hold"):
        shift.command(Command.RESTART, path="both/L", because="go")
    shift.command(Command.RESTART, because="go")
    shift.finish()
    assert shift.state.state is S.COMPLETE


@pytest.mark.parametrize(("answer", "runs"), [("repeat", 2), ("skip", 1)])
def test_a_part_that_was_stopped_is_repeated_or_skipped(answer: str, runs: int) -> None:
    shift = two_units(Level.PROCEDURE)
    shift.command(Command.STOP, path="both/L", because="wrong powder")
    shift.until(lambda: "repeat:both/L" in shift.state.prompts)
    shift.until(lambda: shift.state.units == {"B-1": "both/R"}, helpful=False)
    shift.answer("repeat:both/L", answer, because="decided")
    shift.finish()
    assert ran(shift).count("both/L/x") == runs
    assert shift.state.state is S.COMPLETE


def test_a_step_to_come_is_skipped_with_a_reason() -> None:
    shift = three()
    with pytest.raises(CommandRefused, match="skip needs a reason"):
        shift.steer(Verb.SKIP, B, because=" ")
    shift.steer(Verb.SKIP, B, because="done by hand")
    shift.finish()
    assert ran(shift) == [A, C]


def test_what_runs_in_a_plc_is_not_skipped() -> None:
    shift = three()
    shift.run_to(A)
    with pytest.raises(CommandRefused, match="M/a is under way in its PLC; stop it first"):
        shift.steer(Verb.SKIP, A)


def test_a_wait_is_skipped_while_it_waits() -> None:
    shift = shift_of(recipe(unit("M", WaitStep(path=A, name="a", until=CONDITION), phase(B))))
    shift.until(lambda: A in shift.waits)
    shift.steer(Verb.SKIP, A)
    shift.finish()
    assert ran(shift) == [B]


def test_a_step_that_is_complete_is_repeated_with_all_that_follows() -> None:
    shift = three()
    shift.steer(Verb.BREAK, C)
    shift.until(lambda: C in shift.waits)
    shift.steer(Verb.REPEAT, A, because="too coarse")
    shift.until(lambda: len(ran(shift)) == 4)
    shift.steer(Verb.CLEAR, C)
    shift.finish()
    assert ran(shift) == [A, B, A, B, C]


def test_the_active_step_is_changed_forward_and_back() -> None:
    shift = three()
    shift.steer(Verb.BREAK, B)
    shift.until(lambda: B in shift.waits)
    shift.steer(Verb.GO_TO, C)
    shift.finish()
    assert ran(shift) == [A, C]


def test_the_active_step_is_not_changed_while_one_runs() -> None:
    shift = three()
    shift.run_to(A)
    with pytest.raises(CommandRefused, match="stop it first, then change the active step"):
        shift.steer(Verb.GO_TO, C)


def test_no_step_is_made_active_where_nothing_has_begun() -> None:
    shift = shift_of(recipe(unit("M", phase(A), phase(B)), unit("N", phase("N/a"), phase("N/b"))))
    with pytest.raises(CommandRefused, match="N is idle; a step can only be made active while"):
        shift.steer(Verb.GO_TO, "N/b")


def test_an_unknown_element_is_refused_with_the_nearest() -> None:
    shift = three()
    with pytest.raises(CommandRefused, match="has no element 'b'; did you mean 'M/b'"):
        shift.steer(Verb.SKIP, "b")


def test_a_parameter_is_changed_before_its_phase_starts() -> None:
    shift = three()
    shift.steer(Verb.SET, B, name="speed", value="40 rpm")
    shift.finish()
    asked = {start.path: start.parameters["speed"] for start in shift.starts()}
    assert asked == {A: rpm("10"), B: rpm("40"), C: rpm("10")}


def test_a_parameter_of_a_running_phase_reaches_its_plc() -> None:
    shift = three()
    shift.plant.slots["A-1.X"].work = 20
    shift.run_to(A)
    shift.steer(Verb.SET, A, name="speed", value="55")
    shift.until(lambda: shift.slot(A).asked == {"speed": 55.0})
    assert shift.state.state_of(A) is S.RUNNING
    shift.finish()
    assert shift.given(A)[:2] == [Command.START, Command.UPDATE]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("speed", "101 rpm", "speed = 101 rpm is outside what the equipment allows, 0 to 100 rpm"),
        ("sped", "10 rpm", "has no parameter 'sped'; did you mean 'speed'"),
        ("speed", "10 degC", "cannot be converted"),
    ],
)
def test_a_parameter_that_will_not_do_is_refused(name: str, value: str, message: str) -> None:
    shift = three()
    with pytest.raises(CommandRefused, match=message):
        shift.steer(Verb.SET, A, name=name, value=value)


FORMULA = FormulaParameter(
    name="speed",
    default=rpm("10"),
    minimum=rpm("1"),
    maximum=rpm("90"),
    high=Limits(low=rpm("5"), high=rpm("50")),
    soft=Limits(low=rpm("8"), high=rpm("20")),
)


def by_formula(ask: Ask = Ask.NEVER) -> Shift:
    from dataclasses import replace

    speed = (Parameter(name="speed", source=Source.FORMULA, reference="speed", uom="rpm"),)
    return three_with(speed, {"speed": replace(FORMULA, ask=ask)})


def three_with(parameters: tuple[Parameter, ...], limits: dict[str, FormulaParameter]) -> Shift:
    steps = (phase(A, parameters=parameters), phase(B, parameters=parameters))
    return shift_of(recipe(unit("M", *steps), limits=limits, formula={"speed": rpm("10")}))


@pytest.mark.parametrize(("value", "limit"), [("12 rpm", ""), ("30 rpm", "soft"), ("60 rpm", "high")])
def test_a_formula_value_changes_what_is_still_to_start(value: str, limit: str) -> None:
    shift = by_formula()
    shift.run_to(A)
    shift.steer(Verb.SET, "", name="speed", value=value)
    shift.finish()
    assert [str(start.parameters["speed"]) for start in shift.starts()] == ["10 rpm", value]
    assert [fact.limit for fact in shift.facts if isinstance(fact, Deviation)] == ([limit] if limit else [])
    change = next(fact for fact in shift.facts if isinstance(fact, ParameterChange))
    assert (str(change.before), change.because) == ("10 rpm", "so")


def test_a_formula_value_beyond_its_hard_limits_is_refused() -> None:
    shift = by_formula()
    with pytest.raises(CommandRefused, match="speed = 91 rpm is outside its hard limits, 1 rpm to 90 rpm"):
        shift.steer(Verb.SET, "", name="speed", value="91 rpm")


@pytest.mark.parametrize("ask", [Ask.START, Ask.RUN])
def test_a_deferred_value_is_asked_for(ask: Ask) -> None:
    shift = by_formula(ask)
    shift.until(lambda: "value:speed" in shift.state.prompts, helpful=False)
    assert bool(shift.state.holdings) is (ask is Ask.RUN)
    assert ran(shift) == []
    with pytest.raises(CommandRefused, match="outside the limits 1 to 90 rpm"):
        shift.answer("value:speed", "95")
    with pytest.raises(CommandRefused, match="give the reason"):
        shift.answer("value:speed", "60")
    shift.answer("value:speed", "60", because="trial 7")
    shift.finish()
    assert {str(start.parameters["speed"]) for start in shift.starts()} == {"60 rpm"}


def test_planned_updates_reach_the_running_phase_in_their_order() -> None:
    def faster(value: str) -> ParameterUpdate:
        return ParameterUpdate(when=CONDITION, parameters=(Parameter(name="speed", value=rpm(value), uom="rpm"),))

    shift = shift_of(recipe(unit("M", phase(A, updates=(faster("20"), faster("30"))))))
    shift.plant.slots["A-1.X"].work = 30
    shift.run_to(A)
    stands(shift, A, "update 2", Truth.TRUE)
    for _ in range(5):
        shift.tick()
    assert shift.slot(A).asked == {"speed": 10.0}
    stands(shift, A, "update 1", Truth.TRUE)
    shift.until(lambda: shift.slot(A).asked == {"speed": 30.0})
    shift.finish()
    assert [str(f.parameters["speed"]) for f in shift.updates()] == ["20 rpm", "30 rpm"]
