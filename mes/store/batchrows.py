"""Batches as lists show them, and the creation of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from mes.model.change import BatchSummary
from mes.model.events import BatchCreated, StateChange
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import FINAL, ProceduralState
from mes.model.waiting import Wait
from mes.store.booking import batch_id_of, book
from mes.store.dialect import lock_cell
from mes.store.errors import BooksRefused
from mes.store.schema import BATCH
from mes.store.waitjson import waits_as_json, waits_of_json

# Built once: it is on the path of every commit.
_SHOWN = ("state", "activity", "waiting", "waits", "queued", "priority", "queue_rank", "start_after")
_SHOW = (
    update(BATCH).where(BATCH.c.batch_no == bindparam("of_batch")).values({name: bindparam(name) for name in _SHOWN})
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A batch as it stands. The times are process time.

    `waiting` says in words what it waits for and `waits` as data, by path ("" for the batch itself). When it is
    `queued` it starts by itself: the higher `priority` first, then the smaller `queue_rank`, when the batch
    `start_after` is complete (empty: at once).
    """

    batch_no: str
    uid: str
    cell: str
    recipe_id: str
    recipe_version: str
    recipe_sha256: str
    product: str
    size: Quantity
    state: ProceduralState
    activity: str
    waiting: str
    waits: Mapping[str, Wait]
    queued: bool
    priority: int
    queue_rank: Decimal
    start_after: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


def create_batch(
    connection: Connection,
    *,
    cell: str,
    control: ControlRecipe,
    by: str,
    at: datetime,
    proposed_lots: Mapping[str, str],
    key: str | None,
) -> str:
    """Put a new batch into the books and give its number (B-0001, B-0002 ...).

    A repeated idempotency `key` gives the batch it made before; raises `BooksRefused` when that was of another recipe.
    """
    lock_cell(connection, cell)
    if key is not None:
        before = made_before(connection, key=key, control=control)
        if before is not None:
            return before
    number = (connection.execute(select(func.max(BATCH.c.id))).scalar() or 0) + 1
    batch_no = f"B-{number:04}"
    connection.execute(
        insert(BATCH),
        {
            "id": number,
            "uid": str(uuid_utils.uuid7()),
            "batch_no": batch_no,
            "cell": cell,
            "key": key,
            "recipe_id": control.recipe_id,
            "recipe_version": control.version,
            "recipe_sha256": control.sha256,
            "product": control.product,
            "size": control.size.value,
            "size_uom": control.size.uom,
            "state": ProceduralState.IDLE.value,
            "activity": "",
            "waiting": "",
            "created_at": at,
        },
    )
    created = BatchCreated(control=control, proposed_lots=dict(proposed_lots), by=by)
    book(connection, cell=cell, at=at, facts=[(batch_no, created)])
    return batch_no


def made_before(connection: Connection, *, key: str, control: ControlRecipe) -> str | None:
    """Give the batch that an idempotency `key` has made, None for none; raises `BooksRefused` when it was another."""
    before = connection.execute(
        select(BATCH.c.batch_no, BATCH.c.recipe_sha256, BATCH.c.size, BATCH.c.size_uom).where(BATCH.c.key == key)
    ).first()
    if before is None:
        return None
    if (before.recipe_sha256, before.size, before.size_uom) != (control.sha256, control.size.value, control.size.uom):
        raise BooksRefused(f"the key {key!r} made batch {before.batch_no} of another recipe or size: use a new key")
    return str(before.batch_no)


def show(connection: Connection, summary: BatchSummary) -> None:
    """Write what lists show of a batch; raises `NotInBooks` that names the nearest ones."""
    shown = connection.execute(
        _SHOW,
        {
            "of_batch": summary.batch_no,
            "state": ProceduralState(summary.state).value,
            "activity": summary.activity,
            "waiting": summary.waiting,
            "waits": waits_as_json(summary.waits),
            "queued": summary.queued,
            "priority": summary.priority,
            "queue_rank": summary.queue_rank,
            "start_after": summary.start_after,
        },
    )
    if shown.rowcount != 1:
        batch_id_of(connection, summary.batch_no)


def note_times(connection: Connection, batch_no: str, fact: StateChange, at: datetime) -> None:
    """Write when a batch began and ended, from a change of state of the batch itself."""
    if fact.path:
        return
    this = BATCH.c.id == batch_id_of(connection, batch_no)
    if fact.before is ProceduralState.IDLE:
        connection.execute(update(BATCH).where(this & BATCH.c.started_at.is_(None)).values(started_at=at))
    if fact.after in FINAL:
        connection.execute(update(BATCH).where(this & BATCH.c.ended_at.is_(None)).values(ended_at=at))


def _batch(row: Row[Any]) -> BatchRow:
    return BatchRow(
        batch_no=row.batch_no,
        uid=row.uid,
        cell=row.cell,
        recipe_id=row.recipe_id,
        recipe_version=row.recipe_version,
        recipe_sha256=row.recipe_sha256,
        product=row.product,
        size=Quantity(row.size, row.size_uom),
        state=ProceduralState(row.state),
        activity=row.activity,
        waiting=row.waiting,
        waits=waits_of_json(row.waits),
        queued=row.queued,
        priority=row.priority,
        queue_rank=row.queue_rank,
        start_after=row.start_after,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def list_batches(connection: Connection, *, limit: int | None = None) -> Sequence[BatchRow]:
    """Give the batches, newest first."""
    return [_batch(row) for row in connection.execute(select(BATCH).order_by(BATCH.c.id.desc()).limit(limit))]


def the_batch(connection: Connection, batch_no: str) -> BatchRow:
    """Give the batch of that number; raises `NotInBooks` that names the nearest ones."""
    batch_id = batch_id_of(connection, batch_no)
    return _batch(connection.execute(select(BATCH).where(BATCH.c.id == batch_id)).one())


def open_batches(connection: Connection, cell: str) -> list[str]:
    """Give the numbers of the batches of a cell that have not ended, oldest first."""
    query = select(BATCH.c.batch_no).where(BATCH.c.cell == cell, BATCH.c.ended_at.is_(None)).order_by(BATCH.c.id)
    return list(connection.execute(query).scalars())


def state_of(connection: Connection, batch_no: str) -> ProceduralState | None:
    """Give the state of a batch as lists show it; None when there is none of that number."""
    found = connection.execute(select(BATCH.c.state).where(BATCH.c.batch_no == batch_no)).scalar()
    return None if found is None else ProceduralState(found)
