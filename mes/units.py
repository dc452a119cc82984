"""The public verbs on units: who has them, who waits for them, and whether they are in service and clean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mes.asking import Asking
from mes.batchview import name_of, state_of
from mes.engine.arbitration import in_order
from mes.engine.claims import claims_of
from mes.model.equipment import ProcessCell, Unit
from mes.model.execution import BatchState
from mes.model.states import CommandRefused
from mes.model.steering import UnitChange
from mes.model.verbs import UnitVerb, Verb
from mes.model.waiting import Wait
from mes.recipes.problem import nearest
from mes.store.batchrows import open_batches, the_batch
from mes.store.commandrows import CommandState
from mes.store.database import Database
from mes.store.journal import entries_of
from mes.store.units import unit_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """An element of a batch that has a unit."""

    batch_no: str
    path: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """An element of a batch that wants a unit: its place in the queue (1: first) and why it has none yet."""

    position: int
    batch_no: str
    path: str
    name: str
    wait: Wait | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitView:
    """A unit as it stands. `change` is the last thing that was said of it (None: nothing was), and when."""

    unit: Unit
    change: UnitChange | None
    changed_at: datetime | None
    used_by: Sequence[Use]
    queue: Sequence[Queued]

    @property
    def in_service(self) -> bool:
        """False while nobody may have it."""
        return self.change is None or self.change.in_service is not False

    @property
    def clean(self) -> bool:
        """False while only those may have it who take a dirty one."""
        return self.change is None or self.change.clean is not False

    @property
    def standing(self) -> str:
        """Give in a few words how it stands."""
        words = [] if self.in_service else ["out of service"]
        words += [] if self.clean else ["dirty"]
        if len(self.used_by) >= self.unit.users:
            words.append("in use")
        elif self.used_by:
            words.append(f"in use by {len(self.used_by)} of {self.unit.users}")
        return ", ".join(words) or "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """An open batch: its state and what its elements wait for."""

    state: BatchState
    waits: Mapping[str, Wait]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The verbs on the units of one process cell; `now` gives process time.

    `timeout_s` is how long, in wall seconds, a verb waits for the engine.
    """

    database: Database
    cell: str
    equipment: ProcessCell
    now: Callable[[], datetime]
    timeout_s: float = 10.0

    async def list(self) -> Sequence[UnitView]:
        """Give every unit of the cell as it stands."""

        def looked(connection: Connection) -> Sequence[UnitView]:
            batches = self._open(connection)
            changes = unit_changes(connection, self.cell)
            return [_view(unit, changes.get(unit.name), batches) for unit in self.equipment.units.values()]

        return await self.database.read(looked)

    async def show(self, unit: str) -> UnitView:
        """Give one unit as it stands; raises `CommandRefused` that names the nearest unit."""
        known = self._unit(unit)

        def looked(connection: Connection) -> UnitView:
            return _view(known, unit_changes(connection, self.cell).get(known.name), self._open(connection))

        return await self.database.read(looked)

    async def say(self, unit: str, verb: UnitVerb, *, by: str, because: str, key: str | None = None) -> CommandState:
        """Say that a unit is out of service or in service, dirty or clean.

        Who has it keeps it. Raises `CommandRefused` (no such unit, no reason), `NoEngine`.
        """
        known = self._unit(unit)
        if not because.strip():
            raise CommandRefused(f"{verb} of {known.name} needs a reason for the record")
        return await self._asking().ask(verb.value, by=by, because=because, arguments={"unit": known.name}, key=key)

    async def move(
        self,
        unit: str,
        batch_no: str,
        place: int,
        *,
        by: str,
        because: str,
        path: str = "",
        key: str | None = None,
    ) -> CommandState:
        """Move the request of a batch to a place in the queue of a unit (1: first).

        `path` is needed when several elements of the batch want the unit. Raises `CommandRefused` that says who is in
        the queue, `NoEngine`, or `NotInBooks`.
        """
        view = await self.show(unit)
        await self.database.read(lambda connection: the_batch(connection, batch_no))
        mine = [one for one in view.queue if one.batch_no == batch_no]
        meant = [one for one in mine if not path or f"/{one.path}".endswith(f"/{path}")]
        if len(meant) != 1:
            found = " or ".join(repr(one.path) for one in meant)
            waiting = ", ".join(f"{one.batch_no} ({one.path})" for one in view.queue) or "nobody"
            why = f"{found}: say which with its path" if meant else f"it does not wait for it; in its queue: {waiting}"
            raise CommandRefused(f"batch {batch_no} and {view.unit.name}: {why}")
        arguments = {"path": meant[0].path, "name": view.unit.name, "value": str(place)}
        return await self._asking().ask(
            Verb.RANK.value, batch_no=batch_no, by=by, because=because, arguments=arguments, key=key
        )

    def _unit(self, name: str) -> Unit:
        found = self.equipment.units.get(name)
        if found is None:
            raise CommandRefused(f"process cell {self.cell} has no unit {name!r}{nearest(name, self.equipment.units)}")
        return found

    def _asking(self) -> Asking:
        return Asking(database=self.database, cell=self.cell, now=self.now, timeout_s=self.timeout_s)

    def _open(self, connection: Connection) -> Sequence[_Open]:
        return [
            _Open(
                state=state_of(batch_no, entries_of(connection, batch_no)),
                waits=the_batch(connection, batch_no).waits,
            )
            for batch_no in open_batches(connection, self.cell)
        ]


def _view(unit: Unit, change: tuple[datetime, UnitChange] | None, batches: Sequence[_Open]) -> UnitView:
    return UnitView(
        unit=unit,
        change=None if change is None else change[1],
        changed_at=None if change is None else change[0],
        used_by=[
            Use(batch_no=batch.state.batch_no, path=path, name=name_of(batch.state, path))
            for batch in batches
            for path, units in batch.state.holdings.items()
            if unit.name in units
        ],
        queue=_queue(unit.name, batches),
    )


def _queue(unit: str, batches: Sequence[_Open]) -> Sequence[Queued]:
    """Give who wants a unit in the order in which the engine gives it away."""
    states = {batch.state.batch_no: batch for batch in batches}
    claims = [claim for batch in batches for claim in claims_of(batch.state)]
    wanting = sorted((claim for claim in claims if unit in {*claim.candidates, *claim.uses}), key=in_order)
    return [
        Queued(
            position=position,
            batch_no=claim.batch_no,
            path=claim.path,
            name=name_of(states[claim.batch_no].state, claim.path),
            wait=states[claim.batch_no].waits.get(claim.path),
        )
        for position, claim in enumerate(wanting, start=1)
    ]
