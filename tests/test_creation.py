"""A new batch: frozen, with its lots proposed, and with a word in the record for every value outside its limits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from mes.batches import Batches
from mes.model.events import LotReceived
from mes.model.quantity import Quantity
from mes.model.states import CommandRefused
from mes.model.steering import Deviation
from mes.recipes.problem import RecipeError
from mes.store.booking import book
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.journal import entries_of
from mes.store.versions import upgrade
from tests.engine.recipe import AT, grams, line_cell

TEXT = """\
recipe: W1
version: "1"
title: {en: Weigh salt, zh: 称盐}
product: Salt
batch_size: {default: 200 g, minimum: 100 g, maximum: 400 g}
formula:
  speed: {default: 60 rpm, minimum: 10 rpm, maximum: 300 rpm, high: [20 rpm, 200 rpm], soft: [40 rpm, 100 rpm]}
inputs:
  salt: {material: NACL, per: 1 g}
outputs:
  powder: {material: Salt}
procedure:
  - unit_procedure: Charge
    unit: WS-1
    operations:
      - operation: Weigh
        phases:
          - phase: WEIGH
            scan: [salt]
            parameters: {mass: $input.salt}
            consume: [{input: salt, report: mass}]
            loss: [{name: Spilled, report: spilled}]
  - unit_procedure: React
    unit: RX-1
    operations:
      - operation: Stir
        phases:
          - phase: STIR
            parameters: {speed: $speed}
  - unit_procedure: Pack
    unit: PK-1
    operations:
      - operation: Pack
        phases:
          - phase: PACK
            produce: [{output: powder, report: packed, from: [salt]}]
            loss: [{name: Left, report: left}]
"""


@pytest.fixture
def batches(tmp_path: Path) -> Iterator[Batches]:
    """The verbs over a database that nobody has used, with the recipe in its folder."""
    (tmp_path / "W1.yaml").write_text(TEXT, encoding="utf-8")
    url = sqlite_url(tmp_path / "mes.db")
    upgrade(url)
    with Database(url) as database:
        yield Batches(database=database, cell="pilot", equipment=line_cell(), now=lambda: AT, recipe_folder=tmp_path)


def rpm(value: str) -> Quantity:
    return Quantity(Decimal(value), "rpm")


def _deviations(batches: Batches, batch_no: str) -> list[Deviation]:
    entries = batches.database.read_now(lambda connection: entries_of(connection, batch_no))
    return [entry.fact for entry in entries if isinstance(entry.fact, Deviation)]


async def test_a_usual_value_leaves_no_deviation(batches: Batches) -> None:
    new = await batches.create("W1", by="ann", formula={"speed": rpm("100")})
    assert list(new.deviations) == _deviations(batches, new.batch_no) == []


async def test_a_value_outside_its_soft_limits_is_recorded(batches: Batches) -> None:
    new = await batches.create("W1", by="ann", formula={"speed": rpm("120")})
    (found,) = _deviations(batches, new.batch_no)
    assert (found.name, found.limit, found.by, found.because) == ("speed", "soft", "ann", "")
    assert found.text == "speed = 120 rpm is outside its soft limits, 40 rpm to 100 rpm"


async def test_a_value_beyond_its_high_limits_is_taken_only_with_a_reason(batches: Batches) -> None:
    with pytest.raises(
        CommandRefused, match="outside its high limits, 20 rpm to 200 rpm; that is taken only with a re"
    ):
        await batches.create("W1", by="ann", formula={"speed": rpm("250")}, because=" ")
    assert await batches.list() == []
    new = await batches.create("W1", by="ann", formula={"speed": rpm("250")}, because="thick powder", key="k")
    (found,) = _deviations(batches, new.batch_no)
    assert (found.limit, found.because) == ("high", "thick powder")
    again = await batches.create("W1", by="ann", formula={"speed": rpm("250")}, key="k")
    assert (again.batch_no, len(_deviations(batches, again.batch_no))) == (new.batch_no, 1)


async def test_a_value_beyond_its_hard_limits_is_never_taken(batches: Batches) -> None:
    with pytest.raises(RecipeError, match="speed"):
        await batches.create("W1", by="ann", formula={"speed": rpm("301")}, because="please")
    assert await batches.list() == []


async def test_the_lot_that_serves_is_proposed_and_what_is_missing_told(batches: Batches) -> None:
    short = await batches.create("W1", by="ann")
    assert short.missing == ("NACL: 200 g needed, no released lot is there",)
    received = LotReceived(
        lot_no="SALT-1",
        material="NACL",
        quantity=grams("250"),
        assay=Decimal(1),
        supplier="Acme",
        supplier_lot="A-1",
        by="ann",
    )
    batches.database.write_now(lambda connection: book(connection, cell="pilot", at=AT, facts=[("", received)]))
    new = await batches.create("W1", by="ann", size=grams("250"))
    assert (dict(new.proposed_lots), tuple(new.missing)) == ({"salt": "SALT-1"}, ())
