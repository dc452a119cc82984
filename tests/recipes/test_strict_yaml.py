"""What strict reading refuses, each with file, line and the way out, and that nothing else can come of any text."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.recipes.problem import RecipeError
from mes.recipes.strict_yaml import DEEPEST, LARGEST_BYTES, MOST_VALUES, parse_yaml, read_text

REFUSED = [
    ("a: 1\nb: yes", 2, "'yes' is true or false to some readers"),
    ("a: 1\nb: Off", 2, "'Off' is true or false to some readers"),
    ("on: 1", 1, "'on' is true or false to some readers"),
    ("a: TRUE", 1, "small letters"),
    ("a: ~", 1, "is no value"),
    ("a: null", 1, "is no value"),
    ("a: 1\nb:", 2, "there is no value"),
    ("a: .nan", 1, "'.nan' is not a finite number"),
    ("a: -.INF", 1, "'-.INF' is not a finite number"),
    ("a: 012", 1, "octal"),
    ("a: 0x1F", 1, "not decimal"),
    ("a: 0o17", 1, "not decimal"),
    ("a: 1_000", 1, "underscore"),
    ("a: [1, 1:30]", 1, "'1:30' is sexagesimal to some readers (1:30 is 90); write a quantity with a unit"),
    ("a: 1e5", 1, "write the number out"),
    ("a: 1.5E+3", 1, "write the number out"),
    ("a: .5", 1, "both sides of the point"),
    ("a: 5.", 1, "both sides of the point"),
    ("a: " + "9" * 41, 1, "too long"),
    ("a: 1\nb: 2\na: 3", 3, "key 'a' is here twice (first in line 1); remove or rename one"),
    ("x:\n  - {b: 1, c: 2, b: 3}", 2, "key 'b' is here twice"),
    ("a: &x 1", 1, "anchor &x"),
    ("a: &x [1]", 1, "anchor &x"),
    ("a: 1\nb: *a", 2, "alias *a"),
    ("a: &x {c: 1}\nb:\n  <<: *x", 3, "merges another mapping"),
    ("a: !!python/object:os.system x", 1, "values have no tags here"),
    ("a: !!str 1", 1, "values have no tags here"),
    ("a: !mine {b: 1}", 1, "values have no tags here"),
    ("a: 1\n---\nb: 1", 2, "a second document begins"),
    ("%YAML 1.1\n---\na: 1", 1, "directive"),
    ("a: 1\nb:\t2", 2, "a tab"),
    ("a: 1\n\tb: 2", 2, "a tab"),
    ("a: x\x00y", 1, "control character U+0000"),
    ("a: x\ry", 1, "control character U+000D"),
    ("a: x\u202ey", 1, "control character U+202E"),
    ("a: x\u2028y", 1, "control character U+2028"),
    ('a: "\\u0007"', 1, "control character U+0007"),
    ('a: "\\ud800"', 1, "control character U+D800"),
    ("a: 1\n? [b]\n: c", 2, "cannot be a key"),
    ('a: "\\UFFFFFFFF"', 1, "not readable as YAML"),
    ('a: "\\U00110000"', 1, "not readable as YAML"),
    ("%YAML " + "9" * 5000 + ".1\n--- a", 1, "not readable as YAML"),
    ("a: b: c", 1, "mapping values are not allowed here"),
    ("a: [1", 1, "not readable as YAML"),
    ("- 1", 1, "a recipe is a mapping of keys"),
    ("just words", 1, "a recipe is a mapping of keys"),
    ("", 1, "a recipe is a mapping of keys"),
]


@pytest.mark.parametrize(("text", "line", "message"), REFUSED)
def test_what_readers_of_yaml_disagree_on_is_refused_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(RecipeError) as refused:
        parse_yaml(text, "r.yaml")
    assert any(problem.line == line and message in problem.message for problem in refused.value.problems), str(
        refused.value
    )
    assert f"r.yaml:{line}: " in str(refused.value)


def test_all_problems_of_a_text_are_told_at_once() -> None:
    with pytest.raises(RecipeError) as refused:
        parse_yaml("a: yes\nb: 012\nc: &x 1\nd: *x\na: 2", "r.yaml")
    assert [problem.line for problem in refused.value.problems] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_a_deep_nest_is_refused_early_and_without_recursion(opening: str) -> None:
    began = time.perf_counter()
    with pytest.raises(RecipeError, match=f"deeper than {DEEPEST} levels"):
        parse_yaml("a: " + opening * 5000 if opening != "- " else "- " * 5000 + "1", "r.yaml")
    assert time.perf_counter() - began < 5


def test_nesting_as_deep_as_allowed_is_read() -> None:
    inner = DEEPEST - 1
    value = parse_yaml("a: " + "[" * inner + "1" + "]" * inner, "r.yaml").value["a"]
    for _ in range(inner):
        assert isinstance(value, list)
        (value,) = value
    assert value == 1


def test_a_text_of_very_many_values_is_not_read_to_its_end() -> None:
    with pytest.raises(RecipeError, match=f"more than {MOST_VALUES} values"):
        parse_yaml("a: [" + "1," * (MOST_VALUES + 10) + "1]", "r.yaml")


def test_the_laughing_bomb_is_refused_and_never_unfolded() -> None:
    lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    with pytest.raises(RecipeError, match="alias"):
        parse_yaml("\n".join(lines), "r.yaml")


def test_a_huge_text_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    path.write_bytes(b"[" * (LARGEST_BYTES + 1))
    with pytest.raises(RecipeError, match=f"huge.yaml: larger than {LARGEST_BYTES} bytes"):
        read_text(path)
    with pytest.raises(RecipeError, match="larger than"):
        parse_yaml("# " + "界" * (LARGEST_BYTES // 3), "r.yaml")


def test_a_long_word_of_digits_costs_no_time() -> None:
    began = time.perf_counter()
    word = "1_" * (LARGEST_BYTES // 8) + "x"
    assert parse_yaml(f"a: {word}", "r.yaml").value == {"a": word}
    assert time.perf_counter() - began < 10


def test_a_file_that_is_missing_or_not_utf8_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read: No such file"):
        read_text(tmp_path / "none.yaml")
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"a: 1\nb: \xe4")
    with pytest.raises(RecipeError, match=r"latin.yaml:2: byte 0xe4 is not UTF-8"):
        read_text(path)


def test_values_come_with_the_lines_they_stand_in() -> None:
    document = parse_yaml("\ufeffa: 1\r\nb:\r\n  - x y\r\n  - {c: true, d: -2.50}\r\n'e': '012'\r\n", "r.yaml")
    assert document.value == {"a": 1, "b": ["x y", {"c": True, "d": Decimal("-2.50")}], "e": "012"}
    assert [document.line(place) for place in [("a",), ("b",), ("b", 1), ("b", 1, "d"), ("e",)]] == [1, 2, 4, 4, 5]
    assert document.line(("b", 1, "missing", 7)) == 4


def test_quoted_words_are_text_whatever_they_look_like() -> None:
    words = ["yes", "012", "1:30", ".nan", "1e5", "true", "5", "~", "<<"]
    text = "a: [" + ", ".join(f'"{word}"' for word in words) + "]"
    assert parse_yaml(text, "r.yaml").value == {"a": words}


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=6))
def test_a_decimal_number_is_read_as_exactly_that_number(number: Decimal) -> None:
    assert parse_yaml(f"a: {number:f}", "r.yaml").value["a"] == number


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_a_whole_number_is_read_as_exactly_that_number(number: int) -> None:
    value = parse_yaml(f"a: {number}", "r.yaml").value["a"]
    assert value == number
    assert isinstance(value, int)


YAML_LIKE = st.text(alphabet=st.sampled_from(list("ab01.:-_?!&*|>%@`'\"#,[]{}<=~\\ \n\t\rxU/e+é界\u2028\x00\ud800")))


@given(YAML_LIKE | st.text())
def test_any_text_is_read_or_refused_and_never_anything_else(text: str) -> None:
    outcome: object
    try:
        outcome = parse_yaml(text, "r.yaml").value
    except RecipeError as refused:
        outcome = refused.problems
    assert isinstance(outcome, dict) or (outcome and all(problem.message for problem in outcome))


TREES = st.recursive(
    st.integers(-1000, 1000) | st.booleans() | st.text(alphabet="abc xyz", min_size=1, max_size=8).map(str.strip),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abcxyz", min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


def _written(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case str():
            return f"'{value}'"
        case list():
            return "[" + ", ".join(_written(inner) for inner in value) + "]"
        case dict():
            return "{" + ", ".join(f"'{key}': {_written(inner)}" for key, inner in value.items()) + "}"
    raise AssertionError(value)


@given(TREES)
def test_what_was_written_is_what_is_read(tree: object) -> None:
    assert parse_yaml(f"a: {_written(tree)}", "r.yaml").value == {"a": tree}
