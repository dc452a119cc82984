"""What the engine needs of a store: one atomic commit, the lease, and a few reads. No SQL on this floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from mes.model.change import (
    BatchSummary,
    Change,
    CommandRow,
    LeaseLost,
    OpenRequest,
    SettledCommand,
    SettledRequest,
)
from mes.model.events import BatchFact
from mes.model.lots import Lot
from mes.model.states import ProceduralState
from mes.model.steering import UnitChange

__all__ = [
    "BatchSummary",
    "Change",
    "CommandRow",
    "EngineStore",
    "LeaseLost",
    "OpenRequest",
    "SettledCommand",
    "SettledRequest",
]


class EngineStore(Protocol):
    """The store as one engine uses it: every write carries the fencing token of its lease."""

    async def acquire(self, cell: str, owner: str, *, lease_s: float) -> int:
        """Become the owner of the process cell and give the new epoch (greater than every earlier one).

        Raises `LeaseLost` that names the present owner when its lease still runs.
        """
        ...

    async def renew(self) -> None:
        """Prolong the lease; raises `LeaseLost`."""
        ...

    async def release(self) -> None:
        """Give the cell up."""
        ...

    async def commit(self, change: Change) -> int:
        """Write a change in one transaction and give the last journal sequence number; raises `LeaseLost`."""
        ...

    async def pending_commands(self) -> Sequence[CommandRow]:
        """Give the commands that no engine has taken yet, oldest first."""
        ...

    async def open_batches(self) -> Sequence[str]:
        """Give the numbers of the batches that have not ended, oldest first."""
        ...

    async def facts(self, batch_no: str) -> Sequence[tuple[datetime, BatchFact]]:
        """Give the facts of a batch in journal order."""
        ...

    async def state_of(self, batch_no: str) -> ProceduralState | None:
        """Give the state of a batch, ended or not; None for one that is not known."""
        ...

    async def unit_changes(self) -> Sequence[UnitChange]:
        """Give everything that was ever said of the units of the cell, oldest first."""
        ...

    async def idle_since(self) -> Mapping[str, datetime]:
        """Give when each unit was last given back, by unit, in process time."""
        ...

    async def open_requests(self) -> Sequence[OpenRequest]:
        """Give the durable phase requests whose answer is not recorded, oldest first."""
        ...

    async def lot(self, lot_no: str) -> Lot | None:
        """Give the lot of that number as it stands, or None."""
        ...

    async def lots_of(self, material: str) -> Sequence[Lot]:
        """Give the released lots of a material that are not empty, in the order they expire (then were received)."""
        ...

    async def exec_high(self) -> int:
        """Give the highest execution id that was ever given out."""
        ...
