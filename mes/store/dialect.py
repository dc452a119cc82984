"""Everything that differs between SQLite and PostgreSQL; no other file of the house knows which one it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import ConnectionPoolEntry

from mes.store.errors import StoreError

BUSY_S = 5.0
"""How long a writer waits for another process that holds the database (wall seconds)."""

ROWID_OF_EDGES = False
"""`sqlite_with_rowid` of a table kept in the order of its key; PostgreSQL has no such thing and ignores it."""


def sqlite_url(path: Path) -> str:
    """Give the database URL of a SQLite file."""
    return f"sqlite:///{path.absolute()}"


def file_of(url: str) -> Path | None:
    """Give the file of a SQLite URL, None for a database server; raises `StoreError` for a database in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return None
    if not parsed.database or parsed.database == ":memory:":
        raise StoreError("a SQLite database needs a file: a record in memory would not survive")
    return Path(parsed.database)


def make_engine(url: str, *, read_only: bool) -> Engine:
    """Make the SQLAlchemy engine of a URL with the settings that durability rests on."""
    if make_url(url).get_backend_name() != "sqlite":
        options = {"isolation_level": "REPEATABLE READ"} if read_only else {}
        return create_engine(url, **options)
    engine = create_engine(url, connect_args={"timeout": BUSY_S})

    def connected(dbapi_connection: Any, _: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions on its own: a deferred one fails at its first write (BUSY_SNAPSHOT)
        # without waiting, whatever the busy timeout is.
        dbapi_connection.isolation_level = None
        if not read_only:
            dbapi_connection.execute("PRAGMA journal_mode=WAL")
            dbapi_connection.execute("PRAGMA synchronous=FULL")
        dbapi_connection.execute("PRAGMA foreign_keys=ON")
        dbapi_connection.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def lock_cell(connection: Connection, cell: str) -> None:
    """Let one transaction at a time append to the books of a cell; on SQLite `BEGIN IMMEDIATE` has done it."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:cell))"), {"cell": cell})


def append_only(dialect: str, table: str, key: tuple[str, ...]) -> tuple[str, ...]:
    """Give the statements that make a table refuse UPDATE and DELETE (and, on SQLite, INSERT OR REPLACE)."""
    refusal = f"the {table} is append-only: a correction is a new entry with a reason"
    if dialect == "postgresql":
        return (
            f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        )
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    present = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - names of our own tables, no input
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {present} "
        f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END",
    )


def damage(connection: Connection) -> list[str]:
    """Give what the database itself finds wrong with its file and its references; a server checks itself."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
    found += [
        f"{table} row {row}: refers to a missing {parent}"
        for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check")
    ]
    return found
