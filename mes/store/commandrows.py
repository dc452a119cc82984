"""Commands of people: rows that any door puts in and the engine settles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from mes.model.change import CommandRow, SettledCommand
from mes.store.booking import batch_id_of
from mes.store.dialect import lock_cell
from mes.store.errors import BooksRefused, NotInBooks
from mes.store.schema import BATCH, COMMAND


class CommandStatus(StrEnum):
    """How far a command has come. An expired one was taken back before an engine took it."""

    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandState:
    """A command and what became of it; `message` says why it was refused and what would be legal."""

    row: CommandRow
    key: str
    at: datetime
    status: CommandStatus
    message: str
    settled_at: datetime | None


def put_command(
    connection: Connection,
    *,
    key: str,
    verb: str,
    by: str,
    because: str,
    at: datetime,
    arguments: Mapping[str, str],
    batch_no: str = "",
    cell: str = "",
) -> CommandState:
    """Put a command into the books; a repeated idempotency `key` gives the first one, however it ended.

    A command for a batch belongs to the cell of the batch; one without a batch names its `cell`. Raises `NotInBooks`
    for an unknown batch, `BooksRefused` for a key that was used for something else.
    """
    lock_cell(connection, "command")
    batch_id = batch_id_of(connection, batch_no) if batch_no else None
    if batch_id is not None:
        cell = str(connection.execute(select(BATCH.c.cell).where(BATCH.c.id == batch_id)).scalar_one())
    before = connection.execute(_query().where(COMMAND.c.key == key)).first()
    if before is not None:
        if (before.cell, before.batch_id, before.verb, before.arguments) != (cell, batch_id, verb, dict(arguments)):
            whose = f"batch {before.batch_no}" if before.batch_no else f"cell {before.cell}"
            raise BooksRefused(f"the key {key!r} was used for {before.verb} of {whose} before: use a new key")
        return _command(before)
    made = connection.execute(
        insert(COMMAND).returning(COMMAND.c.id),
        {
            "key": key,
            "cell": cell,
            "batch_id": batch_id,
            "verb": verb,
            "arguments": dict(arguments),
            "by": by,
            "because": because,
            "at": at,
            "status": CommandStatus.PENDING.value,
            "message": "",
        },
    ).scalar_one()
    return the_command(connection, made)


def the_command(connection: Connection, command_id: int) -> CommandState:
    """Give a command as it stands; raises `NotInBooks`."""
    row = connection.execute(_query().where(COMMAND.c.id == command_id)).first()
    if row is None:
        raise NotInBooks(f"there is no command {command_id} in the books")
    return _command(row)


def pending(connection: Connection, cell: str) -> list[CommandRow]:
    """Give the commands for a cell and its batches that no engine has settled, oldest first."""
    query = _query().where(COMMAND.c.status == CommandStatus.PENDING.value, COMMAND.c.cell == cell)
    return [_command(row).row for row in connection.execute(query.order_by(COMMAND.c.id))]


def settle(connection: Connection, settled: SettledCommand, at: datetime) -> None:
    """Write how a command ended. What the engine has done stands even if somebody gave up waiting meanwhile."""
    status = CommandStatus.DONE if settled.accepted else CommandStatus.REFUSED
    unsettled = COMMAND.c.status.in_([CommandStatus.PENDING.value, CommandStatus.EXPIRED.value])
    connection.execute(
        update(COMMAND)
        .where(COMMAND.c.id == settled.command_id, unsettled)
        .values(status=status.value, message=settled.message, settled_at=at)
    )


def expire(connection: Connection, command_id: int, *, at: datetime, message: str) -> CommandState:
    """Take a command back if no engine has settled it, so that it does not strike hours later; give how it stands."""
    connection.execute(
        update(COMMAND)
        .where(COMMAND.c.id == command_id, COMMAND.c.status == CommandStatus.PENDING.value)
        .values(status=CommandStatus.EXPIRED.value, message=message, settled_at=at)
    )
    return the_command(connection, command_id)


def _query() -> Any:
    return select(COMMAND, BATCH.c.batch_no).outerjoin(BATCH, BATCH.c.id == COMMAND.c.batch_id)


def _command(row: Row[Any]) -> CommandState:
    return CommandState(
        row=CommandRow(
            command_id=row.id,
            batch_no=row.batch_no or "",
            verb=row.verb,
            by=row.by,
            because=row.because,
            arguments=row.arguments,
        ),
        key=row.key,
        at=row.at,
        status=CommandStatus(row.status),
        message=row.message,
        settled_at=row.settled_at,
    )
