"""Choose takes the first branch that is true, repeat goes round until its condition is true or its limit is reached."""

from __future__ import annotations

import pytest

from mes.model.condition import Truth
from mes.model.procedure import Cleanliness, Order
from mes.model.states import FINAL, Command, ProceduralState
from mes.model.steering import ChoiceMade, Mode, Reentry
from mes.model.verbs import Verb
from mes.model.waiting import WaitKind
from tests.engine.shift import Shift
from tests.engine.small import CONDITION, block, phase, ran, recipe, shift_of, stands, unit

S = ProceduralState

FIRST, SECOND, ELSE = "M/choose/first", "M/choose/second", "M/choose/otherwise"
LOOP = "M/loop"


def choosing(*, otherwise: bool = True) -> Shift:
    branches = [
        block(FIRST, phase(f"{FIRST}/a"), when=CONDITION),
        block(SECOND, phase(f"{SECOND}/b"), when="T > 2 g"),
    ]
    if otherwise:
        branches.append(block(ELSE, phase(f"{ELSE}/c")))
    chosen = block("M/choose", *branches, order=Order.CHOICE)
    return shift_of(recipe(unit("M", chosen, phase("M/after"))))


def looping(at_most: int = 3) -> Shift:
    loop = block(LOOP, phase(f"{LOOP}/mill"), until=CONDITION, at_most=at_most)
    return shift_of(recipe(unit("M", loop, phase("M/after"))))


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        (Truth.TRUE, Truth.TRUE, f"{FIRST}/a"),
        (Truth.FALSE, Truth.TRUE, f"{SECOND}/b"),
        (Truth.FALSE, Truth.FALSE, f"{ELSE}/c"),
    ],
)
def test_the_first_branch_that_is_true_is_taken(first: Truth, second: Truth, taken: str) -> None:
    shift = choosing()
    stands(shift, FIRST, "when", first)
    stands(shift, SECOND, "when", second)
    shift.finish()
    assert ran(shift) == [taken, "M/after"]
    assert shift.state.state is S.COMPLETE


def test_nothing_behind_an_unknown_condition_is_taken() -> None:
    shift = choosing()
    stands(shift, FIRST, "when", Truth.UNKNOWN)
    stands(shift, SECOND, "when", Truth.TRUE)
    for _ in range(5):
        shift.tick()
    assert ran(shift) == []
    assert shift.waits["M/choose"].kind is WaitKind.CONDITION
    assert shift.waiting["M/choose"] == "T is unknown"
    stands(shift, FIRST, "when", Truth.FALSE)
    shift.finish()
    assert ran(shift)[0] == f"{SECOND}/b"


def test_without_otherwise_it_waits_until_a_branch_is_true() -> None:
    shift = choosing(otherwise=False)
    stands(shift, FIRST, "when", Truth.FALSE)
    stands(shift, SECOND, "when", Truth.FALSE)
    for _ in range(5):
        shift.tick()
    assert shift.waiting["M/choose"] == "T is false or T is false"
    stands(shift, SECOND, "when", Truth.TRUE)
    shift.finish()
    assert ran(shift) == [f"{SECOND}/b", "M/after"]


def test_a_branch_that_was_taken_stays_taken() -> None:
    shift = choosing()
    stands(shift, FIRST, "when", Truth.TRUE)
    shift.run_to(f"{FIRST}/a")
    stands(shift, FIRST, "when", Truth.FALSE)
    shift.finish()
    assert [fact.branch for fact in shift.facts if isinstance(fact, ChoiceMade)] == [FIRST]


def test_in_manual_mode_a_person_chooses() -> None:
    shift = choosing()
    shift.steer(Verb.MODE, "M/choose", value=Mode.MANUAL)
    stands(shift, FIRST, "when", Truth.TRUE)
    shift.until(lambda: "choose:M/choose" in shift.state.prompts)
    shift.answer("choose:M/choose", "second")
    shift.until(lambda: f"{SECOND}/b" in shift.waits)
    shift.steer(Verb.CONFIRM, f"{SECOND}/b")
    shift.finish()
    assert ran(shift) == [f"{SECOND}/b", "M/after"]
    assert next(fact.by for fact in shift.facts if isinstance(fact, ChoiceMade)) == "ann"


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_a_loop_goes_round_until_its_condition_is_true(rounds: int) -> None:
    shift = looping()
    stands(shift, LOOP, "until", Truth.FALSE)
    mill = f"{LOOP}/mill"
    shift.until(lambda: ran(shift).count(mill) == rounds)
    stands(shift, LOOP, "until", Truth.TRUE)
    shift.finish()
    assert ran(shift) == [mill] * rounds + ["M/after"]
    assert [fact.round for fact in shift.facts if isinstance(fact, Reentry)] == list(range(2, rounds + 1))
    assert len({start.exec_id for start in shift.starts()}) == rounds + 1


