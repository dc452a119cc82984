"""A new SQLite file for every test, and the few values that every test of the store needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mes.model.procedure import Group, Level, Order
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.store.batchrows import create_batch
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.versions import upgrade


@pytest.fixture
def at() -> datetime:
    """Some process time."""
    return datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database of the test is."""
    return tmp_path / "mes.db"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database of the newest schema, made once and copied for every test."""
    path = tmp_path_factory.mktemp("empty") / "mes.db"
    upgrade(sqlite_url(path))
    return path


@pytest.fixture
def url(path: Path, empty: Path) -> str:
    """An empty database of the newest schema."""
    shutil.copy(empty, path)
    return sqlite_url(path)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The same, open."""
    with Database(url) as opened:
        yield opened


@pytest.fixture
def control() -> ControlRecipe:
    """A control recipe without a phase."""
    return ControlRecipe(
        recipe_id="R1",
        version="1",
        title={"en": "Electrolyte", "zh": "电解质"},
        product="LPSCL",
        size=Quantity(Decimal("1.00"), "kg"),
        formula={},
        inputs={},
        outputs={},
        procedure=Group(path="R1", name="R1", level=Level.PROCEDURE, order=Order.SEQUENCE, children=()),
        sha256="c0ffee",
    )


@pytest.fixture
def batch_no(database: Database, control: ControlRecipe, at: datetime) -> str:
    """A batch in the books."""
    return database.write_now(
        lambda connection: create_batch(
            connection, cell="pilot", control=control, by="ann", at=at, proposed_lots={}, key=None
        )
    )
