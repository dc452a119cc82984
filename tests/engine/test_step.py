"""The life of a batch in an orderly plant: from start to its product, and every command on the way."""

from __future__ import annotations

from decimal import Decimal

from mes.engine.draft import Permissive, condition_key
from mes.model.condition import Truth
from mes.model.equipment import ProcessCell
from mes.model.events import Allocation, Consume, Deallocation, LotBound, Produce, PromptResponse, StateChange
from mes.model.fold import fold
from mes.model.procedure import Level, Order, phases
from mes.model.progress import progress
from mes.model.states import Command, ProceduralState
from tests.engine.recipe import (
    HEAT,
    IN_ORDER,
    LOOK,
    PHASES,
    SALT,
    STIR,
    SUGAR,
    charge,
    control_of,
    group,
    react,
    whole_recipe,
)
from tests.engine.shift import Plant, Shift

S = ProceduralState
C = Command
ONE_LIFE = [S.STARTING, S.RUNNING, S.COMPLETING, S.COMPLETE]
REQUIRED = condition_key(HEAT, "requires")


def test_a_recipe_runs_from_start_to_complete_in_its_order(shift: Shift) -> None:
    shift.command(C.START)
    shift.finish()
    assert shift.path_of("") == ONE_LIFE
    ended = [f.path for f in shift.facts if isinstance(f, StateChange) and f.after is S.COMPLETE and f.path in IN_ORDER]
    assert sorted(ended, key=IN_ORDER.index) == ended
    assert all(shift.path_of(path) == ONE_LIFE for path in IN_ORDER)
    assert progress(shift.state) == (8, 8)
    assert shift.alarms() == []


def test_every_phase_is_started_once_and_reset_after_its_reports(shift: Shift) -> None:
    shift.command(C.START)
    shift.finish()
    assert {path: shift.given(path) for path in PHASES} == {path: [C.START, C.RESET] for path in PHASES}
    assert sorted(start.exec_id for start in shift.starts()) == [1, 2, 3, 4, 5, 6]
    shift.plant.scan()
    assert {slot.state for slot in shift.plant.slots.values()} == {"idle"}


def test_units_are_taken_before_and_given_back_after_their_procedure(shift: Shift) -> None:
    shift.command(C.START)
    shift.finish()
    moves = [(type(f).__name__, f.unit) for f in shift.facts if isinstance(f, Allocation | Deallocation)]
    assert [unit for kind, unit in moves if kind == "Allocation"] == ["WS-1", "RX-1", "PK-1"]
    assert sorted(moves) == sorted(
        (kind, unit) for unit in ("WS-1", "RX-1", "PK-1") for kind in ("Allocation", "Deallocation")
    )
    assert shift.state.units == {}


def test_both_branches_of_a_parallel_block_are_started_in_one_step(shift: Shift) -> None:
    shift.run_to(LOOK)
    shift.answer(LOOK, "yes")
    shift.until(lambda: any(command.command is C.START for command in shift.wire), helpful=False)
    assert [(command.path, command.command) for command in shift.wire] == [(HEAT, C.START), (STIR, C.START)]
    assert len({command.exec_id for command in shift.wire}) == 2


def test_a_scanned_lot_sets_the_parameter_that_takes_its_amount(shift: Shift) -> None:
    shift.run_to(SUGAR)
    (start,) = (start for start in shift.starts() if start.path == SUGAR)
    # 396 g of pure sugar of assay 0.99.
    assert start.parameters["mass"].to("g").value == Decimal(400)
    (bound,) = (f for f in shift.facts if isinstance(f, LotBound) and f.input == "sugar")
    assert (bound.lot_no, bound.assay, bound.by) == ("SUGAR-1", Decimal("0.99"), "ann")


def test_the_product_and_its_sample_are_made_with_their_parents(shift: Shift) -> None:
    shift.command(C.START)
    shift.finish()
    made = {f.output: f for f in shift.facts if isinstance(f, Produce) and f.lot_no}
    assert made["powder"].parents == (
        ("SALT-1", made["powder"].parents[0][1]),
        ("SUGAR-1", made["powder"].parents[1][1]),
    )
    assert [quantity.value for _, quantity in made["powder"].parents] == [Decimal(200), Decimal(400)]
    assert made["retain"].parents[0][0] == made["powder"].lot_no == "B-0001-powder"
    taken = [f.quantity.value for f in shift.facts if isinstance(f, Consume)]
    assert taken == [Decimal(200), Decimal(400), Decimal(6)]


def test_the_state_is_what_its_facts_say(shift: Shift) -> None:
    shift.command(C.START)
    shift.finish()
    assert fold(shift.batch_no, shift.facts) == shift.state


