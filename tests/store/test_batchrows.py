"""Batches get numbers in order, and one per idempotency key."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import pytest

from mes.model.change import BatchSummary
from mes.model.events import BatchCreated
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import ProceduralState
from mes.model.waiting import ConditionPart, Wait, WaitKind
from mes.store.batchrows import create_batch, list_batches, show, state_of, the_batch
from mes.store.database import Database
from mes.store.errors import BooksRefused, NotInBooks
from mes.store.journal import entries_of


def create(database: Database, control: ControlRecipe, at: datetime, key: str | None = None) -> str:
    return database.write_now(
        lambda connection: create_batch(
            connection, cell="pilot", control=control, by="ann", at=at, proposed_lots={"li2s": "L-1"}, key=key
        )
    )


def test_batches_are_numbered_in_order_and_listed_newest_first(
    database: Database, control: ControlRecipe, at: datetime
) -> None:
    made = [create(database, control, at) for _ in range(3)]
    assert made == ["B-0001", "B-0002", "B-0003"]
    assert [row.batch_no for row in database.read_now(list_batches)] == made[::-1]
    assert [row.batch_no for row in database.read_now(lambda connection: list_batches(connection, limit=1))] == made[2:]


def test_a_new_batch_is_idle_and_its_record_begins_with_the_control_recipe(
    database: Database, control: ControlRecipe, at: datetime
) -> None:
    number = create(database, control, at)
    row = database.read_now(lambda connection: the_batch(connection, number))
    assert (row.state, row.recipe_sha256, row.created_at, row.started_at) == (
        ProceduralState.IDLE,
        "c0ffee",
        at,
        None,
    )
    assert str(row.size.value) == "1.00"
    (entry,) = database.read_now(lambda connection: entries_of(connection, number))
    assert entry.fact == BatchCreated(control=control, proposed_lots={"li2s": "L-1"}, by="ann")


def test_the_same_key_gives_the_same_batch(database: Database, control: ControlRecipe, at: datetime) -> None:
    assert create(database, control, at, "k1") == create(database, control, at, "k1") == "B-0001"
    assert create(database, control, at, "k2") == "B-0002"
    assert len(database.read_now(list_batches)) == 2


def test_the_same_key_for_another_size_is_refused(database: Database, control: ControlRecipe, at: datetime) -> None:
    create(database, control, at, "k1")
    with pytest.raises(BooksRefused, match=r"'k1' made batch B-0001 of another recipe or size"):
        create(database, replace(control, size=Quantity(Decimal(2), "kg")), at, "k1")


def test_an_unknown_batch_is_told_with_what_there_is(database: Database) -> None:
    with pytest.raises(NotInBooks, match="there is no batch yet"):
        database.read_now(lambda connection: the_batch(connection, "B-0001"))


def test_what_lists_show_of_a_batch_comes_back_as_it_was(
    database: Database, control: ControlRecipe, at: datetime
) -> None:
    number = create(database, control, at)
    part = ConditionPart(text="A.T > 3 degC", value="A.T = 2 degC", needs="> 3 degC", truth="false")
    waits = {
        "": Wait(kind=WaitKind.BATCH, text="batch B-0000 to be complete", owners=("B-0000",)),
        "Mill": Wait(kind=WaitKind.UNIT, text="in use", units=("M-1",), owners=("B-0003", "B-0004"), position=2),
        "Mill/Run": Wait(kind=WaitKind.CONDITION, text="A.T is cold", parts=(part,)),
        "Ask": Wait(kind=WaitKind.INTERLOCK, text="a door", names=("DOOR_OPEN",), prompt_id="p"),
    }
    shown = BatchSummary(
        batch_no=number,
        state="running",
        activity="Run",
        waiting="for a door",
        waits=waits,
        queued=True,
        priority=4,
        queue_rank=Decimal("1.25"),
        start_after="B-0000",
    )
    database.write_now(lambda connection: show(connection, shown))
    row = database.read_now(lambda connection: the_batch(connection, number))
    assert list(row.waits.items()) == list(waits.items())
    assert (row.queued, row.priority, row.queue_rank, row.start_after) == (True, 4, Decimal("1.25"), "B-0000")
    assert database.read_now(lambda connection: state_of(connection, number)) is ProceduralState.RUNNING
    assert database.read_now(lambda connection: state_of(connection, "B-0077")) is None
    with pytest.raises(NotInBooks, match="B-0001"):
        database.write_now(lambda connection: show(connection, replace(shown, batch_no="B-0009")))