def test_each_round_is_recorded_by_the_life_table() -> None:
    shift = looping()
    stands(shift, LOOP, "until", Truth.FALSE)
    shift.until(lambda: len(ran(shift)) == 2)
    stands(shift, LOOP, "until", Truth.TRUE)
    shift.finish()
    round_s = [S.STARTING, S.RUNNING, S.COMPLETING, S.COMPLETE]
    assert shift.path_of(f"{LOOP}/mill") == [*round_s, S.RESETTING, S.IDLE, *round_s]


def test_at_its_limit_a_loop_asks_a_person() -> None:
    shift = looping(at_most=2)
    stands(shift, LOOP, "until", Truth.FALSE)
    shift.until(lambda: f"again:{LOOP}" in shift.state.prompts)
    assert ran(shift) == [f"{LOOP}/mill"] * 2
    assert "loop has run 2 times and still T is false" in shift.waiting[LOOP]
    assert shift.state.prompts[f"again:{LOOP}"].choices == ("go on",)
    shift.answer(f"again:{LOOP}", "go on")
    shift.finish()
    assert ran(shift)[-1] == "M/after"


def test_an_unknown_condition_neither_ends_nor_repeats_a_loop() -> None:
    shift = looping()
    stands(shift, LOOP, "until", Truth.UNKNOWN)
    for _ in range(20):
        shift.tick()
    assert ran(shift) == [f"{LOOP}/mill"]
    assert shift.state.state_of(LOOP) is S.RUNNING
    assert shift.waits[LOOP].kind is WaitKind.CONDITION


def test_a_loop_may_be_stopped_in_any_round() -> None:
    shift = looping()
    stands(shift, LOOP, "until", Truth.FALSE)
    shift.until(lambda: len(ran(shift)) == 2)
    shift.command(Command.STOP, because="enough")
    shift.finish()
    assert shift.state.state is S.STOPPED
    assert all(state in FINAL | {S.IDLE} for state in shift.state.states.values())


def around_units(**more: object) -> Shift:
    mill, sieve = unit("loop/M", phase("loop/M/a"), **more), unit("loop/N", phase("loop/N/a"))
    shift = shift_of(recipe(block("loop", mill, sieve, until=CONDITION, at_most=3)))
    stands(shift, "loop", "until", Truth.FALSE)
    return shift


def test_a_loop_gives_its_units_back_before_the_next_round() -> None:
    shift = around_units()
    shift.until(lambda: len(ran(shift)) == 4)
    stands(shift, "loop", "until", Truth.TRUE)
    shift.finish()
    assert ran(shift) == ["loop/M/a", "loop/N/a"] * 2


def test_a_unit_is_left_clean_in_every_round() -> None:
    shift = around_units(leaves=Cleanliness.CLEAN)
    shift.until(lambda: len(ran(shift)) == 4)
    stands(shift, "loop", "until", Truth.TRUE)
    shift.finish()
    assert [change.clean for change in shift.units] == [True, True]


def test_a_step_back_to_a_loop_begins_with_its_first_round() -> None:
    shift = looping(at_most=2)
    stands(shift, LOOP, "until", Truth.TRUE)
    shift.steer(Verb.BREAK, "M/after")
    stands(shift, LOOP, "until", Truth.FALSE)
    shift.until(lambda: f"again:{LOOP}" in shift.state.prompts)
    shift.answer(f"again:{LOOP}", "go on")
    shift.until(lambda: "M/after" in shift.waits)
    shift.steer(Verb.GO_TO, LOOP)
    shift.until(lambda: f"again:{LOOP} #2" in shift.state.prompts)
    assert ran(shift) == [f"{LOOP}/mill"] * 4
