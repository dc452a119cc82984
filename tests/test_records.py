"""The batch record tells everything in order, and whether the material adds up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mes.model.balance import mass_balance
from mes.model.events import Alarm, Consume, Fact, LotReceived, Produce, StateChange, StateCommand
from mes.model.lots import Role
from mes.model.procedure import Group, Level, Order
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import Command, ProceduralState
from mes.records import as_text, balance_lines, record
from mes.store.batchrows import create_batch
from mes.store.booking import book
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.errors import NotInBooks
from mes.store.journal import head
from mes.store.versions import upgrade

AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def grams(value: str) -> Quantity:
    return Quantity(Decimal(value), "g")


def consumed(lot_no: str, quantity: Quantity, mass: Quantity | None = None) -> Consume:
    return Consume(path="UP/charge", input=lot_no.lower(), lot_no=lot_no, material="M", quantity=quantity, mass=mass)


def produced(role: Role, lot_no: str, quantity: Quantity, mass: Quantity | None = None) -> Produce:
    return Produce(
        path="UP/make", output=role.value, role=role, material="M", quantity=quantity, mass=mass, lot_no=lot_no
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    url = sqlite_url(tmp_path / "mes.db")
    upgrade(url)
    with Database(url) as opened:
        yield opened


@pytest.fixture
def batch_no(database: Database) -> str:
    control = ControlRecipe(
        recipe_id="R1",
        version="3",
        title={"en": "Electrolyte", "zh": "电解质"},
        product="LPSCL",
        size=Quantity(Decimal("1.0"), "kg"),
        formula={},
        inputs={},
        outputs={},
        procedure=Group(path="R1", name="R1", level=Level.PROCEDURE, order=Order.SEQUENCE, children=()),
        sha256="c0ffee",
    )
    came = LotReceived(
        lot_no="L-1", material="M", quantity=grams("1000"), assay=Decimal(1), supplier="", supplier_lot="", by="ann"
    )
    made = Produce(
        path="UP/pack",
        output="powder",
        role=Role.PRODUCT,
        material="LPSCL",
        quantity=grams("990"),
        lot_no="P-1",
        parents=(("L-1", grams("1000")),),
    )
    facts: list[Fact] = [
        StateCommand(path="", command=Command.START, by="bo", because="ordered"),
        StateChange(path="", before=ProceduralState.IDLE, after=ProceduralState.STARTING),
        consumed("L-1", grams("1000")),
        produced(Role.LOSS, "", grams("8")),
        made,
        Alarm(path="UP/pack", source="SY", text="the link was lost"),
    ]

    def write(connection: object) -> str:
        number = create_batch(
            connection, cell="pilot", control=control, by="ann", at=AT, proposed_lots={"m": "L-1"}, key=None
        )
        book(connection, cell="pilot", at=AT, facts=[("", came)])
        book(connection, cell="pilot", at=AT + timedelta(minutes=5), facts=[(number, fact) for fact in facts])
        return number

    return database.write_now(write)


def test_the_record_has_every_event_in_order_with_who_and_why(database: Database, batch_no: str) -> None:
    whole = record(database, batch_no)
    assert [(event["seq"], event["word"]) for event in whole["events"]] == [
        (1, "Modification"),
        (3, "State Command"),
        (4, "State Change"),
        (5, "Consume"),
        (6, "Produce"),
        (7, "Produce"),
        (8, "Alarm"),
    ]
    assert whole["events"][1] == {
        "seq": 3,
        "at": "2026-03-01T08:35:00.000+00:00",
        "word": "State Command",
        "event": "StateCommand",
        "path": "",
        "by": "bo",
        "because": "ordered",
        "payload": {"command": "start", "exec_id": 0, "parameters": {}, "update": 0},
    }
    assert whole["recipe"] == {"id": "R1", "version": "3", "sha256": "c0ffee"}
    assert (whole["batch_no"], whole["created_by"], whole["size"]) == ("B-0001", "ann", {"value": "1.0", "uom": "kg"})


def test_the_record_is_json_and_sealed_by_the_journal(database: Database, batch_no: str) -> None:
    whole = record(database, batch_no)
    assert json.loads(json.dumps(whole)) == whole
    seq, sha256 = database.read_now(lambda connection: head(connection, "pilot"))
    assert whole["seal"] == {"seq": seq, "sha256": sha256}


def test_the_record_holds_the_material_balance(database: Database, batch_no: str) -> None:
    balance = record(database, batch_no)["mass_balance"]
    assert (balance["in_g"], balance["out_g"], balance["lost_g"], balance["closure_percent"]) == (
        "1000",
        "998",
        "8",
        "-0.200",
    )
    assert [line["lot_no"] for line in balance["outputs"]] == ["P-1"]


def test_people_can_read_the_record(database: Database, batch_no: str) -> None:
    text = as_text(record(database, batch_no))
    lines = text.splitlines()
    assert lines[0] == "Batch B-0001: Electrolyte"
    assert any(line.endswith("command start, exec_id 0 by bo because ordered") for line in lines)
    assert "  in 1000 g, out 998 g (of it lost 8 g): off by -0.200 %" in lines
    assert any("the link was lost" in line for line in lines)
    assert lines[-1].startswith("Sealed by journal entry 8, sha256 ")


def test_the_sums_that_people_read_are_those_the_closure_is_of() -> None:
    line = {"role": "loss", "name": "Dust", "material": "", "lot_no": "", "mass_g": "2"}
    balance = {
        "inputs": [],
        "outputs": [],
        "losses": [{**line, "quantity": {"value": "2", "uom": "1"}}],
        "in_g": "1500",
        "out_g": "1498",
        "lost_g": "2",
        "external_in_g": "1000",
        "closure_percent": "-0.200",
    }
    assert list(balance_lines(balance)) == [
        "Material balance",
        "  loss         Dust  2  2 g",
        "  made and used again within the batch 500 g, which counts on neither side",
        "  in 1000 g, out 998 g (of it lost 2 g): off by -0.200 %",
    ]


def test_an_unknown_batch_is_told_with_the_nearest(database: Database, batch_no: str) -> None:
    with pytest.raises(NotInBooks, match="the nearest: B-0001"):
        record(database, "B-001")


def test_what_a_batch_makes_and_uses_itself_cancels() -> None:
    balance = mass_balance(
        [
            consumed("A", grams("600")),
            consumed("B", Quantity(Decimal("0.4"), "kg")),
            produced(Role.INTERMEDIATE, "S", grams("995")),
            consumed("S", grams("990")),
            produced(Role.PRODUCT, "P", grams("980")),
            produced(Role.SAMPLE, "Q", grams("5")),
            produced(Role.LOSS, "", grams("5")),
        ]
    )
    assert (balance.external_in_g, balance.in_g, balance.out_g) == (Decimal(1000), Decimal(1990), Decimal(1985))
    assert balance.closure_percent == Decimal("-0.500")


def test_what_has_no_mass_is_listed_and_not_balanced() -> None:
    film = Quantity(Decimal(80), "m")
    balance = mass_balance(
        [
            consumed("CARRIER", film),
            consumed("SLURRY", grams("1000")),
            produced(Role.PRODUCT, "F", film, mass=grams("1001")),
        ]
    )
    assert [line.mass_g for line in balance.inputs] == [None, Decimal(1000)]
    assert balance.closure_percent == Decimal("0.100")


def test_a_batch_that_took_nothing_has_no_closure() -> None:
    assert mass_balance([]).closure_percent is None
    assert mass_balance([consumed("CARRIER", Quantity(Decimal(80), "m"))]).closure_percent is None
