"""The batch queue: batches that the engine starts by itself, as soon as nothing keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mes.engine.deadlocks import lock_up
from mes.engine.doors import Doors
from mes.engine.ports import EngineStore
from mes.engine.queue_places import is_queued
from mes.model.equipment import ProcessCell
from mes.model.execution import BatchState
from mes.model.states import FINAL, ProceduralState
from mes.model.waiting import Wait, WaitKind

LOOK_EVERY_S = 1.0
"""Wall seconds between two looks at a queue in which nothing has happened: material may have come in."""


@dataclass(slots=True)
class StartQueue:
    """Says of every queued batch (`numbers`) what keeps it from starting. `stale` lets it look at once."""

    store: EngineStore
    doors: Doors
    equipment: ProcessCell
    stale: bool = True
    numbers: dict[str, None] = field(default_factory=dict)
    _looked_s: float = 0.0
    _locked: dict[str, str] = field(default_factory=dict)

    def note(self, state: BatchState) -> None:
        """Take notice of the new state of a batch."""
        if is_queued(state):
            self.numbers[state.batch_no] = None
        else:
            self.numbers.pop(state.batch_no, None)

    def is_due(self, now_s: float) -> bool:
        """Say whether it is time to look at the queue again."""
        if not self.numbers or (not self.stale and now_s - self._looked_s < LOOK_EVERY_S):
            return False
        if self.stale:
            # Somebody has started, ended, given back or taken: what would have locked up then may not any more.
            self._locked.clear()
        self.stale, self._looked_s = False, now_s
        return True

    async def why_not(self, state: BatchState, batches: Mapping[str, BatchState]) -> Wait | None:
        """Say what keeps a queued batch from starting now; None when nothing does."""
        after = "" if state.queue is None else state.queue.after
        if after and (wait := await self._before(after, batches)):
            return wait
        if short := await self.doors.shortages(state):
            return Wait(kind=WaitKind.MATERIAL, text="; ".join(short))
        if state.batch_no not in self._locked:
            self._locked[state.batch_no] = lock_up(state, batches.values(), self.equipment)
        if locked := self._locked[state.batch_no]:
            return Wait(kind=WaitKind.BATCH, text=f"another batch to end, for they could lock up: {locked}")
        return None

    async def _before(self, after: str, batches: Mapping[str, BatchState]) -> Wait | None:
        known = batches.get(after)
        found = known.state if known is not None else await self.store.state_of(after)
        if found is ProceduralState.COMPLETE:
            return None
        if found is None:
            text = f"a person: it starts after batch {after}, which there is not; put it into the queue anew"
        elif found in FINAL:
            text = (
                f"a person: batch {after} was {found}, so this one does not start after it; put it into the queue anew"
            )
        else:
            text = f"batch {after} to be complete, which is {found}"
        return Wait(kind=WaitKind.BATCH, text=text, owners=(after,))
