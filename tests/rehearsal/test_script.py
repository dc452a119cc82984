"""What the operator of a dry run answers."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.model.events import Prompt
from mes.model.steps import AnswerKind
from mes.rehearsal.script import BECAUSE, Script, written
from tests.rehearsal.portion import GATE, WEIGH, bound_portion, portion_batch

RESULT = f"{GATE}#mass"
LIMITS = {"uom": "g", "minimum": Decimal(0), "maximum": Decimal(1000)}


def asked(prompt_id: str, answer: AnswerKind, path: str = GATE, **fields: object) -> Prompt:
    return Prompt(path=path, prompt_id=prompt_id, text={"en": "?"}, answer=answer, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("prompt", "value"),
    [
        (asked("x", AnswerKind.CONFIRM), "yes"),
        (asked("x", AnswerKind.TEXT), "as it should be"),
        (asked("scan:LiCl", AnswerKind.LOT, WEIGH, proposed="L-000001"), "L-000001"),
        (asked("x", AnswerKind.CHOICE, choices=("red", "green")), "red"),
        (asked("x", AnswerKind.NUMBER, WEIGH, minimum=Decimal(6), maximum=Decimal(9)), "7.5"),
        (asked("x", AnswerKind.NUMBER, WEIGH, maximum=Decimal(9)), "9"),
        (asked("x", AnswerKind.NUMBER, WEIGH), "0"),
        (asked("value:speed", AnswerKind.NUMBER, "", proposed="600"), "600"),
        (asked(RESULT, AnswerKind.NUMBER, **LIMITS), "200"),
    ],
)
def test_untold_everything_is_as_it_should_be(prompt: Prompt, value: str) -> None:
    assert Script().reply(portion_batch(), prompt) == (value, "")


@pytest.mark.parametrize(
    "prompt",
    [
        asked(f"repeat:{WEIGH}", AnswerKind.CHOICE, WEIGH, choices=("repeat", "skip")),
        asked("scan:LiCl", AnswerKind.LOT, WEIGH),
    ],
)
def test_whether_to_repeat_and_a_lot_that_nobody_proposes_are_left_to_a_person(prompt: Prompt) -> None:
    assert Script().reply(portion_batch(), prompt) is None


def test_a_person_who_was_told_decides_about_what_did_not_end() -> None:
    script = written(bound_portion().procedure, [], ["Weigh LiCl=skip"])
    prompt = asked(f"repeat:{WEIGH}", AnswerKind.CHOICE, WEIGH, choices=("repeat", "skip"))
    assert script.reply(portion_batch(), prompt) == ("skip", BECAUSE)


def test_a_person_who_was_told_rejects_what_does_not_pass() -> None:
    script = written(bound_portion().procedure, [], ["Second balance=reject"])
    prompt = asked(f"verdict:{GATE}", AnswerKind.CHOICE, choices=("accept", "test again", "reject"))
    assert script.reply(portion_batch(), prompt) == ("reject", BECAUSE)


def test_results_are_given_one_after_the_other_and_the_last_one_from_then_on() -> None:
    script = written(bound_portion().procedure, ["Second balance.mass=150 g", "Second balance.mass=0.2 kg"], [])
    replies = [
        script.reply(portion_batch(), asked(f"{RESULT}{number}", AnswerKind.NUMBER, **LIMITS))
        for number in ("", " #2", " #3")
    ]
    assert replies == [("150 g", BECAUSE), ("0.2 kg", BECAUSE), ("0.2 kg", BECAUSE)]


def test_results_that_do_not_pass_are_tested_again_while_there_are_others_then_accepted() -> None:
    script = written(bound_portion().procedure, ["Second balance.mass=150 g", "Second balance.mass=160 g"], [])
    verdict = asked(f"verdict:{GATE}", AnswerKind.CHOICE, choices=("accept", "test again", "reject"))
    script.reply(portion_batch(), asked(RESULT, AnswerKind.NUMBER, **LIMITS))
    assert script.reply(portion_batch(), verdict) == ("test again", "")
    script.reply(portion_batch(), asked(f"{RESULT} #2", AnswerKind.NUMBER, **LIMITS))
    assert script.reply(portion_batch(), verdict) == ("accept", BECAUSE)
