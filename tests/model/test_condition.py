"""Conditions over readings: Kleene's tables, timers, units of measure, and what is said to people; laws are beside."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from mes.model.condition import ConditionMemory, Truth, Verdict, evaluate, parse_condition
from mes.model.reading import Quality, Reading, missing

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
Value = float | None


def good(value: float) -> Reading:
    return Reading(value=value, quality=Quality.GOOD, received_s=0.0)


def look(
    text: str,
    values: Mapping[str, Reading],
    uoms: Mapping[str, str] | None = None,
    *,
    memory: ConditionMemory | None = None,
    after_s: float = 0.0,
) -> Verdict:
    known = dict.fromkeys(values, "1") if uoms is None else uoms
    now = START + timedelta(seconds=after_s)
    return evaluate(parse_condition(text), values.__getitem__, known, memory or ConditionMemory(), now)


def over(text: str, values: list[Value], every_s: float = 30.0) -> list[Truth]:
    """Look at tag A every `every_s`; None is a bad reading."""
    memory, truths = ConditionMemory(), []
    for count, value in enumerate(values):
        reading = missing("link down") if value is None else good(value)
        verdict = look(text, {"A": reading}, memory=memory, after_s=count * every_s)
        memory = verdict.memory
        truths.append(verdict.truth)
    return truths


# Kleene's strong tables, written out: rows and columns are true, unknown, false.
READS = {TRUE: good(1.0), UNKNOWN: missing("sensor open"), FALSE: good(0.0)}
AND = {TRUE: [TRUE, UNKNOWN, FALSE], UNKNOWN: [UNKNOWN, UNKNOWN, FALSE], FALSE: [FALSE, FALSE, FALSE]}
OR = {TRUE: [TRUE, TRUE, TRUE], UNKNOWN: [TRUE, UNKNOWN, UNKNOWN], FALSE: [TRUE, UNKNOWN, FALSE]}
NOT = {TRUE: FALSE, UNKNOWN: UNKNOWN, FALSE: TRUE}


@pytest.mark.parametrize(("first", "second"), list(itertools.product(READS, READS)))
def test_and_and_or_follow_the_tables(first: Truth, second: Truth) -> None:
    values = {"A": READS[first], "B": READS[second]}
    column = list(READS).index(second)
    assert look("A == 1 and B == 1", values).truth is AND[first][column]
    assert look("A == 1 or B == 1", values).truth is OR[first][column]


@pytest.mark.parametrize("truth", READS)
def test_not_follows_the_table(truth: Truth) -> None:
    assert look("not A == 1", {"A": READS[truth]}).truth is NOT[truth]
    assert look("not not A == 1", {"A": READS[truth]}).truth is truth


@pytest.mark.parametrize("value", [4.0, 5.0, 6.0])
@pytest.mark.parametrize("operator", ["<", "<=", ">", ">=", "==", "!="])
def test_an_operator_compares_as_written_from_either_side(operator: str, value: float) -> None:
    expected = {
        "<": value < 5,
        "<=": value <= 5,
        ">": value > 5,
        ">=": value >= 5,
        "==": value == 5,
        "!=": value != 5,
    }[operator]
    mirrored = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)
    for text in (f"A {operator} 5", f"5 {mirrored} A"):
        assert look(text, {"A": good(value)}).truth is (TRUE if expected else FALSE)
        assert look(f"not {text}", {"A": good(value)}).truth is (FALSE if expected else TRUE)


@pytest.mark.parametrize(
    ("text", "uom", "value", "truth"),
    [
        ("A >= 540 degC", "degC", 540.0, TRUE),
        ("A >= 540 degC", "K", 813.15, TRUE),
        ("A >= 540 degC", "K", 813.0, FALSE),
        ("A < 1 bar", "mbar", 999.0, TRUE),
        ("A < 1 bar", "mbar", 1000.0, FALSE),
        ("A <= 50 ppm", "%", 0.005, TRUE),
        ("A >= 180 degC/h", "degC/min", 3.0, TRUE),
        ("A > 5 %LEL", "%LEL", 6.0, TRUE),
        ("A <= 0.1 bar", "bar", 0.10000000149011612, TRUE),  # 0.1 as a 32-bit REAL
        ("A == 4294967295", "1", 4_294_967_295, TRUE),
        ("A == 4294967295", "1", 4_294_967_294, FALSE),
    ],
)
def test_values_are_compared_in_the_unit_of_the_tag(text: str, uom: str, value: float, truth: Truth) -> None:
    assert look(text, {"A": good(value)}, {"A": uom}).truth is truth


def test_two_tags_are_compared_across_their_units() -> None:
    values = {"A": good(1.5), "B": good(1400.0)}
    verdict = look("A <= B", values, {"A": "bar", "B": "mbar"})
    assert (verdict.truth, verdict.why) == (FALSE, "A = 1.5 bar, needs <= B = 1400 mbar")
    assert look("A > B", values, {"A": "bar", "B": "mbar"}).truth is TRUE


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (missing("link down"), "A is bad (link down), needs >= 540 degC"),
        (Reading(value=600.0, quality=Quality.STALE, received_s=0.0, why="12 s old"), "A is stale (12 s old)"),
        (Reading(value=600.0, quality=Quality.BAD, received_s=0.0), "A is bad, needs"),
        (good(math.nan), "A is not a finite number (nan)"),
        (good(math.inf), "A is not a finite number (inf)"),
        (Reading(value=None, quality=Quality.GOOD, received_s=0.0), "A is without a value"),
    ],
)
def test_a_reading_that_cannot_be_trusted_is_unknown_and_says_why(reading: Reading, said: str) -> None:
    for text in ("A >= 540 degC", "not A < 540 degC"):
        verdict = look(text, {"A": reading}, {"A": "degC"})
        assert verdict.truth is UNKNOWN
        assert said in verdict.why


def test_a_tag_that_is_not_there_or_does_not_fit_is_unknown_never_an_error() -> None:
    gone = look("A > 5", {"A": good(6.0)}, {})
    assert (gone.truth, gone.why) == (UNKNOWN, "A is no tag of this plant, needs > 5")
    misfit = look("A > 5 bar", {"A": good(6.0)}, {"A": "degC"})
    assert misfit.truth is UNKNOWN
    assert "measure different things" in misfit.why
    bare = look("A > 5", {"A": good(6.0)}, {"A": "%"})
    assert bare.truth is UNKNOWN
    assert "needs a unit of measure" in bare.why


def test_units_may_be_asked_of_a_function() -> None:
    def uom(tag: str) -> str:
        return {"A": "degC"}[tag]

    condition = parse_condition("A >= 540 degC or B > 5")
    verdict = evaluate(condition, lambda _: good(600.0), uom, ConditionMemory(), START)
    assert verdict.truth is TRUE
    assert verdict.why == "A = 600 degC, meets >= 540 degC"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A >= 540 degC", "A = 531 degC, needs >= 540 degC"),
        ("540 degC <= A", "A = 531 degC, needs >= 540 degC"),
        ("A < 540 degC", "A = 531 degC, meets < 540 degC"),
        ("not A < 540 degC", "A = 531 degC, needs >= 540 degC"),
        ("A < 540 degC and B < 50 ppm", "B = 70 ppm, needs < 50 ppm"),
        ("A >= 540 degC and B < 50 ppm", "A = 531 degC, needs >= 540 degC and B = 70 ppm, needs < 50 ppm"),
        ("A >= 540 degC or B < 50 ppm", "A = 531 degC, needs >= 540 degC or B = 70 ppm, needs < 50 ppm"),
        ("not (A < 540 degC and B > 50 ppm)", "A = 531 degC, needs >= 540 degC or B = 70 ppm, needs <= 50 ppm"),
        (
            "(A >= 540 degC or B < 50 ppm) and C > 1",
            "(A = 531 degC, needs >= 540 degC or B = 70 ppm, needs < 50 ppm) and C is bad (no link), needs > 1",
        ),
        ("A < 540 degC or C > 1", "A = 531 degC, meets < 540 degC"),
        ("A >= 540 degC for 2 min", "A = 531 degC, needs >= 540 degC for 2 min"),
        ("A < 540 degC for 2 min", "A = 531 degC, meets < 540 degC for 0 of 2 min"),
    ],
)
def test_the_reason_gives_live_values_and_what_is_not_met(text: str, said: str) -> None:
    values = {"A": good(531.0), "B": good(70.0), "C": missing("no link")}
    assert look(text, values, {"A": "degC", "B": "ppm", "C": "1"}).why == said


def test_for_fires_when_the_time_is_full_and_not_before() -> None:
    assert over("A > 5 for 2 min", [6, 6, 6, 6, 6, 6, 4, 6]) == [FALSE] * 4 + [TRUE, TRUE, FALSE, FALSE]


def test_for_starts_again_after_a_false_look() -> None:
    assert over("A > 5 for 1 min", [6, 6, 4, 6, 6, 6]) == [FALSE, FALSE, FALSE, FALSE, FALSE, TRUE]


def test_for_starts_again_after_an_unknown_look_and_stays_unknown_until_it_is_sure() -> None:
    # At 60 s it may have lasted a minute, but nobody saw the look at 30 s.
    assert over("A > 5 for 1 min", [6, None, 6, 6, 6]) == [FALSE, UNKNOWN, UNKNOWN, UNKNOWN, TRUE]


def test_a_bad_reading_in_the_past_never_makes_the_opposite_of_for_true() -> None:
    assert over("not A > 5 for 1 min", [6, 6, 6, 6]) == [TRUE, TRUE, FALSE, FALSE]
    assert over("not A > 5 for 1 min", [6, None, 6, 6, 6]) == [TRUE, UNKNOWN, UNKNOWN, UNKNOWN, FALSE]


def test_a_timer_runs_on_while_another_part_decides() -> None:
    memory = ConditionMemory()
    truths = []
    for count, other in enumerate([1.0, 1.0, 1.0, 0.0]):
        values = {"A": good(6.0), "B": good(other)}
        verdict = look("B == 1 or A > 5 for 1 min", values, memory=memory, after_s=count * 30)
        memory = verdict.memory
        truths.append(verdict.truth)
    assert truths == [TRUE, TRUE, TRUE, TRUE]


def test_for_within_for_counts_from_when_the_inner_one_is_full() -> None:
    assert over("(A > 5 for 1 min) for 1 min", [6] * 6) == [FALSE, FALSE, FALSE, FALSE, TRUE, TRUE]


def test_two_timers_of_one_condition_do_not_disturb_each_other() -> None:
    assert over("A > 5 for 1 min and A > 3 for 90 s", [4, 6, 6, 6]) == [FALSE, FALSE, FALSE, TRUE]


def test_a_clock_set_back_starts_the_time_anew() -> None:
    first = look("A > 5 for 1 min", {"A": good(6.0)}, after_s=3600)
    second = look("A > 5 for 1 min", {"A": good(6.0)}, memory=first.memory, after_s=0)
    third = look("A > 5 for 1 min", {"A": good(6.0)}, memory=second.memory, after_s=59)
    fourth = look("A > 5 for 1 min", {"A": good(6.0)}, memory=third.memory, after_s=60)
    assert [second.truth, third.truth, fourth.truth] == [FALSE, FALSE, TRUE]


def test_an_unknown_look_counts_as_such_also_after_a_clock_was_set_back() -> None:
    memory = look("A > 5 for 1 min", {"A": good(6.0)}, after_s=3600).memory
    truths = []
    for count, reading in enumerate([good(6.0), missing("link down"), good(6.0), good(6.0), good(6.0)]):
        verdict = look("A > 5 for 1 min", {"A": reading}, memory=memory, after_s=count * 30)
        memory = verdict.memory
        truths.append(verdict.truth)
    assert truths == [FALSE, UNKNOWN, UNKNOWN, UNKNOWN, TRUE]


def test_a_time_that_was_known_in_the_future_counts_from_now() -> None:
    memory = ConditionMemory()
    truths = []
    for at_s, reading in [
        (0, good(6.0)),
        (30, missing("link down")),
        (60, good(6.0)),
        (40, good(6.0)),
        (100, good(6.0)),
    ]:
        verdict = look("A > 5 for 1 min", {"A": reading}, memory=memory, after_s=at_s)
        memory = verdict.memory
        truths.append(verdict.truth)
    assert truths == [FALSE, UNKNOWN, UNKNOWN, FALSE, TRUE]


def test_a_look_changes_nothing_of_the_memory_it_was_given() -> None:
    first = look("A > 5 for 1 min", {"A": good(6.0)})
    again = [look("A > 5 for 1 min", {"A": good(6.0)}, memory=first.memory, after_s=45) for _ in range(2)]
    assert again[0] == again[1]
    assert first.memory == look("A > 5 for 1 min", {"A": good(6.0)}).memory
    assert look("A > 5 for 1 min", {"A": good(4.0)}, memory=first.memory).memory == ConditionMemory()


def test_the_reason_tells_how_long_it_has_lasted() -> None:
    first = look("A > 5 mbar for 2 min", {"A": good(6.0)}, {"A": "mbar"})
    second = look("A > 5 mbar for 2 min", {"A": good(6.0)}, {"A": "mbar"}, memory=first.memory, after_s=45)
    assert second.why == "A = 6 mbar, meets > 5 mbar for 0.75 of 2 min"
