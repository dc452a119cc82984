"""The account of a look: each comparison with its live value and what it needs, arithmetic and references included."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from mes.model.condition import ConditionMemory, Part, Truth, Verdict, evaluate, parse_condition
from mes.model.expression_value import Unknown
from mes.model.quantity import Quantity, parse_quantity
from mes.model.reading import Quality, Reading, missing
from mes.model.reference import Reference

TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
UOMS = {"A": "degC", "B": "ppm", "C": "1", "D": "degC"}
VALUES = {"$soak": "540 degC", "$size": "1.5 kg", 'result("QC", li2s_peak)': "3.2 %", "$mill_time": "10 h"}


def value(reference: Reference) -> Quantity | Unknown:
    text = VALUES.get(str(reference))
    return parse_quantity(text) if text else Unknown("the step has not run")


def look(
    text: str, values: Mapping[str, float | None], *, memory: ConditionMemory | None = None, after_s: int = 0
) -> Verdict:
    def reading(tag: str) -> Reading:
        found = values[tag]
        return (
            missing("no link")
            if found is None
            else Reading(value=found, quality=Quality.GOOD, received_s=float(after_s))
        )

    now = START + timedelta(seconds=after_s)
    return evaluate(parse_condition(text), reading, UOMS, memory or ConditionMemory(), now, value=value)


def rows(verdict: Verdict) -> list[tuple[str, str, str, Truth]]:
    return [(part.text, part.left, part.needs, part.truth) for part in verdict.parts]


def test_there_is_one_part_for_each_comparison_in_the_order_of_the_text() -> None:
    verdict = look("A >= 540 degC and (B < 50 ppm or C == 1)", {"A": 531.0, "B": 70.0, "C": None})
    assert verdict.truth is FALSE
    assert verdict.parts[0] == Part(text="A >= 540 degC", left="A = 531 degC", needs=">= 540 degC", truth=FALSE)
    assert rows(verdict)[1:] == [
        ("B < 50 ppm", "B = 70 ppm", "< 50 ppm", FALSE),
        ("C == 1", "C is bad (no link)", "== 1", UNKNOWN),
    ]


def test_a_part_under_not_tells_what_is_needed_of_it() -> None:
    verdict = look("not (A < 540 degC or 50 ppm < B)", {"A": 531.0, "B": 20.0})
    assert rows(verdict) == [
        ("A < 540 degC", "A = 531 degC", ">= 540 degC", FALSE),
        ("50 ppm < B", "B = 20 ppm", "<= 50 ppm", TRUE),
    ]


def test_a_comparison_that_is_met_but_not_for_long_enough_is_not_met_yet() -> None:
    text = "A >= 540 degC for 2 min and B < 50 ppm"
    first = look(text, {"A": 541.0, "B": 20.0})
    second = look(text, {"A": 541.0, "B": 20.0}, memory=first.memory, after_s=45)
    assert rows(second) == [
        ("A >= 540 degC", "A = 541 degC for 0.75 min", ">= 540 degC for 2 min", FALSE),
        ("B < 50 ppm", "B = 20 ppm", "< 50 ppm", TRUE),
    ]
    third = look(text, {"A": 541.0, "B": 20.0}, memory=second.memory, after_s=120)
    assert third.truth is TRUE
    assert rows(third)[0] == ("A >= 540 degC", "A = 541 degC for 2 min", ">= 540 degC for 2 min", TRUE)


def test_of_a_bracket_that_must_last_the_part_that_is_false_has_no_time() -> None:
    verdict = look("(A >= 540 degC and B < 50 ppm) for 2 min", {"A": 541.0, "B": 70.0})
    assert rows(verdict) == [
        ("A >= 540 degC", "A = 541 degC", ">= 540 degC for 2 min", FALSE),
        ("B < 50 ppm", "B = 70 ppm", "< 50 ppm for 2 min", FALSE),
    ]


def test_what_must_not_last_is_met_until_it_has() -> None:
    text = "not A > 100 degC for 1 min"
    first = look(text, {"A": 120.0})
    assert rows(first) == [("A > 100 degC", "A = 120 degC for 0 min", "not > 100 degC for 1 min", TRUE)]
    second = look(text, {"A": 120.0}, memory=first.memory, after_s=60)
    assert rows(second) == [("A > 100 degC", "A = 120 degC for 1 min", "not > 100 degC for 1 min", FALSE)]


@pytest.mark.parametrize(
    ("text", "truth", "said"),
    [
        ("A >= $soak", FALSE, "A = 531 degC, needs >= $soak = 540 degC"),
        ("$soak <= A", FALSE, "$soak = 540 degC, needs <= A = 531 degC"),
        ("A >= $soak - 10 K", TRUE, "A = 531 degC, meets >= $soak - 10 K = 530 degC ($soak = 540 degC)"),
        ("A - D < 5 K", FALSE, "A - D = 11 K (A = 531 degC, D = 520 degC), needs < 5 K"),
        ('result("QC", li2s_peak) <= 5 %', TRUE, 'result("QC", li2s_peak) = 3.2 %, meets <= 5 %'),
        ("2 * 1 kg < $size", FALSE, "$size = 1.5 kg, needs > 2 * 1 kg = 2 kg"),
        ("$size / 7 < 1 g", FALSE, "$size / 7 = 0.2142857 kg ($size = 1.5 kg), needs < 1 g"),
        ('answer("Check") > 5', UNKNOWN, 'answer("Check") is unknown (the step has not run), needs > 5'),
        ("A - C * 1 K > 5 degC", UNKNOWN, "A - C * 1 K is unknown: C is bad (no link), needs > 5 degC"),
        ("Z + A > 5 degC", UNKNOWN, "Z + A is unknown: Z is no tag of this plant, needs > 5 degC"),
        ("$size / (B - B) > 5 kg", UNKNOWN, "'$size / (B - B)' divides by zero"),
        ("A * 2 > 5 degC", UNKNOWN, "cannot be multiplied"),
        ("A > $mill_time", UNKNOWN, "'degC' and 'h' measure different things"),
        ("A - D > 5 degC", UNKNOWN, "is a difference in K and cannot be compared with degC"),
    ],
)
def test_the_reason_gives_live_values_of_references_and_arithmetic(text: str, truth: Truth, said: str) -> None:
    verdict = look(text, {"A": 531.0, "B": 70.0, "C": None, "D": 520.0})
    assert verdict.truth is truth
    assert said in verdict.why


def test_outside_of_a_batch_a_reference_is_unknown_with_its_reason() -> None:
    verdict = evaluate(parse_condition("$size > 1 kg"), lambda tag: missing(""), {}, ConditionMemory(), START)
    assert (verdict.truth, verdict.why) == (
        UNKNOWN,
        "$size is unknown (there is no batch to take it from), needs > 1 kg",
    )


def test_a_verdict_shows_itself_and_differs_from_another() -> None:
    verdict = look("A >= 540 degC", {"A": 531.0})
    assert repr(verdict) == "Verdict(false: A = 531 degC, needs >= 540 degC)"
    assert verdict == look("A >= 540 degC", {"A": 531.0})
    assert hash(verdict) == hash(look("A >= 540 degC", {"A": 531.0}))
    assert verdict != look("A >= 540 degC", {"A": 532.0})
    assert verdict != "false"
