"""Which batches need a look in this scan: those for which something has changed that a step could decide on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mes.model.execution import BatchState
from mes.model.states import Command
from mes.model.steps import PhaseStep
from mes.model.waiting import Wait, WaitKind

LIVE_WAITS = frozenset({WaitKind.CONDITION, WaitKind.PLC, WaitKind.SLOT, WaitKind.INTERLOCK})
"""Kinds of waits whose words change with the plant, or which are not waited for for ever."""

LIVE_EVERY_S = 1.0
"""Wall seconds between two looks at a batch of which only such words may have changed."""


@dataclass(slots=True)
class Attention:
    """Keeps which batch depends on which slots and times. A batch that nothing has happened to is not looked at."""

    _due: dict[str, None] = field(default_factory=dict)
    _slots: dict[str, frozenset[str]] = field(default_factory=dict)
    _watching: dict[str, dict[str, None]] = field(default_factory=dict)
    _timers: dict[str, datetime] = field(default_factory=dict)
    _live: dict[str, None] = field(default_factory=dict)
    _looked_s: float = 0.0

    def mark(self, batch_nos: Iterable[str]) -> None:
        """Let these batches be looked at."""
        for batch_no in batch_nos:
            self._due[batch_no] = None

    def mark_slots(self, slots: Iterable[str]) -> None:
        """Let the batches be looked at that depend on the status of these slots."""
        for slot in slots:
            self.mark(self._watching.get(slot, ()))

    def follow(self, state: BatchState, waiting: Mapping[str, Wait]) -> None:
        """Take a new state of a batch, and why its elements wait: from these follows what it depends on."""
        batch_no = state.batch_no
        slots = frozenset(_slots(state, waiting))
        before = self._slots.get(batch_no, frozenset())
        if slots != before:
            self._watch(batch_no, before, slots)
        times = [ends_at for path, ends_at in state.timers.items() if path in waiting]
        if times:
            self._timers[batch_no] = min(times)
        else:
            self._timers.pop(batch_no, None)
        if any(wait.kind in LIVE_WAITS for wait in waiting.values()):
            self._live[batch_no] = None
        else:
            self._live.pop(batch_no, None)

    def _watch(self, batch_no: str, before: frozenset[str], slots: frozenset[str]) -> None:
        for slot in before - slots:
            self._watching[slot].pop(batch_no, None)
        for slot in slots - before:
            self._watching.setdefault(slot, {})[batch_no] = None
        self._slots[batch_no] = slots

    def take(self, at: datetime, now_s: float) -> list[str]:
        """Give the batches that need a look at process time `at` (wall second `now_s`), in the order they came."""
        for batch_no, ends_at in self._timers.items():
            if ends_at <= at:
                self._due[batch_no] = None
        if now_s - self._looked_s >= LIVE_EVERY_S:
            self._looked_s = now_s
            self.mark(self._live)
        due, self._due = list(self._due), {}
        return due

    def forget(self, batch_no: str) -> None:
        """Drop what is remembered of an ended batch."""
        self._watch(batch_no, self._slots.get(batch_no, frozenset()), frozenset())
        for known in (self._due, self._slots, self._timers, self._live):
            known.pop(batch_no, None)


def _slots(state: BatchState, waiting: Mapping[str, Wait]) -> Iterable[str]:
    elements = state.tree.elements
    for path, execution in state.executions.items():
        # What has reported is done with its slot, except for a reset that is on its way.
        element = elements.get(path)
        if isinstance(element, PhaseStep) and not (execution.reported and execution.pending in {None, Command.RESET}):
            yield element.slot
    for path in waiting:
        element = elements.get(path)
        if isinstance(element, PhaseStep):
            yield element.slot
