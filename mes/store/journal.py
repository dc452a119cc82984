"""The journal: an append-only record with a hash chain, written in the same transaction as what it records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from mes.model.events import Fact
from mes.model.recordwords import RECORD_WORD
from mes.store.dialect import lock_cell
from mes.store.errors import StoreError
from mes.store.factjson import canonical, from_text, to_text
from mes.store.schema import BATCH, JOURNAL

START = "0" * 64
"""What stands for the hash before the first entry of a cell."""

# Built once: on the path of every commit, building a statement costs as much as running it.
_APPEND = insert(JOURNAL)
_HEAD = (
    select(JOURNAL.c.seq, JOURNAL.c.hash)
    .where(JOURNAL.c.cell == bindparam("of_cell"))
    .order_by(JOURNAL.c.seq.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One fact as it stands in the journal. `word` is its BatchML record word, `hash` seals it and all before it."""

    cell: str
    seq: int
    at: datetime
    batch_no: str
    word: str
    path: str
    fact: Fact
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """The first entry of a cell whose seal is broken, and what is wrong with it."""

    cell: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """A fact to be written: `batch_id` and `batch_no` are of its batch (None and "" for a fact of the cell)."""

    batch_id: int | None
    batch_no: str
    fact: Fact


def seal(*, prev_hash: str, cell: str, seq: int, at: datetime, batch_no: str, body: str) -> str:
    """Give the SHA-256 of an entry and of everything before it."""
    sealed = canonical([prev_hash, cell, seq, at.astimezone(UTC).isoformat(timespec="microseconds"), batch_no, body])
    return hashlib.sha256(sealed.encode()).hexdigest()


def append(connection: Connection, *, cell: str, at: datetime, entries: Sequence[NewEntry]) -> int:
    """Write facts behind the last entry of the cell and give the new last sequence number."""
    lock_cell(connection, cell)
    seq, last = head(connection, cell)
    rows: list[dict[str, object]] = []
    for entry in entries:
        seq += 1
        body = to_text(entry.fact)
        before, last = last, seal(prev_hash=last, cell=cell, seq=seq, at=at, batch_no=entry.batch_no, body=body)
        rows.append(
            {
                "cell": cell,
                "seq": seq,
                "at": at,
                "batch_id": entry.batch_id,
                "event": entry.fact.event,
                "word": RECORD_WORD[entry.fact.event],
                "path": path_of(entry.fact),
                "body": body,
                "prev_hash": before,
                "hash": last,
            }
        )
    if rows:
        connection.execute(_APPEND, rows)
    return seq


def path_of(fact: Fact) -> str:
    """Give the recipe path of the element a fact belongs to, "" for the batch or the cell itself."""
    return str(getattr(fact, "path", ""))


def head(connection: Connection, cell: str) -> tuple[int, str]:
    """Give the last sequence number and hash of a cell: note them elsewhere, and a cut-off tail is found out."""
    last = connection.execute(_HEAD, {"of_cell": cell}).first()
    return (last.seq, last.hash) if last else (0, START)


def last_at(connection: Connection) -> datetime | None:
    """Give the latest time in the journal; None when it is empty."""
    latest: datetime | None = connection.execute(select(func.max(JOURNAL.c.at))).scalar()
    return latest


def entries_of(connection: Connection, batch_no: str) -> list[Entry]:
    """Give the entries of a batch in journal order."""
    rows = connection.execute(
        select(JOURNAL, BATCH.c.batch_no)
        .join(BATCH, BATCH.c.id == JOURNAL.c.batch_id)
        .where(BATCH.c.batch_no == batch_no)
        .order_by(JOURNAL.c.seq)
    )
    return [_entry(row) for row in rows]


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        cell=row.cell,
        seq=row.seq,
        at=row.at,
        batch_no=row.batch_no or "",
        word=row.word,
        path=row.path,
        fact=from_text(row.body),
        hash=row.hash,
    )


def verify(connection: Connection) -> Iterator[Break]:
    """Go through every cell's chain and give the first broken entry of each that has one.

    An entry that was changed, taken out or put in is found; entries cut off at the end are not: compare `head` with a
    copy kept elsewhere (a batch record holds the hash of its last entry).
    """
    for cell in connection.execute(select(JOURNAL.c.cell).distinct().order_by(JOURNAL.c.cell)).scalars().all():
        broken = _verify_cell(connection, cell)
        if broken:
            yield broken


def _verify_cell(connection: Connection, cell: str) -> Break | None:
    seq, last = 0, START
    rows = connection.execute(
        select(JOURNAL, BATCH.c.batch_no)
        .outerjoin(BATCH, BATCH.c.id == JOURNAL.c.batch_id)
        .where(JOURNAL.c.cell == cell)
        .order_by(JOURNAL.c.seq)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        seq += 1
        if row.seq != seq:
            return Break(cell=cell, seq=seq, why=f"entry {seq} is missing, the next one is {row.seq}")
        if row.prev_hash != last:
            return Break(cell=cell, seq=seq, why="it does not continue the entry before it")
        sealed = seal(prev_hash=last, cell=cell, seq=seq, at=row.at, batch_no=row.batch_no or "", body=row.body)
        if row.hash != sealed:
            return Break(cell=cell, seq=seq, why="its content is not what was sealed")
        if mismatch := _columns_differ(row):
            return Break(cell=cell, seq=seq, why=mismatch)
        last = row.hash
    return None


def _columns_differ(row: Row[Any]) -> str:
    try:
        fact = from_text(row.body)
    except StoreError as error:
        return str(error)
    shown = (row.event, row.word, row.path)
    sealed = (fact.event, RECORD_WORD[fact.event], path_of(fact))
    return "" if shown == sealed else f"its columns say {shown}, its sealed content {sealed}"
