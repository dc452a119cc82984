"""The queue of batches that start by themselves, in the order in which they will."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mes.model.states import ProceduralState
from mes.store.batchrows import open_batches, the_batch


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlace:
    """A batch in the queue. `position` 1 is the next; `after` is the batch whose end it waits for (empty: none),
    `waiting` what else keeps it."""

    position: int
    batch_no: str
    recipe_id: str
    priority: int
    after: str
    waiting: str


def queue_of(connection: Connection, cell: str) -> Sequence[QueuePlace]:
    """Give the queue of a process cell: the higher priority first, within one the order of their coming or moving."""
    rows = [the_batch(connection, batch_no) for batch_no in open_batches(connection, cell)]
    queued = [row for row in rows if row.queued and row.state is ProceduralState.IDLE]
    queued.sort(key=lambda row: (-row.priority, row.queue_rank, row.batch_no))
    return [
        QueuePlace(
            position=position,
            batch_no=row.batch_no,
            recipe_id=row.recipe_id,
            priority=row.priority,
            after=row.start_after,
            waiting=row.waiting,
        )
        for position, row in enumerate(queued, start=1)
    ]
