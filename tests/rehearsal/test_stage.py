"""Which PLCs a dry run simulates."""

from __future__ import annotations

from mes.plc.tagmap import process_cell
from mes.recipes.binding import bind
from mes.recipes.library import find_recipe
from mes.recipes.reader import read_recipe
from mes.rehearsal.rehearse import FASTEST, SLOWEST, chosen_speed
from mes.rehearsal.stage import needed_maps
from tests.rehearsal.portion import shipped_map

MAPS = [shipped_map(name) for name in ("bc", "fm", "mf", "sx", "sy", "ut")]


def needed(recipe: str) -> list[str]:
    cell = process_cell(MAPS)
    control = bind(read_recipe(find_recipe(recipe)), cell)
    return [tag_map.name for tag_map in needed_maps(control, cell, MAPS)]


def test_only_plcs_are_simulated_whose_units_or_tags_the_recipe_names() -> None:
    assert needed("C1") == ["BC"]
    assert needed("R1W") == ["SY", "UT"]  # UT only for the tags of a glovebox in a condition


def test_a_short_recipe_is_played_slowly_enough_to_be_seen_and_a_long_one_as_fast_as_a_plant_keeps_up() -> None:
    assert chosen_speed(600) == SLOWEST
    assert chosen_speed(100_000) == 2500
    assert chosen_speed(10_000_000) == FASTEST
