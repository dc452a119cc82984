"""One batch as a person looks at it, derived from its facts and from what the engine last said it waits for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mes.batchqueue import QueuePlace, queue_of
from mes.model.events import BatchFact, Prompt, StateChange
from mes.model.execution import BatchState, batch_commands
from mes.model.expectation import remaining_s
from mes.model.fold import fold
from mes.model.progress import progress
from mes.model.states import FINAL, Command, ProceduralState
from mes.model.steering import Deviation
from mes.model.waiting import Wait
from mes.store.batchrows import BatchRow, the_batch
from mes.store.journal import Entry, entries_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One element that waits, and for what; `name` is that of the element, the path "" is the batch itself."""

    path: str
    name: str
    wait: Wait


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """One batch as a person looks at it: derived from its facts, nothing stored twice.

    `legal` are the commands possible now, `prompts` the open questions, `steps` (done, all), `remaining_s` process
    seconds. `waiting` is what the engine last said, in the order of the procedure. `queue` is its place in the batch
    queue, None when it is not in it.
    """

    row: BatchRow
    state: BatchState
    legal: Sequence[Command]
    prompts: Sequence[Prompt]
    steps: tuple[int, int]
    remaining_s: float
    now: datetime
    waiting: Sequence[Waiting] = ()
    deviations: Sequence[Deviation] = ()
    queue: QueuePlace | None = None


def look_at(connection: Connection, batch_no: str, now: datetime) -> BatchView:
    """Look at a batch; raises `NotInBooks` that names the nearest numbers."""
    row, entries = the_batch(connection, batch_no), entries_of(connection, batch_no)
    state = state_of(batch_no, entries)
    at = max(now, entries[-1].at)
    places = queue_of(connection, row.cell) if row.queued else ()
    return BatchView(
        row=row,
        state=state,
        legal=batch_commands(state.state),
        prompts=tuple(state.prompts.values()),
        steps=progress(state),
        remaining_s=0.0 if state.state in FINAL else remaining_s(state, begun_at(entries), at),
        now=at,
        waiting=() if state.ended else in_order(state, row.waits),
        deviations=tuple(entry.fact for entry in entries if isinstance(entry.fact, Deviation)),
        queue=next((place for place in places if place.batch_no == batch_no), None),
    )


def state_of(batch_no: str, entries: Sequence[Entry]) -> BatchState:
    """Give the state of a batch from its journal entries."""
    return fold(batch_no, [entry.fact for entry in entries if isinstance(entry.fact, BatchFact)])


def in_order(state: BatchState, waits: Mapping[str, Wait]) -> Sequence[Waiting]:
    """Give what the elements of a batch wait for, in the order of the procedure."""
    place = {path: number for number, path in enumerate(state.tree.elements)}
    return tuple(
        Waiting(path=path, name=name_of(state, path), wait=wait)
        for path, wait in sorted(waits.items(), key=lambda one: (place.get(one[0], len(place)), one[0]))
    )


def name_of(state: BatchState, path: str) -> str:
    """Give what an element is called: its name, or that of its exception block; the batch number for the batch."""
    if path == "":
        return state.batch_no
    found = state.tree.elements.get(path)
    if found is not None and found.name:
        return found.name
    block = state.tree.blocks.get(path)
    return block[1].name if block is not None else path.rsplit("/", 1)[-1]


def begun_at(entries: Sequence[Entry]) -> Mapping[str, datetime]:
    """Give when each element last left idle, by path, from the journal entries of its batch."""
    changes = [(entry.at, entry.fact) for entry in entries if isinstance(entry.fact, StateChange)]
    return {fact.path: at for at, fact in changes if fact.before is ProceduralState.IDLE}
