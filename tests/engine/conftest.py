"""A batch of the small recipe in an idle plant."""

from __future__ import annotations

import pytest

from mes.model.equipment import ProcessCell
from tests.engine.recipe import line_cell, whole_recipe
from tests.engine.shift import Plant, Shift


@pytest.fixture(scope="session")
def cell() -> ProcessCell:
    """The equipment of the line."""
    return line_cell()


@pytest.fixture
def shift(cell: ProcessCell) -> Shift:
    """A batch that has not begun, in a plant where nothing runs."""
    return Shift(whole_recipe(cell), Plant(cell=cell))
