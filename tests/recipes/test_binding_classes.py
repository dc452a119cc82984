"""Binding of what is decided later: units of a class, expressions, scaled values; and what limits say of given ones."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mes.model.equipment import ParameterSpec, ProcessCell
from mes.model.limits import Limit, default_at, deviations
from mes.model.procedure import Group, index, phases
from mes.model.quantity import Quantity, parse_quantity
from mes.model.recipe import ControlRecipe
from mes.model.steps import PhaseStep, SlotBinding, Source
from mes.recipes.binding import bind, digest
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe
from tests.recipes.everything import EVERYTHING, with_second_mill

RUN = "Mill until clean/Mill/Run"
Changes = Mapping[str, float | str]


@pytest.fixture(scope="session")
def mills(cell: ProcessCell) -> ProcessCell:
    return with_second_mill(cell)


def changed_load(cell: ProcessCell, unit: str, **changes: float | str) -> ProcessCell:
    """Give the cell in which a parameter of LOAD on this unit is another one."""
    phase = cell.phases[unit, "LOAD"]
    specs: tuple[ParameterSpec, ...] = tuple(
        replace(spec, **changes) if spec.name == "expected_mass" else spec  # type: ignore[arg-type]
        for spec in phase.parameters
    )
    return replace(cell, phases={**cell.phases, (unit, "LOAD"): replace(phase, parameters=specs)})


def everything(cell: ProcessCell, old: str = "", new: str = "", size: str = "1 kg", **formula: str) -> ControlRecipe:
    assert not old or EVERYTHING.count(old) == 1
    text = EVERYTHING.replace(old, new) if old else EVERYTHING
    given_values = {name: parse_quantity(value) for name, value in formula.items()}
    return bind(read_recipe(text, "t.yaml"), cell, parse_quantity(size), given_values)


def step(control: ControlRecipe, path: str) -> PhaseStep:
    found = index(control.procedure)[path]
    assert isinstance(found, PhaseStep)
    return found


def candidates_of(control: ControlRecipe) -> tuple[str, ...]:
    mill = index(control.procedure)["Mill until clean/Mill"]
    assert isinstance(mill, Group)
    assert mill.wanted is not None
    return mill.wanted.candidates


def test_a_phase_on_a_class_knows_where_every_candidate_runs_it(mills: ProcessCell) -> None:
    control = everything(mills)
    assert candidates_of(control) == ("BM-202", "BM-201")
    load = step(control, f"{RUN}/LOAD")
    assert load.bindings == (
        SlotBinding(unit="BM-202", plc="SX", slot="BM-202.PH", number=1),
        SlotBinding(unit="BM-201", plc="SY", slot="BM-201.PH", number=1),
    )
    assert (load.unit, load.slot, load.plc, load.number) == ("", "", "", 0)
    weigh = step(control, "Weigh/Weigh all/Weigh salt")
    assert weigh.bindings == (SlotBinding(unit="WS-111", plc="SY", slot=weigh.slot, number=weigh.number),)


def test_what_is_not_preferred_follows_by_name(mills: ProcessCell) -> None:
    assert candidates_of(everything(mills, ", prefer: [BM-202]", "")) == ("BM-201", "BM-202")


def test_a_property_leaves_out_the_units_that_do_not_have_it(mills: ProcessCell) -> None:
    assert candidates_of(everything(mills, "jar_volume >= 2 L", "jar_volume >= 3000 mL")) == ("BM-202",)


NO_CANDIDATE = [
    ("jar_volume >= 2 L", "jar_volume >= 5 L", "no unit of class MILL can do this: BM-202 does not fit: jar_volume = 4 L, needs >= 5 L; BM-201 does not fit: jar_volume = 2 L, needs >= 5 L"),
    ("jar_volume >= 2 L", "jar_volum >= 2 L", "BM-202 has no property 'jar_volum'; did you mean 'jar_volume'?; BM-201 has no property"),
    ("class: MILL", "class: MIL", "there is no unit of class 'MIL'; did you mean 'MILL'?"),
    ("prefer: [BM-202]", "prefer: [FU-301]", "prefers 'FU-301', which is no unit of class MILL"),
    ("- phase: LOAD", "- phase: LOAT", "BM-202 has no phase 'LOAT'; did you mean 'LOAD'?; BM-201 has no phase 'LOAT'"),
    ("bpr: $ratio", "bbr: $ratio", "BM-202 has no parameter 'bbr' in its phase LOAD; did you mean 'bpr'?"),
    ("parameters: {speed: $mill_speed - 50 rpm}", "parameters: {sped: $mill_speed - 50 rpm}", "BM-202 has no parameter 'sped' in its phase MILL; did you mean 'speed'?"),
    ("report: unloaded_mass", "report: unloadd_mass", "BM-202 has no report 'unloadd_mass' in its phase UNLOAD; did you mean 'unloaded_mass'?"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), NO_CANDIDATE)
def test_no_candidate_is_refused_with_what_each_unit_lacks(
    mills: ProcessCell, old: str, new: str, message: str
) -> None:
    with pytest.raises(RecipeError) as refused:
        everything(mills, old, new)
    assert any(message in problem.message for problem in refused.value.problems), str(refused.value)
    assert all(problem.line for problem in refused.value.problems)


PEAK = "4 * $size * (2.6 kg - $size) / 1 kg"
"""Largest between the limits of the batch size: 6.76 kg at 1.3 kg, where LOAD takes at most 6 kg."""


def test_a_unit_that_measures_otherwise_is_no_candidate(mills: ProcessCell) -> None:
    in_kg = changed_load(mills, "BM-201", uom="kg", minimum=0.01, maximum=6.0)
    assert candidates_of(everything(in_kg)) == ("BM-202",)


def test_a_unit_that_does_not_take_a_value_of_this_batch_is_no_candidate(mills: ProcessCell) -> None:
    larger = changed_load(mills, "BM-201", maximum=7000.0)
    assert candidates_of(everything(larger, "0.9 * $size", PEAK, size="1 kg")) == ("BM-201",)
    assert candidates_of(everything(larger, "0.9 * $size", PEAK, size="2 kg")) == ("BM-202", "BM-201")
    with pytest.raises(RecipeError) as refused:
        everything(mills, "0.9 * $size", PEAK, size="1.3 kg")
    (problem,) = refused.value.problems
    assert "no unit of class MILL can do this: BM-202 does not take expected_mass: 6760 g" in problem.message
    assert (
        f"({PEAK} at a batch size of 1.3 kg) is outside what the equipment allows, 10 g to 6000 g; BM-201"
        in problem.message
    )
    assert problem.line == index(read_recipe(EVERYTHING).procedure)["Mill until clean/Mill"].line


def test_a_unit_that_wants_a_value_nobody_gives_is_no_candidate(mills: ProcessCell) -> None:
    phase = mills.phases["BM-202", "UNLOAD"]
    bare = replace(phase, parameters=tuple(replace(spec, default=None) for spec in phase.parameters))
    stricter = replace(mills, phases={**mills.phases, ("BM-202", "UNLOAD"): bare})
    assert candidates_of(everything(stricter)) == ("BM-201",)


def test_values_scale_with_the_size_and_a_given_one_wins(mills: ProcessCell) -> None:
    control = everything(mills, size="2 kg", mill_time="600 min")
    assert {name: str(value) for name, value in control.formula.items()} == {
        "mill_speed": "500 rpm",
        "mill_time": "10 h",
        "rest": "5 min",
        "ratio": "14",
    }
    assert everything(mills, size="2 kg", rest="3 min").formula["rest"] == parse_quantity("3 min")
    assert control.limits["mill_time"].soft is not None
    assert str(control.outputs["powder"].expected) == "1780 g"
    assert str(control.inputs["salt"].amount) == "1020.40816327 g"


def test_expressions_wait_in_the_unit_of_the_equipment(mills: ProcessCell) -> None:
    control = everything(mills)
    for found in phases(control.procedure):
        for parameter in (*found.parameters, *(one for update in found.updates for one in update.parameters)):
            assert parameter.uom
            late = parameter.source in (Source.INPUT, Source.EXPRESSION)
            assert (parameter.value is None) is late
            assert parameter.value is None or parameter.value.uom == parameter.uom
    (mass, ratio) = step(control, f"{RUN}/LOAD").parameters
    assert (mass.reference, mass.uom, mass.value) == ("0.9 * $size", "g", None)
    assert (ratio.reference, str(ratio.value)) == ("ratio", "12")


def test_an_expression_beyond_the_limits_of_a_fixed_unit_is_refused(mills: ProcessCell) -> None:
    old, new = "unit: {class: MILL, choose: longest idle, prefer: [BM-202], where: jar_volume >= 2 L}", "unit: BM-201"
    fixed = read_recipe(EVERYTHING.replace(old, new).replace("0.9 * $size", PEAK))
    assert bind(fixed, mills, parse_quantity("2 kg")).sha256
    with pytest.raises(RecipeError, match=r"LOAD: expected_mass: 6760 g .* is outside what the equipment allows"):
        bind(fixed, mills, parse_quantity("1.3 kg"))


def test_values_beyond_soft_and_high_limits_are_taken_and_told(mills: ProcessCell) -> None:
    assert deviations(everything(mills, mill_time="11 h")) == ()
    (soft,) = deviations(everything(mills, mill_time="13 h"))
    (high,) = deviations(everything(mills, mill_time="15.5 h"))
    assert (soft.name, soft.limit, soft.needs_reason) == ("mill_time", Limit.SOFT, False)
    assert (high.name, high.limit, high.needs_reason) == ("mill_time", Limit.HIGH, True)
    with pytest.raises(RecipeError, match="formula parameter mill_time: 17 h is out of limits; allowed is 8 h to 16 h"):
        everything(mills, mill_time="17 h")


CHANGES = [
    ("hold_propagation: unit", "hold_propagation: batch"),
    ("soft: [9.5 h, 12 h]", "soft: [9.5 h, 13 h]"),
    ("ask: start", "ask: none"),
    ("yield: 98 %", "yield: 97 %"),
    ("per: 890 g", "per: 880 g"),
    ("at_most: 2", "at_most: 1"),
    ("when: BM-201.T_JAR > 70 degC", "when: BM-201.T_JAR > 71 degC"),
    ("then: end", "then: return"),
    ("choose: longest idle", "choose: operator"),
    (", prefer: [BM-202]", ""),
    ("uses: [SCR-002]\n            phases", "uses: [GB-101]\n            phases"),
    ("name: Take the furnace", "name: Take it"),
    ("until: result(\"QC\", peak) <= 5 %", "until: result(\"QC\", peak) <= 4 %"),
    ("spec: [0, 5]", "spec: [0, 4]"),
    ("on_fail: continue", "on_fail: ask"),
    ("within: 2 h", "within: 3 h"),
    ("- wait: 10 min", "- wait: 11 min"),
    ("$mill_speed - 50 rpm", "$mill_speed - 51 rpm"),
    ("choice: [early, late]", "choice: [early, late, night]"),
    ("name: Short", "name: Long"),
]  # fmt: skip


@pytest.fixture(scope="module")
def plain(mills: ProcessCell) -> ControlRecipe:
    return everything(mills)


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_every_construct_is_part_of_the_hash(mills: ProcessCell, plain: ControlRecipe, old: str, new: str) -> None:
    assert plain.sha256 == digest(plain)
    assert plain.sha256 != everything(mills, old, new).sha256


@settings(max_examples=15)
@given(grams=st.integers(500, 2000))
def test_a_valid_text_binds_at_every_size_and_always_to_the_same_hash(mills: ProcessCell, grams: int) -> None:
    master = read_recipe(EVERYTHING)
    size = Quantity(Decimal(grams), "g")
    control = bind(master, mills, size)
    assert control.sha256 == bind(master, mills, size.to("kg")).sha256
    for name, value in control.formula.items():
        assert value == default_at(control.limits[name], control.size.value)
