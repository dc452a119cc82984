"""Several charges of one input: each is scanned and booked on its own lot, and each sub-lot has its own parents."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mes.engine.answers import shortages
from mes.model.events import Consume, LotBound, Produce
from mes.model.lots import Lot, Role
from mes.model.procedure import Level
from mes.model.recipe import ControlRecipe, Input, Output
from mes.model.states import CommandRefused
from mes.model.steps import Parameter, PhaseStep, Production, Source
from tests.engine.recipe import AT, control_of, grams, group, line_cell, usual_lots, weigh
from tests.engine.shift import Plant, Shift

FIRST, SECOND = "Charge/First", "Charge/Second"
OTHER = Lot(lot_no="SALT-2", material="NACL", quantity=grams("150"))


def charging(path: str, reference: str = "$input.salt / 2") -> PhaseStep:
    mass = Parameter(name="mass", source=Source.EXPRESSION, reference=reference, uom="g")
    spilled, *_ = weigh(line_cell(), path, "salt").produces
    made = Production(output="sub", report="mass", role=Role.INTERMEDIATE, made_from=("salt",))
    return replace(weigh(line_cell(), path, "salt"), parameters=(mass,), produces=(made, spilled))


def recipe(*steps: PhaseStep, **inputs: Input) -> ControlRecipe:
    control = control_of(group("Charge", *steps, level=Level.UNIT_PROCEDURE, unit="WS-1"))
    outputs = {**control.outputs, "sub": Output(name="sub", material="SUB", role=Role.INTERMEDIATE)}
    return replace(control, outputs=outputs, inputs={**control.inputs, **inputs})


def two_charges() -> Shift:
    lots = {**usual_lots(), OTHER.lot_no: OTHER}
    shift = Shift(recipe(charging(FIRST), charging(SECOND)), Plant(cell=line_cell()), lots=lots)
    shift.run_to("Charge")
    return shift


def scan(shift: Shift, path: str, lot_no: str) -> None:
    prompt_id = f"scan:salt@{path}"
    shift.until(lambda: prompt_id in shift.state.prompts, helpful=False)
    shift.answer(prompt_id, lot_no)


def test_every_charge_is_scanned_and_takes_its_part() -> None:
    shift = two_charges()
    scan(shift, FIRST, "SALT-1")
    scan(shift, SECOND, "SALT-2")
    shift.finish()
    bound = [(fact.lot_no, fact.amount) for fact in shift.facts if isinstance(fact, LotBound)]
    assert bound == [("SALT-1", grams("100")), ("SALT-2", grams("100"))]
    taken = [(fact.lot_no, fact.quantity) for fact in shift.facts if isinstance(fact, Consume)]
    assert taken == bound


def test_a_sub_lot_has_only_its_own_charge_for_a_parent() -> None:
    shift = two_charges()
    scan(shift, FIRST, "SALT-1")
    scan(shift, SECOND, "SALT-2")
    shift.finish()
    made = [fact.parents for fact in shift.facts if isinstance(fact, Produce) and fact.lot_no]
    assert made == [(("SALT-1", grams("100")),), (("SALT-2", grams("100")),)]


def test_what_is_left_of_a_bottle_is_not_weighed_with_the_next() -> None:
    shift = two_charges()
    scan(shift, FIRST, "SALT-1")
    shift.run_to(FIRST)
    shift.slot(FIRST).asked = {"mass": 99.5}
    scan(shift, SECOND, "SALT-2")
    shift.finish()
    taken = {fact.lot_no: fact.quantity.value for fact in shift.facts if isinstance(fact, Consume)}
    assert taken == {"SALT-1": Decimal("99.5"), "SALT-2": 100}


def test_the_same_lot_may_serve_every_charge() -> None:
    shift = two_charges()
    for path in (FIRST, SECOND):
        scan(shift, path, "SALT-1")
    shift.finish()
    assert sum(fact.quantity.value for fact in shift.facts if isinstance(fact, Consume)) == 200
    assert shift.state.earlier["salt"] == ()


def test_a_lot_that_is_too_small_for_a_charge_is_refused() -> None:
    shift = two_charges()
    shift.lots["SALT-2"] = replace(OTHER, quantity=grams("99"))
    with pytest.raises(CommandRefused, match="has 99 g left, salt needs 100 g"):
        scan(shift, FIRST, "SALT-2")


def test_what_only_follows_from_the_need_is_no_charge_of_it() -> None:
    step = replace(charging(FIRST), scan=("salt_fine",))
    fine = Input(name="salt_fine", material="NACL", uom="g", amount=grams("20"))
    shift = Shift(recipe(step, salt_fine=fine), Plant(cell=line_cell()))
    shift.run_to("Charge")
    shift.until(lambda: "scan:salt_fine" in shift.state.prompts, helpful=False)
    shift.answer("scan:salt_fine", "SALT-1")
    assert shift.state.lots["salt_fine"].quantity == grams("20")


def test_lots_that_hold_a_need_only_together_are_enough_for_charges() -> None:
    control = recipe(charging(FIRST), charging(SECOND))
    sugar = [replace(OTHER, lot_no="SUGAR-9", material="SUCROSE", quantity=grams("500"))]
    lots = {"NACL": [OTHER, replace(OTHER, lot_no="SALT-3", quantity=grams("50"))], "SUCROSE": sugar}
    assert shortages(control, {}, lots, AT) == ()
    lots["NACL"] = [replace(OTHER, quantity=grams("199"))]
    (said,) = shortages(control, {}, lots, AT)
    assert said == "NACL: 200 g needed, which all its lots together do not hold: SALT-2 has 199 g"


def test_a_lot_number_is_never_given_twice() -> None:
    made = replace(charging(FIRST).produces[0], output="sub-2")
    steps = (replace(charging(FIRST), produces=(made,)), charging(SECOND), charging("Charge/Third"))
    control = recipe(*steps)
    outputs = {**control.outputs, "sub-2": replace(control.outputs["sub"], name="sub-2")}
    shift = Shift(replace(control, outputs=outputs), Plant(cell=line_cell()))
    shift.run_to("Charge")
    shift.finish()
    assert shift.state.made == ("B-0001-sub-2", "B-0001-sub", "B-0001-sub-3")
