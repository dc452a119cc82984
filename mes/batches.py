"""The public verbs on batches: one module for the command line, the page and whatever comes later.

A verb never touches equipment. It puts a row into the books; the engine that owns the process cell takes it at its next
scan, decides, and settles it. So every door is journalled, survives a crash and works from another process.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uuid_utils
from sqlalchemy import Connection

from mes.clock import wall_now
from mes.engine.answers import refuse_lot, shortages
from mes.model.equipment import ProcessCell
from mes.model.events import BatchCreated, BatchFact, Prompt, StateChange
from mes.model.execution import BatchState, batch_commands, fold, progress
from mes.model.expectation import remaining_s
from mes.model.lots import Lot, LotStatus
from mes.model.procedure import ControlRecipe
from mes.model.quantity import Quantity
from mes.model.states import FINAL, Command, CommandRefused, ProceduralState
from mes.recipes.binding import bind
from mes.recipes.library import find_recipe
from mes.recipes.reader import read_recipe
from mes.store.batchrows import BatchRow, create_batch, list_batches, made_before, the_batch
from mes.store.commandrows import CommandState, CommandStatus, expire, put_command, the_command
from mes.store.database import Database
from mes.store.errors import BooksRefused
from mes.store.journal import Entry, entries_of
from mes.store.lease import lease_of
from mes.store.lots import list_lots, the_lot

_POLL_S = 0.02


class NoEngine(Exception):
    """No engine drives the process cell, or it did not answer in time; nothing was commanded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """A batch that was created. `missing` says which materials must come in before it can start."""

    batch_no: str
    control: ControlRecipe
    proposed_lots: Mapping[str, str]
    missing: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchView:
    """One batch as a person looks at it: derived from its facts, nothing stored twice.

    `legal` are the commands possible now, `prompts` the open questions, `steps` (done, all), `remaining_s` process
    seconds.
    """

    row: BatchRow
    state: BatchState
    legal: Sequence[Command]
    prompts: Sequence[Prompt]
    steps: tuple[int, int]
    remaining_s: float
    now: datetime


