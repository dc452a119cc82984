"""The journal keeps facts as they were, in one chain, and shows where somebody touched it."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import Connection, select

from mes.model.events import (
    Alarm,
    Fact,
    ProcessData,
)
from mes.model.quantity import Quantity
from mes.model.recordwords import RECORD_WORD
from mes.store.booking import book
from mes.store.database import Database
from mes.store.errors import BooksRefused, StoreError
from mes.store.factjson import from_text, to_text
from mes.store.journal import START, Break, entries_of, head, last_at, verify
from mes.store.schema import JOURNAL
from tests.store.facts import EVERY_FACT


def notes(*texts: str) -> list[tuple[str, Fact]]:
    return [("", Alarm(path="", source="test", text=text)) for text in texts]


@pytest.fixture
def five(database: Database, at: datetime, batch_no: str) -> Database:
    """Five entries: a batch, two notes of the cell, two of the batch."""

    def write(connection: Connection) -> None:
        book(connection, cell="pilot", at=at, facts=notes("one", "two"))
        alarms = [(batch_no, fact) for _, fact in notes("three", "four")]
        book(connection, cell="pilot", at=at + timedelta(seconds=1), facts=alarms)

    database.write_now(write)
    return database


def tamper(path: Path, statement: str) -> None:
    """What somebody with rights on the file can do: take the triggers out, change a row, put them back."""
    raw = sqlite3.connect(path)
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(statement)
    for _, sql in triggers:
        raw.execute(sql)
    raw.commit()
    raw.close()


def breaks(database: Database) -> list[Break]:
    return database.read_now(lambda connection: list(verify(connection)))


def test_there_is_an_example_of_every_fact() -> None:
    assert {type(fact) for fact in EVERY_FACT} == set(get_args(Fact))
    assert {fact.event for fact in EVERY_FACT} == set(RECORD_WORD)


@pytest.mark.parametrize("fact", EVERY_FACT, ids=lambda fact: fact.event)
def test_a_fact_comes_back_as_it_was(fact: Fact) -> None:
    assert from_text(to_text(fact)) == fact


def test_decimals_are_text_digit_for_digit() -> None:
    assert json.loads(to_text(EVERY_FACT[4]))["reports"] == {"NET": {"uom": "g", "value": "12.50"}}


def test_the_same_text_in_two_unicode_forms_is_recorded_alike() -> None:
    composed, decomposed = (Alarm(path="", source="", text=text) for text in ("\u00fc", "u\u0308"))
    assert to_text(composed) == to_text(decomposed)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), 12.5, "12"])
def test_a_fact_that_could_not_be_read_back_is_refused(value: object) -> None:
    fact = ProcessData(path="a", exec_id=1, reports={"NET": Quantity(value, "g")})  # type: ignore[arg-type]
    with pytest.raises(BooksRefused, match="ProcessData cannot be recorded"):
        to_text(fact)


def test_rows_of_another_age_stay_readable() -> None:
    older = '{"event": "StateChange", "path": "a", "before": "idle", "after": "starting"}'
    newer = older[:-1] + ', "because": "", "mood": "good"}'
    assert from_text(older) == from_text(newer) == EVERY_FACT[3]


def test_a_row_that_is_no_fact_is_an_error_that_says_so() -> None:
    with pytest.raises(StoreError, match="no fact of mes"):
        from_text('{"event": "Rumour"}')


def test_entries_are_numbered_sealed_and_found_by_batch(five: Database, batch_no: str, at: datetime) -> None:
    entries = five.read_now(lambda connection: entries_of(connection, batch_no))
    assert [(entry.seq, entry.word) for entry in entries] == [(1, "Modification"), (4, "Alarm"), (5, "Alarm")]
    assert entries[-1].at == at + timedelta(seconds=1)
    assert five.read_now(lambda connection: head(connection, "pilot")) == (5, entries[-1].hash)
    assert five.read_now(lambda connection: head(connection, "elsewhere")) == (0, START)
    assert five.read_now(last_at) == at + timedelta(seconds=1)
    assert breaks(five) == []


def test_cells_have_chains_of_their_own(five: Database, at: datetime) -> None:
    assert five.write_now(lambda connection: book(connection, cell="other", at=at, facts=notes("first"))) == 1
    assert breaks(five) == []


@pytest.mark.parametrize(
    ("statement", "seq", "why"),
    [
        ("UPDATE journal SET body = replace(body, 'two', '2') WHERE seq = 3", 3, "not what was sealed"),
        ("UPDATE journal SET at = '2026-03-01 08:29:00.000000' WHERE seq = 2", 2, "not what was sealed"),
        ("UPDATE journal SET batch_id = NULL WHERE seq = 4", 4, "not what was sealed"),
        ("UPDATE batch SET batch_no = 'B-0002'", 1, "not what was sealed"),
        ("UPDATE journal SET word = 'Consume' WHERE seq = 4", 4, "its columns say"),
        ("UPDATE journal SET hash = prev_hash WHERE seq = 5", 5, "not what was sealed"),
        ("DELETE FROM journal WHERE seq = 2", 2, "entry 2 is missing"),
        ("UPDATE journal SET seq = seq + 1 WHERE seq = 5", 5, "entry 5 is missing"),
        ("UPDATE journal SET prev_hash = hash WHERE seq = 3", 3, "does not continue"),
    ],
)
def test_what_was_altered_is_found_at_its_entry(five: Database, path: Path, statement: str, seq: int, why: str) -> None:
    tamper(path, statement)
    (found,) = breaks(five)
    assert (found.cell, found.seq) == ("pilot", seq)
    assert why in found.why


def test_a_cut_off_end_is_found_with_a_copy_of_the_head(five: Database, path: Path) -> None:
    kept = five.read_now(lambda connection: head(connection, "pilot"))
    tamper(path, "DELETE FROM journal WHERE seq = 5")
    assert five.read_now(lambda connection: head(connection, "pilot")) != kept


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET body = '{}'",
        "DELETE FROM journal WHERE seq = 1",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 1",
    ],
)
def test_the_database_itself_refuses_changes_to_the_journal(five: Database, path: Path, statement: str) -> None:
    raw = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="the journal is append-only"):
        raw.execute(statement)
    raw.close()
    assert breaks(five) == []


APPENDS = """
import sys
from datetime import datetime, timezone
from mes.model.events import Alarm
from mes.store.booking import book
from mes.store.database import Database
at = datetime(2026, 3, 1, tzinfo=timezone.utc)
sys.stdin.readline()
with Database(sys.argv[1]) as database:
    for number in range(60):
        fact = Alarm(path="", source=sys.argv[2], text=str(number))
        database.write_now(lambda connection: book(connection, cell="pilot", at=at, facts=[("", fact)]))
"""


def test_two_programs_that_append_at_once_keep_one_chain(url: str, database: Database) -> None:
    writing = [
        subprocess.Popen([sys.executable, "-c", APPENDS, url, name], stdin=subprocess.PIPE, text=True)
        for name in ("first", "second")
    ]
    try:
        for child in writing:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.close()
        assert [child.wait(40) for child in writing] == [0, 0]
    finally:
        for child in writing:
            child.kill()
            child.wait()
    bodies = database.read_now(
        lambda connection: connection.execute(select(JOURNAL.c.body).order_by(JOURNAL.c.seq)).scalars().all()
    )
    written = [(fact.source, fact.text) for body in bodies if isinstance(fact := from_text(body), Alarm)]
    for name in ("first", "second"):
        assert [text for source, text in written if source == name] == [str(number) for number in range(60)]
    assert breaks(database) == []
