"""What ranges of tags say about a condition is never wrong, and names the comparison."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.condition import Condition, ConditionMemory, Truth, evaluate, parse_condition
from mes.model.condition_range import always_true, never_true
from mes.model.condition_tree import Comparison, Node
from mes.model.quantity import Quantity
from mes.model.reading import Quality, Reading, missing
from tests.model.trees import OPERATORS, conditions

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
UOMS = {"A": "degC", "B": "g", "C": "1"}
RANGES = {"A": (0.0, 1100.0), "C": (0.0, 3.0)}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A > 1200 degC", "'A > 1200 degC' can never be true: A goes from 0 to 1100 degC"),
        ("A > 2000 K for 3 s and B > 1 g", "'A > 2000 K' can never be true: A goes from 0 to 1100 degC"),
        ("1100 degC < A", "'1100 degC < A' can never be true: A goes from 0 to 1100 degC"),
        ("not A < 1200 degC", "'A < 1200 degC' is always true: A goes from 0 to 1100 degC"),
        ("B > 5 g and B < 3 g", "'B > 5 g' and 'B < 3 g' exclude each other"),
        ("B > 5 g and A > 3 degC and not B > 5000 mg", "'B > 5 g' and 'not B > 5000 mg' exclude each other"),
        ("(B > 5 g or B > 7 g) and B < 3 g", "'B > 5 g or B > 7 g' and 'B < 3 g' exclude each other"),
        ("C == 4", "'C == 4' can never be true: C goes from 0 to 3 1"),
        (
            "A > 1200 degC or A < -3 degC",
            "'A > 1200 degC' can never be true: A goes from 0 to 1100 degC; "
            "'A < -3 degC' can never be true: A goes from 0 to 1100 degC",
        ),
    ],
)
def test_a_condition_that_can_never_be_true_is_told_with_the_comparison(text: str, why: str) -> None:
    assert never_true(parse_condition(text), RANGES, UOMS) == why
    assert always_true(parse_condition(text), RANGES, UOMS) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("A < 1200 degC", "'A < 1200 degC' is always true: A goes from 0 to 1100 degC"),
        ("A >= 0 degC or B > 5 g", "'A >= 0 degC' is always true: A goes from 0 to 1100 degC"),
        ("B < 5 g or B > 3 g", "one of 'B < 5 g' and 'B > 3 g' is always true"),
        ("not A > 1200 degC for 2 s", "'A > 1200 degC' can never be true: A goes from 0 to 1100 degC"),
    ],
)
def test_a_condition_that_is_always_true_is_told_with_the_comparison(text: str, why: str) -> None:
    assert always_true(parse_condition(text), RANGES, UOMS) == why
    assert never_true(parse_condition(text), RANGES, UOMS) == ""


@pytest.mark.parametrize(
    "text",
    [
        "A >= 1100 degC",
        "A > 1200 degC or B > 1 g",
        "B >= 5 g and B <= 5 g",
        "B > 1e6 g",
        "A < 1200 degC for 1 min",
        "A > 1200 g",
        "A - 5 K > 1200 degC",
        "Z > 5 g and Z < 3 g",
    ],
)
def test_of_what_may_be_so_or_not_nothing_is_claimed(text: str) -> None:
    condition = parse_condition(text)
    assert (never_true(condition, RANGES, UOMS), always_true(condition, RANGES, UOMS)) == ("", "")


edges = st.sampled_from([-1.0, 0.0, 0.1, 1.0, 1.0000001, 2.0, 3.0])
spans = st.tuples(edges, edges).map(lambda pair: (min(pair), max(pair)))
tags = st.sampled_from(["A", "B", "C"])
limits = st.sampled_from(["-1", "0", "0.1", "1", "1.5", "2", "3"]).map(lambda number: Quantity(Decimal(number), "g"))
comparisons = st.one_of(
    st.builds(Comparison, tags, st.sampled_from(OPERATORS), limits),
    st.builds(Comparison, limits, st.sampled_from(OPERATORS), tags),
)


@given(
    conditions(comparisons, max_leaves=6),
    st.fixed_dictionaries({"A": spans, "B": spans}),
    st.lists(st.fixed_dictionaries({tag: st.one_of(edges, st.none()) for tag in "ABC"}), min_size=1, max_size=4),
)
def test_what_is_claimed_holds_for_every_history_within_the_ranges(
    root: Node, ranges: dict[str, tuple[float, float]], history: list[dict[str, float | None]]
) -> None:
    condition = Condition(root=root)
    uoms = dict.fromkeys("ABC", "g")
    never, always = never_true(condition, ranges, uoms), always_true(condition, ranges, uoms)
    seen = truths(condition, ranges, history)
    assert not (never and Truth.TRUE in seen)
    assert not (always and Truth.FALSE in seen)


def truths(
    condition: Condition, ranges: dict[str, tuple[float, float]], history: list[dict[str, float | None]]
) -> set[Truth]:
    memory, seen = ConditionMemory(), set()
    for count, row in enumerate(history):
        readings = {tag: within(value, ranges.get(tag)) for tag, value in row.items()}
        now = START + timedelta(minutes=count * 5)
        verdict = evaluate(condition, readings.__getitem__, dict.fromkeys(row, "g"), memory, now)
        memory = verdict.memory
        seen.add(verdict.truth)
    return seen


def within(value: float | None, span: tuple[float, float] | None) -> Reading:
    if value is None:
        return missing("gone")
    low, high = span or (value, value)
    return Reading(value=min(max(value, low), high), quality=Quality.GOOD, received_s=0.0)
