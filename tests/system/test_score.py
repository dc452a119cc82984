"""The score of a genealogy sees what is missing, what is invented, and what is wrong by weight."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from mes.model.events import LotReceived
from mes.model.quantity import Quantity
from mes.store.booking import book
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.edges import add_edge
from mes.store.versions import upgrade
from tests.system.score import score_of

GRAMS = {"L-1": "600", "L-2": "400", "P-1": "1000"}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A product of 600 g of one lot and 400 g of another."""
    url = sqlite_url(tmp_path / "mes.db")
    upgrade(url)
    with Database(url) as opened:
        opened.write_now(_enter)
        yield opened


def _enter(connection: Connection) -> None:
    received = [
        LotReceived(
            lot_no=lot_no,
            material="POWDER",
            quantity=Quantity(Decimal(grams), "g"),
            assay=Decimal(1),
            supplier="",
            supplier_lot="",
            by="ann",
        )
        for lot_no, grams in GRAMS.items()
    ]
    book(connection, cell="pilot", at=datetime(2026, 3, 1, tzinfo=UTC), facts=[("", fact) for fact in received])
    for lot_no in ("L-1", "L-2"):
        add_edge(connection, parent=lot_no, child="P-1", quantity=Quantity(Decimal(GRAMS[lot_no]), "g"))


def truth(parts: dict[str, float], drawn: float = 0.0) -> dict[str, Any]:
    return {
        "lots": [{"lot": lot, "material": "POWDER", "drawn": drawn} for lot in ("L-1", "L-2")],
        "containers": [{"label": "P-1", "kind": "parcel", "parcel": {"parts": parts}}],
    }


def test_a_genealogy_that_is_right_has_full_score_whatever_was_lost_on_the_way(database: Database) -> None:
    score = score_of(database, truth({"L-1": 540.0, "L-2": 360.0}), ["P-1"])
    assert (score.lots, score.quantities, score.findings) == (1.0, 1.0, ())


def test_a_lot_that_the_plant_put_in_and_the_books_miss_is_found(database: Database) -> None:
    described = truth({"L-1": 540.0, "L-2": 360.0, "L-3": 2.0})
    described["lots"].append({"lot": "L-3", "material": "POWDER", "drawn": 2.0})
    score = score_of(database, described, ["P-1"])
    assert score.lots == pytest.approx(2 / 3)
    assert score.findings == (
        "P-1: L-3 (POWDER) is in it and not in its genealogy",
        "L-3: the plant received it, the books did not",
    )


def test_a_lot_that_the_books_invent_is_found(database: Database) -> None:
    score = score_of(database, truth({"L-1": 900.0}), ["P-1"])
    assert score.lots == 0.5
    assert score.findings[0] == "P-1: L-2 is in its genealogy and not in it"
    assert score.findings[1].startswith("P-1: L-1 is 60.0000% of it by the genealogy, 100.0000% in truth")


def test_shares_that_are_off_by_more_than_a_hundredth_are_found(database: Database) -> None:
    score = score_of(database, truth({"L-1": 500.0, "L-2": 400.0}), ["P-1"])
    assert (score.lots, score.quantities) == (1.0, 0.5)
    assert len(score.findings) == 2


def test_more_drawn_than_booked_is_found(database: Database) -> None:
    score = score_of(database, truth({"L-1": 600.0, "L-2": 400.0}, drawn=5.0), ["P-1"])
    assert score.findings == ("L-1: 0 taken by the books, 5 in truth", "L-2: 0 taken by the books, 5 in truth")
