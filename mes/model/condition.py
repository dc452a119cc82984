"""What a condition says about the plant now: true, false, or unknown because a reading cannot be trusted.

Three-valued logic after Kleene: what does not depend on the untrusted reading is still decided, everything else is
unknown, and unknown never fires. Source: S. C. Kleene, Introduction to Metamathematics (1952), section 64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from mes.model.condition_text import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    ConditionError,
    Lasting,
    Negation,
    Node,
    misfit,
    parse_condition,
)
from mes.model.quantity import Quantity, convert, measured
from mes.model.reading import Quality, Reading

__all__ = [
    "Condition",
    "ConditionError",
    "ConditionMemory",
    "Timer",
    "Truth",
    "Verdict",
    "evaluate",
    "parse_condition",
]


class Truth(StrEnum):
    """How a condition stands. Only `TRUE` may fire anything."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"

    def __invert__(self) -> Truth:
        return {Truth.TRUE: Truth.FALSE, Truth.FALSE: Truth.TRUE}.get(self, self)


def _all(truths: list[Truth]) -> Truth:
    if Truth.FALSE in truths:
        return Truth.FALSE
    return Truth.UNKNOWN if Truth.UNKNOWN in truths else Truth.TRUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Since when a part under `for` is known to be true (None while it is unknown), and since when it may have been."""

    known_at: datetime | None
    possible_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionMemory:
    """The running timers of one condition, by the text of the part; give an empty one to start anew."""

    timers: Mapping[str, Timer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of one look: how the condition stands, why (with live values), and the memory for the next look."""

    truth: Truth
    why: str
    memory: ConditionMemory


def evaluate(
    condition: Condition,
    reading: Callable[[str], Reading],
    uom: Callable[[str], str] | Mapping[str, str],
    memory: ConditionMemory,
    now: datetime,
) -> Verdict:
    """Look at the plant at process time `now` and say how the condition stands.

    `reading` gives the reading of a tag, `uom` its unit of measure. A tag that `uom` does not know (a `LookupError`)
    and units that do not fit make the part unknown, as a bad reading does: the reason is in `why`. A part under `for`
    counts from the first look at which it is true, so look often; between two looks it is taken as unchanged.
    """
    uoms = {tag: found for tag in condition.tags if (found := _uom_of(tag, uom))}
    look = _Look(reading=reading, uoms=uoms, before=memory.timers, now=now)
    truth, why = look.judge(condition.root, wanted=True)
    return Verdict(truth=truth, why=why, memory=ConditionMemory(timers=look.timers))


def _uom_of(tag: str, uom: Callable[[str], str] | Mapping[str, str]) -> str:
    try:
        return uom[tag] if isinstance(uom, Mapping) else uom(tag)
    except LookupError:
        return ""


