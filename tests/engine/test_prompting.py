"""Questions are asked once, whatever the elements are called, and none stays open that nobody needs to answer."""

from __future__ import annotations

from mes.model.condition import Truth
from mes.model.events import Prompt
from mes.model.states import Command
from mes.model.steps import AnswerKind, Parameter, PromptStep, Source
from tests.engine.shift import Shift
from tests.engine.small import CONDITION, block, phase, recipe, shift_of, stands, unit


def looking(path: str, answer: AnswerKind = AnswerKind.CONFIRM, uom: str = "") -> PromptStep:
    return PromptStep(path=path, name=path.rpartition("/")[2], text={"en": "Look"}, answer=answer, uom=uom)


def asked(shift: Shift) -> list[str]:
    return [fact.prompt_id for fact in shift.facts if isinstance(fact, Prompt)]


def test_a_step_whose_name_ends_with_a_number_is_asked_once_each_round() -> None:
    loop = block("M/loop", looking("M/loop/look"), looking("M/loop/look #2"), until=CONDITION, at_most=3)
    shift = shift_of(recipe(unit("M", loop)))
    stands(shift, "M/loop", "until", Truth.FALSE)
    shift.until(lambda: shift.state.rounds.get("M/loop") == 2)
    stands(shift, "M/loop", "until", Truth.TRUE)
    shift.finish()
    first = ["M/loop/look", "M/loop/look #2"]
    assert asked(shift) == [*first, "M/loop/look #3", "M/loop/look #2 #2"]


def test_an_answer_is_found_where_its_operation_has_the_same_name() -> None:
    speed = Parameter(name="speed", source=Source.EXPRESSION, reference='answer("Speed")', uom="rpm")
    ask = looking("M/Speed/Speed", AnswerKind.NUMBER, "rpm")
    shift = shift_of(recipe(unit("M", block("M/Speed", ask), phase("M/a", parameters=(speed,)))))
    shift.finish()
    assert str(shift.starts()[0].parameters["speed"]) == "7.1 rpm"


def test_an_ended_batch_asks_nothing() -> None:
    shift = shift_of(recipe(unit("M", looking("M/look"))))
    shift.until(lambda: bool(shift.state.prompts), helpful=False)
    shift.command(Command.STOP, because="enough")
    shift.until(lambda: shift.state.ended, helpful=False)
    assert shift.state.prompts == {}


def test_a_question_that_the_plant_has_decided_is_closed() -> None:
    loop = block("M/loop", phase("M/loop/mill"), until=CONDITION, at_most=1)
    shift = shift_of(recipe(unit("M", loop, looking("M/look"))))
    stands(shift, "M/loop", "until", Truth.FALSE)
    shift.until(lambda: "again:M/loop" in shift.state.prompts)
    stands(shift, "M/loop", "until", Truth.TRUE)
    shift.until(lambda: "M/look" in shift.state.prompts, helpful=False)
    assert list(shift.state.prompts) == ["M/look"]
    response = shift.state.responses["again:M/loop"]
    assert (response.by, response.value) == ("engine", "T is true")
