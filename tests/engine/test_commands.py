"""What people may command of a batch, and how it follows: hold, restart, pause, resume, stop, abort."""

from __future__ import annotations

import pytest

from mes.model.states import Command, CommandRefused, ProceduralState
from tests.engine.recipe import (
    HEAT,
    LOOK,
    PACK,
    SALT,
    SAMPLE,
    STIR,
)
from tests.engine.shift import Shift

S = ProceduralState
C = Command
ILLEGAL = {
    S.IDLE: (set(C) - {C.START}, "possible now: start"),
    S.RUNNING: ({C.START, C.RESUME, C.RESTART, C.RESET}, "possible now: pause, hold, stop, abort"),
    S.HELD: ({C.START, C.PAUSE, C.RESUME, C.HOLD, C.RESET}, "possible now: restart, stop, abort"),
    S.STOPPED: (set(C), "the batch has ended"),
    S.COMPLETE: (set(C), "the batch has ended"),
}


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
