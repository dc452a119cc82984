"""Lots: how they come into the books, and what facts do to them. Nothing here commits or writes the journal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import uuid_utils
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from mes.model.events import Alarm, Consume, LotReceived, Produce
from mes.model.lots import Lot, LotStatus, Role, mass_of
from mes.model.quantity import Quantity
from mes.model.steering import TestResults
from mes.store.edges import Direction, LotEdge, add_edge, closure, edges_reached
from mes.store.errors import BooksRefused, not_in_books
from mes.store.schema import BATCH, LOT

LOT_NO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")
"""What a lot number may look like: it goes on labels, into file names and into other systems."""
LONGEST_TEXT = 100
SMALLEST_LOT, LARGEST_LOT = Decimal("0.000001"), Decimal(1_000_000_000)
"""What a delivery can be, in its own unit of measure: between them no sum of amounts loses a digit."""
STATUS_AT_BIRTH = {
    Role.PRODUCT: LotStatus.RELEASED,
    Role.INTERMEDIATE: LotStatus.RELEASED,
    Role.SAMPLE: LotStatus.QUARANTINE,
}
"""There is no quality step yet: products may be used at once; a sample is never proposed as a material."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotRow:
    """A lot with its history: `made` is what was received or produced of it, `lot.quantity` what is left."""

    lot: Lot
    uid: str
    made: Quantity
    made_at: datetime


def check_lot_no(lot_no: str) -> None:
    """Raise `BooksRefused` unless the text can be a lot number."""
    if not LOT_NO.fullmatch(lot_no):
        raise BooksRefused(
            f"{lot_no[:50]!r} cannot be a lot number: write 1 to 40 of A-Z a-z 0-9 . _ / - "
            "and begin with a letter or digit"
        )


def check_text(name: str, text: str) -> None:
    """Raise `BooksRefused` for a text that is too long or holds what people cannot see (control, direction marks)."""
    if len(text) > LONGEST_TEXT:
        raise BooksRefused(f"{name} has {len(text)} characters; {LONGEST_TEXT} are the most")
    hidden = next(
        (char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}), ""
    )
    if hidden:
        raise BooksRefused(f"{name} holds the invisible character U+{ord(hidden):04X}; take it out")


def free_lot_no(connection: Connection) -> str:
    """Give the next number for a lot that comes in without one: L-000001, L-000002 ..."""
    number = (connection.execute(select(func.max(LOT.c.id))).scalar() or 0) + 1
    while _row(connection, f"L-{number:06}") is not None:
        number += 1
    return f"L-{number:06}"


def receive(connection: Connection, at: datetime, fact: LotReceived) -> None:
    """Put a lot from outside into the books; raises `BooksRefused` for what cannot be one."""
    check_text("the supplier", fact.supplier)
    check_text("the supplier's lot", fact.supplier_lot)
    check_text("the material", fact.material)
    if not Decimal(0) < fact.assay <= Decimal(1):
        raise BooksRefused(f"assay {fact.assay} of lot {fact.lot_no}: a mass fraction is above 0 and at most 1")
    if fact.quantity.value > 0 and not SMALLEST_LOT <= fact.quantity.value <= LARGEST_LOT:
        raise BooksRefused(
            f"lot {fact.lot_no} of {fact.quantity}: a lot holds {SMALLEST_LOT:f} to {LARGEST_LOT:f} "
            f"{fact.quantity.uom}; correct the number or its unit of measure"
        )
    lot = Lot(
        lot_no=fact.lot_no,
        material=fact.material,
        quantity=fact.quantity,
        assay=fact.assay,
        supplier=fact.supplier,
        supplier_lot=fact.supplier_lot,
        properties={name: str(value) for name, value in fact.properties.items()},
    )
    _insert(connection, lot, at=at, batch_id=None)


def note_results(connection: Connection, fact: TestResults) -> None:
    """Add the results of a QC gate to the properties of the lot they belong to; the last result of a name stands."""
    found = _row(connection, fact.lot_no)
    if found is not None:
        results = {name: str(value) for name, value in fact.results.items()}
        known = {**found.properties, **results}
        connection.execute(update(LOT).where(LOT.c.lot_no == fact.lot_no).values(properties=known))


def produce(connection: Connection, at: datetime, batch_id: int | None, fact: Produce) -> None:
    """Put a produced lot and its genealogy into the books; a loss has neither."""
    if fact.role is Role.LOSS:
        if fact.lot_no:
            raise BooksRefused(f"{fact.path}: a loss has no lot, but lot {fact.lot_no} is named")
        return
    if not fact.lot_no:
        raise BooksRefused(f"{fact.path}: the {fact.role} {fact.output} has no lot number")
    lot = Lot(
        lot_no=fact.lot_no,
        material=fact.material,
        quantity=fact.quantity,
        status=STATUS_AT_BIRTH[fact.role],
        expires_at=at + timedelta(days=fact.shelf_life_days) if fact.shelf_life_days else None,
    )
    if mass_of(lot, lot.quantity) is None:
        lot = replace(lot, mass=fact.mass)
    _insert(connection, lot, at=at, batch_id=batch_id)
    for parent, quantity in fact.parents:
        add_edge(connection, parent=parent, child=fact.lot_no, quantity=quantity)


