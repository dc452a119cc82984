"""Facts about the way a batch takes through its procedure: what people steer, what was chosen, repeated, raised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from mes.model.procedure import Then
from mes.model.quantity import Quantity
from mes.model.states import Command


class Mode(StrEnum):
    """Who goes forward: the engine, the engine after a person's confirmation of each step, or the person alone."""

    AUTOMATIC = "automatic"
    SEMI_AUTOMATIC = "semi-automatic"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementCommand:
    """A command was accepted for a part of the procedure: a unit procedure, an operation, a block or a phase."""

    path: str
    command: Command
    by: str
    because: str
    event: Literal["ElementCommand"] = "ElementCommand"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeChange:
    """The mode of an element and of everything below it that has none of its own."""

    path: str
    mode: Mode
    by: str
    because: str = ""
    event: Literal["ModeChange"] = "ModeChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakpointChange:
    """A breakpoint was set before an element, or taken away."""

    path: str
    active: bool
    by: str
    because: str = ""
    event: Literal["BreakpointChange"] = "BreakpointChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """A person let an element begin that waited for it (semi-automatic, manual or at a breakpoint)."""

    path: str
    by: str
    because: str = ""
    event: Literal["Confirmation"] = "Confirmation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """An element is passed over: the procedure goes on as if it were complete."""

    path: str
    by: str
    because: str
    event: Literal["Skip"] = "Skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reentry:
    """An element begins anew with everything below it: a new `round` of a repetition, a jump, or a person's wish."""

    path: str
    by: str
    because: str
    round: int = 0
    event: Literal["Reentry"] = "Reentry"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceMade:
    """A branch of a choice was taken (its path), or a repetition was left (`branch` empty)."""

    path: str
    branch: str
    by: str
    because: str
    event: Literal["ChoiceMade"] = "ChoiceMade"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRaised:
    """An exception block was raised; `path` is its own. `failed` is the phase whose failure raised it."""

    path: str
    because: str
    failed: str = ""
    event: Literal["ExceptionRaised"] = "ExceptionRaised"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionEnded:
    """The steps of an exception block are done and the procedure goes on as `then` says."""

    path: str
    then: Then
    event: Literal["ExceptionEnded"] = "ExceptionEnded"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerStarted:
    """A wait for a time has begun; it is over at `ends_at` (process time)."""

    path: str
    ends_at: datetime
    event: Literal["TimerStarted"] = "TimerStarted"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterChange:
    """A value was changed for this batch: a parameter of the phase at `path`, or with "" a formula value."""

    path: str
    name: str
    value: Quantity
    by: str
    because: str
    before: Quantity | None = None
    event: Literal["ParameterChange"] = "ParameterChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Something was accepted outside its limits: a value, or test results. `limit` is soft, high or specification."""

    path: str
    name: str
    limit: str
    text: str
    by: str
    because: str
    event: Literal["Deviation"] = "Deviation"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResults:
    """The results of a QC gate are in; `lot_no` is the lot they belong to (empty: the batch)."""

    __test__ = False  # pytest takes the name for a class of tests

    path: str
    results: Mapping[str, Quantity]
    passed: bool
    by: str
    lot_no: str = ""
    event: Literal["TestResults"] = "TestResults"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Material goes from one unit to another, by two phases that run together."""

    path: str
    name: str
    source: str
    destination: str
    event: Literal["Transfer"] = "Transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRequest:
    """An element wants units: one of `candidates` (none: no unit of its own) and all of `uses`.

    `rank` is its place in the queue, smaller comes first.
    """

    path: str
    candidates: tuple[str, ...]
    uses: tuple[str, ...]
    rank: Decimal
    event: Literal["UnitRequest"] = "UnitRequest"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChosen:
    """A unit of a class was chosen for an element before it is asked for."""

    path: str
    unit: str
    by: str
    because: str
    event: Literal["UnitChosen"] = "UnitChosen"


@dataclass(frozen=True, slots=True, kw_only=True)
class RankChange:
    """A person moved a request for units in the queue."""

    path: str
    rank: Decimal
    by: str
    because: str
    event: Literal["RankChange"] = "RankChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChange:
    """The batch was put into the queue, moved in it, or taken out (`queued` False).

    The higher `priority` goes first, then the smaller `rank`. It starts by itself when the batch `after` has ended
    (empty: at once) and everything it needs is there.
    """

    queued: bool
    by: str
    because: str
    priority: int = 0
    rank: Decimal = Decimal(0)
    after: str = ""
    path: str = ""
    event: Literal["QueueChange"] = "QueueChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """A unit was taken out of service or put into service, or it is dirty or clean now; None leaves it as it is.

    A fact of the cell.
    """

    unit: str
    by: str
    because: str
    in_service: bool | None = None
    clean: bool | None = None
    path: str = ""
    event: Literal["UnitChange"] = "UnitChange"
