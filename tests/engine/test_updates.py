"""Updates of parameters that get lost on their way: planned ones are given again, of others a person is told."""

from __future__ import annotations

from decimal import Decimal

from mes.engine.draft import CommandPhase
from mes.engine.step import Settled
from mes.model.condition import Truth
from mes.model.phase import Acknowledgement
from mes.model.quantity import Quantity
from mes.model.states import Command
from mes.model.steps import Parameter, ParameterUpdate
from mes.model.verbs import Verb
from tests.engine.shift import REFUSED, UNKNOWN, Shift
from tests.engine.small import CONDITION, phase, recipe, shift_of, stands, unit

A = "M/a"


def coating() -> Shift:
    fast = Parameter(name="speed", value=Quantity(Decimal(30), "rpm"), uom="rpm")
    shift = shift_of(recipe(unit("M", phase(A, updates=(ParameterUpdate(when=CONDITION, parameters=(fast,)),)))))
    shift.plant.slots["A-1.X"].work = 30
    shift.run_to(A)
    return shift


def planned(shift: Shift) -> CommandPhase:
    stands(shift, A, "update 1", Truth.TRUE)
    shift.look()
    (command,) = shift.wire
    shift.wire = []
    return command


def never_sent(shift: Shift, command: CommandPhase) -> None:
    """Let an engine end after the update was decided and before it was sent."""
    nothing = Acknowledgement(seq=0, result=None, why="never sent before the engine restarted")
    shift.observe(
        Settled(
            path=command.path,
            command=command.command,
            exec_id=command.exec_id,
            acknowledgement=nothing,
            sent=False,
            again=True,
        )
    )


def test_a_planned_update_that_was_never_sent_is_given_again() -> None:
    shift = coating()
    never_sent(shift, planned(shift))
    assert shift.alarms() == []
    shift.until(lambda: shift.slot(A).asked == {"speed": 30.0})
    shift.finish()
    assert shift.given(A) == [Command.START, Command.UPDATE, Command.UPDATE, Command.RESET]


def test_a_planned_update_without_an_answer_is_given_again() -> None:
    shift = coating()
    shift.settle(planned(shift), UNKNOWN)
    shift.until(lambda: shift.slot(A).asked == {"speed": 30.0})
    shift.finish()


def test_a_planned_update_that_was_refused_is_not_forced_on_the_plc() -> None:
    shift = coating()
    shift.settle(planned(shift), REFUSED)
    assert "update of a on A-1" in shift.alarms()[0]
    shift.finish()
    assert len(shift.updates()) == 1


def test_of_a_value_that_never_reached_the_plc_a_person_is_told() -> None:
    shift = coating()
    shift.steer(Verb.SET, A, name="speed", value="40 rpm")
    (command,), shift.wire = shift.wire, []
    never_sent(shift, command)
    assert shift.alarms() == ["update of a on A-1: never sent before the engine restarted"]
