"""The store as the engine sees it: one owner, one transaction, nothing from an owner of yesterday."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mes.model.change import (
    BatchSummary,
    Change,
    LeaseLost,
    OpenRequest,
    SettledCommand,
    SettledRequest,
)
from mes.model.events import Allocation, Consume, LotReceived, Produce, StateChange
from mes.model.lots import Role
from mes.model.phase import PhaseCommand, PhaseRequest
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import ProceduralState
from mes.store.batchrows import create_batch, the_batch
from mes.store.commandrows import CommandState, CommandStatus, put_command, the_command
from mes.store.database import Database
from mes.store.engine_store import CellStore
from mes.store.errors import BooksRefused, NotInBooks
from mes.store.journal import entries_of, head
from mes.store.lease import lease_of

S = ProceduralState


class Wall:
    """Wall time that moves when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
async def store(database: Database, wall: Wall) -> CellStore:
    made = CellStore(database, wall=wall)
    assert await made.acquire("pilot", "first", lease_s=10) == 1
    return made


def allocated(batch_no: str, unit: str, at: datetime) -> Change:
    return Change(at=at, facts=[(batch_no, Allocation(path="UP", unit=unit))])


def units(database: Database, batch_no: str) -> list[str]:
    entries = database.read_now(lambda connection: entries_of(connection, batch_no))
    return [entry.fact.unit for entry in entries if isinstance(entry.fact, Allocation)]


def request(seq: int, *, epoch: int = 1, exec_id: int = 7) -> PhaseRequest:
    return PhaseRequest(
        plc="SY",
        slot="FU-301.1",
        command=PhaseCommand.START,
        exec_id=exec_id,
        phase_number=12,
        seq=seq,
        boot_id=4_000_000_000,
        epoch=epoch,
        parameters=(550.0, 0.1),
    )


async def test_a_second_engine_is_refused_while_the_lease_runs_and_told_who_has_it(
    store: CellStore, database: Database, wall: Wall
) -> None:
    second = CellStore(database, wall=wall)
    wall.forward(9)
    with pytest.raises(LeaseLost, match="pilot is driven by first until 2026-03-01 09:00:10 UTC"):
        await second.acquire("pilot", "second", lease_s=10)


async def test_another_cell_is_free(store: CellStore, database: Database, wall: Wall) -> None:
    assert await CellStore(database, wall=wall).acquire("other", "second", lease_s=10) == 1


async def test_a_renewed_lease_runs_on(store: CellStore, database: Database, wall: Wall) -> None:
    wall.forward(9)
    await store.renew()
    wall.forward(9)
    with pytest.raises(LeaseLost):
        await CellStore(database, wall=wall).acquire("pilot", "second", lease_s=10)
    lease = database.read_now(lambda connection: lease_of(connection, "pilot", wall()))
    assert lease is not None
    assert (lease.owner, lease.epoch, lease.alive) == ("first", 1, True)


async def test_after_a_take_over_the_old_owner_can_write_nothing_any_more(
    store: CellStore, database: Database, wall: Wall, batch_no: str, at: datetime
) -> None:
    second = CellStore(database, wall=wall)
    wall.forward(10)
    assert await second.acquire("pilot", "second", lease_s=10) == 2
    await second.commit(allocated(batch_no, "new", at))
    for stale in (
        store.renew(),
        store.commit(allocated(batch_no, "old", at)),
        store.commit(Change(at=at, exec_high=99)),
    ):
        with pytest.raises(LeaseLost, match="no longer driven by first under epoch 1 but by second under epoch 2"):
            await stale
    await store.release()
    await second.commit(allocated(batch_no, "newer", at))
    assert units(database, batch_no) == ["new", "newer"]
    assert await second.exec_high() == 0


async def test_an_owner_that_overslept_goes_on_when_nobody_took_over(
    store: CellStore, database: Database, wall: Wall, batch_no: str, at: datetime
) -> None:
    wall.forward(1000)
    await store.commit(allocated(batch_no, "FU-301", at))
    assert units(database, batch_no) == ["FU-301"]


