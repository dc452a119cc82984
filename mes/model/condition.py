"""What a condition says about the plant now: true, false, or unknown because a reading cannot be trusted.

Three-valued logic after Kleene: what does not depend on the untrusted reading is still decided, everything else is
unknown, and unknown never fires. Source: S. C. Kleene, Introduction to Metamathematics (1952), section 64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mes.model.condition_look import Look, Timer, Truth
from mes.model.condition_plan import plan_of
from mes.model.condition_text import Condition, ConditionError, parse_condition
from mes.model.condition_tree import Node
from mes.model.condition_words import Account, Part
from mes.model.expression_value import Unknown
from mes.model.quantity import Quantity
from mes.model.reading import Reading, missing
from mes.model.reference import Reference

__all__ = [
    "Condition",
    "ConditionError",
    "ConditionMemory",
    "Part",
    "Timer",
    "Truth",
    "Verdict",
    "evaluate",
    "parse_condition",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionMemory:
    """The running timers of one condition, by the text of the part; give an empty one to start anew."""

    timers: Mapping[str, Timer] = field(default_factory=dict)


class Verdict:
    """The outcome of one look: how the condition stands, why (with live values), and the memory for the next look.

    `why` and `parts` are worked out when they are asked for, from the readings of that look.
    """

    __slots__ = ("_account", "_look", "_root", "memory", "truth")

    def __init__(self, truth: Truth, memory: ConditionMemory, root: Node, look: Look) -> None:
        self.truth = truth
        self.memory = memory
        self._root = root
        self._look = look
        self._account: tuple[str, tuple[Part, ...]] | None = None

    @property
    def why(self) -> str:
        """What is not met, or what is when all is, with live values."""
        return self._told()[0]

    @property
    def parts(self) -> tuple[Part, ...]:
        """How each comparison stands, in the order of the text."""
        return self._told()[1]

    def _told(self) -> tuple[str, tuple[Part, ...]]:
        if self._account is None:
            account = Account(self._look)
            _, why = account.judge(self._root)
            self._account = why, tuple(account.parts)
        return self._account

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        return (self.truth, self.memory, *self._told()) == (other.truth, other.memory, *other._told())

    def __hash__(self) -> int:
        return hash((self.truth, self.why))

    def __repr__(self) -> str:
        return f"Verdict({self.truth}: {self.why})"


def nothing_known(reference: Reference) -> Unknown:
    """Say that there is no value for a reference, where a condition is looked at outside of a batch."""
    return Unknown("there is no batch to take it from")


def evaluate(
    condition: Condition,
    reading: Callable[[str], Reading],
    uom: Callable[[str], str] | Mapping[str, str],
    memory: ConditionMemory,
    now: datetime,
    *,
    value: Callable[[Reference], Quantity | Unknown] = nothing_known,
) -> Verdict:
    """Look at the plant at process time `now` and say how the condition stands.

    `reading` gives the reading of a tag, `uom` its unit of measure, `value` what a reference stands for. A tag that
    `uom` does not know (a `LookupError`) and units that do not fit make the part unknown, as a bad reading does: the
    reason is in `why`. A part under `for` counts from the first look at which it is true, so look often; between two
    looks it is taken as unchanged.
    """
    asked = uom if callable(uom) else uom.__getitem__
    uoms, readings = [], []
    for tag in condition.tag_order:
        try:
            uoms.append(asked(tag))
        except LookupError:
            uoms.append("")
            readings.append(_NO_TAG)
        else:
            readings.append(reading(tag))
    values = [value(reference) for reference in condition.reference_order]
    for found in values:
        uoms.append("" if isinstance(found, Unknown) else found.uom)
    key = tuple(uoms)
    plan = condition.plans.get(key)
    if plan is None:
        plan = condition.plans[key] = plan_of(condition.root, (*condition.tag_order, *condition.reference_order), key)
    look = Look(condition.tag_order, condition.reference_order, key, plan.misfits, readings, values, memory.timers, now)
    truth = plan.judge(look)
    if look.timers != memory.timers:
        memory = ConditionMemory(timers=look.timers)
    return Verdict(truth, memory, condition.root, look)


_NO_TAG = missing("no tag of this plant")
