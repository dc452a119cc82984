"""Commands are rows: asked once however often they are sent, and they do not strike when nobody waits any more."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mes.model.change import SettledCommand
from mes.store.commandrows import CommandState, CommandStatus, expire, pending, put_command, settle, the_command
from mes.store.database import Database
from mes.store.errors import BooksRefused, NotInBooks


@pytest.fixture
def asked(database: Database, batch_no: str, at: datetime) -> CommandState:
    return ask(database, batch_no, at)


def ask(database: Database, batch_no: str, at: datetime, *, key: str = "k1", verb: str = "hold") -> CommandState:
    return database.write_now(
        lambda connection: put_command(
            connection,
            key=key,
            batch_no=batch_no,
            verb=verb,
            by="ann",
            because="it smells",
            at=at,
            arguments={"value": "3"},
        )
    )


def test_a_command_waits_with_who_and_why(asked: CommandState, batch_no: str, at: datetime) -> None:
    row = asked.row
    assert (row.batch_no, row.verb, row.by, row.because, row.arguments) == (
        batch_no,
        "hold",
        "ann",
        "it smells",
        {"value": "3"},
    )
    assert (asked.status, asked.at, asked.settled_at) == (CommandStatus.PENDING, at, None)


def test_the_same_key_again_gives_the_first_command(
    asked: CommandState, database: Database, batch_no: str, at: datetime
) -> None:
    assert ask(database, batch_no, at + timedelta(minutes=1)) == asked
    assert len(database.read_now(lambda connection: pending(connection, "pilot"))) == 1


def test_the_same_key_for_something_else_is_refused(
    asked: CommandState, database: Database, batch_no: str, at: datetime
) -> None:
    with pytest.raises(BooksRefused, match=r"'k1' was used for hold of batch B-0001 before"):
        ask(database, batch_no, at, verb="abort")


def test_a_command_for_an_unknown_batch_is_refused(database: Database, batch_no: str, at: datetime) -> None:
    with pytest.raises(NotInBooks, match="the nearest: B-0001"):
        ask(database, "B-001", at)


def test_a_command_that_was_taken_back_does_not_wait_any_more(
    asked: CommandState, database: Database, at: datetime
) -> None:
    number = asked.row.command_id
    gone = database.write_now(lambda connection: expire(connection, number, at=at, message="no engine"))
    assert (gone.status, gone.message) == (CommandStatus.EXPIRED, "no engine")
    assert database.read_now(lambda connection: pending(connection, "pilot")) == []


def test_what_the_engine_did_stands_before_and_after_somebody_gave_up(
    asked: CommandState, database: Database, at: datetime
) -> None:
    number = asked.row.command_id

    def settled(message: str) -> None:
        done = SettledCommand(command_id=number, accepted=True, message=message)
        database.write_now(lambda connection: settle(connection, done, at))

    def given_up() -> CommandState:
        return database.write_now(lambda connection: expire(connection, number, at=at, message="no engine"))

    assert given_up().status is CommandStatus.EXPIRED
    settled("held")
    assert given_up().message == "held"
    settled("held again")
    state = database.read_now(lambda connection: the_command(connection, number))
    assert (state.status, state.message) == (CommandStatus.DONE, "held")


def test_an_unknown_command_is_an_error_that_names_it(database: Database) -> None:
    with pytest.raises(NotInBooks, match="no command 7"):
        database.read_now(lambda connection: the_command(connection, 7))


def test_a_command_for_a_unit_belongs_to_its_cell_and_to_no_batch(
    asked: CommandState, database: Database, at: datetime
) -> None:
    def put(cell: str) -> CommandState:
        return database.write_now(
            lambda connection: put_command(
                connection,
                key="k2",
                cell=cell,
                verb="dirty",
                by="ann",
                because="powder on the lid",
                at=at,
                arguments={"unit": "M-1"},
            )
        )

    made = put("pilot")
    assert (made.row.batch_no, made.row.arguments) == ("", {"unit": "M-1"})
    assert [row.verb for row in database.read_now(lambda connection: pending(connection, "pilot"))] == ["hold", "dirty"]
    assert database.read_now(lambda connection: pending(connection, "another")) == []
    with pytest.raises(BooksRefused, match=r"'k2' was used for dirty of cell pilot before"):
        put("another")
