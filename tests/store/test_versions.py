"""The schema is made and brought forward on purpose, and nothing is created over what is there."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from mes.model.events import BatchCreated
from mes.model.procedure import Level
from mes.store.batchrows import the_batch
from mes.store.check import check
from mes.store.commandrows import pending
from mes.store.database import Database
from mes.store.dialect import make_engine, sqlite_url
from mes.store.errors import StoreError
from mes.store.journal import entries_of
from mes.store.schema import METADATA
from mes.store.versions import KNOWN_VERSION, place, upgrade

ROWS_0001 = Path(__file__).with_name("rows_0001.sql")
GARBAGE = b"this is not a database, it is a letter " * 200


def test_an_upgrade_from_empty_makes_just_the_tables_that_the_code_uses(database: Database) -> None:
    found = database.read_now(
        lambda connection: compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), METADATA
        )
    )
    assert found == []


def test_the_known_version_is_the_head_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "mes.store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == KNOWN_VERSION


def test_a_second_upgrade_changes_nothing(path: Path, url: str) -> None:
    before = path.read_bytes()
    assert upgrade(url) == KNOWN_VERSION
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "new 50%" / "data" / "mes.db")
    assert upgrade(url) == KNOWN_VERSION
    with Database(url):
        pass


def test_a_database_that_does_not_exist_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "mes.db"
    with pytest.raises(StoreError, match=r"mes\.db does not exist: make it with `mes db upgrade`"):
        Database(sqlite_url(path))
    assert not path.exists()


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(GARBAGE)
    for opening in (Database, upgrade):
        with pytest.raises(StoreError, match="damaged or is no database"):
            opening(sqlite_url(path))
    assert "damaged or is no database" in check(sqlite_url(path))[0].what
    assert path.read_bytes() == GARBAGE


def test_a_newer_schema_is_refused_with_both_versions(path: Path, url: str) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0099'")
    raw.close()
    for opening in (Database, upgrade):
        with pytest.raises(StoreError, match=f"version 0099, this program knows up to {KNOWN_VERSION}"):
            opening(url)


def test_the_books_of_the_first_version_are_brought_forward_with_everything_in_them(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    _make_as_of("0001", path)
    raw = sqlite3.connect(path)
    raw.executescript(ROWS_0001.read_text("utf-8"))
    raw.close()
    url = sqlite_url(path)
    assert upgrade(url) == KNOWN_VERSION
    assert check(url) == []
    with Database(url) as database:
        row = database.read_now(lambda connection: the_batch(connection, "B-0001"))
        assert (row.queued, row.priority, row.queue_rank, row.start_after, row.waits) == (False, 0, 0, "", {})
        (entry,) = database.read_now(lambda connection: entries_of(connection, "B-0001"))
        assert isinstance(entry.fact, BatchCreated)
        assert entry.fact.control.hold_propagation is Level.PROCEDURE
        (waiting,) = database.read_now(lambda connection: pending(connection, "pilot"))
        assert (waiting.batch_no, waiting.verb) == ("B-0001", "hold")
        differences = database.read_now(
            lambda connection: compare_metadata(MigrationContext.configure(connection), METADATA)
        )
        assert differences == []


def _make_as_of(version: str, path: Path) -> None:
    engine = make_engine(sqlite_url(path), read_only=False)
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", "mes.store:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    engine.dispose()


def test_an_older_schema_is_refused_until_it_is_brought_forward(path: Path, url: str) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0000'")
    raw.close()
    with pytest.raises(StoreError, match=r"version 0000, this program needs .*: bring it forward"):
        Database(url)


def test_a_database_of_something_else_is_refused(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE bookmarks (id INTEGER)")
    raw.close()
    with pytest.raises(StoreError, match=r"of something else \(it has tables bookmarks\)"):
        upgrade(sqlite_url(path))
    with pytest.raises(StoreError, match="no schema of mes"):
        Database(sqlite_url(path))


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="needs a file"):
        upgrade(url)


def test_messages_do_not_show_the_password_of_a_database_server() -> None:
    assert place("postgresql://mes:secret@db/mes") == "the database postgresql://mes:***@db/mes"


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_every_table_can_be_made_on_postgresql_too(table: object) -> None:
    made = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert "CREATE TABLE" in made
    assert "ROWID" not in made
