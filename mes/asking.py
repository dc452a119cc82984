"""Ask the engine for something: a row in the books, and how the engine has settled it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import uuid_utils
from sqlalchemy import Connection

from mes.clock import wall_now
from mes.model.states import CommandRefused
from mes.store.batchrows import the_batch
from mes.store.commandrows import CommandState, CommandStatus, expire, put_command, the_command
from mes.store.database import Database
from mes.store.lease import lease_of

_POLL_S = 0.02


class NoEngine(Exception):
    """No engine drives the process cell, or it did not answer in time; nothing was commanded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The way to the engine of one process cell.

    `now` gives process time; `timeout_s` is how long, in wall seconds, the engine has to answer.
    """

    database: Database
    cell: str
    now: Callable[[], datetime]
    timeout_s: float

    async def ask(
        self,
        verb: str,
        *,
        by: str,
        because: str,
        arguments: Mapping[str, str],
        key: str | None,
        batch_no: str = "",
    ) -> CommandState:
        """Put a request into the books and wait until the engine has settled it; no `batch_no` is for the cell itself.

        Raises `CommandRefused` with the engine's reason, `NoEngine`, or `NotInBooks`.
        """
        what = f"{verb} of {batch_no or arguments.get('unit', self.cell)}"

        def put(connection: Connection) -> CommandState:
            if batch_no:
                the_batch(connection, batch_no)
            lease = lease_of(connection, self.cell, wall_now())
            if lease is None or not lease.alive:
                raise NoEngine(
                    f"no engine drives process cell {self.cell}, so nobody could carry out {what}; "
                    "start one with `mes serve`"
                )
            return put_command(
                connection,
                key=key or str(uuid_utils.uuid7()),
                cell=self.cell,
                batch_no=batch_no,
                verb=verb,
                by=by,
                because=because,
                at=self.now(),
                arguments=arguments,
            )

        state = await self._settled(await self.database.write(put), what)
        if state.status is CommandStatus.REFUSED:
            raise CommandRefused(state.message)
        if state.status is CommandStatus.EXPIRED:
            raise NoEngine(f"{state.message}; it was taken back. See whether `mes serve` is alive and its PLCs answer")
        return state

    async def _settled(self, asked: CommandState, what: str) -> CommandState:
        state, number = asked, asked.row.command_id
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self.timeout_s
        while state.status is CommandStatus.PENDING and loop.time() < deadline_s:
            await asyncio.sleep(_POLL_S)
            state = await self.database.read(lambda connection: the_command(connection, number))
        if state.status is not CommandStatus.PENDING:
            return state
        # Taken back, so that it does not strike hours later; the engine may still have been quicker.
        message = f"the engine did not take {what} within {self.timeout_s:g} s"
        at = self.now()
        return await self.database.write(lambda connection: expire(connection, number, at=at, message=message))
