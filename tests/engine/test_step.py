"""The life of a batch in an orderly plant: from start to its product, and every command on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.engine.draft import Permissive
from mes.model.equipment import ProcessCell
from mes.model.events import Allocation, Consume, Deallocation, LotBound, Produce, PromptResponse, StateChange
from mes.model.execution import fold, progress
from mes.model.procedure import Level, Order, phases
from mes.model.states import Command, CommandRefused, ProceduralState
from tests.engine.recipe import (
    HEAT,
    IN_ORDER,
    LOOK,
    PACK,
    PHASES,
    SALT,
    SAMPLE,
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


def test_hold_takes_every_active_phase_along_and_restart_brings_all_back(shift: Shift) -> None:
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    shift.command(C.HOLD, because="smell of gas")
    assert shift.state.state is S.HOLDING
    shift.until(lambda: shift.state.state is S.HELD)
    assert (shift.slot(HEAT).state, shift.slot(STIR).state) == ("held", "held")
    assert shift.state.because == "smell of gas"
    shift.command(C.RESTART)
    assert shift.state.state is S.RESTARTING
    shift.finish()
    assert shift.state.state is S.COMPLETE
    assert shift.given(HEAT) == [C.START, C.HOLD, C.RESTART, C.RESET]


def test_a_pause_waits_for_the_phases_and_resume_goes_on(shift: Shift) -> None:
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    shift.command(C.PAUSE)
    shift.until(lambda: shift.state.state is S.PAUSED)
    assert shift.path_of("")[-2:] == [S.PAUSING, S.PAUSED]
    shift.command(C.RESUME)
    shift.finish()
    assert shift.given(STIR) == [C.START, C.PAUSE, C.RESUME, C.RESET]


def test_a_paused_batch_that_is_held_rests_only_when_its_phases_are_held(shift: Shift) -> None:
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    shift.command(C.PAUSE)
    shift.until(lambda: shift.state.state is S.PAUSED)
    shift.command(C.HOLD)
    assert shift.state.state is S.HOLDING
    shift.until(lambda: shift.state.state is S.HELD)
    assert shift.slot(HEAT).state == "held"


@pytest.mark.parametrize(("command", "end"), [(C.STOP, S.STOPPED), (C.ABORT, S.ABORTED)])
def test_stop_and_abort_in_the_middle_of_a_phase_end_the_batch(shift: Shift, command: Command, end: S) -> None:
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    shift.command(command)
    shift.finish()
    assert (shift.state.state, shift.state.state_of(HEAT), shift.state.state_of(STIR)) == (end, end, end)
    assert shift.state.state_of(PACK) is S.IDLE
    assert shift.state.units == {}


def test_stop_of_a_held_batch_stops_what_is_held(shift: Shift) -> None:
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    shift.command(C.HOLD)
    shift.until(lambda: shift.state.state is S.HELD)
    shift.command(C.STOP)
    assert shift.state.state is S.STOPPING
    shift.finish()
    assert shift.path_of("")[-4:] == [S.HOLDING, S.HELD, S.STOPPING, S.STOPPED]


def test_an_abort_overtakes_a_stop(shift: Shift) -> None:
    shift.plant.slots["RX-1.HT"].work = 40
    shift.run_to(HEAT)
    shift.command(C.STOP)
    shift.look()
    shift.command(C.ABORT)
    shift.finish()
    assert shift.path_of("")[-3:] == [S.STOPPING, S.ABORTING, S.ABORTED]


def test_a_hold_while_a_start_is_in_flight_holds_the_phase_once_it_runs(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    shift.command(C.HOLD)
    shift.look()
    # The phase may or may not run: the batch cannot be at rest.
    assert shift.state.state is S.HOLDING
    assert shift.given(SALT) == [C.START]
    shift.until(lambda: shift.state.state is S.HELD)
    assert shift.slot(SALT).state == "held"
    shift.command(C.RESTART)
    shift.finish()
    assert shift.slot(SALT).starts == [1, 2]


def test_a_hold_that_comes_when_the_last_phase_completes_leaves_the_batch_held(shift: Shift) -> None:
    shift.run_to(SAMPLE, S.COMPLETING)
    shift.command(C.HOLD)
    shift.until(lambda: shift.state.state is S.HELD)
    assert shift.state.state_of(SAMPLE) is S.COMPLETE
    shift.command(C.RESTART)
    shift.finish()
    assert shift.path_of("")[-6:] == [S.HOLDING, S.HELD, S.RESTARTING, S.RUNNING, S.COMPLETING, S.COMPLETE]


def test_an_open_prompt_is_held_and_comes_back(shift: Shift) -> None:
    shift.run_to(LOOK)
    shift.command(C.HOLD)
    shift.until(lambda: shift.state.state is S.HELD, helpful=False)
    assert shift.state.state_of(LOOK) is S.HELD
    with pytest.raises(CommandRefused, match="B-0001 is held; prompts wait until it goes on"):
        shift.answer(LOOK, "yes")
    shift.command(C.RESTART)
    shift.finish()
    assert shift.path_of(LOOK)[2:5] == [S.HOLDING, S.HELD, S.RESTARTING]


def test_a_prompt_answered_at_once_after_a_restart_still_follows_the_table(shift: Shift) -> None:
    shift.run_to(LOOK)
    shift.command(C.HOLD)
    shift.until(lambda: shift.state.state is S.HELD, helpful=False)
    shift.command(C.RESTART)
    shift.answer(LOOK, "yes")
    assert shift.path_of(LOOK)[-5:] == [S.HELD, S.RESTARTING, S.RUNNING, S.COMPLETING, S.COMPLETE]


ILLEGAL = {
    S.IDLE: (set(C) - {C.START}, "possible now: start"),
    S.RUNNING: ({C.START, C.RESUME, C.RESTART, C.RESET}, "possible now: pause, hold, stop, abort"),
    S.HELD: ({C.START, C.PAUSE, C.RESUME, C.HOLD, C.RESET}, "possible now: restart, stop, abort"),
    S.STOPPED: (set(C), "the batch has ended"),
    S.COMPLETE: (set(C), "the batch has ended"),
}


@pytest.mark.parametrize("state", list(ILLEGAL))
def test_an_illegal_command_is_refused_naming_the_legal_ones(shift: Shift, state: S) -> None:
    if state is not S.IDLE:
        shift.run_to(SALT)
    if state is S.HELD:
        shift.command(C.HOLD)
        shift.until(lambda: shift.state.state is S.HELD)
    if state is S.STOPPED:
        shift.command(C.STOP)
    if state in {S.STOPPED, S.COMPLETE}:
        shift.finish()
    commands, message = ILLEGAL[state]
    before = list(shift.facts)
    for command in commands:
        with pytest.raises(
            CommandRefused, match=f"{command} of batch B-0001 is not possible: it is {state}; .*{message}"
        ):
            shift.command(command)
    assert shift.facts == before


def test_a_start_without_material_is_refused_with_what_is_missing(shift: Shift) -> None:
    with pytest.raises(CommandRefused, match="cannot start: NACL: 200 g needed, no released lot is there"):
        shift.command(C.START, shortages=("NACL: 200 g needed, no released lot is there",))
    assert shift.state.state is S.IDLE


def test_a_unit_that_another_batch_has_is_waited_for_by_name(shift: Shift) -> None:
    shift.owners = lambda: {"WS-1": "B-0007"}
    shift.command(C.START)
    shift.look()
    assert shift.waiting == {"Charge": "unit WS-1 is in use by batch B-0007"}
    assert shift.state.units == {}
    shift.owners = dict
    shift.finish()


def test_two_branches_of_one_batch_never_have_the_same_unit(cell: ProcessCell) -> None:
    twice = [charge(cell), group("Again", react(cell), level=Level.UNIT_PROCEDURE, unit="WS-1")]
    shift = Shift(control_of(*twice, order=Order.PARALLEL), Plant(cell=cell))
    shift.command(C.START)
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
    shift.plant.permissives[HEAT] = Permissive(is_true=False, why="RX-1.T is 81 degC", since_s=30)
    shift.look()
    assert (shift.waiting[HEAT], shift.given(HEAT)) == ("RX-1.T is 81 degC", [])
    shift.plant.permissives[HEAT] = Permissive(is_true=True, why="", since_s=31)
    shift.finish()


def test_a_condition_that_is_waited_for_too_long_holds_the_batch(cell: ProcessCell) -> None:
    shift = Shift(whole_recipe(cell, requires="RX-1.T < 50 degC"), Plant(cell=cell))
    shift.plant.permissives[HEAT] = Permissive(is_true=False, why="RX-1.T is 81 degC", since_s=601)
    shift.command(C.START)
    shift.until(lambda: shift.state.state is S.HELD)
    assert shift.state.because == "Heat has waited more than 10 min for RX-1.T < 50 degC: RX-1.T is 81 degC"
    assert shift.state.commanded_by == "engine"
