"""What a batch needs, and the largest batch that fits what is there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.equipment import ProcessCell
from mes.model.quantity import Quantity, parse_quantity
from mes.recipes.binding import bind
from mes.recipes.library import find_recipe
from mes.recipes.need import RESERVE, largest_size, requirements
from mes.recipes.problem import RecipeError
from mes.recipes.reader import read_recipe

FILM = read_recipe(find_recipe("R3"))


def test_the_charge_is_corrected_for_the_assay_of_each_lot(cell: ProcessCell) -> None:
    control = bind(read_recipe(find_recipe("R1")), cell)
    assert {name: str(amount) for name, amount in requirements(control).items()} == {
        "Li2S": "427.96 g",
        "P2S5": "414.08 g",
        "LiCl": "157.96 g",
    }
    assays = {"Li2S": Decimal("0.999"), "P2S5": Decimal("0.99"), "LiCl": Decimal("0.999")}
    weighed = requirements(control, assays)
    rounded = {name: amount.value.quantize(Decimal("0.01")) for name, amount in weighed.items()}
    assert rounded == {"Li2S": Decimal("428.39"), "P2S5": Decimal("418.26"), "LiCl": Decimal("158.12")}


def test_one_batch_of_powder_is_not_enough_for_a_hundred_metres(cell: ProcessCell) -> None:
    powder = requirements(bind(FILM, cell))["powder"]
    assert Quantity(Decimal(1200), "g").value < powder.value < Quantity(Decimal(1300), "g").value
    assert str(largest_size(FILM, {"powder": parse_quantity("890 g")})) == "60 m"


def test_plenty_gives_the_largest_batch_of_the_recipe() -> None:
    assert str(largest_size(FILM, {"powder": parse_quantity("50 kg")})) == "100 m"
    assert str(largest_size(FILM, {})) == "100 m"


def test_the_scarcest_input_decides() -> None:
    amounts = {"powder": parse_quantity("890 g"), "binder": parse_quantity("20 g"), "carrier": parse_quantity("200 m")}
    assert str(largest_size(FILM, amounts)) == "35 m"


def test_too_little_for_the_smallest_batch_is_told_with_both_amounts() -> None:
    with pytest.raises(RecipeError, match=r"not enough Li6PS5Cl powder: .*\(10 m\) needs 397 g .* there is 0\.3 kg"):
        largest_size(FILM, {"powder": parse_quantity("0.3 kg")})


def test_an_input_that_is_none_or_measured_otherwise_is_told() -> None:
    with pytest.raises(RecipeError, match="R3 has no input 'powdr'; did you mean 'powder'"):
        largest_size(FILM, {"powdr": parse_quantity("1 kg")})
    with pytest.raises(RecipeError, match="input powder: '5 m' does not fit"):
        largest_size(FILM, {"powder": parse_quantity("5 m")})


def test_the_assay_of_a_lot_counts_where_it_is_corrected_for(small: str) -> None:
    master = read_recipe(small)
    salt = {"salt": parse_quantity("770 g")}
    steps = Decimal("0.1")
    assert str(largest_size(master, salt, granularity=steps)) == "1.5 kg"
    assert str(largest_size(master, salt, granularity=steps, assays={"salt": Decimal("0.9")})) == "1.3 kg"


def test_what_is_lost_on_the_way_is_needed_on_top(changed: Callable[[str, str], str], cell: ProcessCell) -> None:
    master = read_recipe(changed("per: 480 g", "per: 480 g, yield: 96 %"))
    assert requirements(bind(master, cell))["sugar"] == parse_quantity("500 g")
    steps = Decimal("0.1")
    assert str(largest_size(master, {"sugar": parse_quantity("760 g")}, granularity=steps)) == "1.5 kg"
    assert str(largest_size(master, {"sugar": parse_quantity("750 g")}, granularity=steps)) == "1.4 kg"


@given(grams=st.integers(400, 1500))
def test_the_largest_batch_fits_and_one_metre_more_does_not(cell: ProcessCell, grams: int) -> None:
    there = Quantity(Decimal(grams), "g")
    size = largest_size(FILM, {"powder": there})
    usable = there.value * (1 - RESERVE)
    assert requirements(bind(FILM, cell, size))["powder"].value <= usable
    if size.value < 100:
        assert 300 + Decimal("9.7") * (size.value + 1) > usable
