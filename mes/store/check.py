"""The examination of the books: what does not add up, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from graphlib import CycleError, TopologicalSorter

from sqlalchemy import Connection, select

from mes.model.events import Consume, LotReceived, Produce
from mes.model.quantity import Quantity, comparable
from mes.store.database import Database
from mes.store.dialect import damage
from mes.store.edges import all_edges
from mes.store.errors import StoreError
from mes.store.factjson import from_text
from mes.store.journal import verify
from mes.store.lots import LotRow, list_lots
from mes.store.schema import JOURNAL

MOVES = ("Consume", "LotReceived", "Produce")
"""The events that change how much there is of a lot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong: `where` names the cell, lot or file, `what` says it in words."""

    where: str
    what: str


def check(url: str) -> Sequence[Finding]:
    """Examine a database: the file, its version, the hash chain, lots against the journal, the genealogy.

    No finding means that all of it holds. Nothing is changed.
    """
    try:
        with Database(url) as database:
            return database.read_now(lambda connection: list(_examine(connection)))
    except StoreError as error:
        return [Finding(where="database", what=str(error))]


def _examine(connection: Connection) -> Iterator[Finding]:
    file = [Finding(where="database", what=what) for what in damage(connection)]
    yield from file
    broken = [
        Finding(where=f"journal of cell {found.cell}, entry {found.seq}", what=found.why)
        for found in verify(connection)
    ]
    yield from broken
    lots = list_lots(connection)
    yield from _amounts(lots)
    yield from _genealogy(connection, lots)
    if not broken:
        yield from _lots_against_journal(connection, lots)


def _amounts(lots: Sequence[LotRow]) -> Iterator[Finding]:
    for row in lots:
        lot = row.lot
        if lot.quantity.value < 0 or row.made.value <= 0 or (lot.mass is not None and lot.mass.value < 0):
            yield Finding(where=f"lot {lot.lot_no}", what=f"has {lot.quantity} left of {row.made}: below zero")
        elif lot.quantity.value > row.made.value:
            yield Finding(
                where=f"lot {lot.lot_no}", what=f"has {lot.quantity} left, more than the {row.made} it was made with"
            )


def _genealogy(connection: Connection, lots: Sequence[LotRow]) -> Iterator[Finding]:
    parents: dict[str, set[str]] = {}
    for edge in all_edges(connection):
        parents.setdefault(edge.child, set()).add(edge.parent)
        if edge.quantity.value < 0:
            yield Finding(where=f"lot {edge.child}", what=f"has {edge.quantity} of lot {edge.parent} in it: below zero")
    try:
        TopologicalSorter(parents).prepare()
    except CycleError as error:
        yield Finding(where="genealogy", what=f"goes in a circle: {' -> '.join(error.args[1])}")
    for row in lots:
        if row.lot.batch_no is not None and row.lot.lot_no not in parents:
            yield Finding(where=f"lot {row.lot.lot_no}", what=f"was made by batch {row.lot.batch_no} from nothing")


def _lots_against_journal(connection: Connection, lots: Sequence[LotRow]) -> Iterator[Finding]:
    born: dict[str, LotReceived | Produce] = {}
    left: dict[str, Quantity] = {}
    consumed: list[tuple[str, Quantity]] = []
    for body in connection.execute(select(JOURNAL.c.body).where(JOURNAL.c.event.in_(MOVES))).scalars():
        fact = from_text(body)
        if isinstance(fact, LotReceived) or (isinstance(fact, Produce) and fact.lot_no):
            born[fact.lot_no] = fact
            left[fact.lot_no] = fact.quantity
        elif isinstance(fact, Consume):
            consumed.append((fact.lot_no, fact.quantity))
    # In whatever order: once a lot has been taken down to zero it stays there.
    for lot_no, quantity in consumed:
        if lot_no in left:
            left[lot_no] -= quantity
    for row in lots:
        lot = row.lot
        fact_of = born.get(lot.lot_no)
        if fact_of is None:
            yield Finding(where=f"lot {lot.lot_no}", what="is in no journal entry")
            continue
        expected = left[lot.lot_no]
        if max(expected.value, Decimal(0)) != lot.quantity.value:
            yield Finding(where=f"lot {lot.lot_no}", what=f"has {lot.quantity} left, by the journal {expected}")
        yield from _birth(row, fact_of)
    for lot_no in born.keys() - {row.lot.lot_no for row in lots}:
        yield Finding(where=f"lot {lot_no}", what="is in the journal, but not among the lots")
    yield from _edges_against_journal(connection, born.values())


def _birth(row: LotRow, fact: LotReceived | Produce) -> Iterator[Finding]:
    lot = row.lot
    pairs = [("material", lot.material, fact.material), ("quantity at first", row.made, fact.quantity)]
    if isinstance(fact, LotReceived):
        pairs += [
            ("assay", lot.assay, fact.assay),
            ("supplier", lot.supplier, fact.supplier),
            ("supplier's lot", lot.supplier_lot, fact.supplier_lot),
        ]
    for name, held, sealed in pairs:
        if held != sealed:
            yield Finding(where=f"lot {lot.lot_no}", what=f"has {held} as its {name}, by the journal {sealed}")


def _edges_against_journal(connection: Connection, born: Iterable[LotReceived | Produce]) -> Iterator[Finding]:
    sealed: dict[tuple[str, str], Quantity] = {}
    for fact in born:
        for parent, quantity in fact.parents if isinstance(fact, Produce) else ():
            before = sealed.get((parent, fact.lot_no))
            sealed[parent, fact.lot_no] = quantity if before is None else before + quantity
    for edge in all_edges(connection):
        expected = sealed.pop((edge.parent, edge.child), None)
        held = f"has {edge.quantity} of lot {edge.parent} in it"
        if expected is None:
            yield Finding(where=f"lot {edge.child}", what=f"{held}, by the journal nothing")
        elif not comparable(expected.uom, edge.quantity.uom) or expected.to(edge.quantity.uom) != edge.quantity:
            yield Finding(where=f"lot {edge.child}", what=f"{held}, by the journal {expected}")
    for (parent, child), quantity in sealed.items():
        yield Finding(where=f"lot {child}", what=f"has nothing of lot {parent} in it, by the journal {quantity}")
