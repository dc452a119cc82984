"""Starts that are refused, unanswered, late or lost: no execution is done twice, none is forgotten."""

from __future__ import annotations

import pytest

from mes.engine.step import Settled
from mes.model.events import ProcessData, Prompt
from mes.model.phase import Acknowledgement, AckResult
from mes.model.states import Command, CommandRefused, ProceduralState
from tests.engine.recipe import HEAT, SALT
from tests.engine.shift import REFUSED, UNKNOWN, Shift

S = ProceduralState
C = Command


def test_a_start_that_could_not_be_sent_holds_the_batch_instead_of_being_tried_for_ever(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    why = Acknowledgement(seq=0, result=None, why="parameter mass of WS-1 WEIGH is 9000 g; allowed are 0 to 2000 g")
    shift.settle(shift.wire.pop(), why, sent=False)
    assert "allowed are 0 to 2000 g" in shift.held()
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
    assert "no answer within 2 s" in shift.held()
    assert shift.slot(SALT).state == "held"
    shift.command(C.RESTART)
    shift.finish()
    assert shift.slot(SALT).starts == [1, 2]


def test_a_start_without_an_answer_that_did_not_happen_asks_a_person(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    shift.settle(shift.wire.pop(), UNKNOWN)
    shift.held()
    assert "no longer knows execution 1" in " ".join(shift.alarms())
    assert shift.slot(SALT).starts == []


def test_a_start_that_was_carried_out_before_is_not_done_twice(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    start = shift.wire.pop()
    shift.arrive(start)
    shift.settle(start, Acknowledgement(seq=2, result=AckResult.ALREADY_EXECUTED))
    shift.held()
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
    shift.held()
    shift.command(C.RESTART)
    shift.finish()
    assert [fact.exec_id for fact in shift.starts() if fact.path == SALT] == [1]


def test_a_lost_execution_asks_a_person_to_repeat_it(cooking: Shift) -> None:
    cooking.slot(HEAT).lose_power()
    reason = cooking.held()
    assert reason.startswith("Heat on RX-1 was interrupted: RX-1.HT no longer knows execution 3 (it is idle")
    assert cooking.state.state_of(HEAT) is S.ABORTED
    cooking.command(C.RESTART)
    for _ in range(4):
        cooking.tick()
    assert cooking.waiting[HEAT] == "a person: Heat on RX-1 did not end; repeat it, skip it, or stop the batch"
    (asked,) = (f for f in cooking.facts if isinstance(f, Prompt) and f.prompt_id.startswith("repeat:"))
    assert asked.choices == ("repeat", "skip")
    with pytest.raises(CommandRefused, match="'no' is not one of the choices: repeat, skip"):
        cooking.answer(asked.prompt_id, "no")
    with pytest.raises(CommandRefused, match="'skip' needs a reason"):
        cooking.answer(asked.prompt_id, "skip")
    cooking.answer(asked.prompt_id, "repeat")
    cooking.finish()
    assert len([start for start in cooking.starts() if start.path == HEAT]) == 2
    assert cooking.path_of(HEAT)[-6:-4] == [S.RESETTING, S.IDLE]


@pytest.mark.parametrize("command", [C.STOP, C.ABORT])
def test_a_lost_execution_does_not_keep_the_batch_from_ending(cooking: Shift, command: Command) -> None:
    cooking.slot(HEAT).lose_power()
    cooking.held()
    cooking.command(command)
    cooking.finish()


def test_a_phase_that_was_reset_before_its_reports_were_read_is_interrupted(shift: Shift) -> None:
    shift.run_to(SALT, S.COMPLETING)
    shift.plant.scan()
    shift.slot(SALT).panel("reset")
    shift.plant.scan()
    assert "its reports are lost" in shift.held()
    assert not any(isinstance(fact, ProcessData) for fact in shift.facts)


def test_a_power_failure_while_a_phase_is_starting_is_noticed(shift: Shift) -> None:
    shift.command(C.START)
    shift.until(lambda: shift.state.state_of(SALT) is S.STARTING)
    # LastExec is retained over a restart of the PLC, the running execution is not.
    slot = shift.slot(SALT)
    slot.state, slot.active = "idle", 0
    assert "was interrupted" in shift.held()


def test_a_refused_reset_before_a_start_is_told_and_tried_again(shift: Shift) -> None:
    slot = shift.slot(SALT)
    slot.state, slot.last = "stopped", 977
    shift.command(C.START)
    shift.until(lambda: bool(shift.wire))
    shift.settle(shift.wire.pop(), REFUSED)
    assert shift.held().startswith("reset of Salt on WS-1: the command is not allowed")
    shift.command(C.RESTART)
    shift.finish()


def test_a_repeated_phase_may_find_an_execution_of_somebody_else_in_its_slot(shift: Shift) -> None:
    shift.run_to(SALT)
    shift.slot(SALT).lose_power()
    shift.held()
    slot = shift.slot(SALT)
    slot.state, slot.last = "complete", 977
    shift.command(C.RESTART)
    shift.until(lambda: f"repeat:{SALT}" in shift.state.prompts)
    shift.answer(f"repeat:{SALT}", "repeat")
    shift.finish()
    assert shift.state.state is S.COMPLETE
