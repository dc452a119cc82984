"""The text of expressions: what reads, how it binds, that it reads back, and what is said of what does not read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.expression import Expression, Term
from mes.model.expression_text import ExpressionError, parse_expression
from mes.model.quantity import parse_quantity
from mes.model.reference import Reference, ReferenceKind
from tests.model.trees import expressions


@given(expressions)
def test_the_text_of_an_expression_reads_back_as_the_same_expression(root: Term) -> None:
    expression = Expression(root=root)
    assert parse_expression(str(expression)) == expression


@given(st.text(alphabet='$size.min(,)+-*/ 52kg"%report', max_size=30))
def test_any_text_reads_or_is_refused_within_the_text(text: str) -> None:
    try:
        expression = parse_expression(text)
    except ExpressionError as error:
        column = error.column
    else:
        assert parse_expression(str(expression)) == expression
        return
    assert 1 <= column <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("$a + $b * $c", "$a + ($b * $c)"),
        ("$a - $b - $c", "($a - $b) - $c"),
        ("$a / $b / $c", "($a / $b) / $c"),
        ("-$a * $b", "(-$a) * $b"),
        ("$a - -5 g", "$a - (-5 g)"),
        ("2*$a", "2 * $a"),
        ("$a-$b", "$a - $b"),
        ("5 g*2", "(5 g) * 2"),
        ("30 1/h * 2 h", "(30 1/h) * (2 h)"),
    ],
)
def test_an_expression_means_what_its_brackets_would_say(text: str, shape: str) -> None:
    assert parse_expression(text) == parse_expression(shape)


def test_brackets_that_matter_are_kept() -> None:
    for text in ("($a + $b) * $c", "$a - ($b - $c)", "$a / ($b * $c)", "-($a + $b)", "-(5 g)"):
        assert str(parse_expression(text)) == text


def test_an_expression_knows_its_references() -> None:
    expression = parse_expression('report("Weigh/Weigh Li2S", net_weight) * $lot.Li2S.assay / max($size, $size)')
    assert expression.references == {
        Reference(kind=ReferenceKind.REPORT, name="Weigh/Weigh Li2S", item="net_weight"),
        Reference(kind=ReferenceKind.LOT, name="Li2S", item="assay"),
        Reference(kind=ReferenceKind.SIZE),
    }
    assert expression.tags == frozenset()
    assert not expression.is_amount


def test_an_amount_alone_is_an_expression() -> None:
    expression = parse_expression("3 degC/min")
    assert expression.is_amount
    assert expression.root == parse_quantity("3 degC/min")


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("", 1, "a quantity such as '540 degC'"),
        ("$a +", 5, "it ends where"),
        ("$a $b", 4, "found '$b' where '+ - * /' or the end is expected"),
        ("$a -5 g", 4, "write '-' with spaces on both sides"),
        ("mill_time * 2", 1, "write '$' before a formula value: '$mill_time'"),
        ("2 * mill_time-rest", 5, "spaces around '-' to subtract: '$mill_time - $rest'"),
        ("2 * FU-301.TC", 5, "tags stand only in conditions"),
        ("30 /h", 5, "write '1 h'"),
        ("$a > 5 g", 4, "found '>'"),
        ("2 * 5 foo", 5, "unknown unit of measure 'foo'"),
        ("$inptu.Li2S / 4", 1, "did you mean '$input.Li2S'?"),
        ('2 * report("Weigh")', 5, "which value of the report?"),
        ('answer("Check", 5)', 17, "found '5'"),
        ("sqrt($a)", 5, "functions are min, max, abs, report, result, answer"),
        ("(" * 60 + "$a" + ")" * 60 + " + 1 g" * 60, 1, "nested more than 50 levels"),
    ],
)
def test_a_text_that_is_no_expression_is_refused_with_place_and_fix(text: str, column: int, said: str) -> None:
    with pytest.raises(ExpressionError) as error:
        parse_expression(text)
    assert error.value.column == column
    assert f"column {column} of the expression {text!r}" in str(error.value)
    assert said in str(error.value)