@dataclass(slots=True)
class Batches:
    """The verbs on the batches of one process cell.

    `now` gives process time. `timeout_s` is how long, in wall seconds, a verb waits for the engine.
    """

    database: Database
    cell: str
    equipment: ProcessCell
    now: Callable[[], datetime]
    recipe_folder: Path | None = None
    timeout_s: float = 10.0

    async def create(
        self,
        recipe: str,
        *,
        by: str,
        size: Quantity | None = None,
        formula: Mapping[str, Quantity] | None = None,
        lots: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> NewBatch:
        """Freeze a control recipe for a new batch in state idle.

        `recipe` is an id of the library or a file; `lots` names the lot to use per input, the others are proposed in
        the order they expire. A repeated idempotency `key` gives the batch it has made. Raises `RecipeError` (recipe,
        size or formula), `CommandRefused` (a named lot that may not be used) and `BooksRefused` (a key that made
        another batch); nothing is created then.
        """
        named = dict(lots or {})
        control = await asyncio.to_thread(self._control, recipe, size, formula or {})
        at = self.now()

        def made(connection: Connection) -> NewBatch:
            before = made_before(connection, key=key, control=control) if key else None
            if before is not None:
                return _as_it_was_made(connection, before, named, at)
            _refuse_named(connection, control, named, at)
            usable = _usable(connection, control)
            proposed = _proposed(control, usable, named, at)
            batch_no = create_batch(
                connection, cell=self.cell, control=control, by=by, at=at, proposed_lots=proposed, key=key or None
            )
            missing = shortages(control, named, usable, at)
            return NewBatch(batch_no=batch_no, control=control, proposed_lots=proposed, missing=missing)

        return await self.database.write(made)

    def _control(self, recipe: str, size: Quantity | None, formula: Mapping[str, Quantity]) -> ControlRecipe:
        master = read_recipe(find_recipe(recipe, self.recipe_folder))
        return bind(master, self.equipment, size, formula)

    async def start(self, batch_no: str, *, by: str, because: str = "", key: str | None = None) -> CommandState:
        """Start an idle batch."""
        return await self.command(batch_no, Command.START, by=by, because=because or "ordered", key=key)

    async def hold(self, batch_no: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Bring a batch to a safe rest for long."""
        return await self.command(batch_no, Command.HOLD, by=by, because=because, key=key)

    async def restart(self, batch_no: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Go on with a held batch."""
        return await self.command(batch_no, Command.RESTART, by=by, because=because, key=key)

    async def pause(self, batch_no: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Stop at the next safe point for a short while."""
        return await self.command(batch_no, Command.PAUSE, by=by, because=because, key=key)

    async def resume(self, batch_no: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Go on with a paused batch."""
        return await self.command(batch_no, Command.RESUME, by=by, because=because, key=key)

    async def stop(self, batch_no: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """End a batch in good order."""
        return await self.command(batch_no, Command.STOP, by=by, because=because, key=key)

    async def abort(self, batch_no: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """End a batch at once."""
        return await self.command(batch_no, Command.ABORT, by=by, because=because, key=key)

    async def command(
        self, batch_no: str, command: Command, *, by: str, because: str, key: str | None = None
    ) -> CommandState:
        """Give any command. Raises `CommandRefused` (with what is possible now), `NoEngine`, or `NotInBooks`."""
        return await self._ask(batch_no, command.value, by=by, because=because, arguments={}, key=key)

    async def answer(
        self, batch_no: str, value: str, *, by: str, prompt_id: str = "", key: str | None = None
    ) -> CommandState:
        """Answer a prompt; without `prompt_id` the only open one. Raises as `command` does."""
        arguments = {"prompt_id": prompt_id, "value": value}
        return await self._ask(batch_no, "answer", by=by, because="", arguments=arguments, key=key)

    async def _ask(
        self, batch_no: str, verb: str, *, by: str, because: str, arguments: Mapping[str, str], key: str | None
    ) -> CommandState:
        """Put the request into the books and wait until the engine has settled it."""

        def put(connection: Connection) -> CommandState:
            the_batch(connection, batch_no)
            lease = lease_of(connection, self.cell, wall_now())
            if lease is None or not lease.alive:
                raise NoEngine(
                    f"no engine drives process cell {self.cell}, so nobody could carry out {verb} of {batch_no}; "
                    "start one with `mes serve`"
                )
            return put_command(
                connection,
                key=key or str(uuid_utils.uuid7()),
                batch_no=batch_no,
                verb=verb,
                by=by,
                because=because,
                at=self.now(),
                arguments=arguments,
            )

        asked = await self.database.write(put)
        state = await self._settled(asked)
        if state.status is CommandStatus.REFUSED:
            raise CommandRefused(state.message)
        if state.status is CommandStatus.EXPIRED:
            raise NoEngine(f"{state.message}; it was taken back. See whether `mes serve` is alive and its PLCs answer")
        return state

    async def _settled(self, asked: CommandState) -> CommandState:
        state, number = asked, asked.row.command_id
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + self.timeout_s
        while state.status is CommandStatus.PENDING and loop.time() < deadline_s:
            await asyncio.sleep(_POLL_S)
            state = await self.database.read(lambda connection: the_command(connection, number))
        if state.status is not CommandStatus.PENDING:
            return state
        # Taken back, so that it does not strike hours later; the engine may still have been quicker.
        message = f"the engine did not take {asked.row.verb} of {asked.row.batch_no} within {self.timeout_s:g} s"
        at = self.now()
        return await self.database.write(lambda connection: expire(connection, number, at=at, message=message))

    async def list(self) -> Sequence[BatchRow]:
        """Give all batches, newest first."""
        return await self.database.read(list_batches)

    async def show(self, batch_no: str) -> BatchView:
        """Give one batch as a person looks at it; raises `NotInBooks` that names the nearest numbers."""

        def looked(connection: Connection) -> tuple[BatchRow, Sequence[Entry]]:
            return the_batch(connection, batch_no), entries_of(connection, batch_no)

        row, entries = await self.database.read(looked)
        state = fold(batch_no, [entry.fact for entry in entries if isinstance(entry.fact, BatchFact)])
        at = max(self.now(), entries[-1].at)
        return BatchView(
            row=row,
            state=state,
            legal=batch_commands(state.state),
            prompts=tuple(state.prompts.values()),
            steps=progress(state),
            remaining_s=0.0 if state.state in FINAL else remaining_s(state, begun_at(entries), at),
            now=at,
        )


def begun_at(entries: Sequence[Entry]) -> Mapping[str, datetime]:
    """Give when each element last left idle, by path, from the journal entries of its batch."""
    changes = [(entry.at, entry.fact) for entry in entries if isinstance(entry.fact, StateChange)]
    return {fact.path: at for at, fact in changes if fact.before is ProceduralState.IDLE}


def _refuse_named(connection: Connection, control: ControlRecipe, named: Mapping[str, str], at: datetime) -> None:
    for name, lot_no in named.items():
        needed = control.inputs.get(name)
        if needed is None:
            known = ", ".join(control.inputs)
            raise CommandRefused(f"recipe {control.recipe_id} has no input {name!r}; its inputs are {known}")
        refuse_lot(the_lot(connection, lot_no).lot, needed, at)


def _as_it_was_made(connection: Connection, batch_no: str, named: Mapping[str, str], at: datetime) -> NewBatch:
    """Give the batch that a repeated key stands for, from its record; raises `BooksRefused` for other named lots."""
    facts = (entry.fact for entry in entries_of(connection, batch_no))
    created = next(fact for fact in facts if isinstance(fact, BatchCreated))
    for name, lot_no in named.items():
        if created.proposed_lots.get(name) != lot_no:
            raise BooksRefused(
                f"the key of batch {batch_no} is given again with lot {lot_no} for {name}, which it was not created "
                "with: use a new key"
            )
    missing = shortages(created.control, named, _usable(connection, created.control), at)
    return NewBatch(batch_no=batch_no, control=created.control, proposed_lots=created.proposed_lots, missing=missing)


def _usable(connection: Connection, control: ControlRecipe) -> Mapping[str, Sequence[Lot]]:
    materials = sorted({needed.material for needed in control.inputs.values()})
    return {
        material: [row.lot for row in list_lots(connection, material=material, status=LotStatus.RELEASED, empty=False)]
        for material in materials
    }


def _proposed(
    control: ControlRecipe, usable: Mapping[str, Sequence[Lot]], named: Mapping[str, str], at: datetime
) -> Mapping[str, str]:
    """Propose the first lot that serves, in the order they expire; what was named stands."""
    proposed = dict(named)
    for name, needed in control.inputs.items():
        for lot in () if name in proposed else usable[needed.material]:
            try:
                refuse_lot(lot, needed, at)
            except CommandRefused:
                continue
            proposed[name] = lot.lot_no
            break
    return proposed
