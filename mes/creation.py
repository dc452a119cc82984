"""Put a new batch into the books: its frozen recipe, the lots proposed for it, and what is outside its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mes.engine.answers import refuse_lot, shortages
from mes.model.events import BatchCreated
from mes.model.limits import BeyondLimit, deviations
from mes.model.lots import Lot, LotStatus
from mes.model.recipe import ControlRecipe
from mes.model.states import CommandRefused
from mes.model.steering import Deviation
from mes.store.batchrows import create_batch, made_before
from mes.store.booking import book
from mes.store.errors import BooksRefused
from mes.store.journal import entries_of
from mes.store.lots import list_lots, the_lot


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBatch:
    """A batch that was created. `missing` says which materials must come in before it can start, `deviations` which
    values are outside their limits (and stand so in the record)."""

    batch_no: str
    control: ControlRecipe
    proposed_lots: Mapping[str, str]
    missing: Sequence[str]
    deviations: Sequence[BeyondLimit] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A batch as a person wants it: the bound recipe, the lots that were named by input, who wants it and why."""

    cell: str
    control: ControlRecipe
    named: Mapping[str, str]
    by: str
    because: str
    key: str | None


def put_batch(connection: Connection, wish: Wish, at: datetime) -> NewBatch:
    """Put a batch into the books; a repeated key gives the batch it has made.

    Raises `CommandRefused` for a named lot that may not be used and for a value beyond its high limits without a
    reason, `BooksRefused` for a key that made another batch.
    """
    control = wish.control
    before = made_before(connection, key=wish.key, control=control) if wish.key else None
    if before is not None:
        return _as_it_was_made(connection, before, wish.named, at)
    beyond = deviations(control)
    _refuse_unexplained(beyond, wish.because)
    _refuse_named(connection, control, wish.named, at)
    usable = _usable(connection, control)
    proposed = _proposed(control, usable, wish.named, at)
    batch_no = create_batch(
        connection,
        cell=wish.cell,
        control=control,
        by=wish.by,
        at=at,
        proposed_lots=proposed,
        key=wish.key or None,
    )
    book(connection, cell=wish.cell, at=at, facts=[(batch_no, _fact(one, wish)) for one in beyond])
    missing = shortages(control, wish.named, usable, at)
    return NewBatch(batch_no=batch_no, control=control, proposed_lots=proposed, missing=missing, deviations=beyond)


def _fact(beyond: BeyondLimit, wish: Wish) -> Deviation:
    return Deviation(
        path="", name=beyond.name, limit=beyond.limit.value, text=beyond.text, by=wish.by, because=wish.because
    )


def _refuse_unexplained(beyond: Sequence[BeyondLimit], because: str) -> None:
    unexplained = [one.text for one in beyond if one.needs_reason]
    if unexplained and not because.strip():
        raise CommandRefused("; ".join(unexplained) + "; that is taken only with a reason for the record")


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
    return NewBatch(
        batch_no=batch_no,
        control=created.control,
        proposed_lots=created.proposed_lots,
        missing=missing,
        deviations=deviations(created.control),
    )


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
