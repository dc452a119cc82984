"""Evaluate the start conditions of the phases that wait, with the memory that `for 10 min` needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from mes.engine.draft import Permissive
from mes.model.condition import Condition, ConditionMemory, Truth, evaluate, parse_condition
from mes.model.execution import BatchState
from mes.model.procedure import phases
from mes.model.reading import Reading
from mes.model.states import ProceduralState


@cache
def _parsed(text: str) -> Condition:
    return parse_condition(text)


@dataclass(slots=True)
class ConditionWatch:
    """Watches the conditions of one process cell. What it remembers is not state of a batch: after a restart a
    `for` begins anew, which is the cautious side."""

    _memories: dict[tuple[str, str], ConditionMemory] = field(default_factory=dict)
    _waiting_since: dict[tuple[str, str], datetime] = field(default_factory=dict)

    def look(
        self,
        state: BatchState,
        waiting: Mapping[str, str],
        reading: Callable[[str], Reading],
        uom: Callable[[str], str],
        at: datetime,
    ) -> Mapping[str, Permissive]:
        """Give how the condition of every phase that has one and has not begun stands now, by path.

        `waiting` is what the last step said: the wait for a condition is timed from when the turn of the phase has come
        and it is not true, so a phase that waited for its lot first is not late for its condition.
        """
        found: dict[str, Permissive] = {}
        if not state.going:
            # Nobody looks while a batch rests, so a `for` may not count that time.
            self.forget(state.batch_no)
            return found
        for phase in phases(state.control.procedure):
            if not phase.requires or state.state_of(phase.path) is not ProceduralState.IDLE:
                continue
            key = (state.batch_no, phase.path)
            verdict = evaluate(_parsed(phase.requires), reading, uom, self._memories.get(key, ConditionMemory()), at)
            self._memories[key] = verdict.memory
            if phase.path in waiting and verdict.truth is not Truth.TRUE:
                since = self._waiting_since.setdefault(key, at)
            else:
                since = at
                self._waiting_since.pop(key, None)
            found[phase.path] = Permissive(
                is_true=verdict.truth is Truth.TRUE, why=verdict.why, since_s=(at - since).total_seconds()
            )
        return found

    def forget(self, batch_no: str) -> None:
        """Drop what is remembered of an ended batch."""
        for memory in (self._memories, self._waiting_since):
            for key in [key for key in memory if key[0] == batch_no]:
                del memory[key]
