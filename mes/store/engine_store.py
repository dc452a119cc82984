"""The store as one engine uses it: every write is one transaction under the fencing number of its lease."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar, get_args

from sqlalchemy import Connection, insert, select, update

from mes.model.change import Change, CommandRow, LeaseLost, OpenRequest, SettledRequest
from mes.model.events import BatchFact, StateChange
from mes.model.lots import Lot, LotStatus
from mes.model.phase import PhaseCommand, PhaseRequest
from mes.model.states import ProceduralState
from mes.model.steering import UnitChange
from mes.store.batchrows import note_times, open_batches, show, state_of
from mes.store.booking import batch_id_of, book
from mes.store.commandrows import pending, settle
from mes.store.database import Database
from mes.store.journal import entries_of
from mes.store.lease import fence, take
from mes.store.lots import find_lot, list_lots
from mes.store.schema import BATCH, CELL, PHASE_REQUEST
from mes.store.units import all_unit_changes, idle_since
from mes.store.writer import Work

T = TypeVar("T")


class CellStore:
    """One process cell in the books, for the engine that drives it.

    `wall` gives aware UTC wall time: leases are compared between programs, so they never run on process time.
    """

    def __init__(self, database: Database, *, wall: Callable[[], datetime]) -> None:
        self._database = database
        self._wall = wall
        self._cell = ""
        self._owner = ""
        self._epoch = 0
        self._lease_s = 0.0

    async def acquire(self, cell: str, owner: str, *, lease_s: float) -> int:
        """Become the owner of the process cell and give the new epoch; raises `LeaseLost` if another has it."""
        epoch = await self._database.write(
            lambda connection: take(connection, cell, owner, now=self._wall(), lease_s=lease_s)
        )
        self._cell, self._owner, self._epoch, self._lease_s = cell, owner, epoch, lease_s
        return epoch

    async def renew(self) -> None:
        """Prolong the lease; raises `LeaseLost`."""
        await self._fenced(lambda connection: self._set_until(connection, self._lease_s))

    async def release(self) -> None:
        """Give the cell up, so that another engine may have it at once; a lease that is lost already is no error."""

        def let_go(connection: Connection) -> None:
            self._set_until(connection, 0.0)
            connection.execute(update(CELL).where(CELL.c.name == self._cell).values(owner=""))

        try:
            await self._fenced(let_go)
        except LeaseLost:
            return

    def _set_until(self, connection: Connection, seconds: float) -> None:
        until = self._wall() + timedelta(seconds=seconds)
        connection.execute(update(CELL).where(CELL.c.name == self._cell).values(until=until))

    async def _fenced(self, work: Work[T]) -> T:
        cell, owner, epoch = self._cell, self._owner, self._epoch
        if not cell:
            raise LeaseLost("no process cell is acquired: nothing was written")

        def only_as_owner(connection: Connection) -> T:
            fence(connection, cell, owner, epoch)
            return work(connection)

        return await self._database.write(only_as_owner)

    async def commit(self, change: Change) -> int:
        """Write a change in one transaction and give the last journal sequence number; raises `LeaseLost`."""
        return await self._fenced(lambda connection: self._write(connection, change))

    def _write(self, connection: Connection, change: Change) -> int:
        seq = book(connection, cell=self._cell, at=change.at, facts=change.facts)
        for batch_no, fact in change.facts:
            if batch_no and isinstance(fact, StateChange):
                note_times(connection, batch_no, fact, change.at)
        for request in change.requests:
            self._insert_request(connection, request, change.at)
        for settled_request in change.settled_requests:
            self._settle_request(connection, settled_request, change.at)
        for settled_command in change.settled_commands:
            settle(connection, settled_command, change.at)
        for summary in change.summaries:
            show(connection, summary)
        if change.exec_high is not None:
            higher = (CELL.c.name == self._cell) & (CELL.c.exec_high < change.exec_high)
            connection.execute(update(CELL).where(higher).values(exec_high=change.exec_high))
        return seq

    def _insert_request(self, connection: Connection, opened: OpenRequest, at: datetime) -> None:
        request = opened.request
        connection.execute(
            insert(PHASE_REQUEST),
            {
                "cell": self._cell,
                "batch_id": batch_id_of(connection, opened.batch_no),
                "path": opened.path,
                "plc": request.plc,
                "slot": request.slot,
                "seq": request.seq,
                "epoch": request.epoch,
                "exec_id": request.exec_id,
                "command": int(request.command),
                "phase_number": request.phase_number,
                "boot_id": request.boot_id,
                "parameters": list(request.parameters),
                "at": at,
                "why": "",
            },
        )

    def _settle_request(self, connection: Connection, settled: SettledRequest, at: datetime) -> None:
        table = PHASE_REQUEST.c
        # The first answer stands: a request that is settled already keeps what the PLC said then.
        connection.execute(
            update(PHASE_REQUEST)
            .where(
                table.cell == self._cell,
                table.plc == settled.plc,
                table.slot == settled.slot,
                table.epoch == settled.epoch,
                table.seq == settled.seq,
                table.exec_id == settled.exec_id,
                table.settled_at.is_(None),
            )
            .values(result=settled.result, why=settled.why, settled_at=at)
        )

    async def pending_commands(self) -> Sequence[CommandRow]:
        """Give the commands that no engine has settled yet, oldest first."""
        return await self._database.read(lambda connection: pending(connection, self._cell))

    async def open_batches(self) -> Sequence[str]:
        """Give the numbers of the batches of the cell that have not ended, oldest first."""
        return await self._database.read(lambda connection: open_batches(connection, self._cell))

    async def facts(self, batch_no: str) -> Sequence[tuple[datetime, BatchFact]]:
        """Give the facts of a batch in journal order; an unknown batch has none."""
        entries = await self._database.read(lambda connection: entries_of(connection, batch_no))
        return [(entry.at, entry.fact) for entry in entries if isinstance(entry.fact, get_args(BatchFact))]

    async def state_of(self, batch_no: str) -> ProceduralState | None:
        """Give the state of a batch, ended or not; None for one that is not in the books."""
        return await self._database.read(lambda connection: state_of(connection, batch_no))

    async def unit_changes(self) -> Sequence[UnitChange]:
        """Give everything that was ever said of the units of the cell, oldest first."""
        found = await self._database.read(lambda connection: all_unit_changes(connection, self._cell))
        return [change for _, change in found]

    async def idle_since(self) -> Mapping[str, datetime]:
        """Give when each unit of the cell was last given back, by unit, in process time."""
        return await self._database.read(lambda connection: idle_since(connection, self._cell))

    async def open_requests(self) -> Sequence[OpenRequest]:
        """Give the durable phase requests whose answer is not recorded, oldest first."""
        return await self._database.read(self._open_requests)

    def _open_requests(self, connection: Connection) -> list[OpenRequest]:
        rows = connection.execute(
            select(PHASE_REQUEST, BATCH.c.batch_no)
            .join(BATCH, BATCH.c.id == PHASE_REQUEST.c.batch_id)
            .where(PHASE_REQUEST.c.cell == self._cell, PHASE_REQUEST.c.settled_at.is_(None))
            .order_by(PHASE_REQUEST.c.id)
        )
        return [
            OpenRequest(
                batch_no=row.batch_no,
                path=row.path,
                request=PhaseRequest(
                    plc=row.plc,
                    slot=row.slot,
                    command=PhaseCommand(row.command),
                    exec_id=row.exec_id,
                    phase_number=row.phase_number,
                    seq=row.seq,
                    boot_id=row.boot_id,
                    epoch=row.epoch,
                    parameters=tuple(row.parameters),
                ),
            )
            for row in rows
        ]

    async def lot(self, lot_no: str) -> Lot | None:
        """Give the lot of that number as it stands, or None."""
        found = await self._database.read(lambda connection: find_lot(connection, lot_no))
        return found.lot if found else None

    async def lots_of(self, material: str) -> Sequence[Lot]:
        """Give the released lots of a material that are not empty, in the order they expire (then came in)."""
        rows = await self._database.read(
            lambda connection: list_lots(connection, material=material, status=LotStatus.RELEASED, empty=False)
        )
        return [row.lot for row in rows]

    async def exec_high(self) -> int:
        """Give the highest execution id that was ever given out in the cell."""
        query = select(CELL.c.exec_high).where(CELL.c.name == self._cell)
        return int(await self._database.read(lambda connection: connection.execute(query).scalar()) or 0)