_COMPARED: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at the plant. `judge` pushes `not` down to the comparisons, so that `why` always says what is needed."""

    reading: Callable[[str], Reading]
    uoms: Mapping[str, str]
    before: Mapping[str, Timer]
    now: datetime
    timers: dict[str, Timer] = field(default_factory=dict)

    def judge(self, node: Node, *, wanted: bool) -> tuple[Truth, str]:
        match node:
            case Comparison():
                return self._compare(node, wanted=wanted)
            case Negation():
                return self.judge(node.inner, wanted=not wanted)
            case Lasting():
                return self._last(node, wanted=wanted)
            case AllOf():
                return self._join(node.parts, wanted=wanted, every=wanted)
            case AnyOf():
                return self._join(node.parts, wanted=wanted, every=not wanted)
            case _:
                assert_never(node)

    def _join(self, parts: tuple[Node, ...], *, wanted: bool, every: bool) -> tuple[Truth, str]:
        # Every part is judged even when the first decides, for the timers in the others must not stop.
        judged = [_bracketed(part, *self.judge(part, wanted=wanted)) for part in parts]
        truths = [truth for truth, _ in judged]
        truth = _all(truths) if every else ~_all([~truth for truth in truths])
        if truth is Truth.TRUE:
            return truth, " and ".join(why for found, why in judged if found is truth)
        order = (Truth.FALSE, Truth.UNKNOWN)
        unmet = [why for kind in order for found, why in judged if found is kind]
        return truth, (" and " if every else " or ").join(unmet)

    def _compare(self, node: Comparison, *, wanted: bool) -> tuple[Truth, str]:
        subject, operator, other = node.left, node.operator, node.right
        if isinstance(subject, Quantity):
            subject, operator, other = other, _MIRRORED[operator], subject
        operator = operator if wanted else _OPPOSITE[operator]
        left, left_text = self._value(subject)
        right, right_text = (other, str(other)) if isinstance(other, Quantity) else self._value(other)
        need = f"{operator} {other}" if isinstance(other, Quantity) else f"{operator} {right_text}"
        wrong = misfit(node, self.uoms)
        if left is None or right is None or wrong:
            return Truth.UNKNOWN, f"{left_text}, needs {need}" + (f" ({wrong})" if wrong else "")
        if _COMPARED[operator](left.value, right.to(left.uom).value):
            return Truth.TRUE, f"{left_text}, meets {need}"
        return Truth.FALSE, f"{left_text}, needs {need}"

    def _value(self, side: str | Quantity) -> tuple[Quantity | None, str]:
        if isinstance(side, Quantity):
            return side, str(side)
        if side not in self.uoms:
            return None, f"{side} is no tag of this plant"
        found = self.reading(side)
        if not found.is_good or found.value is None:
            return None, f"{side} is {_fault(found)}"
        # A REAL holds seven digits: 0.1 that comes back as 0.100000001 is 0.1. Whole numbers are compared as they are.
        whole = isinstance(found.value, int)
        value = Quantity(Decimal(found.value), self.uoms[side]) if whole else measured(found.value, self.uoms[side])
        return value, f"{side} = {value}"

    def _last(self, node: Lasting, *, wanted: bool) -> tuple[Truth, str]:
        inner, why = _bracketed(node.inner, *self.judge(node.inner, wanted=True))
        if inner is Truth.FALSE:
            return (inner, f"{why} for {node.duration}") if wanted else (~inner, why)
        timer = self._timer(str(node), known=inner is Truth.TRUE)
        if timer.known_at is None:
            return inner, f"{why} for {node.duration}"
        known, possible = self.now - timer.known_at, self.now - timer.possible_at
        why = f"{why} for {_in_uom(known, node.duration.uom)} of {node.duration}"
        if known >= node.lasts:
            return (Truth.TRUE, why) if wanted else (Truth.FALSE, f"{why}, must not last that long")
        if possible < node.lasts:
            return (Truth.FALSE if wanted else Truth.TRUE), why
        # It may have lasted long enough, but for a time nobody could tell.
        return Truth.UNKNOWN, f"{why}, counted from when it was known again"

    def _timer(self, key: str, *, known: bool) -> Timer:
        old = self.before.get(key)
        if old is None or old.possible_at > self.now:  # first look, or the clock was set back
            old = Timer(known_at=None, possible_at=self.now)
        known_at = min(old.known_at or self.now, self.now) if known else None
        self.timers[key] = Timer(known_at=known_at, possible_at=old.possible_at)
        return self.timers[key]


def _bracketed(node: Node, truth: Truth, why: str) -> tuple[Truth, str]:
    while isinstance(node, Negation):
        node = node.inner
    many = isinstance(node, AllOf | AnyOf) and (" and " in why or " or " in why)
    return truth, f"({why})" if many else why


def _fault(reading: Reading) -> str:
    if reading.quality is Quality.GOOD:
        return "without a value" if reading.value is None else f"not a finite number ({reading.value})"
    return f"{reading.quality} ({reading.why})" if reading.why else str(reading.quality)


def _in_uom(span: timedelta, uom: str) -> str:
    return f"{convert(span.total_seconds(), 's', uom):.3g}"
