"""What is asked of the store and what it answers: commands of people, durable phase requests, one atomic change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from mes.model.events import Fact
from mes.model.phase import PhaseRequest
from mes.model.waiting import Wait


class LeaseLost(Exception):
    """This engine no longer owns its process cell: a newer one has taken over, and nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """One request of a person, as any door put it into the database.

    `verb` is a command name, "answer", a steering verb or "unit"; `arguments` are its words (`path`, `name`, `value`,
    `prompt_id`). A command for a unit has no batch: `batch_no` is empty.
    """

    command_id: int
    batch_no: str
    verb: str
    by: str
    because: str
    arguments: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledCommand:
    """How a command row ended: done, or refused with a message that says what would be legal."""

    command_id: int
    accepted: bool
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """A phase request that was made durable; `settled` is False while the PLC's answer is not recorded."""

    batch_no: str
    path: str
    request: PhaseRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class SettledRequest:
    """The PLC's answer to a durable request. `result` is the AckRes number, None when it is not known."""

    exec_id: int
    plc: str
    slot: str
    seq: int
    epoch: int
    result: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSummary:
    """What batch lists show: derived from the facts, written with them in the same transaction.

    `waits` says by path why elements wait ("" for the batch itself), `waiting` the same in one line. A `queued` batch
    starts by itself, the higher `priority` first, then the smaller `queue_rank`, when `start_after` is complete.
    """

    batch_no: str
    state: str
    activity: str
    waiting: str = ""
    waits: Mapping[str, Wait] = field(default_factory=dict)
    queued: bool = False
    priority: int = 0
    queue_rank: Decimal = Decimal(0)
    start_after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Everything that one engine step makes durable, in one transaction, in this order.

    `facts` are (batch number, fact); an empty batch number is a fact of the cell. Lots, genealogy edges and quantities
    follow from `Consume` and `Produce` facts inside the same transaction.
    """

    at: datetime
    facts: Sequence[tuple[str, Fact]] = ()
    requests: Sequence[OpenRequest] = ()
    settled_requests: Sequence[SettledRequest] = ()
    settled_commands: Sequence[SettledCommand] = ()
    summaries: Sequence[BatchSummary] = ()
    exec_high: int | None = None

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to write."""
        return (
            not (self.facts or self.requests or self.settled_requests or self.settled_commands or self.summaries)
            and self.exec_high is None
        )