async def test_the_same_owner_again_gets_a_new_epoch_that_fences_its_former_self(
    store: CellStore, database: Database, wall: Wall, batch_no: str, at: datetime
) -> None:
    again = CellStore(database, wall=wall)
    assert await again.acquire("pilot", "first", lease_s=10) == 2
    with pytest.raises(LeaseLost):
        await store.commit(allocated(batch_no, "old", at))


async def test_a_released_cell_may_be_taken_at_once(store: CellStore, database: Database, wall: Wall) -> None:
    await store.release()
    lease = database.read_now(lambda connection: lease_of(connection, "pilot", wall()))
    assert lease is not None
    assert not lease.alive
    assert await CellStore(database, wall=wall).acquire("pilot", "second", lease_s=10) == 2


async def test_without_a_lease_nothing_is_written(database: Database, wall: Wall, at: datetime) -> None:
    with pytest.raises(LeaseLost, match="no process cell is acquired"):
        await CellStore(database, wall=wall).commit(Change(at=at, exec_high=1))


async def test_a_change_is_written_whole_or_not_at_all(
    store: CellStore, database: Database, batch_no: str, at: datetime
) -> None:
    before = database.read_now(lambda connection: head(connection, "pilot"))
    change = Change(
        at=at,
        facts=[(batch_no, Allocation(path="UP", unit="FU-301"))],
        requests=[OpenRequest(batch_no=batch_no, path="UP/heat", request=request(1))],
        summaries=[BatchSummary(batch_no="B-0099", state="running", activity="")],
        exec_high=7,
    )
    with pytest.raises(NotInBooks, match=r"no batch 'B-0099' in the books; the nearest: B-0001"):
        await store.commit(change)
    assert database.read_now(lambda connection: head(connection, "pilot")) == before
    assert (await store.open_requests(), await store.exec_high()) == ([], 0)


async def test_the_sequence_number_of_a_commit_is_that_of_its_last_entry(
    store: CellStore, batch_no: str, at: datetime
) -> None:
    assert await store.commit(allocated(batch_no, "a", at)) == 2
    assert await store.commit(Change(at=at, exec_high=1)) == 2
    two = [(batch_no, Allocation(path="UP", unit=unit)) for unit in ("b", "c")]
    assert await store.commit(Change(at=at, facts=two)) == 4


async def test_the_facts_of_a_batch_come_back_in_order_with_their_times(
    store: CellStore, batch_no: str, at: datetime
) -> None:
    later = at + timedelta(hours=1)
    await store.commit(allocated(batch_no, "a", at))
    await store.commit(allocated(batch_no, "b", later))
    facts = await store.facts(batch_no)
    assert [when for when, _ in facts] == [at, at, later]
    assert [fact.event for _, fact in facts] == ["BatchCreated", "Allocation", "Allocation"]
    assert await store.facts("B-0099") == []


async def test_a_request_is_open_until_its_answer_is_recorded(store: CellStore, batch_no: str, at: datetime) -> None:
    opened = [OpenRequest(batch_no=batch_no, path="UP/heat", request=request(seq)) for seq in (1, 2, 3)]
    await store.commit(Change(at=at, requests=opened))
    assert await store.open_requests() == opened
    accepted = SettledRequest(exec_id=7, plc="SY", slot="FU-301.1", seq=2, epoch=1, result=1, why="accepted")
    unknown = SettledRequest(exec_id=7, plc="SY", slot="FU-301.1", seq=3, epoch=1, result=None, why="the link was lost")
    elsewhere = SettledRequest(exec_id=7, plc="FM", slot="FU-301.1", seq=1, epoch=1, result=1, why="accepted")
    await store.commit(Change(at=at, settled_requests=[accepted, unknown, elsewhere]))
    assert await store.open_requests() == opened[:1]


