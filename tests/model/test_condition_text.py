"""The text of conditions: what reads, what does not and what is said about it, and that a condition reads back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.condition import Condition, ConditionError, parse_condition
from mes.model.condition_text import AllOf, AnyOf, Comparison, Lasting, Negation, Node
from mes.model.quantity import Quantity

UOMS = {
    "FU-301.TC_CORE": "degC",
    "FU-301.O2_EXH": "ppm",
    "FU-301.P_RETORT": "mbar",
    "BM-201.SPEED": "rpm",
    "GD-004.LEL_TOL": "%LEL",
    "SC_1": "1",
}

tags = st.sampled_from([*UOMS, "A", "andrew", "for-2.not", "x_9.Y-Z.0"])
uoms = st.sampled_from(["degC", "%LEL", "vol%", "1/h", "mbar.l/s", "mg/cm2", "1", "%", "N/mm", "degC/min"])
quantities = st.builds(Quantity, st.decimals(min_value=-1000, max_value=1000, places=3), uoms)
operators = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
comparisons = st.one_of(
    st.builds(Comparison, tags, operators, st.one_of(quantities, tags)),
    st.builds(Comparison, quantities, operators, tags),
)
durations = st.builds(
    Quantity, st.decimals(min_value="0.1", max_value=500, places=1), st.sampled_from(["s", "min", "h"])
)


def joined(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Negation, inner),
        st.builds(Lasting, inner, durations),
        st.builds(AllOf, several),
        st.builds(AnyOf, several),
    )


nodes: st.SearchStrategy[Node] = st.recursive(comparisons, joined, max_leaves=8)


@given(nodes)
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
    ],
)
def test_a_text_that_is_no_condition_is_refused_with_place_and_fix(text: str, column: int, said: str) -> None:
    with pytest.raises(ConditionError) as error:
        parse_condition(text)
    assert error.value.column == column
    assert f"column {column} of the condition {text!r}" in str(error.value)
    assert said in str(error.value)


@given(st.text(alphabet="AB.<>=!() notfrad5%1/-+e\n", max_size=30))
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
    ],
)
def test_what_does_not_fit_the_plant_is_told_with_the_nearest_right_thing(text: str, said: list[str]) -> None:
    problems = parse_condition(text).check(UOMS)
    assert len(problems) == len(said)
    for problem, expected in zip(problems, said, strict=True):
        assert expected in problem
