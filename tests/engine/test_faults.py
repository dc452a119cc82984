"""What a batch does when the plant does not do what it should: holds, says why, and loses nothing."""

from __future__ import annotations

import pytest

from mes.engine.step import ReportsLost
from mes.model.equipment import ProcessCell
from mes.model.events import CommandOutcome, ProcessData
from mes.model.phase import Acknowledgement, AckResult
from mes.model.states import Command, ProceduralState
from tests.engine.recipe import HEAT, PACK, SALT, STIR, SUGAR
from tests.engine.shift import REFUSED, UNKNOWN, Plant, Shift

S = ProceduralState
C = Command


def test_a_phase_that_holds_itself_holds_the_batch_with_its_failure(cooking: Shift) -> None:
    cooking.slot(HEAT).fail("HEATER_FAULT")
    assert cooking.held() == "Heat on RX-1 went held by itself: failure HEATER_FAULT"
    assert cooking.alarms() == ["Heat went held by itself: failure HEATER_FAULT"]
    assert cooking.slot(STIR).state == "held"
    cooking.command(C.RESTART)
    cooking.finish()
    assert cooking.state.state is S.COMPLETE


def test_a_phase_that_fails_while_the_batch_is_paused_holds_it_too(cooking: Shift) -> None:
    cooking.command(C.PAUSE)
    cooking.until(lambda: cooking.state.state is S.PAUSED)
    cooking.slot(HEAT).fail("HEATER_FAULT")
    assert cooking.held() == "Heat on RX-1 went held by itself: failure HEATER_FAULT"


def test_a_phase_that_is_only_seen_held_still_holds_the_batch(cooking: Shift) -> None:
    cooking.slot(HEAT).fail("HEATER_FAULT")
    cooking.plant.scan()
    cooking.look()
    assert cooking.path_of(HEAT)[-3:] == [S.RUNNING, S.HOLDING, S.HELD]
    assert "HEATER_FAULT" in cooking.state.because


def test_a_phase_that_falls_back_to_held_after_a_restart_waits_for_a_person(cooking: Shift) -> None:
    cooking.slot(HEAT).fail("HEATER_FAULT")
    cooking.held()
    cooking.command(C.RESTART)
    cooking.look()
    cooking.deliver()
    # Restarting and the new failure both happen between two looks.
    cooking.slot(HEAT).fail("HEATER_FAULT")
    cooking.plant.scan()
    for _ in range(6):
        cooking.tick()
    assert cooking.state.state is S.HELD
    assert cooking.given(HEAT).count(C.RESTART) == 1
    assert "held again after restart: failure HEATER_FAULT" in cooking.state.because
    cooking.command(C.RESTART)
    cooking.finish()
    assert cooking.given(HEAT).count(C.RESTART) == 2


def test_somebody_at_the_panel_who_pauses_a_phase_holds_the_batch(cooking: Shift) -> None:
    cooking.slot(HEAT).panel("pause")
    assert cooking.held().startswith("Heat on RX-1 went paused by itself")
    assert C.RESUME not in cooking.given(HEAT)


def test_an_interlock_keeps_a_phase_from_starting_and_is_named(shift: Shift) -> None:
    shift.slot(SALT).interlock = "DOOR_OPEN"
    shift.command(C.START)
    for _ in range(5):
        shift.answer_prompts()
        shift.tick()
    assert shift.waiting[SALT] == "WS-1.PH does not allow start: interlock DOOR_OPEN"
    assert shift.given(SALT) == []
    shift.slot(SALT).interlock = ""
    shift.finish()


def test_an_interlock_that_keeps_a_phase_from_restarting_is_named(cooking: Shift) -> None:
    cooking.command(C.HOLD)
    cooking.held()
    cooking.slot(HEAT).interlock = "DOOR_OPEN"
    cooking.command(C.RESTART)
    cooking.look()
    assert cooking.waiting[HEAT] == "RX-1.HT does not allow restart now: interlock DOOR_OPEN"
    assert cooking.state.state is S.RESTARTING
    cooking.slot(HEAT).interlock = ""
    cooking.finish()


