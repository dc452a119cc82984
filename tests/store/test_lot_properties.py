"""What is known of a lot besides its amount: figures of its certificate, and results of the tests it has passed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from mes.model.events import LotReceived
from mes.model.quantity import Quantity
from mes.model.steering import TestResults
from mes.store.booking import book
from mes.store.database import Database
from mes.store.lots import the_lot

CELL = "pilot"
MOIST = {"moisture": Quantity(Decimal("80.5"), "ppm")}


def received() -> LotReceived:
    return LotReceived(
        lot_no="L-1",
        material="Li2S",
        quantity=Quantity(Decimal(500), "g"),
        assay=Decimal("0.999"),
        supplier="Acme",
        supplier_lot="A 1",
        by="ann",
        properties=MOIST,
    )


def results(value: str, lot_no: str = "L-1") -> TestResults:
    found = {"peak": Quantity(Decimal(value), "%")}
    return TestResults(path="Mill/QC", results=found, passed=True, by="bo", lot_no=lot_no)


def test_a_lot_keeps_the_figures_of_its_certificate(database: Database, at: datetime) -> None:
    database.write_now(lambda books: book(books, cell=CELL, at=at, facts=[("", received())]))
    assert database.read_now(lambda books: the_lot(books, "L-1")).lot.properties == {"moisture": "80.5 ppm"}


def test_results_become_properties_and_the_last_one_stands(database: Database, at: datetime) -> None:
    facts = [("", received()), ("", results("7")), ("", results("4.2")), ("", results("9", lot_no=""))]
    database.write_now(lambda books: book(books, cell=CELL, at=at, facts=facts))
    found = database.read_now(lambda books: the_lot(books, "L-1")).lot.properties
    assert found == {"moisture": "80.5 ppm", "peak": "4.2 %"}