async def test_the_execution_number_never_goes_down(store: CellStore, at: datetime) -> None:
    await store.commit(Change(at=at, exec_high=41))
    await store.commit(Change(at=at, exec_high=12))
    assert await store.exec_high() == 41


async def test_commands_wait_in_order_until_they_are_settled(
    store: CellStore, database: Database, batch_no: str, at: datetime
) -> None:
    def put(key: str, verb: str) -> CommandState:
        return database.write_now(
            lambda connection: put_command(
                connection, key=key, batch_no=batch_no, verb=verb, by="ann", because="", at=at, arguments={}
            )
        )

    first, second = put("k1", "start"), put("k2", "hold")
    assert await store.pending_commands() == [first.row, second.row]
    done = SettledCommand(command_id=first.row.command_id, accepted=True, message="started")
    refused = SettledCommand(command_id=second.row.command_id, accepted=False, message="possible now: start")
    await store.commit(Change(at=at, settled_commands=[done, refused]))
    assert await store.pending_commands() == []
    states = [
        database.read_now(lambda connection, number=row.row.command_id: the_command(connection, number))
        for row in (first, second)
    ]
    assert [(state.status, state.message, state.settled_at) for state in states] == [
        (CommandStatus.DONE, "started", at),
        (CommandStatus.REFUSED, "possible now: start", at),
    ]


async def test_a_batch_is_open_until_its_own_end_and_its_row_follows_the_facts(
    store: CellStore, database: Database, batch_no: str, control: ControlRecipe, at: datetime
) -> None:
    other = database.write_now(
        lambda connection: create_batch(
            connection, cell="elsewhere", control=control, by="ann", at=at, proposed_lots={}, key=None
        )
    )
    assert other != batch_no
    assert await store.open_batches() == [batch_no]

    async def change(minutes: int, path: str, before: S, after: S) -> None:
        fact = StateChange(path=path, before=before, after=after)
        summary = BatchSummary(batch_no=batch_no, state=after.value, activity=path, waiting="for nobody")
        await store.commit(Change(at=at + timedelta(minutes=minutes), facts=[(batch_no, fact)], summaries=[summary]))

    await change(1, "", S.IDLE, S.STARTING)
    await change(2, "UP/heat", S.COMPLETING, S.COMPLETE)
    assert await store.open_batches() == [batch_no]
    await change(3, "", S.STOPPING, S.STOPPED)
    await change(4, "", S.ABORTING, S.ABORTED)
    assert await store.open_batches() == []
    row = database.read_now(lambda connection: the_batch(connection, batch_no))
    assert (row.started_at, row.ended_at) == (at + timedelta(minutes=1), at + timedelta(minutes=3))
    assert (row.state, row.activity, row.waiting) == (S.ABORTED, "", "for nobody")


async def test_lots_change_with_the_facts_of_a_commit(store: CellStore, batch_no: str, at: datetime) -> None:
    def grams(value: int) -> Quantity:
        return Quantity(Decimal(value), "g")

    came = LotReceived(
        lot_no="L-1", material="A", quantity=grams(100), assay=Decimal(1), supplier="", supplier_lot="", by="ann"
    )
    await store.commit(Change(at=at, facts=[("", came)]))
    assert [lot.lot_no for lot in await store.lots_of("A")] == ["L-1"]
    used = Consume(path="p", input="a", lot_no="L-1", material="A", quantity=grams(100))
    made = Produce(
        path="p",
        output="b",
        role=Role.PRODUCT,
        material="B",
        quantity=grams(99),
        lot_no="P-1",
        parents=(("L-1", grams(100)),),
    )
    await store.commit(Change(at=at, facts=[(batch_no, used), (batch_no, made)]))
    assert await store.lots_of("A") == []
    (product,) = await store.lots_of("B")
    assert product == await store.lot("P-1")
    assert product.batch_no == batch_no
    assert await store.lot("P-2") is None
    with pytest.raises(BooksRefused):
        await store.commit(Change(at=at, facts=[(batch_no, made)]))