def test_a_refused_start_holds_the_batch_and_is_tried_again_on_restart(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    start = shift.wire.pop()
    shift.settle(start, Acknowledgement(seq=9, result=AckResult.BAD_PARAMETER))
    assert shift.held() == "start of Salt on WS-1: the execution id or a parameter is not valid"
    assert shift.state.state_of(SALT) is S.IDLE
    shift.command(C.RESTART)
    shift.finish()
    assert [fact.exec_id for fact in shift.starts() if fact.path == SALT] == [start.exec_id, start.exec_id + 1]


def test_a_stopped_phase_asks_to_be_repeated_and_keeps_what_it_did(cooking: Shift) -> None:
    cooking.slot(HEAT).panel("stop")
    assert cooking.held().startswith("Heat on RX-1 went stopping by itself")
    assert cooking.state.state_of(HEAT) is S.STOPPED
    cooking.command(C.RESTART)
    cooking.until(lambda: f"repeat:{HEAT}" in cooking.state.prompts)
    cooking.answer(f"repeat:{HEAT}", "repeat")
    cooking.finish()
    heats = [f for f in cooking.facts if isinstance(f, ProcessData) and f.path == HEAT]
    assert len(heats) == 2


def test_lost_reports_hold_the_batch_and_count_once_they_can_be_read(shift: Shift) -> None:
    shift.reports_fail = "report mass is NaN"
    shift.run_to(SALT, S.COMPLETING)
    shift.until(lambda: shift.state.state is S.HOLDING)
    assert shift.state.because == "the reports of Salt on WS-1 cannot be read: report mass is NaN"
    for _ in range(5):
        shift.tick()
    assert len(shift.alarms()) == 1
    shift.reports_fail = ""
    shift.held()
    shift.command(C.RESTART)
    shift.finish()


@pytest.mark.parametrize(("command", "end"), [(C.STOP, S.STOPPED), (C.ABORT, S.ABORTED)])
def test_lost_reports_never_keep_stop_or_abort_from_ending(shift: Shift, command: Command, end: S) -> None:
    shift.reports_fail = "report mass is NaN"
    shift.run_to(SALT, S.COMPLETING)
    shift.until(lambda: shift.state.state is S.HOLDING)
    shift.command(command)
    shift.finish()
    assert (shift.state.state, shift.state.state_of(SALT)) == (end, S.ABORTED)
    assert "ended without being booked" in shift.alarms()[-1]


def test_reports_that_are_given_up_after_they_were_read_change_nothing(shift: Shift) -> None:
    shift.run_to(SUGAR)
    shift.command(C.STOP)
    before = list(shift.facts)
    shift.observe(ReportsLost(path=SALT, exec_id=1, why="read too late"))
    assert shift.facts == before


def test_a_short_silence_of_the_link_is_waited_out(cooking: Shift) -> None:
    cooking.plant.blind = True
    for _ in range(5):
        cooking.look()
    assert cooking.waiting[HEAT] == "no fresh status of RX-1.HT: no news"
    assert cooking.state.state is S.RUNNING
    cooking.plant.blind = False
    cooking.finish()
    assert cooking.alarms() == []


def test_a_lost_link_holds_the_batch_and_names_the_plc(cooking: Shift) -> None:
    cooking.plant.lost = "connection refused"
    cooking.look()
    cooking.look()
    assert cooking.state.state is S.HOLDING
    assert cooking.state.because == "link to LN lost while Heat was running: connection refused"
    # Both phases are on that PLC; the hold is given once.
    assert cooking.given("") == [C.START, C.HOLD]
    cooking.plant.lost = ""
    cooking.held()
    cooking.command(C.RESTART)
    cooking.finish()


def test_a_lost_link_before_a_start_holds_the_batch(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: "scan:salt" in shift.state.prompts)
    shift.plant.lost = "connection refused"
    assert shift.held() == "Salt cannot start: LN cannot be reached (connection refused)"


def test_only_an_abort_ends_a_batch_whose_plc_is_gone(cooking: Shift) -> None:
    cooking.plant.lost = "connection refused"
    cooking.command(C.STOP)
    for _ in range(5):
        cooking.look()
    assert cooking.state.state is S.STOPPING
    cooking.command(C.ABORT)
    cooking.look()
    assert cooking.state.ended
    assert cooking.state.state is S.ABORTED


def test_a_hold_the_plc_refused_in_passing_is_given_again(cooking: Shift) -> None:
    cooking.command(C.HOLD)
    cooking.look()
    for command in cooking.wire:
        cooking.settle(command, REFUSED)
    cooking.wire.clear()
    cooking.held()
    assert cooking.given(HEAT) == [C.START, C.HOLD, C.HOLD]


def test_a_command_without_an_answer_is_told_and_given_again(cooking: Shift) -> None:
    cooking.command(C.STOP)
    cooking.look()
    for command in cooking.wire:
        cooking.settle(command, UNKNOWN)
    cooking.wire.clear()
    assert "stop of Heat on RX-1: no answer within 2 s" in cooking.alarms()
    cooking.finish()
    unknown = [f for f in cooking.facts if isinstance(f, CommandOutcome) and not f.known]
    assert {fact.command for fact in unknown} == {C.STOP}


def test_a_phase_under_local_operation_says_so(cooking: Shift) -> None:
    cooking.slot(HEAT).automatic = False
    cooking.command(C.STOP)
    cooking.until(lambda: cooking.state.state_of(STIR) is S.STOPPED)
    assert cooking.waiting[HEAT] == "RX-1.HT does not allow stop now: it is not in automatic mode"
    cooking.slot(HEAT).automatic = True
    cooking.finish()


def test_a_state_no_phase_may_come_to_holds_the_batch(cooking: Shift) -> None:
    cooking.slot(HEAT).panel("stop")
    cooking.look()
    cooking.slot(HEAT).state = "running"
    cooking.look()
    assert cooking.waiting[HEAT].startswith("RX-1.HT shows running after stopping, which no phase may do")
    cooking.command(C.ABORT)
    cooking.finish()


def test_a_tag_map_that_lost_a_phase_is_told_not_died_of(shift: Shift) -> None:
    shift.run_to(PACK)
    known = shift.plant.cell
    phases = {key: phase for key, phase in known.phases.items() if key != ("PK-1", "PACK")}
    shift.plant.cell = ProcessCell(units=known.units, phases=phases, tags=known.tags)
    for _ in range(6):
        shift.tick()
    assert shift.waiting[PACK] == "the tag map to know PACK of PK-1 again: it has the reports"
    shift.plant.cell = known
    shift.finish()


def test_the_first_phase_that_fails_gives_the_reason(cooking: Shift) -> None:
    cooking.slot(HEAT).fail("HEATER_FAULT")
    cooking.look()
    cooking.slot(STIR).fail("JAM")
    assert "HEATER_FAULT" in cooking.held()


def test_a_batch_that_is_held_starts_nothing(shift: Shift) -> None:
    shift.run_to(SALT, S.COMPLETING)
    shift.command(C.HOLD)
    for _ in range(10):
        shift.tick()
    assert shift.state.state is S.HELD
    assert [start.path for start in shift.starts()] == [SALT]
    assert shift.state.state_of(SUGAR) is S.IDLE


def test_a_plant_is_shared_by_batches_one_unit_at_a_time(cell: ProcessCell, shift: Shift) -> None:
    other = Shift(shift.control, shift.plant, batch_no="B-0002")
    batches = (shift, other)
    owners = lambda: {unit: batch.batch_no for batch in batches for unit in batch.state.units}  # noqa: E731
    for batch in batches:
        batch.owners = owners
        batch.command(C.START)
    for _ in range(80):
        for batch in batches:
            batch.answer_prompts()
            batch.tick()
        assert not set(shift.state.units) & set(other.state.units)
    assert shift.state.ended
    assert other.state.ended
    assert Plant(cell=cell).slots.keys() == shift.plant.slots.keys()
