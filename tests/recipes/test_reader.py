"""From text to master recipe: the values, and the message for everything that is not as it should be."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.lots import Role
from mes.model.procedure import Group, Level, Order, phases, walk
from mes.model.quantity import Quantity
from mes.model.steps import AnswerKind, Consumption, Parameter, PromptStep, Source
from mes.recipes.problem import Problem, RecipeError
from mes.recipes.reader import read_recipe

Changed = Callable[[str, str], str]


def test_a_recipe_becomes_a_tree_with_readable_unique_paths(small: str) -> None:
    master = read_recipe(small)
    assert [element.path for element in walk(master.procedure)] == [
        "",
        "Weigh",
        "Weigh/Weigh all",
        "Weigh/Weigh all/Weigh salt",
        "Weigh/Weigh all/Weigh sugar",
        "Weigh/Weigh all/Look",
        "parallel 1",
        "parallel 1/Mill",
        "parallel 1/Mill/Mill",
        "parallel 1/Mill/Mill/LOAD",
        "parallel 1/Mill/Mill/MILL",
        "parallel 1/Mill/Mill/UNLOAD",
        "parallel 1/Box",
        "parallel 1/Box/Inertise",
        "parallel 1/Box/Inertise/INERTISE",
    ]
    block = master.procedure.children[1]
    assert isinstance(block, Group)
    assert (block.level, block.order) == (Level.BLOCK, Order.PARALLEL)
    assert [step.unit for step in phases(master.procedure)] == ["WS-111"] * 2 + ["BM-201"] * 3 + ["GB-102"]


def test_amounts_keep_their_units_and_references_their_names(small: str) -> None:
    master = read_recipe(small)
    salt, sugar, load, mill, unload, _ = phases(master.procedure)
    assert salt.parameters == (
        Parameter(name="target", source=Source.INPUT, reference="salt"),
        Parameter(name="tolerance", value=Quantity(Decimal("0.1"), "%")),
    )
    assert load.parameters[0] == Parameter(name="expected_mass", source=Source.BATCH_SIZE)
    assert load.parameters[1].value == Quantity(Decimal(15), "1")
    assert mill.parameters[0] == Parameter(name="speed", source=Source.FORMULA, reference="mill_speed")
    assert sugar.requires == "SCR-002.PH > 11 and GB-101.O2_PPM < 1 ppm"
    assert sugar.requires_within_s == 4 * 3600
    assert salt.consumes == (Consumption(input="salt", report="net_weight"),)
    assert [(made.output, made.role, made.made_from) for made in unload.produces] == [
        ("powder", Role.PRODUCT, ("salt", "sugar")),
        ("Jar wall", Role.LOSS, ()),
    ]
    assert master.inputs["salt"].fixed == Decimal(10)
    assert master.inputs["salt"].uom == "g"
    assert master.outputs["powder"].shelf_life_days == 364
    assert (master.size.uom, master.size.minimum, master.size.maximum) == ("kg", Decimal("0.5"), Decimal(2))


def test_a_prompt_for_a_number_has_unit_and_limits(small: str) -> None:
    prompt = next(found for found in walk(read_recipe(small).procedure) if isinstance(found, PromptStep))
    assert (prompt.answer, prompt.uom, prompt.minimum, prompt.maximum) == (
        AnswerKind.NUMBER,
        "g",
        Decimal(0),
        Decimal("2.5"),
    )
    assert prompt.text == {"en": "Look at it."}


def test_blocks_are_numbered_among_their_siblings(changed: Changed) -> None:
    text = changed(
        "          - prompt: Look\n",
        "          - parallel:\n"
        "              - sequence: [{prompt: A, text: {en: A}}, {prompt: B, text: {en: B}}]\n"
        "              - sequence: [{prompt: A, text: {en: A}}]\n"
        "          - prompt: Look\n",
    )
    paths = [element.path for element in walk(read_recipe(text).procedure)]
    assert "Weigh/Weigh all/parallel 1/sequence 1/B" in paths
    assert "Weigh/Weigh all/parallel 1/sequence 2/A" in paths


SHAPES = [
    ("product: Powder\n", "produkt: Powder\n", "unknown key 'produkt'; did you mean 'product'?"),
        ('version: "1.0"', "version: 1.0", "'version' must be text, not the number 1.0; put it in quotes: \"1.0\""),
    ("title: {en: Small, zh: 小}", "title: {zh: 小}", "key 'en' is missing"),
    ("title: {en: Small, zh: 小}", "title: Small", "'title' must be a mapping (key: value lines), not the text"),
    ("scan: [salt]", "scan: salt", "'scan' must be a list (each item after '- '), not the text 'salt'"),
    ("unit: WS-111", "unit: ws-111", "'ws-111' is not a unit such as BM-201"),
    ("name: Weigh salt", "name: Weigh/salt", "'Weigh/salt' is not a name of one line without '/'"),
    ("role: product", "role: prodct", "'prodct' is not possible for 'role'; write 'product', 'intermediate' or 'sample'"),
    ("role: product", "role: loss", "'loss' is not possible for 'role'"),
    ("tolerance: 0.1 %", "tolerance: 0.1%", "'0.1%' is not an amount such as '550 degC'"),
    ("tolerance: 0.1 %", "tolerance: [0.1 %]", "'tolerance' must be text, not a list"),
    ("tolerance: 0.1 %", "tolerance: nan %", "'nan %' is not an amount"),
    ("tolerance: 0.1 %", "tolerance: 1e999999 %", "'1e999999 %' is not an amount"),
    ("assay_corrected: true", 'assay_corrected: "true"', "'assay_corrected' must be true or false"),
    ("assay_corrected", "assay_corected", "unknown key 'assay_corected'; did you mean 'assay_corrected'?"),
    ("scan: [sugar]", "skan: [sugar]", "unknown key 'skan'; did you mean 'scan'?"),
    ("maximum: 2.5", "maximum: 2.5 g", "'maximum' must be a number without unit and quotes"),
    ("answer: {number: {uom: g, minimum: 0, maximum: 2.5}}", "answer: maybe", "'maybe' is not possible for 'answer'"),
    ("- phase: LOAD", "- phse: LOAD", "this item has no key that says what it is; did you mean 'phase'?"),
    ("- phase: LOAD", "- operation: LOAD", "an operation cannot stand here; here may stand: phase, prompt, gate, parallel, sequence, choose, repeat, wait, acquire, release"),
    ("              - phase: INERTISE\n", "              - 7\n", "an item here is a mapping"),
    ("produce: [{output: powder, report: unloaded_mass, from: [salt, sugar]}]", "produce: [{output: powder, report: x, from: []}]", "'from' needs at least 1"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), SHAPES)
def test_a_text_of_the_wrong_shape_is_told_with_its_line(
    changed: Changed, small: str, old: str, new: str, message: str
) -> None:
    line = small[: small.index(old)].count("\n") + 1
    with pytest.raises(RecipeError) as refused:
        read_recipe(changed(old, new), "t.yaml")
    found = [str(problem) for problem in refused.value.problems]
    assert any(text.startswith(f"t.yaml:{line}: ") and message in text for text in found), found


VALUES = [
    ("GB-101.O2_PPM < 1 ppm", "GB-101.O2_PPM =< 1 ppm", "requires: column 35 of the condition"),
    ("default: 500 rpm", "default: 700 rpm", "the default 700 rpm is not between 400 rpm and 600 rpm"),
    ("default: 500 rpm", "default: 500 rmp", "unknown unit of measure 'rmp'"),
    ("minimum: 400 rpm", "minimum: 400", "400 has no unit of measure; write '400 rpm'"),
    ("minimum: 400 rpm", "minimum: 400 degC", "'degC' cannot be converted, 'rpm' is wanted"),
    ("mill_speed: {default", "size: {default", "$size has a meaning of its own"),
    ("$mill_speed", "$mil_speed", "there is no formula parameter 'mil_speed'; did you mean 'mill_speed'?"),
    ("$input.sugar", "$input.suger", "there is no input 'suger'; did you mean 'sugar'?"),
    ("output: powder,", "output: powdr,", "there is no output 'powdr'; did you mean 'powder'?"),
    ("minimum: 0.5 kg", "minimum: 0 kg", "a batch of 0 kg is none"),
    ("minimum: 0.5 kg", "minimum: 0.5 m", "'m' cannot be converted"),
    ("fixed: 0.01 kg", "fixed: 1 L", "'L' cannot be converted, 'g' is wanted"),
    ("per: 480 g", "per: 480", "has no unit of measure"),
    ("per: 480 g", "per: -480 g", "less than nothing"),
    ("material: Sugar, per: 480 g", "material: Sugar", "says no amount; write per, fixed or both"),
    ("shelf_life: 52 weeks", "shelf_life: 52 min", "less than a day"),
    ("  powder: {", "  salt: {", "'salt' is the name of an input and of an output"),
    ("phase: WEIGH\n            name: Weigh sugar", "phase: WEIGH\n            name: Weigh salt", "'Weigh salt' is here twice (first in line 19)"),
    ("consume: [{input: salt, report: net_weight}]", "consume: [{input: salt}]", "either a report or 'all: true'"),
    ("consume: [{input: salt, report: net_weight}]", "consume: [{input: salt, report: net_weight, all: true}]", "either a report or 'all: true'"),
    ("minimum: 0, maximum: 2.5", "minimum: 3, maximum: 2.5", "the minimum 3 is above the maximum 2.5"),
    ("uom: g,", "uom: grm,", "unknown unit of measure 'grm'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), VALUES)
def test_a_value_that_cannot_be_meant_is_told_with_its_line(
    changed: Changed, small: str, old: str, new: str, message: str
) -> None:
    line = small[: small.index(old)].count("\n") + 1
    with pytest.raises(RecipeError) as refused:
        read_recipe(changed(old, new), "t.yaml")
    found = [str(problem) for problem in refused.value.problems]
    assert any(text.startswith(f"t.yaml:{line}: ") and message in text for text in found), found


def test_every_wrong_value_of_a_text_is_told_at_once(small: str) -> None:
    text = small.replace("500 rpm", "500 rmp").replace("$input.sugar", "$input.suger").replace("52 weeks", "1 min")
    with pytest.raises(RecipeError) as refused:
        read_recipe(text, "t.yaml")
    assert [problem.line for problem in refused.value.problems] == [7, 12, 28]


def test_a_recipe_is_read_from_its_file_and_named_by_it(tmp_path: Path, small: str) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(small, encoding="utf-8")
    master = read_recipe(path)
    assert master.file == str(path)
    assert master.text_sha256 == read_recipe(small).text_sha256
    path.write_text(small.replace("unit: WS-111", "unit: 5"), encoding="utf-8")
    with pytest.raises(RecipeError, match=r"small\.yaml:15: 'unit' must be text"):
        read_recipe(path)


@given(st.data())
def test_a_damaged_recipe_is_read_or_refused_and_never_anything_else(small: str, data: st.DataObject) -> None:
    lines = small.splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    damage = data.draw(
        st.sampled_from(["", "  - x", "x: {}", "[", "a: [1, {b: 2}]", "      - phase: {}", "          - 5"])
        | st.text(alphabet="ab1:-[]{}$ %.,'\"", max_size=20)
    )
    indent = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    lines[number] = indent + damage
    problems: tuple[Problem, ...] = ()
    try:
        read_recipe("\n".join(lines), "t.yaml")
    except RecipeError as refused:
        problems = refused.problems
    assert all(problem.file == "t.yaml" and problem.message for problem in problems)
