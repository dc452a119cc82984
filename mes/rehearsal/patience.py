"""When a dry run is given up: nothing has happened for so long that nothing will."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mes.model.execution import BatchState
from mes.model.states import FINAL, ProceduralState
from mes.model.waiting import Wait, WaitKind

S = ProceduralState

RESTING = FINAL | {S.IDLE, S.HELD, S.PAUSED}
"""States in which nothing happens by itself."""

QUIET_S = 2.5
"""Wall seconds without any fact before anything is given up, so that commands on their way are not missed."""

BY_ITSELF = frozenset({WaitKind.CONDITION, WaitKind.INTERLOCK, WaitKind.TIME, WaitKind.PLC})
"""Kinds of waits that the plant, or the clock, may end."""

WAITED = timedelta(hours=12)
"""Process time that is allowed for such a wait; recipes limit most of them to less."""

RUN = timedelta(hours=24)
"""Process time that phases may run beyond four times the longest that the recipe expects."""


@dataclass(slots=True, kw_only=True)
class Patience:
    """Looks at a batch again and again; `longest_s` is the longest that a phase is expected to run."""

    longest_s: float
    _seen: BatchState | None = None
    _at: datetime | None = None
    _wall_s: float = field(default=0.0)

    def over(self, state: BatchState, waits: Collection[Wait], now: datetime, wall_s: float) -> str:
        """Say why the batch will not go on, "" as long as it may; `now` is process time, `wall_s` wall seconds."""
        if self._seen is None or self._at is None or state != self._seen:
            self._seen, self._at, self._wall_s = state, now, wall_s
            return ""
        if wall_s - self._wall_s < QUIET_S:
            return ""
        quiet = now - self._at
        if state.state in {S.HELD, S.PAUSED}:
            return f"the batch is {state.state}: {state.because}"
        hours = f"nothing has happened for {quiet.total_seconds() / 3600:.1f} process hours"
        if any(state.state_of(phase.path) not in RESTING for phase in state.tree.phases):
            running = timedelta(seconds=4 * self.longest_s) + RUN
            return f"{hours} while phases run" if quiet > running else ""
        if any(wait.kind in BY_ITSELF for wait in waits):
            return hours if quiet > WAITED else ""
        return "nothing runs, and nothing that it waits for comes by itself"
