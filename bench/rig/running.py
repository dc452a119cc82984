"""Phases that run: equipment, links and books in memory, and batches as a restarted engine finds them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from mes.clock import Clock, wall_now
from mes.engine.cell import Cell
from mes.model.change import Change, CommandRow, OpenRequest
from mes.model.equipment import EquipmentPhase, ProcessCell, TagSpec, Unit
from mes.model.events import Allocation, BatchCreated, BatchFact, CommandOutcome, StateChange, StateCommand
from mes.model.lots import Lot
from mes.model.phase import Acknowledgement, AckResult, PhaseCommand, PhaseRequest, PhaseStatus
from mes.model.procedure import Element, Group, Level, Order
from mes.model.quantity import Quantity
from mes.model.reading import Reading, missing
from mes.model.recipe import ControlRecipe
from mes.model.states import Command, ProceduralState
from mes.model.steering import UnitChange
from mes.model.steps import PhaseStep, WaitStep
from mes.plc.port import LinkStatus
from mes.store.batchrows import create_batch
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.engine_store import CellStore
from mes.store.versions import upgrade

S = ProceduralState
AT = datetime(2026, 3, 1, tzinfo=UTC)
PER_BATCH = 10
"""Phases that run at the same time in one batch."""


class StillPlc:
    """A link of which the bench sets statuses and readings; commands are accepted and change nothing."""

    def __init__(self) -> None:
        self.name = "P"
        self.changed = asyncio.Event()
        self.statuses: dict[str, PhaseStatus] = {}
        self.readings: dict[str, Reading] = {}
        self._status = LinkStatus(plc=self.name, source="memory", connected=True, fresh=True, usable=True)

    def status(self) -> LinkStatus:
        return self._status

    def reading(self, tag: str) -> Reading:
        return self.readings.get(tag) or missing("not set")

    def phase(self, slot: str) -> PhaseStatus:
        return self.statuses[slot]

    def take_over(self, epoch: int) -> None:
        """Nothing is fenced here."""

    def compose(
        self, slot: str, command: PhaseCommand, *, exec_id: int, phase_number: int, parameters: Sequence[float] = ()
    ) -> PhaseRequest:
        return PhaseRequest(
            plc=self.name,
            slot=slot,
            command=command,
            exec_id=exec_id,
            phase_number=phase_number,
            seq=1,
            boot_id=1,
            epoch=1,
            parameters=tuple(parameters),
        )

    async def execute(self, request: PhaseRequest) -> Acknowledgement:
        return Acknowledgement(seq=request.seq, result=AckResult.ACCEPTED)

    async def reports(self, phase: EquipmentPhase) -> Mapping[str, float]:
        return {}

    async def supervise(self) -> None:
        """There is no wire to keep up."""


class MemoryBooks:
    """The store of an engine without a file: it keeps nothing but the facts it was made with.

    With a `file` every change is written there, as one of its only batch. `asked_s` is when it was asked for commands,
    which every scan begins with, in seconds of the event loop.
    """

    def __init__(self, facts: Mapping[str, Sequence[BatchFact]]) -> None:
        self._facts = facts
        self.committed = 0
        self.file: CellStore | None = None
        self.asked_s: list[float] = []

    @property
    def first(self) -> ControlRecipe:
        """What the first batch runs."""
        return next(fact.control for fact in next(iter(self._facts.values())) if isinstance(fact, BatchCreated))

    async def acquire(self, cell: str, owner: str, *, lease_s: float) -> int:
        return 1

    async def renew(self) -> None:
        """Nobody else wants the cell."""

    async def release(self) -> None:
        """Nobody else wants the cell."""

    async def commit(self, change: Change) -> int:
        self.committed += len(change.facts)
        if self.file is not None:
            facts = [("B-0001" if number else "", fact) for number, fact in change.facts]
            summaries = [replace(summary, batch_no="B-0001") for summary in change.summaries]
            await self.file.commit(replace(change, facts=facts, summaries=summaries))
        return self.committed

    async def pending_commands(self) -> Sequence[CommandRow]:
        self.asked_s.append(asyncio.get_running_loop().time())
        return ()

    async def open_batches(self) -> Sequence[str]:
        return tuple(self._facts)

    async def facts(self, batch_no: str) -> Sequence[tuple[datetime, BatchFact]]:
        return [(AT, fact) for fact in self._facts[batch_no]]

    async def state_of(self, batch_no: str) -> ProceduralState | None:
        return None

    async def unit_changes(self) -> Sequence[UnitChange]:
        return ()

    async def idle_since(self) -> Mapping[str, datetime]:
        return {}

    async def open_requests(self) -> Sequence[OpenRequest]:
        return ()

    async def lot(self, lot_no: str) -> Lot | None:
        return None

    async def lots_of(self, material: str) -> Sequence[Lot]:
        return ()

    async def exec_high(self) -> int:
        return 0


class Steps(Clock):
    """A clock that a scan of a tenth of a second moves: what is done once a second is done in every tenth scan."""

    def __init__(self) -> None:
        self.s = 0.0

    def now(self) -> datetime:
        return AT + timedelta(seconds=self.s)

    def monotonic(self) -> float:
        return self.s


def equipment_of(count: int, tags: int = 0) -> ProcessCell:
    """Give a cell with so many units of one slot and one phase, and so many tags."""
    title = {"en": "Unit"}
    phases = {
        (f"U-{number}", "RUN"): EquipmentPhase(
            plc="P",
            unit=f"U-{number}",
            slot=f"U-{number}.PH",
            phase_class="RUN",
            number=1,
            title=title,
            parameters=(),
            reports=(),
        )
        for number in range(count)
    }
    units = {name: Unit(name=name, unit_class="UNIT", plc="P", title=title) for name, _ in phases}
    known = {
        f"U-0.T{number}": TagSpec(name=f"U-0.T{number}", unit="U-0", uom="degC", low=0.0, high=2000.0, title=title)
        for number in range(tags)
    }
    return ProcessCell(units=units, phases=phases, tags=known)


def running(exec_id: int) -> PhaseStatus:
    """Give the status of a slot that runs an execution."""
    return PhaseStatus(state=S.RUNNING, active_exec=exec_id, phase_number=1)


def group(path: str, *children: Element, level: Level, unit: str = "") -> Group:
    order = Order.PARALLEL if path == "" else Order.SEQUENCE
    return Group(path=path, name=path, level=level, order=order, children=children, unit=unit)


def branch(number: int, steps: Sequence[Element]) -> Group:
    """Give the unit procedure that has one unit."""
    operation = group(f"{number}/Op", *steps, level=Level.OPERATION)
    return group(f"{number}", operation, level=Level.UNIT_PROCEDURE, unit=f"U-{number}")


def phase_of(number: int) -> PhaseStep:
    return PhaseStep(
        path=f"{number}/Op/Run",
        name="Run",
        unit=f"U-{number}",
        phase_class="RUN",
        plc="P",
        slot=f"U-{number}.PH",
        number=1,
    )


def begun(branches: Sequence[Group]) -> Iterator[BatchFact]:
    """Give the facts of a batch of which every branch has its unit and its first step runs; execution n + 1 in U-n."""
    control = ControlRecipe(
        recipe_id="R",
        version="1",
        title={"en": "Bench"},
        product="P",
        size=Quantity(Decimal(1), "kg"),
        formula={},
        inputs={},
        outputs={},
        procedure=group("", *branches, level=Level.PROCEDURE),
    )
    yield BatchCreated(control=control, by="bench")
    yield StateCommand(path="", command=Command.START, by="bench", because="to be measured")
    yield from _runs("")
    for one in branches:
        yield Allocation(path=one.path, unit=one.unit)
        yield from _runs(one.path)
        yield from _runs(f"{one.path}/Op")
        (operation,) = one.children
        step = operation.children[0] if isinstance(operation, Group) else operation
        if isinstance(step, PhaseStep):
            exec_id = int(one.path) + 1
            start = Command.START
            yield StateCommand(path=step.path, command=start, by="engine", because="its turn", exec_id=exec_id)
            yield CommandOutcome(path=step.path, command=start, exec_id=exec_id, accepted=True, known=True, because="")
        if isinstance(step, PhaseStep | WaitStep):
            yield from _runs(step.path)


def _runs(path: str) -> Iterator[BatchFact]:
    yield StateChange(path=path, before=S.IDLE, after=S.STARTING)
    yield StateChange(path=path, before=S.STARTING, after=S.RUNNING)


def batches_of(count: int) -> dict[str, list[BatchFact]]:
    """Give the facts of batches in which so many phases run."""
    return {
        f"B-{first}": list(
            begun([branch(number, [phase_of(number)]) for number in range(first, min(first + PER_BATCH, count))])
        )
        for first in range(0, count, PER_BATCH)
    }


async def cell_of(equipment: ProcessCell, plc: StillPlc, books: MemoryBooks, clock: Clock) -> Cell:
    """Give an engine that has taken over what the books say."""
    cell = Cell(
        name="bench",
        owner="bench",
        store=books,
        links={"P": plc},
        equipment=equipment,
        clock=clock,
        wake=asyncio.Event(),
        period_s=0.1,
    )
    await cell.begin()
    return cell


@asynccontextmanager
async def on_file(books: MemoryBooks) -> AsyncIterator[Path]:
    """Let the books write to a real file inside the block; give the folder it is in."""
    created = books.first
    with TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "mes.db")
        upgrade(url)
        with Database(url) as database:
            await database.write(
                lambda connection: create_batch(
                    connection, cell="bench", control=created, by="bench", at=AT, proposed_lots={}, key=None
                )
            )
            books.file = CellStore(database, wall=wall_now)
            await books.file.acquire("bench", "bench", lease_s=600)
            yield Path(folder)
            books.file = None
