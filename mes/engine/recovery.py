"""What an earlier engine left open: settle each request as soon as its PLC can be read, and what was never sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mes.engine.dispatch import Dispatch, Outcome
from mes.engine.ports import OpenRequest
from mes.model.execution import BatchState


@dataclass(slots=True)
class Recovery:
    """The requests without an answer that were found at the beginning.

    The new epoch fences them: what the PLC has not taken by now it never will.
    """

    dispatch: Dispatch
    _unresolved: list[OpenRequest] = field(default_factory=list)

    def begin(self, left: Sequence[OpenRequest], batches: Mapping[str, BatchState]) -> list[Outcome]:
        """Take over what was left; give the outcome of every command that was decided and put into no request."""
        self._unresolved = list(left)
        asked = {(one.batch_no, one.path) for one in left}
        return [
            self.dispatch.never_sent(batch_no, path, execution)
            for batch_no, state in batches.items()
            for path, execution in state.executions.items()
            if execution.pending is not None and (batch_no, path) not in asked
        ]

    def resolved(self) -> Iterator[Outcome]:
        """Give the outcome of every request whose PLC can be read now."""
        for left in list(self._unresolved):
            status = self.dispatch.status(left.request.plc, left.request.slot)
            if status.fresh:
                self._unresolved.remove(left)
                yield self.dispatch.judged(left, status)
