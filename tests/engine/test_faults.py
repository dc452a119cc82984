"""What a batch does when the plant does not do what it should: holds, says why, and loses nothing."""

from __future__ import annotations

import pytest

from mes.engine.step import Settled
from mes.model.equipment import ProcessCell
from mes.model.events import CommandOutcome, ProcessData, Prompt
from mes.model.phase import Acknowledgement, AckResult
from mes.model.states import Command, CommandRefused, ProceduralState
from tests.engine.recipe import HEAT, PACK, SALT, STIR, SUGAR
from tests.engine.shift import REFUSED, UNKNOWN, Plant, Shift

S = ProceduralState
C = Command


@pytest.fixture
def cooking(shift: Shift) -> Shift:
    """A batch whose heating and stirring run for long."""
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    return shift


def held(shift: Shift) -> str:
    """Go on until the batch is held, and give the reason."""
    shift.until(lambda: shift.state.state is S.HELD)
    return shift.state.because


def test_a_phase_that_holds_itself_holds_the_batch_with_its_failure(cooking: Shift) -> None:
    cooking.slot(HEAT).fail("HEATER_FAULT")
    assert held(cooking) == "Heat on RX-1 went held by itself: failure HEATER_FAULT"
    assert cooking.alarms() == ["Heat went held by itself: failure HEATER_FAULT"]
    assert cooking.slot(STIR).state == "held"
    cooking.command(C.RESTART)
    cooking.finish()
    assert cooking.state.state is S.COMPLETE


def test_a_phase_that_fails_while_the_batch_is_paused_holds_it_too(cooking: Shift) -> None:
    cooking.command(C.PAUSE)
    cooking.until(lambda: cooking.state.state is S.PAUSED)
    cooking.slot(HEAT).fail("HEATER_FAULT")
    assert held(cooking) == "Heat on RX-1 went held by itself: failure HEATER_FAULT"


def test_a_phase_that_is_only_seen_held_still_holds_the_batch(cooking: Shift) -> None:
    cooking.slot(HEAT).fail("HEATER_FAULT")
    cooking.plant.scan()
    cooking.look()
    assert cooking.path_of(HEAT)[-3:] == [S.RUNNING, S.HOLDING, S.HELD]
    assert "HEATER_FAULT" in cooking.state.because


def test_a_phase_that_falls_back_to_held_after_a_restart_waits_for_a_person(cooking: Shift) -> None:
    cooking.slot(HEAT).fail("HEATER_FAULT")
    held(cooking)
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
    assert held(cooking).startswith("Heat on RX-1 went paused by itself")
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
    held(cooking)
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
    assert held(shift) == "start of Salt on WS-1: the execution id or a parameter is not valid"
    assert shift.state.state_of(SALT) is S.IDLE
    shift.command(C.RESTART)
    shift.finish()
    assert [fact.exec_id for fact in shift.starts() if fact.path == SALT] == [start.exec_id, start.exec_id + 1]


