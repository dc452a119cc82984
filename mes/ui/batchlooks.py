"""The batches as the page shows them: open ones from the engine's memory, the others from the books."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from mes.batches import BatchView, QueuePlace, Waiting, begun_at, in_order
from mes.model.events import Prompt
from mes.model.execution import BatchState, batch_commands
from mes.model.expectation import remaining_s
from mes.model.progress import activity, mode_at, progress
from mes.model.states import Command, ProceduralState
from mes.model.steering import Mode
from mes.model.waiting import WaitKind
from mes.store.batchrows import BatchRow
from mes.store.journal import entries_of
from mes.ui.shown import ShownPlant

BOOKS_EVERY_S = 1.0
"""Wall seconds between two looks into the books."""

ENDED_SHOWN = 12
S = ProceduralState
_HAS_A_REASON = frozenset({S.PAUSING, S.PAUSED, S.HOLDING, S.HELD, S.STOPPING, S.ABORTING})


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLook:
    """One open batch as it is shown: `legal` the commands possible now, `left_s` process seconds to go.

    `because` is (who, why) of the last command when the batch does not go forward. `live` is the whole state of a batch
    that the engine drives. `waiting` are its elements that wait, in the order of the procedure; `part_modes` says that
    parts of it have a mode of their own; `queue` is its place in the batch queue.
    """

    batch_no: str
    recipe: str
    size: str
    state: ProceduralState
    legal: Sequence[Command]
    prompts: Sequence[Prompt] = ()
    steps: tuple[int, int] = (0, 0)
    activity: str = ""
    waiting: Sequence[Waiting] = ()
    mode: Mode = Mode.AUTOMATIC
    part_modes: bool = False
    queue: QueuePlace | None = None
    left_s: float = 0.0
    because: tuple[str, str] | None = None
    live: BatchState | None = None

    @property
    def waits(self) -> Mapping[str, str]:
        """Give in words what each waiting element waits for, by path."""
        return {one.path: one.wait.text for one in self.waiting}

    @property
    def confirmable(self) -> Sequence[Waiting]:
        """Give the elements that only wait for a person to let them begin."""
        return [one for one in self.waiting if one.wait.kind in {WaitKind.CONFIRMATION, WaitKind.BREAKPOINT}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """All batches of one moment: the open ones, newest first, the last ones that have ended, and the batch queue."""

    open: Sequence[BatchLook]
    ended: Sequence[BatchRow]
    queue: Sequence[QueuePlace] = ()


@dataclass(slots=True)
class BatchLooks:
    """Looks at the batches once for all pages; what the books say is kept for `BOOKS_EVERY_S`."""

    plant: ShownPlant
    _rows: Sequence[BatchRow] = ()
    _queue: Sequence[QueuePlace] = ()
    _read_s: float = -BOOKS_EVERY_S
    _begun: dict[str, dict[str, datetime]] = field(default_factory=dict)
    _idle: dict[str, BatchView] = field(default_factory=dict)

    async def look(self, *, fresh: bool = False) -> Looks:
        """Give the batches as they stand; `fresh` reads the books even if that was done just now."""
        now_s = time.monotonic()
        if fresh or now_s - self._read_s >= BOOKS_EVERY_S:
            self._read_s = now_s
            self._rows = await self.plant.batches.list()
            self._queue = await self.plant.batches.queued()
        still_open = [row for row in self._rows if row.ended_at is None]
        looks = [await self._look(row) for row in still_open]
        known = {row.batch_no for row in still_open}
        for kept in (self._begun, self._idle):
            for batch_no in kept.keys() - known:
                del kept[batch_no]
        ended = [row for row in self._rows if row.ended_at is not None]
        return Looks(open=looks, ended=ended[:ENDED_SHOWN], queue=self._queue)

    async def _look(self, row: BatchRow) -> BatchLook:
        state = self.plant.cell.batches.get(row.batch_no)
        if state is None:
            return await self._resting(row)
        begun = await self._begun_at(state)
        reason = (state.commanded_by, state.because) if state.state in _HAS_A_REASON and state.because else None
        return BatchLook(
            batch_no=row.batch_no,
            recipe=f"{row.recipe_id} {row.recipe_version}",
            size=str(row.size),
            state=state.state,
            legal=batch_commands(state.state),
            prompts=tuple(state.prompts.values()),
            steps=progress(state),
            activity=activity(state),
            waiting=in_order(state, self.plant.cell.waiting.get(row.batch_no, {})),
            mode=mode_at(state, ""),
            part_modes=any(path for path in state.modes),
            queue=self._place(row),
            left_s=remaining_s(state, begun, self.plant.cell.now()),
            because=reason,
            live=state,
        )

    async def _resting(self, row: BatchRow) -> BatchLook:
        """Look at a batch that the engine does not drive; nothing of it changes, so its record is read once."""
        if row.batch_no not in self._idle:
            self._idle[row.batch_no] = await self.plant.batches.show(row.batch_no)
        view = self._idle[row.batch_no]
        return BatchLook(
            batch_no=row.batch_no,
            recipe=f"{row.recipe_id} {row.recipe_version}",
            size=str(row.size),
            state=row.state,
            legal=batch_commands(row.state),
            steps=view.steps,
            left_s=view.remaining_s,
            activity=row.activity,
            waiting=in_order(view.state, row.waits),
            mode=mode_at(view.state, ""),
            part_modes=any(path for path in view.state.modes),
            queue=self._place(row),
        )

    def _place(self, row: BatchRow) -> QueuePlace | None:
        return next((place for place in self._queue if place.batch_no == row.batch_no), None)

    async def _begun_at(self, state: BatchState) -> Mapping[str, datetime]:
        """Give when each element began: from the record at first sight, then from what is seen to begin."""
        batch_no = state.batch_no
        if batch_no not in self._begun:
            entries = await self.plant.database.read(lambda connection: entries_of(connection, batch_no))
            self._begun[batch_no] = dict(begun_at(entries))
        begun, now = self._begun[batch_no], self.plant.cell.now()
        for path, element in state.states.items():
            if element is not S.IDLE:
                begun.setdefault(path, now)
        return begun
