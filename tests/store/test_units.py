"""What was said of units is found again, each with what was said before, and since when nobody uses it."""

from __future__ import annotations

from datetime import datetime, timedelta

from mes.model.events import Allocation, Deallocation, Fact
from mes.model.steering import UnitChange
from mes.store.booking import book
from mes.store.database import Database
from mes.store.units import idle_since, unit_changes


def said(unit: str, because: str, *, in_service: bool | None = None, clean: bool | None = None) -> UnitChange:
    return UnitChange(unit=unit, by="ann", because=because, in_service=in_service, clean=clean)


def record(database: Database, at: datetime, *facts: Fact, batch_no: str = "", cell: str = "pilot") -> None:
    database.write_now(
        lambda connection: book(connection, cell=cell, at=at, facts=[(batch_no, fact) for fact in facts])
    )


def test_the_last_change_of_a_unit_is_completed_by_what_was_said_before(database: Database, at: datetime) -> None:
    record(database, at, said("M-1", "milled", clean=False), said("M-2", "bearing", in_service=False))
    record(database, at + timedelta(hours=1), said("M-1", "noise", in_service=False))
    record(database, at, said("M-1", "elsewhere", clean=True), cell="another")
    found = database.read_now(lambda connection: unit_changes(connection, "pilot"))
    assert found == {
        "M-1": (at + timedelta(hours=1), said("M-1", "noise", in_service=False, clean=False)),
        "M-2": (at, said("M-2", "bearing", in_service=False, clean=True)),
    }


def test_a_unit_is_idle_since_it_was_last_given_back(database: Database, at: datetime, batch_no: str) -> None:
    for hour in range(3):
        facts = (Allocation(path="a", unit="M-1"), Deallocation(path="a", unit="M-1"))
        record(database, at + timedelta(hours=hour), *facts, batch_no=batch_no)
    assert database.read_now(lambda connection: idle_since(connection, "pilot")) == {"M-1": at + timedelta(hours=2)}
    assert database.read_now(lambda connection: idle_since(connection, "another")) == {}