def test_a_unit_that_another_batch_has_is_waited_for_by_name(shift: Shift) -> None:
    shift.owners = lambda: {"WS-1": "B-0007"}
    shift.command(C.START)
    shift.look()
    shift.look()
    assert shift.waiting == {"Charge": "unit WS-1 is in use by batch B-0007"}
    assert shift.state.units == {}
    shift.owners = dict
    shift.finish()


def test_two_branches_of_one_batch_never_have_the_same_unit(cell: ProcessCell) -> None:
    twice = [charge(cell), group("Again", react(cell), level=Level.UNIT_PROCEDURE, unit="WS-1")]
    shift = Shift(control_of(*twice, order=Order.PARALLEL), Plant(cell=cell))
    shift.command(C.START)
    for _ in range(3):
        shift.look()
    assert shift.state.units == {"WS-1": "Charge"}
    assert shift.waiting["Again"] == "unit WS-1 is in use by this batch"


def test_two_branches_that_need_one_slot_take_turns(cell: ProcessCell) -> None:
    one, other = list(phases(charge(cell)))
    both = group("Charge/Weigh", one, other, level=Level.BLOCK, order=Order.PARALLEL)
    shift = Shift(control_of(group("Charge", both, level=Level.UNIT_PROCEDURE, unit="WS-1")), Plant(cell=cell))
    shift.run_to(SALT)
    assert shift.waiting[SUGAR] == "Salt to end, which has WS-1.PH"
    shift.run_to(SALT, S.COMPLETING)
    # The reports of the first are still there to be read: the second may not clear the slot.
    shift.look()
    assert shift.given(SUGAR) == []
    shift.finish()
    assert shift.slot(SALT).starts == [1, 2]


def test_a_slot_that_somebody_left_complete_is_reset_before_the_start(shift: Shift) -> None:
    slot = shift.slot(SALT)
    slot.state, slot.last = "complete", 977
    shift.run_to(SALT)
    assert shift.given(SALT) == [C.RESET, C.START]
    # A number of somebody else does not use up ours.
    assert shift.slot(SALT).starts == [1]


def test_a_repeated_answer_of_the_plc_changes_nothing(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    (start,) = shift.wire
    answer = shift.arrive(start)
    shift.wire.clear()
    shift.settle(start, answer)
    shift.run_to(SUGAR)
    before = list(shift.facts)
    shift.settle(start, answer)
    assert shift.facts == before


def test_reports_that_are_read_twice_are_booked_once(shift: Shift) -> None:
    shift.run_to(SALT, S.COMPLETING)
    shift.plant.scan()
    shift.look()
    (item,) = shift.wanted.values()
    reported = shift.report(item)
    shift.observe(reported)
    before = list(shift.facts)
    shift.observe(reported)
    assert shift.facts == before
    assert sum(isinstance(fact, Consume) for fact in before) == 1


def test_what_a_person_answered_is_in_the_record(shift: Shift) -> None:
    shift.command(C.START)
    shift.finish()
    answers = {f.prompt_id: (f.value, f.by) for f in shift.facts if isinstance(f, PromptResponse)}
    assert answers["scan:salt"] == ("SALT-1", "ann")
    assert answers["React/Cook/Acidity"] == ("7.1", "ann")


def test_a_condition_that_is_not_true_keeps_its_phase_waiting_in_words(cell: ProcessCell) -> None:
    shift = Shift(whole_recipe(cell, requires="RX-1.T < 50 degC"), Plant(cell=cell))
    shift.command(C.START)
    shift.until(lambda: shift.state.state_of(STIR) is S.RUNNING)
    assert shift.waiting[HEAT] == "the condition RX-1.T < 50 degC to be evaluated"
    shift.plant.permissives[REQUIRED] = Permissive(truth=Truth.FALSE, why="RX-1.T is 81 degC", since_s=30)
    shift.look()
    assert (shift.waiting[HEAT], shift.given(HEAT)) == ("RX-1.T is 81 degC", [])
    shift.plant.permissives[REQUIRED] = Permissive(truth=Truth.TRUE, why="", since_s=31)
    shift.finish()


def test_a_condition_that_is_waited_for_too_long_holds_the_batch(cell: ProcessCell) -> None:
    shift = Shift(whole_recipe(cell, requires="RX-1.T < 50 degC"), Plant(cell=cell))
    shift.plant.permissives[REQUIRED] = Permissive(truth=Truth.FALSE, why="RX-1.T is 81 degC", since_s=601)
    shift.command(C.START)
    shift.until(lambda: shift.state.state is S.HELD)
    assert shift.state.because == "Heat has waited more than 10 min for RX-1.T < 50 degC: RX-1.T is 81 degC"
    assert shift.state.commanded_by == "engine"
    # The hold of one branch keeps the other, which would have been next in the same step, from starting.
    assert shift.given(STIR) == []
