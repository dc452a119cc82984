"""Evaluate the conditions of the recipes that matter now, with the memory that `for 10 min` needs."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from mes.engine.draft import Permissive
from mes.engine.live import Live, live_conditions
from mes.model.condition import Condition, ConditionMemory, Truth, Verdict, evaluate, parse_condition
from mes.model.equipment import AGE_LIMIT_S
from mes.model.execution import BatchState
from mes.model.expression_value import Unknown
from mes.model.operands import operand_of
from mes.model.quantity import Quantity
from mes.model.reading import Reading
from mes.model.reference import Reference
from mes.model.waiting import ConditionPart

_OLDEST_READING_S = max(AGE_LIMIT_S.values())
"""Wall seconds after which every reading is of the time of the wait: where process time runs fast, an hour may have
passed before the first one comes."""


@cache
def _parsed(text: str) -> Condition:
    return parse_condition(text)


@dataclass(slots=True)
class _Watched:
    """A live condition: what a `for` in it remembers, how it stood at the last look, since when it is waited for."""

    live: Live
    condition: Condition
    value: Callable[[Reference], Quantity | Unknown]
    memory: ConditionMemory = field(default_factory=ConditionMemory)
    verdict: Verdict | None = None
    since: datetime | None = None
    since_wall_s: float = 0.0
    seen_at: datetime | None = None
    seen_wall_s: float = 0.0

    def told(self) -> Permissive | None:
        if self.verdict is None or self.seen_at is None:
            return None
        parts = tuple(
            ConditionPart(text=part.text, value=part.left, needs=part.needs, truth=part.truth)
            for part in self.verdict.parts
        )
        return Permissive(truth=self.verdict.truth, why=self.verdict.why, since_s=self._waited_s(), parts=parts)

    def _waited_s(self) -> float:
        """Give the process seconds it is waited for; 0 as long as the readings may all be older than the wait."""
        if self.since is None or self.seen_at is None or self.seen_wall_s - self.since_wall_s < _OLDEST_READING_S:
            return 0.0
        return (self.seen_at - self.since).total_seconds()


class _Told(Mapping[str, Permissive]):
    """How the conditions of one batch stand, put into words when they are asked for."""

    __slots__ = ("_watched",)

    def __init__(self, watched: Mapping[str, _Watched]) -> None:
        self._watched = watched

    def __getitem__(self, key: str) -> Permissive:
        told = self._watched[key].told()
        if told is None:
            raise KeyError(key)
        return told

    def __iter__(self) -> Iterator[str]:
        return (key for key, one in self._watched.items() if one.verdict is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True)
class ConditionWatch:
    """Watches the conditions of one process cell. What it remembers is not state of a batch: after a restart a
    `for` begins anew, which is the cautious side; so it does after a time in which the batch rested."""

    _batches: dict[str, dict[str, _Watched]] = field(default_factory=dict)
    _states: dict[str, BatchState] = field(default_factory=dict)

    def follow(self, state: BatchState) -> None:
        """Take a new state of a batch: what matters still keeps its memory, what matters no more is forgotten."""
        if self._states.get(state.batch_no) is state:
            return
        self._states[state.batch_no] = state
        before = self._batches.pop(state.batch_no, {})
        value = operand_of(state)
        now: dict[str, _Watched] = {}
        for live in live_conditions(state):
            known = before.get(live.key)
            if known is not None and known.live == live:
                known.value = value
                now[live.key] = known
            else:
                now[live.key] = _Watched(live, _parsed(live.text), value)
        if now:
            self._batches[state.batch_no] = now

    def look(
        self,
        waiting: Callable[[str], Container[str]],
        reading: Callable[[str], Reading],
        uom: Callable[[str], str],
        at: datetime,
        now_s: float,
    ) -> list[str]:
        """Look at every condition at process time `at` (wall second `now_s`); give the batches for which one changed.

        `waiting` gives the paths of a batch that wait, by what the last step said: the wait of a phase is timed from
        when its turn has come and its condition is not true, so one that waited for its lot first is not late for it.
        """
        changed = []
        for batch_no, watched in self._batches.items():
            waits = waiting(batch_no)
            is_other = False
            for one in watched.values():
                verdict = evaluate(one.condition, reading, uom, one.memory, at, value=one.value)
                is_other |= one.verdict is None or one.verdict.truth is not verdict.truth
                one.verdict, one.memory, one.seen_at, one.seen_wall_s = verdict, verdict.memory, at, now_s
                if verdict.truth is Truth.TRUE or not (one.live.has_turn or one.live.path in waits):
                    one.since = None
                elif one.since is None:
                    one.since, one.since_wall_s = at, now_s
            if is_other:
                changed.append(batch_no)
        return changed

    def of(self, batch_no: str) -> Mapping[str, Permissive]:
        """Give how the conditions of a batch stood at the last look, by `condition_key`."""
        return _Told(self._batches.get(batch_no, {}))

    def forget(self, batch_no: str) -> None:
        """Drop what is remembered of an ended batch."""
        self._batches.pop(batch_no, None)
        self._states.pop(batch_no, None)
