"""One writer: durable when it answers, many in one commit, one that fails takes nothing with it."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, select, update

from mes.store import dialect
from mes.store.database import Database
from mes.store.dialect import make_engine
from mes.store.errors import StoreError
from mes.store.journal import verify
from mes.store.schema import CELL, JOURNAL
from mes.store.writer import Writer

WAIT_S = 20.0


def put_cell(connection: Connection, name: str) -> str:
    connection.execute(insert(CELL), {"name": name, "owner": "", "epoch": 0, "until": None, "exec_high": 0})
    return name


def cells(connection: Connection) -> list[str]:
    return list(connection.execute(select(CELL.c.name).order_by(CELL.c.name)).scalars())


class Busy:
    """Keeps a writer in its first unit until `let_go`, so that what is put meanwhile becomes one group."""

    def __init__(self, writer: Writer) -> None:
        self._free = threading.Event()
        self._begun = threading.Event()
        self.first = writer.put(self._hold)
        assert self._begun.wait(WAIT_S)

    def _hold(self, connection: Connection) -> None:
        self._begun.set()
        assert self._free.wait(WAIT_S)

    def let_go(self) -> None:
        self._free.set()
        self.first.result(WAIT_S)


@pytest.fixture
def commits() -> list[str]:
    return []


@pytest.fixture
def writer(url: str, commits: list[str]) -> object:
    engine = make_engine(url, read_only=False)
    event.listen(engine, "commit", lambda connection: commits.append("commit"))
    made = Writer(engine, url)
    yield made
    made.close()
    engine.dispose()


def test_units_that_wait_together_share_one_commit(writer: Writer, commits: list[str]) -> None:
    busy = Busy(writer)
    waiting = [
        writer.put(lambda connection, name=f"cell {number:02}": put_cell(connection, name)) for number in range(50)
    ]
    busy.let_go()
    assert [future.result(WAIT_S) for future in waiting] == [f"cell {number:02}" for number in range(50)]
    assert len(commits) == 2


def test_a_unit_that_fails_takes_nothing_with_it(writer: Writer, database: Database) -> None:
    def half_done(connection: Connection) -> None:
        put_cell(connection, "half")
        raise ZeroDivisionError("on purpose")

    busy = Busy(writer)
    before = writer.put(lambda connection: put_cell(connection, "before"))
    failing: Future[None] = writer.put(half_done)
    twice = writer.put(lambda connection: put_cell(connection, "before"))
    after = writer.put(lambda connection: put_cell(connection, "after"))
    busy.let_go()
    assert (before.result(WAIT_S), after.result(WAIT_S)) == ("before", "after")
    with pytest.raises(ZeroDivisionError, match="on purpose"):
        failing.result(WAIT_S)
    with pytest.raises(StoreError, match="UNIQUE constraint failed"):
        twice.result(WAIT_S)
    assert database.read_now(cells) == ["after", "before"]


async def test_a_write_is_there_for_other_programs_when_the_call_returns(database: Database, path: Path) -> None:
    await database.write(lambda connection: put_cell(connection, "pilot"))
    raw = sqlite3.connect(path)
    assert raw.execute("SELECT name FROM cell").fetchall() == [("pilot",)]
    raw.close()


async def test_a_write_that_is_cancelled_before_its_turn_is_not_written(writer: Writer, database: Database) -> None:
    busy = Busy(writer)
    waiting = asyncio.ensure_future(writer.submit(lambda connection: put_cell(connection, "too late")))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    busy.let_go()
    await writer.submit(lambda connection: put_cell(connection, "next"))
    assert database.read_now(cells) == ["next"]


def test_closing_writes_what_is_queued_and_then_refuses(url: str, database: Database) -> None:
    engine = make_engine(url, read_only=False)
    writer = Writer(engine, url)
    busy = Busy(writer)
    queued = [writer.put(lambda connection, name=name: put_cell(connection, name)) for name in ("a", "b")]
    closing = threading.Thread(target=writer.close)
    closing.start()
    busy.let_go()
    closing.join(WAIT_S)
    assert [future.result(0) for future in queued] == ["a", "b"]
    with pytest.raises(StoreError, match="closed"):
        writer.put(cells)
    engine.dispose()
    assert database.read_now(cells) == ["a", "b"]


def test_a_database_that_another_program_holds_is_a_readable_error_and_no_end(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialect, "BUSY_S", 0.1)
    with Database(url) as database:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="held by another program"):
            database.write_now(lambda connection: put_cell(connection, "pilot"))
        assert database.read_now(cells) == []
        holder.execute("ROLLBACK")
        holder.close()
        assert database.write_now(lambda connection: put_cell(connection, "pilot")) == "pilot"


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError, match="readonly"):
        database.read_now(lambda connection: put_cell(connection, "pilot"))
    assert database.read_now(cells) == []


def test_the_settings_that_durability_rests_on_are_in_force(database: Database) -> None:
    def settings(connection: Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert database.write_now(settings) == ["wal", 2, 1]


WRITES_UNTIL_KILLED = """
import sys
from datetime import datetime, timezone
from mes.model.events import EngineChange
from mes.store.booking import book
from mes.store.database import Database
database = Database(sys.argv[1])
at = datetime(2026, 3, 1, tzinfo=timezone.utc)
while True:
    fact = EngineChange(owner="child", epoch=1, text="one more")
    print(database.write_now(lambda connection: book(connection, cell="pilot", at=at, facts=[("", fact)])), flush=True)
"""


def test_what_was_acknowledged_is_there_after_a_kill(url: str) -> None:
    writing = subprocess.Popen([sys.executable, "-c", WRITES_UNTIL_KILLED, url], stdout=subprocess.PIPE, text=True)
    assert writing.stdout is not None
    acknowledged = 0
    try:
        while acknowledged < 100:
            acknowledged = int(writing.stdout.readline())
    finally:
        writing.send_signal(signal.SIGKILL)
        rest = writing.stdout.read().split()
        writing.stdout.close()
        writing.wait(WAIT_S)
    acknowledged = max([acknowledged, *(int(line) for line in rest)])
    with Database(url) as database:
        written = database.read_now(lambda connection: connection.execute(select(JOURNAL.c.seq)).scalars().all())
        assert list(written) == list(range(1, len(written) + 1))
        assert len(written) in (acknowledged, acknowledged + 1)
        assert database.read_now(lambda connection: list(verify(connection))) == []


def test_a_transaction_never_begins_as_a_reader_and_fails_at_its_first_write(
    database: Database, path: Path, at: datetime
) -> None:
    def read_then_write(connection: Connection) -> int:
        before = cells(connection)
        other = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("UPDATE cell SET epoch = 1")
        other.close()
        connection.execute(update(CELL).values(until=at))
        return len(before)

    assert database.write_now(read_then_write) == 0
