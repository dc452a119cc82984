"""The lease of a process cell: who drives it, until when, and the number that fences everybody before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, insert, select, update

from mes.model.change import LeaseLost
from mes.store.dialect import lock_cell
from mes.store.schema import CELL

_OWNER = select(CELL.c.owner, CELL.c.epoch).where(CELL.c.name == bindparam("of_cell")).with_for_update(read=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The row of a cell. `until` is wall time, because it is compared by other programs; `alive` is by that time."""

    cell: str
    owner: str
    epoch: int
    until: datetime | None
    exec_high: int
    alive: bool


def lease_of(connection: Connection, cell: str, now: datetime) -> Lease | None:
    """Give the lease of a cell as it stands at the wall time `now`; None when no engine ever ran."""
    row = connection.execute(select(CELL).where(CELL.c.name == cell)).first()
    if row is None:
        return None
    return Lease(
        cell=cell,
        owner=row.owner,
        epoch=row.epoch,
        until=row.until,
        exec_high=row.exec_high,
        alive=bool(row.owner) and row.until is not None and row.until > now,
    )


def take(connection: Connection, cell: str, owner: str, *, now: datetime, lease_s: float) -> int:
    """Give the cell to `owner` under the next epoch; raises `LeaseLost` that names an owner whose lease still runs."""
    lock_cell(connection, cell)
    present = lease_of(connection, cell, now)
    until = now + timedelta(seconds=lease_s)
    if present is None:
        connection.execute(insert(CELL), {"name": cell, "owner": owner, "epoch": 1, "until": until, "exec_high": 0})
        return 1
    if present.alive and present.owner != owner:
        raise LeaseLost(
            f"process cell {cell} is driven by {present.owner} until {present.until:%Y-%m-%d %H:%M:%S} UTC: "
            "end that engine first, or wait until its lease has run out"
        )
    connection.execute(
        update(CELL).where(CELL.c.name == cell).values(owner=owner, epoch=present.epoch + 1, until=until)
    )
    return present.epoch + 1


def fence(connection: Connection, cell: str, owner: str, epoch: int) -> None:
    """Raise `LeaseLost` unless the cell is still driven by this owner under this epoch, and keep it so until commit."""
    row = connection.execute(_OWNER, {"of_cell": cell}).first()
    if row is None or (row.owner, row.epoch) != (owner, epoch):
        by = f"{row.owner or 'nobody'} under epoch {row.epoch}" if row else "nobody"
        raise LeaseLost(
            f"process cell {cell} is no longer driven by {owner} under epoch {epoch} but by {by}: nothing was written"
        )
