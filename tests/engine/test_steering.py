"""What people steer at awkward moments: breakpoints anywhere, skips of what has begun, values on their way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.model.condition import Truth
from mes.model.procedure import Cleanliness
from mes.model.states import FINAL, Command, CommandRefused, ProceduralState
from mes.model.steps import GateStep, PromptStep, ResultSpec, WaitStep
from mes.model.verbs import Verb
from mes.model.waiting import WaitKind
from tests.engine.shift import Shift
from tests.engine.small import CONDITION, block, phase, ran, recipe, shift_of, stands, unit

S = ProceduralState
A, B = "M/a", "M/b"
PEAK = ResultSpec(
    name="peak", uom="%", minimum=Decimal(0), maximum=Decimal(100), spec_low=Decimal(0), spec_high=Decimal(9)
)


@pytest.mark.parametrize(
    "step",
    [PromptStep(path=B, name="b", text={"en": "Is it white?"}), GateStep(path=B, name="b", results=(PEAK,))],
    ids=["prompt", "gate"],
)
def test_a_breakpoint_stands_before_a_question_too(step: PromptStep | GateStep) -> None:
    shift = shift_of(recipe(unit("M", phase(A), step)))
    shift.steer(Verb.BREAK, B)
    shift.until(lambda: B in shift.waits, helpful=False)
    assert shift.waits[B].kind is WaitKind.BREAKPOINT
    assert not shift.state.prompts
    shift.steer(Verb.CONFIRM, B)
    shift.finish()


def test_a_breakpoint_counts_though_a_confirmation_came_before_it() -> None:
    shift = shift_of(recipe(unit("M", phase(A), phase(B))))
    shift.steer(Verb.MODE, B, value="semi-automatic")
    shift.steer(Verb.CONFIRM, B)
    shift.steer(Verb.MODE, B, value="automatic")
    shift.steer(Verb.BREAK, B)
    shift.until(lambda: B in shift.waits)
    assert shift.waits[B].kind is WaitKind.BREAKPOINT


def test_what_waits_for_no_confirmation_takes_none() -> None:
    shift = shift_of(recipe(unit("M", phase(A), phase(B))))
    with pytest.raises(CommandRefused, match="M/b is idle and waits for no confirmation"):
        shift.steer(Verb.CONFIRM, B)


def waiting(*, leaves: Cleanliness | None = None) -> Shift:
    wait = WaitStep(path="M/op/wait", name="wait", until=CONDITION)
    shift = shift_of(recipe(unit("M", block("M/op", wait), phase(B), leaves=leaves), unit("N", phase("N/a"))))
    shift.until(lambda: "M/op/wait" in shift.waits)
    return shift


@pytest.mark.parametrize("command", [Command.STOP, Command.ABORT])
def test_a_wait_that_was_ended_alone_is_skipped(command: Command) -> None:
    shift = waiting()
    shift.command(command, path="M/op/wait", because="of no use")
    shift.tick()
    shift.steer(Verb.SKIP, "M/op/wait")
    shift.finish()
    assert ran(shift) == [B, "N/a"]


def test_what_had_begun_in_a_skipped_group_is_at_rest() -> None:
    shift = waiting()
    shift.steer(Verb.SKIP, "M/op")
    shift.finish()
    assert set(shift.state.states.values()) <= FINAL | {S.IDLE}


def test_a_cleaning_that_was_skipped_has_cleaned_nothing() -> None:
    shift = waiting(leaves=Cleanliness.CLEAN)
    shift.steer(Verb.SKIP, "M")
    shift.finish()
    assert shift.units == []


def test_a_value_is_refused_while_the_start_with_the_old_one_is_on_its_way() -> None:
    shift = shift_of(recipe(unit("M", phase(A))))
    while not shift.wire:
        shift.look()
    with pytest.raises(CommandRefused, match="M/a is starting and takes no new parameters now"):
        shift.steer(Verb.SET, A, name="speed", value="40 rpm")


def test_a_step_back_gives_back_the_unit_of_what_is_left() -> None:
    ask = PromptStep(path="N/ask", name="ask", text={"en": "Is it white?"})
    shift = shift_of(recipe(unit("M", phase(A)), unit("N", ask)))
    shift.until(lambda: "N/ask" in shift.state.prompts, helpful=False)
    shift.steer(Verb.GO_TO, "M")
    shift.finish()
    assert ran(shift) == [A, A]


def test_a_phase_that_never_began_is_let_go_on_after_its_hold() -> None:
    shift = shift_of(recipe(unit("M", phase(A, requires=CONDITION, requires_within_s=0)), hold_propagation=None))
    stands(shift, A, "requires", Truth.FALSE, since_s=1.0)
    shift.until(lambda: bool(shift.state.local))
    stands(shift, A, "requires", Truth.TRUE)
    shift.command(Command.RESTART, path="M", because="mended")
    shift.finish()
    assert ran(shift) == [A]
