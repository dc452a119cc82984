"""Formula values, limits, materials and losses: what they become, and how wrong ones are told."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.limits import default_at
from mes.model.quantity import parse_quantity
from mes.model.recipe import Ask, Balance, Limits
from mes.recipes.document import FormulaText
from mes.recipes.formulas import formula_of
from mes.recipes.notes import Notes
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe
from mes.recipes.strict_yaml import parse_yaml
from tests.recipes.everything import EVERYTHING

MASTER = read_recipe(EVERYTHING)


def test_limits_are_read_at_three_levels_in_the_unit_of_the_value() -> None:
    in_minutes = EVERYTHING.replace("high: [9 h, 15 h]", "high: [540 min, 900 min]")
    parameter = read_recipe(in_minutes).formula["mill_time"]
    assert parameter.high == Limits(low=parse_quantity("9 h"), high=parse_quantity("15 h"))
    assert parameter.soft == Limits(low=parse_quantity("9.5 h"), high=parse_quantity("12 h"))
    assert (parameter.minimum, parameter.maximum) == (parse_quantity("8 h"), parse_quantity("16 h"))
    assert [MASTER.formula[name].ask for name in ("mill_speed", "mill_time", "rest")] == [Ask.NEVER, Ask.START, Ask.RUN]


def test_a_value_scales_with_the_batch_size_in_a_line_or_in_steps() -> None:
    rest, ratio = MASTER.formula["rest"], MASTER.formula["ratio"]
    assert [str(default_at(rest, Decimal(size))) for size in ("0.5", "1", "1.001", "2", "9")] == [
        "2 min",
        "2 min",
        "5 min",
        "5 min",
        "5 min",
    ]
    assert [str(default_at(ratio, Decimal(size))) for size in ("0.5", "1", "2")] == ["11", "12", "14"]
    assert (rest.minimum, rest.maximum) == (parse_quantity("2 min"), parse_quantity("5 min"))


def test_yield_expected_amounts_and_losses_are_read() -> None:
    assert MASTER.inputs["salt"].yield_share == Decimal("0.98")
    assert MASTER.inputs["sugar"].yield_share == 1
    assert (MASTER.outputs["powder"].per_unit, MASTER.outputs["powder"].uom) == (Decimal(890), "g")
    assert MASTER.balance == Balance(
        per_unit_g=Decimal(100), fixed_g=Decimal("0.1"), tolerance=Decimal("0.02"), line=17
    )
    silent = EVERYTHING.replace("losses: {per: 100 g, fixed: 0.0001 kg}\nbalance: 2 %\n", "")
    assert read_recipe(silent).balance is None
    assert read_recipe(EVERYTHING.replace("balance: 2 %\n", "")).balance == Balance(
        per_unit_g=Decimal(100), fixed_g=Decimal("0.1"), line=17
    )


WRONG = [
    ("soft: [9.5 h, 12 h]", "soft: [9.5 h, 15.5 h]", "the soft limits 9.5 h to 15.5 h reach beyond the high limits 9 h to 15 h; soft lies within high, high within hard"),
    ("high: [9 h, 15 h]", "high: [7 h, 15 h]", "the high limits 7 h to 15 h reach beyond the hard limits 8 h to 16 h"),
    ("high: [9 h, 15 h], soft: [9.5 h, 12 h]", "soft: [7 h, 12 h]", "the soft limits 7 h to 12 h reach beyond the hard limits 8 h to 16 h"),
    ("soft: [9.5 h, 12 h]", "soft: [12 h, 9.5 h]", "soft: 12 h is above 9.5 h; swap them"),
    ("soft: [9.5 h, 12 h]", "soft: [9.5 h]", "'soft' needs at least 2 item(s), has 1"),
    ("soft: [9.5 h, 12 h]", "soft: [9.5 h, 11 h, 12 h]", "'soft' takes at most 2 item(s), has 3"),
    ("soft: [9.5 h, 12 h]", "soft: [9.5 degC, 12 h]", "'9.5 degC' does not fit: 'degC' cannot be converted, 'h' is wanted"),
    ("mill_time: {default: 10 h", "mill_time: {default: 13 h", "formula.mill_time: the default 13 h is not between 9.5 h and 12 h (soft limits)"),
    ("mill_time: {default: 10 h, minimum: 8 h", "mill_time: {default: 10 h", "key 'minimum' is missing; add it"),
    ("mill_time: {default: 10 h, ", "mill_time: {", "key 'default' is missing; add it"),
    ("ask: start", "ask: later", "'later' is not possible for 'ask'; write 'none', 'start' or 'run'"),
    ("per: 2, minimum: 10", "per: 7, minimum: 10", "formula.ratio: at a batch size of 2 kg the value 24 is not between 10 and 20 (hard limits)"),
    ("per: 2, minimum: 10", "per: 2 kg, minimum: 10", "no unit (a bare number) is wanted"),
    ("{up_to: 2 kg, value: 5 min}", "{up_to: 1.5 kg, value: 5 min}", "the steps end at 1.5 kg, batches go up to 2 kg; add a step up to 2 kg"),
    ("{up_to: 2 kg, value: 5 min}", "{up_to: 1 kg, value: 5 min}", "the step up to 1 kg comes after the one up to 1 kg; put the smaller one first"),
    ("{up_to: 2 kg, value: 5 min}", "{up_to: 2 kg, value: 5 rpm}", "'rpm' cannot be converted, 'min' is wanted"),
    ("rest: {steps", "rest: {default: 2 min, steps", "'steps' say the value for every size; remove 'default', or the steps"),
    ("yield: 98 %", "yield: 0 %", "a yield of 0 % is not possible; write more than 0 %, up to 100 %"),
    ("yield: 98 %", "yield: 101 %", "a yield of 101 % is not possible"),
    ("yield: 98 %", "yield: 0.98", "0.98 has no unit of measure; write '0.98 %'"),
    ("per: 890 g", "per: 0 g", "0 g is nothing to expect"),
    ("losses: {per: 100 g", "losses: {per: 100 m", "'m' cannot be converted, 'g' is wanted"),
    ("losses: {per: 100 g", "losses: {per: -1 g", "-1 g is less than nothing"),
    ("balance: 2 %", "balance: 100 %", "a balance within 100 % is none"),
    ("hold_propagation: unit", "hold_propagation: cell", "'cell' is not possible for 'hold_propagation'"),
    ("  mill_speed: {default", "  lot: {default", "$lot has a meaning of its own"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_a_value_out_of_order_is_told_with_its_line(old: str, new: str, message: str) -> None:
    assert EVERYTHING.count(old) == 1, f"{old!r} is {EVERYTHING.count(old)} times in the recipe"
    line = EVERYTHING[: EVERYTHING.index(old)].count("\n") + 1
    with pytest.raises(RecipeError) as refused:
        read_recipe(EVERYTHING.replace(old, new), "t.yaml")
    found = [str(problem) for problem in refused.value.problems]
    assert any(one.startswith(f"t.yaml:{line}: ") and message in one for one in found), found


HOURS = st.lists(st.integers(0, 20), min_size=7, max_size=7)


@given(HOURS | HOURS.map(sorted))
def test_limits_are_taken_exactly_when_each_lies_within_the_next(hours: list[int]) -> None:
    hard_low, high_low, soft_low, default, soft_high, high_high, hard_high = (f"{number} h" for number in hours)
    given_text = FormulaText(
        default=default,
        minimum=hard_low,
        maximum=hard_high,
        high=[high_low, high_high],
        soft=[soft_low, soft_high],
    )
    notes = Notes(parse_yaml("formula: {}", "t.yaml"))
    parameter = formula_of(notes, "mill_time", given_text, MASTER.size)
    assert (notes.problems == []) is (hours == sorted(hours))
    assert parameter.default == parse_quantity(default)
