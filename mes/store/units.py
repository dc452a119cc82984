"""What the journal knows of the units of a cell: how each was last found, and since when nobody uses it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from mes.model.events import Deallocation, Fact
from mes.model.steering import UnitChange
from mes.store.factjson import from_text
from mes.store.schema import JOURNAL, OF_UNITS


def all_unit_changes(connection: Connection, cell: str) -> list[tuple[datetime, UnitChange]]:
    """Give everything that was ever said of the units of a cell, oldest first, with when."""
    return [(at, fact) for fact, at in _facts(connection, cell, "UnitChange") if isinstance(fact, UnitChange)]


def unit_changes(connection: Connection, cell: str) -> dict[str, tuple[datetime, UnitChange]]:
    """Give for each unit of which anything was said the last change and when, completed by the changes before it."""
    found: dict[str, tuple[datetime, UnitChange]] = {}
    for at, change in all_unit_changes(connection, cell):
        before = found[change.unit][1] if change.unit in found else UnitChange(unit="", by="", because="")
        in_service = before.in_service if change.in_service is None else change.in_service
        clean = before.clean if change.clean is None else change.clean
        found[change.unit] = at, replace(change, in_service=in_service is not False, clean=clean is not False)
    return found


def idle_since(connection: Connection, cell: str) -> dict[str, datetime]:
    """Give when each unit was last given back, in process time."""
    facts = _facts(connection, cell, "Deallocation")
    return {fact.unit: at for fact, at in facts if isinstance(fact, Deallocation)}


def _facts(connection: Connection, cell: str, event: str) -> Iterator[tuple[Fact, datetime]]:
    query = select(JOURNAL.c.body, JOURNAL.c.at).where(JOURNAL.c.cell == cell, OF_UNITS, JOURNAL.c.event == event)
    for row in connection.execute(query.order_by(JOURNAL.c.seq)):
        yield from_text(row.body), row.at
