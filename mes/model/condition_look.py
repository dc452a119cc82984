"""One look at the plant: the readings and values a condition was judged with, kept so that words can be made later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from mes.model.expression_value import Unknown
from mes.model.quantity import Quantity
from mes.model.reading import Reading
from mes.model.reference import Reference


class Truth(StrEnum):
    """How a condition stands. Only `TRUE` may fire anything."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __invert__(self) -> Truth:
        return _OPPOSITE[self]


_OPPOSITE = {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE, Truth.UNKNOWN: Truth.UNKNOWN}


def all_true(truths: Sequence[Truth]) -> Truth:
    """Give Kleene's `and` of some truths."""
    if Truth.FALSE in truths:
        return Truth.FALSE
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Since when a part under `for` is known to be true (None while it is unknown), and since when it may have been."""

    known_at: datetime | None
    possible_at: datetime


@dataclass(slots=True)
class Look:
    """What was read at process time `now`; `timers` fills while the condition is judged.

    `uoms` are those of `tags` and then of `references`, empty where there is none; `misfits` says by the `id` of a
    comparison of the condition how its units do not fit.
    """

    tags: tuple[str, ...]
    references: tuple[Reference, ...]
    uoms: tuple[str, ...]
    misfits: Mapping[int, str]
    readings: list[Reading]
    values: list[Quantity | Unknown]
    before: Mapping[str, Timer]
    now: datetime
    timers: dict[str, Timer] = field(default_factory=dict)

    def judge_lasting(self, key: str, inner: Truth, lasts: timedelta, timers: dict[str, Timer]) -> Truth:
        """Say whether the part `key`, which is `inner` now, has been true for the time `lasts`; puts down its timer."""
        if inner is Truth.FALSE:
            return inner
        now = self.now
        timer = timers[key] = _continued(self.before.get(key), inner is Truth.TRUE, now)
        if timer.known_at is None:
            return Truth.UNKNOWN
        if now - timer.known_at >= lasts:
            return Truth.TRUE
        # Otherwise it may have lasted long enough, but for a time nobody could tell.
        return Truth.FALSE if now - timer.possible_at < lasts else Truth.UNKNOWN


def _continued(old: Timer | None, known: bool, now: datetime) -> Timer:
    if old is None or old.possible_at > now:  # first look, or the clock was set back
        return Timer(known_at=now if known else None, possible_at=now)
    if not known:
        return old if old.known_at is None else Timer(known_at=None, possible_at=old.possible_at)
    if old.known_at is not None and old.known_at <= now:
        return old
    return Timer(known_at=now, possible_at=old.possible_at)
