"""Values that are calculated when a phase starts: from size, formula and lot, and from what steps before it brought."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mes.model.lots import Lot
from mes.model.quantity import Quantity
from mes.model.recipe import Input
from mes.model.steps import AnswerKind, Parameter, PromptStep, Source
from tests.engine.shift import Shift
from tests.engine.small import phase, recipe, shift_of, unit

A, B = "M/a", "M/b"
SALT = Lot(
    lot_no="SALT-9",
    material="SALT",
    quantity=Quantity(Decimal(900), "g"),
    assay=Decimal("0.8"),
    properties={"moisture": "20 %", "colour": "white"},
)
NEED = Input(name="salt", material="SALT", uom="g", amount=Quantity(Decimal(400), "g"), assay_corrected=True)


def calculated(text: str) -> Shift:
    speed = (Parameter(name="speed", source=Source.EXPRESSION, reference=text, uom="rpm"),)
    asked = PromptStep(path="M/ask", name="ask", text={"en": "How fast?"}, answer=AnswerKind.NUMBER, uom="rpm")
    steps = (phase(A, scan=("salt",)), asked, phase(B, parameters=speed))
    control = recipe(unit("M", *steps), inputs={"salt": NEED}, formula={"speed": Quantity(Decimal(40), "rpm")})
    shift = shift_of(control)
    shift.lots = {SALT.lot_no: SALT}
    shift.until(lambda: "scan:salt" in shift.state.prompts, helpful=False)
    shift.answer("scan:salt", SALT.lot_no)
    shift.until(lambda: "M/ask" in shift.state.prompts, helpful=False)
    shift.answer("M/ask", "25")
    return shift


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$speed / 2", "20 rpm"),
        ("10 rpm * ($size / 1 kg)", "10 rpm"),
        ("50 rpm * $lot.salt.assay", "40 rpm"),
        ("50 rpm * (1 - $lot.salt.moisture)", "40 rpm"),
        ("10 rpm * ($input.salt / 100 g)", "50 rpm"),
        ('10 rpm + report("a", made) * 1 rpm / 1 g', "10 rpm"),
        ('min(answer("ask"), 30 rpm)', "25 rpm"),
    ],
)
def test_a_value_is_what_its_expression_says_when_the_phase_starts(text: str, value: str) -> None:
    shift = calculated(text)
    shift.finish()
    assert str(shift.starts()[1].parameters["speed"]) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("50 rpm * $lot.salt.ash", "lot SALT-9 of salt has no ash"),
        ("50 rpm * $lot.salt.colour", "lot SALT-9 of salt has no colour"),
        ('1 rpm * report("b", made) / 1 g', "'b' has not reported yet"),
        ("$speed / (1 - $size / 1 kg)", "by zero"),
    ],
)
def test_a_value_that_cannot_be_calculated_holds_the_batch_and_says_why(text: str, why: str) -> None:
    shift = calculated(text)
    reason = shift.held()
    assert reason.startswith("b: parameter speed has no value: ")
    assert why in reason
    assert len(shift.starts()) == 1


def test_a_changed_formula_value_is_in_what_is_calculated_from_then_on() -> None:
    shift = calculated("$speed / 2")
    shift.state = replace(shift.state, formula={"speed": Quantity(Decimal(60), "rpm")})
    shift.until(lambda: len(shift.starts()) == 2)
    assert str(shift.starts()[1].parameters["speed"]) == "30 rpm"
