"""What batch lists show of every open batch, written when it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mes.engine.ports import BatchSummary
from mes.engine.queue_places import is_queued
from mes.model.execution import BatchState
from mes.model.progress import activity
from mes.model.waiting import Wait


def summary_of(state: BatchState, waits: Mapping[str, Wait]) -> BatchSummary:
    """Give what lists show of a batch. One that has ended waits for nothing, whatever the last look had said."""
    still = {} if state.ended else waits
    queue = state.queue if is_queued(state) else None
    told = (f"{_name(path)} waits for {wait}" if path else f"waits for {wait}" for path, wait in still.items())
    summary = BatchSummary(
        batch_no=state.batch_no,
        state=state.state,
        activity=activity(state),
        waiting="; ".join(told),
        waits=dict(still),
    )
    if queue is None:
        return summary
    return replace(summary, queued=True, priority=queue.priority, queue_rank=queue.rank, start_after=queue.after)


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


@dataclass(slots=True)
class Summaries:
    """Remembers what was written. Only batches that were looked at since can show something else."""

    _written: dict[str, BatchSummary] = field(default_factory=dict)
    _touched: dict[str, None] = field(default_factory=dict)

    def touch(self, batch_no: str) -> None:
        """Take notice that a batch may show something else now."""
        self._touched[batch_no] = None

    def note(self, summary: BatchSummary) -> None:
        """Take notice of what was written together with facts."""
        self._written[summary.batch_no] = summary

    def due(
        self, batches: Mapping[str, BatchState], waiting: Mapping[str, Mapping[str, Wait]]
    ) -> Iterable[BatchSummary]:
        """Give what is to be written now."""
        touched, self._touched = self._touched, {}
        fresh = [summary_of(batches[number], waiting.get(number, {})) for number in touched if number in batches]
        changed = [summary for summary in fresh if self._written.get(summary.batch_no) != summary]
        for summary in changed:
            self.note(summary)
        return changed

    def forget(self, batch_no: str) -> None:
        """Drop what is remembered of an ended batch."""
        self._written.pop(batch_no, None)
        self._touched.pop(batch_no, None)
