"""The fast way and the exact way of judging a condition agree, however near to equality, whatever the units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.condition import ConditionMemory, Truth, evaluate, parse_condition
from mes.model.condition_look import Look, Timer
from mes.model.condition_plan import plan_of
from mes.model.condition_text import Condition
from mes.model.condition_tree import Comparison, Node
from mes.model.condition_words import Account
from mes.model.expression import Arithmetic, Call, Negative, Operand, Term
from mes.model.expression_value import Unknown
from mes.model.quantity import Quantity
from mes.model.reading import Quality, Reading, missing
from mes.model.reference import Reference, ReferenceKind
from tests.model.trees import OPERATORS, conditions

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
CHARGE = Reference(kind=ReferenceKind.FORMULA, name="charge")
SOAK = Reference(kind=ReferenceKind.FORMULA, name="soak")
UOMS: dict[Operand, str] = {
    "T": "degC", "K": "K", "G": "g", "KG": "kg", "N": "1", "P": "%", "GONE": "", SOAK: "degC", CHARGE: "kg",
}  # fmt: skip

# Few values, so that two sides are often equal, and their neighbours just within and just beyond seven digits.
CORNERS = [0.0, 1.0, -1.0, 2.0, 10.0, 0.1, 1000.0, 273.15, 274.15, 1001.0]
near = st.sampled_from([0.0, 3e-8, -3e-8, 2e-7, -2e-7, 9e-7, -9e-7, 2e-6, -2e-6])
floats = st.builds(lambda corner, off: corner * (1 + off), st.sampled_from(CORNERS), near)
readings = st.one_of(
    st.builds(
        Reading,
        value=st.one_of(floats, floats, st.sampled_from([0, 1, 2, 10**18, math.nan, math.inf, -math.inf, 1e300, None])),
        quality=st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.STALE]),
        received_s=st.just(0.0),
    ),
    st.just(missing("gone")),
)
decimals = st.sampled_from(["0", "1", "-1", "2", "0.1", "10", "1000", "273.15", "274.15", "0.001"])


def amounts(*uoms: str) -> st.SearchStrategy[Term]:
    return st.builds(lambda number, uom: Quantity(Decimal(number), uom), decimals, st.sampled_from(uoms))


def pairs(left: st.SearchStrategy[Term], operators: str, right: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.builds(Arithmetic, left, st.sampled_from(operators), right)


def chosen(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.builds(Call, st.sampled_from(["min", "max"]), st.tuples(inner, inner))


def sized(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    return st.one_of(st.builds(Negative, inner), st.builds(Call, st.just("abs"), st.tuples(inner)))


shares = st.one_of(st.sampled_from(["N", "P", "GONE"]), amounts("%", "ppm"))
grams = st.one_of(st.sampled_from(["G", "KG", CHARGE]), amounts("g", "kg"))
masses = st.recursive(
    grams,
    lambda inner: st.one_of(pairs(inner, "+-", inner), pairs(inner, "*/", shares), chosen(inner), sized(inner)),
    max_leaves=4,
)
ratios = st.one_of(shares, pairs(masses, "/", masses), pairs(shares, "*", shares))
points = st.one_of(st.sampled_from(["T", SOAK]), amounts("degC"))
kelvin = st.one_of(st.just("K"), amounts("K"), pairs(points, "-", points), sized(pairs(points, "-", points)))
temperatures = st.one_of(points, pairs(points, "+-", kelvin), chosen(points))
kinds = [masses, ratios, temperatures, kelvin]
comparisons = st.one_of(
    *(st.builds(Comparison, kind, st.sampled_from(OPERATORS), kind) for kind in kinds),
    st.builds(Comparison, st.sampled_from(["T", "K"]), st.sampled_from(OPERATORS), amounts("degC", "K")),
    st.builds(Comparison, st.sampled_from(["G", "KG"]), st.sampled_from(OPERATORS), amounts("g", "kg")),
)
timers = st.builds(
    lambda known_s, possible_s: Timer(
        known_at=None if known_s is None else START + timedelta(seconds=known_s),
        possible_at=START + timedelta(seconds=min(possible_s, known_s or 0)),
    ),
    st.sampled_from([None, -600, -60, -1, 5]),
    st.sampled_from([-6000, -600, -60, 0]),
)


@given(
    conditions(comparisons, max_leaves=4),
    st.fixed_dictionaries({operand: readings for operand in UOMS if isinstance(operand, str)}),
    st.fixed_dictionaries({SOAK: amounts("degC"), CHARGE: st.one_of(amounts("kg"), st.just(Unknown("later")))}),
    st.lists(st.one_of(st.none(), timers), min_size=8, max_size=8),
)
def test_the_fast_way_says_what_exact_decimals_say(
    root: Node,
    found: Mapping[str, Reading],
    values: Mapping[Reference, Quantity | Unknown],
    running: list[Timer | None],
) -> None:
    condition = Condition(root=root)
    tags, references = condition.tag_order, condition.reference_order
    uoms = (
        *(UOMS[tag] for tag in tags),
        *("" if isinstance(values[each], Unknown) else UOMS[each] for each in references),
    )
    # `for` parts of the tree are found by their text; the same timers are given to both ways.
    before = {text: timer for text, timer in zip(lasting_texts(condition), running, strict=False) if timer is not None}
    plan = plan_of(root, (*tags, *references), uoms)
    seen, taken = [found[tag] for tag in tags], [values[each] for each in references]
    look = Look(tags, references, uoms, plan.misfits, seen, taken, before, START)
    fast = plan.judge(look)
    exact = Account(look)
    assert fast is exact.judge(root)[0]
    assert look.timers == exact.timers


def lasting_texts(condition: Condition) -> list[str]:
    probe = evaluate(condition, lambda tag: missing(""), lambda tag: UOMS[tag], ConditionMemory(), START).memory.timers
    return list(probe)


@pytest.mark.parametrize(
    ("text", "value", "truth"),
    [
        ("A <= 0.1 bar", 0.10000000149011612, Truth.TRUE),
        ("A < 0.1 bar", 0.10000000149011612, Truth.FALSE),
        ("A == 0.1 bar", 0.1000001, Truth.FALSE),
        ("A > 0.1 bar", 0.1000001, Truth.TRUE),
        ("A - 0.1 bar == 0 bar", 0.10000000149011612, Truth.TRUE),
        ("A * 3 == 300 mbar", 0.10000000149011612, Truth.TRUE),
        ("A / 0 > 1 bar", 0.1, Truth.UNKNOWN),
        ("1 bar / (A - 0.1 bar) > 1", 0.1, Truth.UNKNOWN),
        ("1 bar / (A - 0.1 bar) > 1 %", 0.1, Truth.UNKNOWN),
        ("A > 1 mbar", 5e-324, Truth.FALSE),
    ],
)
def test_a_real_is_compared_with_seven_digits_near_equality(text: str, value: float, truth: Truth) -> None:
    reading = Reading(value=value, quality=Quality.GOOD, received_s=0.0)
    verdict = evaluate(parse_condition(text), lambda tag: reading, {"A": "bar"}, ConditionMemory(), START)
    assert verdict.truth is truth


def test_a_condition_is_judged_anew_when_the_unit_of_a_tag_is_another() -> None:
    condition = parse_condition("A > 1 bar")
    reading = Reading(value=500.0, quality=Quality.GOOD, received_s=0.0)
    truths = [
        evaluate(condition, lambda tag: reading, {"A": uom}, ConditionMemory(), START).truth
        for uom in ("mbar", "bar", "degC", "mbar")
    ]
    assert truths == [Truth.FALSE, Truth.TRUE, Truth.UNKNOWN, Truth.FALSE]


def test_words_are_made_from_the_readings_of_their_own_look() -> None:
    value = 531.0

    def reading(tag: str) -> Reading:
        return Reading(value=value, quality=Quality.GOOD, received_s=0.0)

    condition = parse_condition("A >= 540 degC")
    verdict = evaluate(condition, reading, {"A": "degC"}, ConditionMemory(), START)
    value = 600.0
    assert verdict.why == "A = 531 degC, needs >= 540 degC"
    assert evaluate(condition, reading, {"A": "degC"}, ConditionMemory(), START).why.startswith("A = 600 degC, meets")