def test_a_start_that_could_not_be_sent_holds_the_batch_instead_of_being_tried_for_ever(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    why = Acknowledgement(seq=0, result=None, why="parameter mass of WS-1 WEIGH is 9000 g; allowed are 0 to 2000 g")
    shift.settle(shift.wire.pop(), why, sent=False)
    assert "allowed are 0 to 2000 g" in held(shift)
    assert len(shift.starts()) == 1


def test_a_start_an_earlier_engine_never_sent_is_simply_decided_again(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    start = shift.wire.pop()
    never = Acknowledgement(seq=0, result=None, why="not done when the engine restarted")
    shift.observe(
        Settled(path=SALT, command=C.START, exec_id=start.exec_id, acknowledgement=never, sent=False, again=True)
    )
    shift.finish()
    assert shift.state.state is S.COMPLETE
    assert shift.alarms() == []


def test_a_start_without_an_answer_that_did_happen_is_followed(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    start = shift.wire.pop()
    shift.arrive(start)
    shift.settle(start, UNKNOWN)
    assert "no answer within 2 s" in held(shift)
    assert shift.slot(SALT).state == "held"
    shift.command(C.RESTART)
    shift.finish()
    assert shift.slot(SALT).starts == [1, 2]


def test_a_start_without_an_answer_that_did_not_happen_asks_a_person(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    shift.settle(shift.wire.pop(), UNKNOWN)
    held(shift)
    assert "no longer knows execution 1" in " ".join(shift.alarms())
    assert shift.slot(SALT).starts == []


def test_a_start_that_was_carried_out_before_is_not_done_twice(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    start = shift.wire.pop()
    shift.arrive(start)
    shift.settle(start, Acknowledgement(seq=2, result=AckResult.ALREADY_EXECUTED))
    held(shift)
    shift.command(C.RESTART)
    shift.finish()
    assert [fact.exec_id for fact in shift.starts() if fact.path == SALT] == [1]


def test_a_start_that_arrives_after_it_was_given_up_is_taken_over_and_held(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    start = shift.wire.pop()
    shift.settle(start, UNKNOWN)
    shift.until(lambda: shift.state.state_of(SALT) is S.ABORTED)
    shift.arrive(start)
    shift.until(lambda: shift.slot(SALT).state == "held")
    assert "was given up, and yet WS-1.PH runs execution 1" in " ".join(shift.alarms())
    held(shift)
    shift.command(C.RESTART)
    shift.finish()
    assert [fact.exec_id for fact in shift.starts() if fact.path == SALT] == [1]


def test_a_lost_execution_asks_a_person_to_repeat_it(cooking: Shift) -> None:
    cooking.slot(HEAT).lose_power()
    reason = held(cooking)
    assert reason.startswith("Heat on RX-1 was interrupted: RX-1.HT no longer knows execution 3 (it is idle")
    assert cooking.state.state_of(HEAT) is S.ABORTED
    cooking.command(C.RESTART)
    for _ in range(4):
        cooking.tick()
    assert cooking.waiting[HEAT] == "a person: Heat on RX-1 did not end; repeat it, or stop the batch"
    (asked,) = (f for f in cooking.facts if isinstance(f, Prompt) and f.prompt_id.startswith("repeat:"))
    assert asked.choices == ("repeat",)
    with pytest.raises(CommandRefused, match="'no' is not one of the choices: repeat"):
        cooking.answer(asked.prompt_id, "no")
    cooking.answer(asked.prompt_id, "repeat")
    cooking.finish()
    assert len([start for start in cooking.starts() if start.path == HEAT]) == 2
    assert cooking.path_of(HEAT)[-6:-4] == [S.RESETTING, S.IDLE]


@pytest.mark.parametrize("command", [C.STOP, C.ABORT])
def test_a_lost_execution_does_not_keep_the_batch_from_ending(cooking: Shift, command: Command) -> None:
    cooking.slot(HEAT).lose_power()
    held(cooking)
    cooking.command(command)
    cooking.finish()


def test_a_phase_that_was_reset_before_its_reports_were_read_is_interrupted(shift: Shift) -> None:
    shift.run_to(SALT, S.COMPLETING)
    shift.plant.scan()
    shift.slot(SALT).panel("reset")
    shift.plant.scan()
    assert "its reports are lost" in held(shift)
    assert not any(isinstance(fact, ProcessData) for fact in shift.facts)


def test_a_power_failure_while_a_phase_is_starting_is_noticed(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: shift.state.state_of(SALT) is S.STARTING)
    # LastExec is retained over a restart of the PLC, the running execution is not.
    slot = shift.slot(SALT)
    slot.state, slot.active = "idle", 0
    assert "was interrupted" in held(shift)


def test_a_stopped_phase_asks_to_be_repeated_and_keeps_what_it_did(cooking: Shift) -> None:
    cooking.slot(HEAT).panel("stop")
    assert held(cooking).startswith("Heat on RX-1 went stopping by itself")
    assert cooking.state.state_of(HEAT) is S.STOPPED
    cooking.command(C.RESTART)
    cooking.until(lambda: f"repeat:{HEAT}:3" in cooking.state.prompts)
    cooking.answer(f"repeat:{HEAT}:3", "repeat")
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
    held(shift)
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
    held(cooking)
    cooking.command(C.RESTART)
    cooking.finish()


def test_a_lost_link_before_a_start_holds_the_batch(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: "scan:salt" in shift.state.prompts)
    shift.plant.lost = "connection refused"
    assert held(shift) == "Salt cannot start: LN cannot be reached (connection refused)"


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
    held(cooking)
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


def test_a_refused_reset_before_a_start_is_told_and_tried_again(shift: Shift) -> None:
    slot = shift.slot(SALT)
    slot.state, slot.last = "stopped", 977
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    shift.settle(shift.wire.pop(), REFUSED)
    assert held(shift).startswith("reset of Salt on WS-1: the command is not allowed")
    shift.command(C.RESTART)
    shift.finish()


def test_a_repeated_phase_may_find_an_execution_of_somebody_else_in_its_slot(shift: Shift) -> None:
    shift.run_to(SALT)
    shift.slot(SALT).lose_power()
    held(shift)
    slot = shift.slot(SALT)
    slot.state, slot.last = "complete", 977
    shift.command(C.RESTART)
    shift.until(lambda: f"repeat:{SALT}:1" in shift.state.prompts)
    shift.answer(f"repeat:{SALT}:1", "repeat")
    shift.finish()
    assert shift.state.state is S.COMPLETE


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
    assert "HEATER_FAULT" in held(cooking)


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
