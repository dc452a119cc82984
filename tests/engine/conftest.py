"""A batch of the small recipe: with nothing but the pure step around it, and in a whole cell."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from mes.model.equipment import ProcessCell
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.versions import upgrade
from tests.engine.recipe import HEAT, line_cell, whole_recipe
from tests.engine.shift import Plant, Shift
from tests.engine.works import Works
from tests.engine.yard import yard_map


@pytest.fixture(scope="session")
def cell() -> ProcessCell:
    """The equipment of the line."""
    return line_cell()


@pytest.fixture
def shift(cell: ProcessCell) -> Shift:
    """A batch that has not begun, in a plant where nothing runs."""
    return Shift(whole_recipe(cell), Plant(cell=cell))


@pytest.fixture
def cooking(shift: Shift) -> Shift:
    """A batch whose heating and stirring run for long."""
    shift.plant.slots["RX-1.HT"].work = shift.plant.slots["RX-1.ST"].work = 40
    shift.run_to(HEAT)
    return shift


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once and copied for every test."""
    path = tmp_path_factory.mktemp("empty") / "mes.db"
    upgrade(sqlite_url(path))
    return path


@pytest.fixture
def database(empty: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "mes.db"
    shutil.copy(empty, path)
    with Database(sqlite_url(path)) as opened:
        yield opened


@pytest.fixture
async def yard(database: Database) -> AsyncIterator[Works]:
    """A yard in which a phase runs until it is let end."""
    made = Works(database, yard_map())
    made.program.running_scans = 100_000
    yield made
    await made.plc.stop()


@pytest.fixture
async def works(database: Database) -> AsyncIterator[Works]:
    made = Works(database)
    yield made
    await made.plc.stop()
