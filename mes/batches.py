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

from sqlalchemy import Connection

from mes.asking import Asking, NoEngine
from mes.batchqueue import QueuePlace, queue_of
from mes.batchview import BatchView, Waiting, begun_at, in_order, look_at, state_of
from mes.creation import NewBatch, Wish, put_batch
from mes.elements import the_path
from mes.model.equipment import ProcessCell
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import Command, CommandRefused
from mes.model.steering import Mode
from mes.model.verbs import WITH_REASON, Verb
from mes.model.waiting import WaitKind
from mes.recipes.binding import bind
from mes.recipes.library import find_recipe
from mes.recipes.reader import read_recipe
from mes.store.batchrows import BatchRow, list_batches, the_batch
from mes.store.commandrows import CommandState
from mes.store.database import Database
from mes.store.journal import entries_of

__all__ = ["BatchView", "Batches", "NewBatch", "NoEngine", "QueuePlace", "Waiting", "begun_at", "in_order"]


@dataclass(slots=True)
class Batches:
    """The verbs on the batches of one process cell.

    `now` gives process time. `timeout_s` is how long, in wall seconds, a verb waits for the engine. Wherever a verb
    takes a `path`, an end of it will do that only one element has; "" is the whole batch. A repeated idempotency `key`
    does nothing twice. Verbs raise `CommandRefused` (with what is possible), `NoEngine`, or `NotInBooks`.
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
        because: str = "",
        key: str | None = None,
    ) -> NewBatch:
        """Freeze a control recipe for a new batch in state idle.

        `recipe` is an id of the library or a file; `lots` names the lot to use per input, the others are proposed in
        the order they expire. Values outside their soft or high limits are recorded as deviations, those beyond the
        high ones only `because` of a reason. A repeated idempotency `key` gives the batch it has made. Raises
        `RecipeError` (recipe, size or formula), `CommandRefused` (a named lot that may not be used, a missing reason)
        and `BooksRefused` (a key that made another batch); nothing is created then.
        """
        control = await asyncio.to_thread(self._control, recipe, size, formula or {})
        wish = Wish(cell=self.cell, control=control, named=dict(lots or {}), by=by, because=because, key=key)
        at = self.now()
        return await self.database.write(lambda connection: put_batch(connection, wish, at))

    def _control(self, recipe: str, size: Quantity | None, formula: Mapping[str, Quantity]) -> ControlRecipe:
        master = read_recipe(find_recipe(recipe, self.recipe_folder))
        return bind(master, self.equipment, size, formula)

    async def start(self, batch_no: str, *, by: str, because: str = "", key: str | None = None) -> CommandState:
        """Start an idle batch."""
        return await self.command(batch_no, Command.START, by=by, because=because or "ordered", key=key)

    async def hold(
        self, batch_no: str, *, by: str, because: str, path: str = "", key: str | None = None
    ) -> CommandState:
        """Bring a batch, or a part of it, to a safe rest for long."""
        return await self.command(batch_no, Command.HOLD, by=by, because=because, path=path, key=key)

    async def restart(
        self, batch_no: str, *, by: str, because: str, path: str = "", key: str | None = None
    ) -> CommandState:
        """Go on with what is held."""
        return await self.command(batch_no, Command.RESTART, by=by, because=because, path=path, key=key)

    async def pause(
        self, batch_no: str, *, by: str, because: str, path: str = "", key: str | None = None
    ) -> CommandState:
        """Stop at the next safe point for a short while."""
        return await self.command(batch_no, Command.PAUSE, by=by, because=because, path=path, key=key)

    async def resume(
        self, batch_no: str, *, by: str, because: str, path: str = "", key: str | None = None
    ) -> CommandState:
        """Go on with what is paused."""
        return await self.command(batch_no, Command.RESUME, by=by, because=because, path=path, key=key)

    async def stop(
        self, batch_no: str, *, by: str, because: str, path: str = "", key: str | None = None
    ) -> CommandState:
        """End a batch, or a part of it, in good order."""
        return await self.command(batch_no, Command.STOP, by=by, because=because, path=path, key=key)

    async def abort(
        self, batch_no: str, *, by: str, because: str, path: str = "", key: str | None = None
    ) -> CommandState:
        """End a batch, or a part of it, at once."""
        return await self.command(batch_no, Command.ABORT, by=by, because=because, path=path, key=key)

    async def command(
        self, batch_no: str, command: Command, *, by: str, because: str, path: str = "", key: str | None = None
    ) -> CommandState:
        """Give any command to a batch or to the part of its procedure at `path`."""
        arguments = await self._at(batch_no, path)
        return await self._ask(batch_no, command.value, by=by, because=because, arguments=arguments, key=key)

    async def answer(
        self,
        batch_no: str,
        value: str,
        *,
        by: str,
        prompt_id: str = "",
        because: str = "",
        key: str | None = None,
    ) -> CommandState:
        """Answer a prompt; without `prompt_id` the only open one. Some answers want a reason."""
        arguments = {"prompt_id": prompt_id, "value": value}
        return await self._ask(batch_no, "answer", by=by, because=because, arguments=arguments, key=key)

    async def steer(
        self,
        batch_no: str,
        verb: Verb,
        *,
        by: str,
        because: str = "",
        path: str = "",
        key: str | None = None,
        **arguments: str,
    ) -> CommandState:
        """Ask for any steering verb; `arguments` are the words its row has besides the path (see `Verb`)."""
        if verb in WITH_REASON and not because.strip():
            raise CommandRefused(f"{verb} needs a reason for the record")
        words = {**await self._at(batch_no, path), **{name: value for name, value in arguments.items() if value}}
        return await self._ask(batch_no, verb.value, by=by, because=because, arguments=words, key=key)

    async def mode(
        self, batch_no: str, mode: Mode, *, by: str, because: str = "", path: str = "", key: str | None = None
    ) -> CommandState:
        """Say who goes forward, for the whole batch or a part of it and everything below."""
        return await self.steer(batch_no, Verb.MODE, by=by, because=because, path=path, key=key, value=mode.value)

    async def confirm(
        self, batch_no: str, *, by: str, because: str = "", path: str = "", key: str | None = None
    ) -> CommandState:
        """Let the element begin that waits for it; without a path every one that does. Gives the last one's order."""
        paths = [path] if path.strip() else await self._confirmable(batch_no)
        if not paths:
            raise CommandRefused(f"nothing in batch {batch_no} waits for a confirmation")
        for each in paths:
            own = key if key is None or path.strip() else f"{key} {each}"
            state = await self.steer(batch_no, Verb.CONFIRM, by=by, because=because, path=each, key=own)
        return state

    async def _confirmable(self, batch_no: str) -> Sequence[str]:
        kinds = {WaitKind.CONFIRMATION, WaitKind.BREAKPOINT}
        return [one.path for one in await self.why(batch_no) if one.wait.kind in kinds]

    async def set_breakpoint(
        self, batch_no: str, path: str, *, by: str, because: str = "", key: str | None = None
    ) -> CommandState:
        """Let an element wait for a confirmation before it begins."""
        return await self.steer(batch_no, Verb.BREAK, by=by, because=because, path=path, key=key)

    async def clear_breakpoint(
        self, batch_no: str, path: str, *, by: str, because: str = "", key: str | None = None
    ) -> CommandState:
        """Take a breakpoint away."""
        return await self.steer(batch_no, Verb.CLEAR, by=by, because=because, path=path, key=key)

    async def skip(self, batch_no: str, path: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Pass an element over."""
        return await self.steer(batch_no, Verb.SKIP, by=by, because=because, path=path, key=key)

    async def repeat(self, batch_no: str, path: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Do an element once more."""
        return await self.steer(batch_no, Verb.REPEAT, by=by, because=because, path=path, key=key)

    async def go_to(self, batch_no: str, path: str, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Make an element the active step of the sequence it stands in."""
        return await self.steer(batch_no, Verb.GO_TO, by=by, because=because, path=path, key=key)

    async def set_value(
        self,
        batch_no: str,
        name: str,
        value: Quantity,
        *,
        by: str,
        because: str,
        path: str = "",
        key: str | None = None,
    ) -> CommandState:
        """Change a parameter of the phase at `path`, or without one a formula value, within its limits."""
        arguments = {"name": name, "value": str(value)}
        return await self.steer(batch_no, Verb.SET, by=by, because=because, path=path, key=key, **arguments)

    async def rank(
        self, batch_no: str, path: str, place: int, *, by: str, because: str, key: str | None = None
    ) -> CommandState:
        """Move the request of an element for a unit to a place in the queue (1: first)."""
        arguments = {"value": str(place)}
        return await self.steer(batch_no, Verb.RANK, by=by, because=because, path=path, key=key, **arguments)

    async def queue(
        self,
        batch_no: str,
        *,
        by: str,
        because: str = "",
        priority: int = 0,
        after: str = "",
        key: str | None = None,
    ) -> CommandState:
        """Let an idle batch start by itself: after the batch `after`, the higher `priority` first.

        Raises `NotInBooks` for an unknown batch `after`.
        """
        if after:
            await self.database.read(lambda connection: the_batch(connection, after))
        arguments = {"name": after, "value": str(priority)}
        return await self.steer(batch_no, Verb.QUEUE, by=by, because=because, key=key, **arguments)

    async def move(self, batch_no: str, place: int, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Move a queued batch to a place in the batch queue (1: next), among those of its priority."""
        return await self.steer(batch_no, Verb.RANK, by=by, because=because, key=key, value=str(place))

    async def unqueue(self, batch_no: str, *, by: str, because: str = "", key: str | None = None) -> CommandState:
        """Take a batch out of the queue; it stays idle."""
        return await self.steer(batch_no, Verb.UNQUEUE, by=by, because=because, key=key)

    async def queued(self) -> Sequence[QueuePlace]:
        """Give the batch queue of the cell, the next one first."""
        return await self.database.read(lambda connection: queue_of(connection, self.cell))

    async def list(self) -> Sequence[BatchRow]:
        """Give all batches, newest first."""
        return await self.database.read(list_batches)

    async def show(self, batch_no: str) -> BatchView:
        """Give one batch as a person looks at it; raises `NotInBooks` that names the nearest numbers."""
        now = self.now()
        return await self.database.read(lambda connection: look_at(connection, batch_no, now))

    async def why(self, batch_no: str) -> Sequence[Waiting]:
        """Say what each waiting element of a batch waits for, as data, in the order of the procedure."""
        return (await self.show(batch_no)).waiting

    async def _at(self, batch_no: str, path: str) -> Mapping[str, str]:
        """Give the whole path as the argument of a row; nothing for the batch itself."""
        if not path.strip():
            return {}

        def found(connection: Connection) -> str:
            the_batch(connection, batch_no)
            state = state_of(batch_no, entries_of(connection, batch_no))
            return the_path((*state.tree.elements, *state.tree.blocks), path)

        return {"path": await self.database.read(found)}

    async def _ask(
        self, batch_no: str, verb: str, *, by: str, because: str, arguments: Mapping[str, str], key: str | None
    ) -> CommandState:
        asking = Asking(database=self.database, cell=self.cell, now=self.now, timeout_s=self.timeout_s)
        return await asking.ask(verb, batch_no=batch_no, by=by, because=because, arguments=arguments, key=key)
