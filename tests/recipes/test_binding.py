"""Binding: what a batch runs is complete, in the units of the PLC, within limits, and always the same."""

# ruff: noqa: E501 - a case a line reads better than a wrapped table

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.equipment import ProcessCell
from mes.model.procedure import phases
from mes.model.quantity import Quantity, parse_quantity
from mes.model.recipe import ControlRecipe
from mes.model.steps import PhaseStep, Source
from mes.recipes.binding import bind, digest
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe

Changed = Callable[[str, str], str]


def step(control: ControlRecipe, name: str) -> PhaseStep:
    return next(found for found in phases(control.procedure) if found.name == name)


def values(control: ControlRecipe, name: str) -> dict[str, str]:
    return {parameter.name: str(parameter.value) for parameter in step(control, name).parameters}


def test_every_phase_gets_its_slot_its_number_and_all_parameters_in_plc_units(small: str, cell: ProcessCell) -> None:
    control = bind(read_recipe(small), cell)
    mill = step(control, "MILL")
    assert (mill.plc, mill.slot, mill.number) == ("SY", "BM-201.PH", 4)
    assert values(control, "MILL") == {
        "speed": "500 rpm",
        "on_time": "15 min",
        "off_time": "5 min",
        "run_time": "1.5 h",
        "jar_temp_max": "60 degC",
    }
    assert values(control, "LOAD") == {"expected_mass": "1000 g", "bpr": "15"}
    for found in phases(control.procedure):
        equipment = cell.phases[found.unit, found.phase_class]
        assert [parameter.name for parameter in found.parameters] == [spec.name for spec in equipment.parameters]
        for parameter, spec in zip(found.parameters, equipment.parameters, strict=True):
            assert parameter.source is Source.INPUT or (parameter.value and parameter.value.uom == spec.uom)


def test_size_and_formula_scale_what_depends_on_them(small: str, cell: ProcessCell) -> None:
    control = bind(read_recipe(small), cell, parse_quantity("1500 g"), {"mill_speed": parse_quantity("410 rpm")})
    assert str(control.size) == "1.5 kg"
    assert values(control, "LOAD")["expected_mass"] == "1500 g"
    assert values(control, "MILL")["speed"] == "410 rpm"
    assert control.inputs["salt"].amount == Quantity(Decimal(760), "g")
    assert control.inputs["sugar"].amount == Quantity(Decimal(720), "g")


def test_an_input_parameter_waits_for_its_lot_with_the_amount_in_plc_units(changed: Changed, cell: ProcessCell) -> None:
    control = bind(read_recipe(changed("per: 480 g", "per: 0.48 kg")), cell)
    assert step(control, "Weigh sugar").parameters[0].value is None
    assert control.inputs["sugar"].amount == Quantity(Decimal(480), "g")


REFUSED = [
    ("3 kg", {}, "a batch size of 3 kg is not possible with T1; allowed is 0.5 kg to 2 kg"),
    ("400 g", {}, "a batch size of 0.4 kg is not possible with T1; allowed is 0.5 kg to 2 kg"),
    ("5 m", {}, "batch size of T1: '5 m' does not fit: 'm' cannot be converted, 'kg' is wanted"),
    ("1", {}, "batch size of T1: 1 has no unit of measure; write '1 kg'"),
    ("1 kg", {"mill_speed": "601 rpm"}, "formula parameter mill_speed: 601 rpm is out of limits; allowed is 400 rpm to 600 rpm"),
    ("1 kg", {"mill_speed": "500"}, "formula parameter mill_speed: 500 has no unit of measure; write '500 rpm'"),
    ("1 kg", {"mill_sped": "500 rpm"}, "T1 has no formula parameter 'mill_sped'; did you mean 'mill_speed'?"),
]  # fmt: skip


@pytest.mark.parametrize(("size", "formula", "message"), REFUSED)
def test_size_and_formula_out_of_limits_are_refused_with_what_is_allowed(
    small: str, cell: ProcessCell, size: str, formula: dict[str, str], message: str
) -> None:
    given_formula = {name: parse_quantity(text) for name, text in formula.items()}
    with pytest.raises(RecipeError) as refused:
        bind(read_recipe(small, "t.yaml"), cell, parse_quantity(size), given_formula)
    assert str(refused.value) == f"t.yaml: {message}"


def test_a_recipe_that_does_not_fit_the_plant_is_not_bound(changed: Changed, cell: ProcessCell) -> None:
    with pytest.raises(RecipeError, match="there is no unit 'WS-112'"):
        bind(read_recipe(changed("unit: WS-111", "unit: WS-112")), cell)


def test_the_same_recipe_size_and_formula_give_the_same_hash(small: str, cell: ProcessCell) -> None:
    one = bind(read_recipe(small), cell, parse_quantity("1500 g"))
    again = bind(read_recipe(small), cell, parse_quantity("1.50 kg"), {"mill_speed": parse_quantity("500.0 rpm")})
    assert one.sha256 == again.sha256 == digest(again)
    assert len(one.sha256) == 64


def test_comments_and_moved_lines_leave_the_hash_and_content_changes_it(
    small: str, changed: Changed, cell: ProcessCell
) -> None:
    sha256 = bind(read_recipe(small), cell).sha256
    assert bind(read_recipe(f"# a comment\n\n{small}"), cell).sha256 == sha256
    for old, new in (
        ("bpr: 15", "bpr: 16"),
        ("en: Look at it.", "en: Look."),
        ("scan: [sugar]", "scan: [sugar, salt]"),
    ):
        assert bind(read_recipe(changed(old, new)), cell).sha256 != sha256


@given(grams=st.integers(500, 2000))
def test_what_is_needed_grows_with_the_size_and_keeps_its_proportions(
    small: str, cell: ProcessCell, grams: int
) -> None:
    control = bind(read_recipe(small), cell, Quantity(Decimal(grams), "g"))
    salt, sugar = (control.inputs[name].amount for name in ("salt", "sugar"))
    assert salt is not None
    assert sugar is not None
    assert (salt.value - 10) * 480 == sugar.value * 500
    assert control.size == Quantity((Decimal(grams) / 1000).normalize(), "kg")
