"""The genealogy edges: how much of which lot is in which lot, without a cycle, walked with one recursive query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import CTE, Connection, insert, select, update

from mes.model.quantity import Quantity
from mes.store.errors import BooksRefused
from mes.store.schema import EDGE, LOT

Direction = Literal["backward", "forward"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LotEdge:
    """`quantity` of the lot `parent` (in its unit of measure) is in the lot `child`."""

    parent: str
    child: str
    quantity: Quantity


def add_edge(connection: Connection, *, parent: str, child: str, quantity: Quantity) -> None:
    """Record that a quantity of `parent` is in `child`; what is already recorded is added to.

    Raises `BooksRefused` for an edge to itself, one that closes a cycle, a quantity below zero, or an unknown lot.
    """
    source = _lot(connection, parent)
    target = _lot(connection, child)
    amount = quantity.to(source.uom)
    if amount.value < 0:
        raise BooksRefused(f"{quantity} of lot {parent} in lot {child}: a quantity cannot be below zero")
    if source.id == target.id:
        raise BooksRefused(f"lot {parent} cannot be made from itself")
    if _reaches(connection, start=source.id, sought=target.id):
        raise BooksRefused(f"lot {child} cannot be made from lot {parent}: {parent} was itself made from {child}")
    key = (EDGE.c.parent == source.id) & (EDGE.c.child == target.id)
    present = connection.execute(select(EDGE.c.quantity).where(key)).scalar()
    if present is None:
        connection.execute(
            insert(EDGE), {"parent": source.id, "child": target.id, "quantity": amount.value, "uom": source.uom}
        )
    else:
        connection.execute(update(EDGE).where(key).values(quantity=present + amount.value))


def _lot(connection: Connection, lot_no: str) -> Any:
    row = connection.execute(select(LOT.c.id, LOT.c.uom).where(LOT.c.lot_no == lot_no)).first()
    if row is None:
        raise BooksRefused(f"lot {lot_no} is not in the books, so nothing can be made from it or into it")
    return row


def closure(start: Any, direction: Direction) -> CTE:
    """Give the recursive query of the lot that meets the condition `start` and all it was made from (or went into)."""
    # UNION on the key alone visits every lot once; UNION ALL, or a depth column, would visit every path.
    found = select(LOT.c.id).where(start).cte("found", recursive=True)
    near, far = (EDGE.c.child, EDGE.c.parent) if direction == "backward" else (EDGE.c.parent, EDGE.c.child)
    return found.union(select(far).join(found, near == found.c.id))


def _reaches(connection: Connection, *, start: int, sought: int) -> bool:
    ancestors = closure(LOT.c.id == start, "backward")
    return connection.execute(select(ancestors.c.id).where(ancestors.c.id == sought)).first() is not None


def edges_reached(connection: Connection, lot_no: str, direction: Direction) -> list[LotEdge]:
    """Give every edge among a lot and all it was made from (backward) or went into (forward)."""
    found = closure(LOT.c.lot_no == lot_no, direction)
    near = EDGE.c.child if direction == "backward" else EDGE.c.parent
    return _edges(connection, near.in_(select(found.c.id)))


def all_edges(connection: Connection) -> list[LotEdge]:
    """Give every edge there is."""
    return _edges(connection, None)


def _edges(connection: Connection, condition: Any) -> list[LotEdge]:
    parent, child = LOT.alias("parent_lot"), LOT.alias("child_lot")
    query = (
        select(parent.c.lot_no.label("parent"), child.c.lot_no.label("child"), EDGE.c.quantity, EDGE.c.uom)
        .select_from(EDGE)
        .join(parent, parent.c.id == EDGE.c.parent)
        .join(child, child.c.id == EDGE.c.child)
        .order_by(EDGE.c.child, EDGE.c.parent)
    )
    rows = connection.execute(query if condition is None else query.where(condition))
    return [LotEdge(parent=row.parent, child=row.child, quantity=Quantity(row.quantity, row.uom)) for row in rows]
