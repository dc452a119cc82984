"""What is refused of people's answers, and that a refusal names what would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.engine.answers import shortages
from mes.model.equipment import ProcessCell
from mes.model.lots import Lot, LotStatus
from mes.model.quantity import Quantity
from mes.model.states import Command, CommandRefused, ProceduralState
from tests.engine.recipe import AT, LOOK, PH, SALT, grams, usual_lots, whole_recipe
from tests.engine.shift import Plant, Shift

S = ProceduralState
C = Command
SALT_1 = usual_lots()["SALT-1"]


@pytest.fixture
def scanning(shift: Shift) -> Shift:
    """A batch that wants the lot of salt."""
    shift.command(C.START)
    shift.until(lambda: "scan:salt" in shift.state.prompts)
    return shift


@pytest.mark.parametrize(
    ("lot", "message"),
    [
        (replace(SALT_1, material="KCL"), "lot X is KCL; salt needs NACL"),
        (replace(SALT_1, status=LotStatus.QUARANTINE), "lot X of NACL is quarantine; only released lots may be used"),
        (replace(SALT_1, status=LotStatus.HOLD), "lot X of NACL is hold; only released"),
        (replace(SALT_1, status=LotStatus.REJECTED), "lot X of NACL is rejected; only released"),
        (replace(SALT_1, expires_at=AT), "lot X of NACL expired on 2026-03-01"),
        (replace(SALT_1, quantity=grams("0")), "lot X of NACL is empty"),
        (replace(SALT_1, quantity=grams("199.9")), "lot X of NACL has 199.9 g left, salt needs 200 g"),
        (replace(SALT_1, quantity=Quantity(Decimal(9), "m")), "lot X is measured in m, salt needs 200 g"),
    ],
)
def test_a_lot_that_will_not_do_is_refused_with_the_reason(scanning: Shift, lot: Lot, message: str) -> None:
    scanning.lots["X"] = replace(lot, lot_no="X")
    with pytest.raises(CommandRefused, match=message):
        scanning.answer("scan:salt", "X")
    assert "salt" not in scanning.state.lots


def test_a_lot_that_expires_later_is_taken(scanning: Shift) -> None:
    scanning.lots["X"] = replace(SALT_1, lot_no="X", expires_at=AT + timedelta(seconds=1))
    scanning.answer("scan:salt", "X")
    assert scanning.state.lots["salt"].lot_no == "X"


def test_an_unknown_lot_is_refused_with_the_nearest(scanning: Shift) -> None:
    with pytest.raises(CommandRefused, match="there is no lot 'SALT-l'; usable lots of NACL: SALT-1"):
        scanning.answer("scan:salt", "SALT-l")


def test_an_unknown_lot_where_there_is_none_says_how_to_receive_one(scanning: Shift) -> None:
    scanning.lots.clear()
    with pytest.raises(CommandRefused, match="none; receive one with `mes lot receive NACL`"):
        scanning.answer("scan:salt", "SALT-1")


def test_a_prompt_is_answered_once(scanning: Shift) -> None:
    scanning.answer("scan:salt", "SALT-1")
    with pytest.raises(CommandRefused, match="'scan:salt' was answered already; open prompts: none"):
        scanning.answer("scan:salt", "SALT-1")


def test_a_prompt_nobody_asked_is_refused_naming_the_open_ones(scanning: Shift) -> None:
    with pytest.raises(CommandRefused, match="no prompt 'scan:sugar' is open; open prompts: scan:salt"):
        scanning.answer("scan:sugar", "SUGAR-1")


@pytest.mark.parametrize("value", ["no", "", "later"])
def test_a_confirmation_wants_a_yes(shift: Shift, value: str) -> None:
    shift.run_to(LOOK)
    with pytest.raises(CommandRefused, match="wants a confirmation: answer 'yes', or hold or stop the batch"):
        shift.answer(LOOK, value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("5.99", "5.99 mS/cm is outside the limits 6 to 8 mS/cm"),
        ("8.01", "8.01 mS/cm is outside the limits 6 to 8 mS/cm"),
        ("7 degC", "wants a number in mS/cm"),
        ("much", "wants a number in mS/cm"),
        ("7,1 mS/cm", "wants a number in mS/cm"),
        ("", "wants a number in mS/cm"),
        ("NaN", "wants a number in mS/cm"),
        ("Infinity", "wants a number in mS/cm"),
    ],
)
def test_a_number_that_will_not_do_is_refused_with_the_reason(shift: Shift, value: str, message: str) -> None:
    shift.run_to(PH)
    with pytest.raises(CommandRefused, match=message):
        shift.answer(PH, value)
    assert shift.state.state_of(PH) is S.RUNNING


@pytest.mark.parametrize("value", ["6", "8", "7.25", "7 mS/cm", "6.5e0"])
def test_a_number_within_its_limits_is_taken(shift: Shift, value: str) -> None:
    shift.run_to(PH)
    shift.answer(PH, value)
    assert shift.state.state_of(PH) is S.COMPLETE
    assert shift.state.answers[PH] == value


@given(st.text())
def test_whatever_people_type_is_taken_or_refused_in_words(value: str) -> None:
    shift = PROMPTED
    before = shift.state
    try:
        shift.answer(PH, value)
    except CommandRefused:
        assert shift.state is before
        return
    shift.state = before
    assert Decimal(6) <= Decimal(value.split("mS")[0]) <= Decimal(8)


def _prompted() -> Shift:
    shift = Shift(whole_recipe(Plant().cell), Plant())
    shift.run_to(PH)
    return shift


PROMPTED = _prompted()


def test_shortages_name_the_material_and_the_largest_lot(cell: ProcessCell) -> None:
    control = whole_recipe(cell)
    lots = {"NACL": [replace(SALT_1, quantity=grams("120"))], "SUCROSE": []}
    assert shortages(control, {}, lots, AT) == (
        "NACL: 200 g needed from one lot, the largest (SALT-1) has 120 g",
        "SUCROSE: 396 g needed, no released lot is there",
    )


def test_nothing_is_short_when_one_lot_of_each_will_do(cell: ProcessCell) -> None:
    stock = usual_lots()
    lots = {"NACL": [stock["SALT-1"]], "SUCROSE": [stock["SUGAR-1"]]}
    assert shortages(whole_recipe(cell), {"salt": "SALT-1"}, lots, AT) == ()


def test_a_proposed_lot_that_will_not_do_is_named(cell: ProcessCell) -> None:
    stock = usual_lots()
    lots = {"NACL": [stock["SALT-1"]], "SUCROSE": [stock["SUGAR-1"]]}
    (short,) = shortages(whole_recipe(cell), {"salt": "SALT-9"}, lots, AT)
    assert short == "lot SALT-9 for salt is not a usable lot of NACL"


def test_the_proposed_lot_is_shown_in_its_prompt(cell: ProcessCell) -> None:
    shift = Shift(whole_recipe(cell), Plant(cell=cell))
    shift.state = replace(shift.state, proposed_lots={"salt": "SALT-1"})
    shift.command(C.START)
    shift.until(lambda: "scan:salt" in shift.state.prompts, helpful=False)
    prompt = shift.state.prompts["scan:salt"]
    assert (prompt.proposed, prompt.input, prompt.path) == ("SALT-1", "salt", SALT)
