"""Why an element of a procedure waits, as data: every wait has a kind, words with live values, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WaitKind(StrEnum):
    """What stands in the way."""

    CONDITION = "condition"
    TIME = "time"
    PERSON = "person"
    CONFIRMATION = "confirmation"
    BREAKPOINT = "breakpoint"
    UNIT = "unit"
    SYNC = "sync"
    INTERLOCK = "interlock"
    SLOT = "slot"
    PLC = "plc"
    EXCEPTION = "exception"
    MATERIAL = "material"
    BATCH = "batch"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionPart:
    """One comparison of a condition as it stands: text, live value, what it needs, and true, false or unknown."""

    text: str
    value: str
    needs: str
    truth: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why one element waits. `text` says it in English with live values.

    `parts` are those of a condition; `units` the units wanted, with their `owners` (batch numbers) and the `position`
    in the queue (1: next); `names` are interlocks; `prompt_id` is the question to a person.
    """

    kind: WaitKind
    text: str
    parts: tuple[ConditionPart, ...] = ()
    units: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    position: int = 0
    names: tuple[str, ...] = ()
    prompt_id: str = ""

    def __str__(self) -> str:
        return self.text
