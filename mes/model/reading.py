"""Readings: a value never travels without its quality, its source time and its age."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Quality(StrEnum):
    """How far a reading may be trusted: only `good` may fire a condition."""

    GOOD = "good"
    STALE = "stale"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of one tag.

    `received_s` is the monotonic wall second at which it arrived, `source_at` the aware UTC time the source gave it
    (None where the protocol has none, as on Modbus). `why` says in words why the quality is not good.
    """

    value: float | int | None
    quality: Quality
    received_s: float
    source_at: datetime | None = None
    why: str = ""

    @property
    def is_good(self) -> bool:
        """True when the value may be used in a decision."""
        return self.quality is Quality.GOOD and self.value is not None and math.isfinite(self.value)


def missing(why: str, *, received_s: float = 0.0) -> Reading:
    """Give the reading of a tag of which nothing is known; `why` tells the reason."""
    return Reading(value=None, quality=Quality.BAD, received_s=received_s, why=why)
