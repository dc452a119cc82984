"""Batches as lists show them, and the creation of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, func, insert, select, update

from mes.model.change import BatchSummary
from mes.model.events import BatchCreated, StateChange
from mes.model.procedure import ControlRecipe
from mes.model.quantity import Quantity
from mes.model.states import FINAL, ProceduralState
from mes.store.booking import batch_id_of, book
from mes.store.dialect import lock_cell
from mes.store.errors import BooksRefused
from mes.store.schema import BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """A batch as it stands: `waiting` says in words what it waits for, the times are process time."""

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
    """Write what lists show of a batch."""
    connection.execute(
        update(BATCH)
        .where(BATCH.c.id == batch_id_of(connection, summary.batch_no))
        .values(state=ProceduralState(summary.state).value, activity=summary.activity, waiting=summary.waiting)
    )


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