def consume(connection: Connection, fact: Consume) -> Alarm | None:
    """Take a quantity off a lot; when the books have less than was weighed, they go to zero and an alarm says so.

    The scale is right and the books are wrong: what has happened is recorded, never refused.
    """
    row = _row(connection, fact.lot_no)
    if row is None:
        raise BooksRefused(
            f"{fact.path}: lot {fact.lot_no} is not in the books, so {fact.quantity} cannot be taken off it"
        )
    lot = _lot(row)
    left = lot.quantity - fact.quantity
    mass = None
    if lot.mass is not None:
        part = fact.mass or mass_of(lot, fact.quantity) or Quantity(Decimal(0), "g")
        mass = max(Decimal(0), (lot.mass.to("g") - part).value)
    short = left.value < 0
    if left.value <= 0:
        left, mass = Quantity(Decimal(0), lot.quantity.uom), None if mass is None else Decimal(0)
    connection.execute(update(LOT).where(LOT.c.id == row.id).values(quantity=left.value, mass_g=mass))
    if not short:
        return None
    text = f"the books had {lot.quantity} of lot {lot.lot_no}, {fact.quantity} were weighed: the books are set to 0"
    return Alarm(path=fact.path, source=lot.lot_no, text=text)


def _insert(connection: Connection, lot: Lot, *, at: datetime, batch_id: int | None) -> None:
    check_lot_no(lot.lot_no)
    if lot.quantity.value <= 0:
        raise BooksRefused(f"lot {lot.lot_no} of {lot.quantity}: a lot holds more than nothing")
    if _row(connection, lot.lot_no) is not None:
        raise BooksRefused(f"lot number {lot.lot_no} is used already: give another one")
    connection.execute(
        insert(LOT),
        {
            "uid": str(uuid_utils.uuid7()),
            "lot_no": lot.lot_no,
            "material": lot.material,
            "made": lot.quantity.value,
            "quantity": lot.quantity.value,
            "uom": lot.quantity.uom,
            "status": lot.status.value,
            "assay": lot.assay,
            "mass_g": lot.mass.to("g").value if lot.mass else None,
            "supplier": lot.supplier,
            "supplier_lot": lot.supplier_lot,
            "batch_id": batch_id,
            "made_at": at,
            "expires_at": lot.expires_at,
            "properties": dict(lot.properties),
        },
    )


def lot_query() -> Select[Any]:
    """Give the query for lots with the number of the batch that made them."""
    return select(LOT, BATCH.c.batch_no).outerjoin(BATCH, BATCH.c.id == LOT.c.batch_id)


def _row(connection: Connection, lot_no: str) -> Row[Any] | None:
    return connection.execute(lot_query().where(LOT.c.lot_no == lot_no)).first()


def lot_row(row: Row[Any]) -> LotRow:
    """Make the value of a row of `lot_query`."""
    return LotRow(lot=_lot(row), uid=row.uid, made=Quantity(row.made, row.uom), made_at=row.made_at)


def _lot(row: Row[Any]) -> Lot:
    return Lot(
        lot_no=row.lot_no,
        material=row.material,
        quantity=Quantity(row.quantity, row.uom),
        status=LotStatus(row.status),
        assay=row.assay,
        mass=None if row.mass_g is None else Quantity(row.mass_g, "g"),
        supplier=row.supplier,
        supplier_lot=row.supplier_lot,
        batch_no=row.batch_no,
        expires_at=row.expires_at,
        properties=row.properties,
    )


def find_lot(connection: Connection, lot_no: str) -> LotRow | None:
    """Give the lot of that number, or None."""
    row = _row(connection, lot_no)
    return None if row is None else lot_row(row)


def the_lot(connection: Connection, lot_no: str) -> LotRow:
    """Give the lot of that number; raises `NotInBooks` that names the nearest ones."""
    found = find_lot(connection, lot_no)
    if found is None:
        raise not_in_books("lot", lot_no, connection.execute(select(LOT.c.lot_no).order_by(LOT.c.id.desc())).scalars())
    return found


def list_lots(
    connection: Connection, *, material: str | None = None, status: LotStatus | None = None, empty: bool | None = None
) -> Sequence[LotRow]:
    """Give lots in the order they expire (never last), then came in; each filter that is given must hold."""
    query = lot_query().order_by(LOT.c.expires_at.asc().nulls_last(), LOT.c.made_at, LOT.c.id)
    if material is not None:
        query = query.where(LOT.c.material == material)
    if status is not None:
        query = query.where(LOT.c.status == status.value)
    if empty is not None:
        zero = Decimal(0)
        query = query.where(LOT.c.quantity == zero if empty else LOT.c.quantity != zero)
    return [lot_row(row) for row in connection.execute(query)]


def family(connection: Connection, lot_no: str, direction: Direction) -> tuple[Sequence[LotRow], Sequence[LotEdge]]:
    """Give a lot, all it was made from (backward) or went into (forward), and the edges between them.

    Raises `NotInBooks` that names the nearest lot numbers.
    """
    the_lot(connection, lot_no)
    found = closure(LOT.c.lot_no == lot_no, direction)
    rows = connection.execute(lot_query().where(LOT.c.id.in_(select(found.c.id))))
    return [lot_row(row) for row in rows], edges_reached(connection, lot_no, direction)
