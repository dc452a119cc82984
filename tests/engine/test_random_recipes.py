"""Thousands of random recipes under random commands: whatever happens, the batches end and leave nothing behind."""

from __future__ import annotations

import random

import pytest

from tests.engine.hall import Hall
from tests.engine.hall_plant import hall_cell
from tests.engine.random_recipes import Author

BLOCKS = 20
TICKS = 25


def one(seed: int) -> None:
    dice = random.Random(seed)
    recipes = [Author(dice, size=dice.randint(2, 8)).recipe() for _ in range(dice.randint(1, 3))]
    hall = Hall(recipes, hall_cell(), dice)
    hall.start()
    for _ in range(dice.randint(5, TICKS)):
        hall.tick()
        if dice.random() < 0.5:
            hall.disturb()
    hall.finish(ticks=400)
    hall.consistent()


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_batch_of_any_recipe_ends_and_no_unit_is_left_or_had_twice(
    block: int, request: pytest.FixtureRequest
) -> None:
    count: int = request.config.getoption("--recipes")
    for seed in range(block * count // BLOCKS, (block + 1) * count // BLOCKS):
        try:
            one(seed)
        except Exception as error:
            error.add_note(f"seed {seed}")
            raise
