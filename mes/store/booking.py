"""One door for facts: what a fact does to lots and genealogy, and its journal entry, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from mes.model.events import Consume, Fact, LotReceived, Produce
from mes.model.steering import TestResults
from mes.store.errors import not_in_books
from mes.store.journal import NewEntry, append
from mes.store.lots import consume, note_results, produce, receive
from mes.store.schema import BATCH

_BATCH_ID = select(BATCH.c.id).where(BATCH.c.batch_no == bindparam("of_batch"))


def book(connection: Connection, *, cell: str, at: datetime, facts: Iterable[tuple[str, Fact]]) -> int:
    """Record facts as (batch number, fact) with all that follows from them; give the last sequence number.

    An empty batch number is a fact of the cell. Raises `NotInBooks` for an unknown batch, `BooksRefused` for a fact
    that would make the books wrong; then the caller's transaction must not be kept.
    """
    batches: dict[str, int | None] = {"": None}
    entries: list[NewEntry] = []
    for batch_no, fact in facts:
        if batch_no not in batches:
            batches[batch_no] = batch_id_of(connection, batch_no)
        batch_id = batches[batch_no]
        entries += [
            NewEntry(batch_id=batch_id, batch_no=batch_no, fact=entry)
            for entry in (fact, _follow(connection, at, batch_id, fact))
            if entry is not None
        ]
    return append(connection, cell=cell, at=at, entries=entries)


def _follow(connection: Connection, at: datetime, batch_id: int | None, fact: Fact) -> Fact | None:
    match fact:
        case LotReceived():
            receive(connection, at, fact)
        case Produce():
            produce(connection, at, batch_id, fact)
        case Consume():
            return consume(connection, fact)
        case TestResults() if fact.lot_no:
            note_results(connection, fact)
        case _:
            pass
    return None


def batch_id_of(connection: Connection, batch_no: str) -> int:
    """Give the key of a batch; raises `NotInBooks` that names the nearest ones."""
    found: int | None = connection.execute(_BATCH_ID, {"of_batch": batch_no}).scalar()
    if found is None:
        raise not_in_books(
            "batch", batch_no, connection.execute(select(BATCH.c.batch_no).order_by(BATCH.c.id.desc())).scalars()
        )
    return found
