"""The text of conditions: what reads, what does not and what is said about it, and that a condition reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.condition import Condition, ConditionError, parse_condition
from mes.model.condition_tree import Node
from mes.model.reference import Reference, ReferenceKind
from tests.model.trees import comparisons, conditions

UOMS = {
    "FU-301.TC_CORE": "degC",
    "FU-301.O2_EXH": "ppm",
    "FU-301.P_RETORT": "mbar",
    "BM-201.SPEED": "rpm",
    "GD-004.LEL_TOL": "%LEL",
    "SC_1": "1",
}


@given(conditions(comparisons))
def test_the_text_of_a_condition_reads_back_as_the_same_condition(root: Node) -> None:
    condition = Condition(root=root)
    assert parse_condition(str(condition)) == condition


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("A > 1 g or B > 1 g and C > 1 g", "A > 1 g or (B > 1 g and C > 1 g)"),
        ("not A > 1 g and B > 1 g", "(not (A > 1 g)) and B > 1 g"),
        ("not A > 1 g for 2 min", "not (A > 1 g for 2 min)"),
        ("A > 1 g and B > 1 g for 2 min", "A > 1 g and (B > 1 g for 2 min)"),
        ("A>=-60degC", "A >= -60 degC"),
        ("A > 1 g\n  and\tB > 1 g", "A > 1 g and B > 1 g"),
        ("A == 4 for 90s", "A == 4 for 90 s"),
        ("A > 5 %LEL and B < 30 1/h", "(A > 5 %LEL) and (B < 30 1/h)"),
        ("((A > 1 g))", "A > 1 g"),
        ("(A - B) * 2 > 1 g", "((A - B) * 2) > 1 g"),
        ("((A) > (1 g)) and ((B + 1 g) < 3 g)", "A > 1 g and B + 1 g < 3 g"),
        ("A - B - C > 1 g for 2 min", "((A - B) - C) > 1 g for 2 min"),
        ("A + B * C > D / 2 / 4", "A + (B * C) > (D / 2) / 4"),
        ("A>2*B", "A > (2 * B)"),
        ("min > 4 and max(min, A) < 5", "(min > 4) and (max(min, A) < 5)"),
    ],
)
def test_a_text_means_what_its_brackets_would_say(text: str, shape: str) -> None:
    assert parse_condition(text) == parse_condition(shape)


def test_brackets_that_matter_are_kept() -> None:
    for text in ("(A > 1 g or B > 1 g) and C > 1 g", "(A > 1 g and B > 1 g) for 2 min", "not (A > 1 g or B > 1 g)"):
        assert str(parse_condition(text)) == text
        assert parse_condition(text) != parse_condition(text.replace("(", "").replace(")", ""))


def test_a_condition_knows_its_tags() -> None:
    condition = parse_condition("not (FU-301.TC_CORE >= 540 degC for 2 min or 5 ppm < FU-301.O2_EXH) and A.P >= B.P")
    assert condition.tags == {"FU-301.TC_CORE", "FU-301.O2_EXH", "A.P", "B.P"}


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "a tag is expected"),
        ("A", 2, "an operator (< <= > >= == !=) is expected"),
        ("A > ", 4, "a quantity such as '540 degC'"),
        ("A = 5 bar", 3, "write '=='"),
        ("A => 5 bar", 3, "write '>='"),
        ("A ≤ 5 bar", 3, "write '<='"),
        ("A <> 5 bar", 4, "write '!='"),
        ("A > 5 bar && B > 2 bar", 11, "write 'and'"),
        ("A > 5 bar AND B > 2 bar", 11, "did you mean 'and'?"),
        ("A > 5 bar during 2 min", 11, "did you mean 'for'?"),
        ("A > 5 bar B > 2 bar", 11, "join comparisons with 'and' or 'or'"),
        ("and > 5 bar", 1, "found 'and'"),
        ("A > 5 barr", 5, "did you mean 'bar'?"),
        ("A > 540 °C", 9, "write 'degC'"),
        ("A > 5,2 bar", 6, "write a point"),
        ("(A > 5 bar", 11, "it ends where ')' is expected"),
        ("A > 5 bar)", 10, "found ')' where the end is expected"),
        ("1 bar < A < 3 bar", 11, "a comparison has one operator"),
        ("A > 1 g and 5 bar > 4 bar", 13, "compares two numbers; one side must be a tag"),
        ("A > 5 bar for 3 g", 15, "is no duration"),
        ("A > 5 bar for 3", 15, "is no duration"),
        ("A > 5 bar for 0 s", 15, "must be longer than 0 s"),
        ("A > 5 bar for 1e6 h", 15, "at most 8784 h"),
        ("A > 5 bar\nand B # 3", 17, "'#' means nothing here"),
        ("not " * 60 + "A > 5 bar", 1, "nested more than 50 levels"),
        ("A > 5 g" + " + 1 g" * 60, 1, "nested more than 50 levels"),
        ("2 g * 3 > max(1 g, 2 g)", 1, "compares two numbers; one side must be a tag or a reference"),
        ("A + 5 bar", 10, "an operator (< <= > >= == !=) is expected"),
        ("A -5 bar > B", 3, "write '-' with spaces on both sides"),
        ("A > B ** 2", 8, "there are no powers"),
        ("A > B ^ 2", 7, "there are no powers"),
        ("A > 5 g*min(B, C)", 12, "'*' or '/' before one needs spaces"),
        ("A > 5 g/TANK", 5, "arithmetic needs spaces around '*' and '/'"),
        ("A > max(B)", 5, "max takes two terms or more"),
        ("A > abs(B, C)", 5, "abs takes one term, not 2"),
        ("A > $", 5, "write '$' and a name"),
        ("A > $lot.Li2S", 5, "write '$lot.INPUT.PROPERTY'"),
        ('A > report("Weigh", net', 24, "it ends where ')' is expected"),
        ('A > report("Weigh)', 12, "close the name"),
        ("A > report('Weigh', net)", 12, "double quotes"),
    ],
)
def test_a_text_that_is_no_condition_is_refused_with_place_and_fix(text: str, column: int, said: str) -> None:
    with pytest.raises(ConditionError) as error:
        parse_condition(text)
    assert error.value.column == column
    assert f"column {column} of the condition {text!r}" in str(error.value)
    assert said in str(error.value)


@given(st.text(alphabet='AB.<>=!() notfrad5%1/-+*$,"e\n', max_size=30))
def test_any_text_reads_or_is_refused_within_the_text(text: str) -> None:
    try:
        condition = parse_condition(text)
    except ConditionError as error:
        column = error.column
    else:
        assert parse_condition(str(condition)) == condition
        return
    assert 1 <= column <= len(text) + 1


def test_a_condition_that_fits_the_plant_has_no_problems() -> None:
    text = "FU-301.TC_CORE >= 813 K and FU-301.O2_EXH < 0.005 % and SC_1 == 4 and GD-004.LEL_TOL < 20 %LEL for 2 min"
    assert parse_condition(text).check(UOMS) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("FU-301.TC_COR >= 540 degC", ["there is no tag 'FU-301.TC_COR'; did you mean 'FU-301.TC_CORE'?"]),
        ("fu-301.tc_core >= 540 degC", ["did you mean 'FU-301.TC_CORE'?"]),
        ("ZZZ > 5", ["there is no tag 'ZZZ'"]),
        ("FU-301.TC_CORE >= 540", ["540 needs a unit of measure; write '540 degC'"]),
        ("FU-301.O2_EXH < 50", ["50 needs a unit of measure; write '50 ppm'"]),
        ("FU-301.TC_CORE >= 540 mbar", ["'degC' and 'mbar' measure different things"]),
        ("GD-004.LEL_TOL < 100 ppm", ["'%LEL' and 'ppm' measure different things"]),
        ("BM-201.SPEED > 10 1/min", ["'rpm' and '1/min' measure different things"]),
        ("FU-301.TC_CORE > FU-301.P_RETORT", ["'degC' and 'mbar' measure different things"]),
        ("ZZZ > 5 g and not SC_1 > 5 g", ["there is no tag 'ZZZ'", "'1' and 'g' measure different things"]),
        ("SC_1 > 5 g or SC_1 > 5 g", ["'1' and 'g' measure different things"]),
        ("SC_1-BM-201.SPEED > 5", ["to subtract, put spaces around '-': 'SC_1 - BM-201.SPEED'"]),
        ("SC_1 > 30 /h", ["there is no tag 'h'; a unit of measure follows a number, such as '30 1/h'"]),
        ("FU-301.TC_CORE * 2 > 5 degC", ["'FU-301.TC_CORE' is in degC and cannot be multiplied"]),
        ("FU-301.TC_CORE - 500 degC > 5 degC", ["is a difference in K and cannot be compared with degC; write K"]),
        ("FU-301.TC_CORE + FU-301.P_RETORT > 5 K", ["is in degC, 'FU-301.P_RETORT' in mbar: cannot be added"]),
        ("FU-301.O2_EXH / 2 > 5", ["5 needs a unit of measure; write '5 ppm'"]),
    ],
)
def test_what_does_not_fit_the_plant_is_told_with_the_nearest_right_thing(text: str, said: list[str]) -> None:
    problems = parse_condition(text).check(UOMS)
    assert len(problems) == len(said)
    for problem, expected in zip(problems, said, strict=True):
        assert expected in problem


def test_the_units_of_references_are_checked_on_both_sides() -> None:
    def uom(reference: Reference) -> str:
        return {"$soak": "degC", "$mill_time": "h", "$size": "kg"}[str(reference)]

    fits = parse_condition("FU-301.TC_CORE >= $soak - 10 K and $mill_time > 3 min * 2")
    assert fits.check(UOMS, uom) == []
    assert fits.references == {
        Reference(kind=ReferenceKind.FORMULA, name="soak"),
        Reference(kind=ReferenceKind.FORMULA, name="mill_time"),
    }
    (problem,) = parse_condition("FU-301.TC_CORE >= $mill_time").check(UOMS, uom)
    assert "'degC' and 'h' measure different things" in problem


def test_a_reference_that_is_not_there_is_told_once_for_each_comparison_and_never_guessed() -> None:
    def uom(reference: Reference) -> str:
        raise LookupError(f"there is no {reference}; did you mean '$soak'?")

    condition = parse_condition("FU-301.TC_CORE >= $saok + $saok")
    (problem,) = condition.check(UOMS, uom)
    assert problem == f"'{condition}': there is no $saok; did you mean '$soak'?"
    assert condition.check(UOMS) == []
