"""The examination finds what somebody changed behind the back of the program."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from mes.model.events import Consume, LotReceived, Produce
from mes.model.lots import Role
from mes.model.quantity import Quantity
from mes.store.booking import book
from mes.store.check import check
from mes.store.database import Database


def grams(value: int) -> Quantity:
    return Quantity(Decimal(value), "g")


@pytest.fixture
def filled(database: Database, batch_no: str, at: datetime, url: str) -> str:
    came = LotReceived(
        lot_no="L-1", material="A", quantity=grams(100), assay=Decimal(1), supplier="", supplier_lot="", by="ann"
    )
    used = Consume(path="p", input="a", lot_no="L-1", material="A", quantity=grams(60))
    more = Consume(path="p", input="a", lot_no="L-1", material="A", quantity=grams(50))
    made = Produce(
        path="p",
        output="b",
        role=Role.PRODUCT,
        material="B",
        quantity=grams(99),
        lot_no="P-1",
        parents=(("L-1", grams(110)),),
    )
    facts = [("", came), *((batch_no, fact) for fact in (used, more, made))]
    database.write_now(lambda connection: book(connection, cell="pilot", at=at, facts=facts))
    return url


def test_books_in_order_have_no_finding(filled: str) -> None:
    assert check(filled) == []


@pytest.mark.parametrize(
    ("statement", "where", "what"),
    [
        ("UPDATE lot SET quantity = '5' WHERE lot_no = 'L-1'", "lot L-1", "has 5 g left, by the journal"),
        ("UPDATE lot SET quantity = '-5' WHERE lot_no = 'P-1'", "lot P-1", "has -5 g left of 99 g: below zero"),
        ("UPDATE lot SET quantity = '100' WHERE lot_no = 'P-1'", "lot P-1", "more than the 99 g"),
        ("UPDATE lot SET lot_no = 'P-2' WHERE lot_no = 'P-1'", "lot P-2", "is in no journal entry"),
        ("UPDATE lot SET lot_no = 'P-2' WHERE lot_no = 'P-1'", "lot P-1", "is in the journal, but not among the lots"),
        ("UPDATE edge SET quantity = '7'", "lot P-1", "has 7 g of lot L-1 in it, by the journal 110 g"),
        ("UPDATE edge SET uom = 'm'", "lot P-1", "has 110 m of lot L-1 in it, by the journal 110 g"),
        ("DELETE FROM edge", "lot P-1", "has nothing of lot L-1 in it, by the journal 110 g"),
        ("INSERT INTO edge VALUES (2, 1, '1', 'g')", "lot L-1", "has 1 g of lot P-1 in it, by the journal nothing"),
        ("UPDATE lot SET material = 'X' WHERE lot_no = 'L-1'", "lot L-1", "has X as its material, by the journal A"),
        ("UPDATE lot SET assay = '0.5' WHERE lot_no = 'L-1'", "lot L-1", "has 0.5 as its assay, by the journal 1"),
        ("UPDATE lot SET made = '200' WHERE lot_no = 'P-1'", "lot P-1", "has 200 g as its quantity at first"),
        ("UPDATE lot SET supplier = 'Z' WHERE lot_no = 'L-1'", "lot L-1", "has Z as its supplier"),
        ("DELETE FROM edge", "lot P-1", "was made by batch B-0001 from nothing"),
        ("INSERT INTO edge VALUES (2, 1, '1', 'g')", "genealogy", "goes in a circle"),
        ("UPDATE edge SET quantity = '-1'", "lot P-1", "has -1 g of lot L-1 in it: below zero"),
        ("DELETE FROM lot WHERE lot_no = 'L-1'", "database", "edge row"),
        ("UPDATE batch SET batch_no = 'B-0007'", "journal of cell pilot, entry 1", "not what was sealed"),
    ],
)
def test_what_was_changed_is_found(filled: str, path: Path, statement: str, where: str, what: str) -> None:
    raw = sqlite3.connect(path)
    raw.execute(statement)
    raw.commit()
    raw.close()
    assert [found for found in check(filled) if found.where == where and what in found.what], check(filled)


def test_a_damaged_page_is_found(filled: str, database: Database, path: Path) -> None:
    database.close()
    with path.open("r+b") as file:
        file.seek(4096 * 5)
        file.write(b"\xff" * 4096 * 8)
    assert check(filled)
