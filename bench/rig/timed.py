"""The engine of `mes` as it is, with a clock at the door of its store and of its PLC link."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from mes.app import verbs
from mes.batches import Batches
from mes.clock import ProcessClock, wall_now
from mes.config import CellTable, Config, PlcTable
from mes.engine.cell import Cell
from mes.model.change import Change, CommandRow
from mes.model.equipment import EquipmentPhase
from mes.model.phase import Acknowledgement, PhaseCommand, PhaseRequest, PhaseStatus
from mes.model.quantity import Quantity
from mes.model.reading import Reading
from mes.model.states import ProceduralState
from mes.plc.port import LinkStatus
from mes.plc.supervise import SupervisedPlc
from mes.plc.tagmap import process_cell
from mes.store.database import Database
from mes.store.engine_store import CellStore
from mes.store.versions import upgrade
from rig.plant import ServedPlc

LIMIT_S = 20.0


@dataclass(slots=True)
class Marks:
    """When each thing happened to the start under way, on `time.perf_counter`; 0 where it has not happened."""

    looked_s: float = 0.0
    decided_s: float = 0.0
    durable_s: float = 0.0
    acknowledged_s: float = 0.0
    recorded_s: float = 0.0
    answer: Acknowledgement | None = None


class TimedLink:
    """The link to a PLC (`PlcLink`), with marks of its starts; everything is passed on as it is."""

    def __init__(self, link: SupervisedPlc) -> None:
        self.name = link.name
        self.changed = link.changed
        self.marks = Marks()
        self.executing = 0
        self._link = link

    def status(self) -> LinkStatus:
        return self._link.status()

    def reading(self, tag: str) -> Reading:
        return self._link.reading(tag)

    def phase(self, slot: str) -> PhaseStatus:
        # The engine looks at the slot, decides on what it sees, and composes: so the last look is where it began.
        self.marks.looked_s = time.perf_counter()
        return self._link.phase(slot)

    def compose(
        self, slot: str, command: PhaseCommand, *, exec_id: int, phase_number: int, parameters: Sequence[float] = ()
    ) -> PhaseRequest:
        if command is PhaseCommand.START:
            self.marks.decided_s = self.marks.looked_s
        return self._link.compose(slot, command, exec_id=exec_id, phase_number=phase_number, parameters=parameters)

    async def execute(self, request: PhaseRequest) -> Acknowledgement:
        if request.command is PhaseCommand.START:
            self.marks.durable_s = time.perf_counter()
        self.executing += 1
        try:
            answer = await self._link.execute(request)
        finally:
            self.executing -= 1
        if request.command is PhaseCommand.START:
            self.marks.acknowledged_s = time.perf_counter()
            self.marks.answer = answer
        return answer

    async def reports(self, phase: EquipmentPhase) -> Mapping[str, float]:
        return await self._link.reports(phase)

    def take_over(self, epoch: int) -> None:
        self._link.take_over(epoch)

    async def supervise(self) -> None:
        await self._link.supervise()


class TimedStore(CellStore):
    """The store of the engine, which marks when the answer to a start is in the journal.

    `pause_s` is waited once before commands are taken: the scans of the engine follow those of the PLC, and without it
    all starts would meet the PLC at the same point of its scan.
    """

    def __init__(self, database: Database, link: TimedLink) -> None:
        super().__init__(database, wall=wall_now)
        self.pause_s = 0.0
        self._link = link

    async def pending_commands(self) -> Sequence[CommandRow]:
        pause_s, self.pause_s = self.pause_s, 0.0
        await asyncio.sleep(pause_s)
        return await super().pending_commands()

    async def commit(self, change: Change) -> int:
        seq = await super().commit(change)
        marks = self._link.marks
        if change.settled_requests and marks.acknowledged_s and not marks.recorded_s:
            marks.recorded_s = time.perf_counter()
        return seq


@dataclass(slots=True)
class TimedEngine:
    """A running engine on a SQLite file of its own and one PLC."""

    cell: Cell
    link: TimedLink
    store: TimedStore
    batches: Batches
    recipe: str
    slot: str
    dice: random.Random
    scan_s: float

    async def one_round(self) -> Marks:
        """Let a batch start its only phase, and abort the batch. Gives the marks of that start."""
        created = await self.batches.create(self.recipe, by="bench")
        self.link.marks = Marks()
        self.store.pause_s = self.dice.uniform(0.0, self.scan_s)
        await self.batches.start(created.batch_no, by="bench")
        marks = self.link.marks
        await until(lambda: marks.recorded_s > 0, lambda: f"{marks}, {self.cell.waiting}")
        if marks.answer is None or not marks.answer.accepted:
            raise SystemExit(f"the start was not accepted: {marks.answer}")
        await self.batches.abort(created.batch_no, by="bench", because="measured")
        await until(
            lambda: not self.cell.batches and not self.link.executing, lambda: f"{self.cell.batches.keys()} not ended"
        )
        return marks

    async def at_rest(self) -> PhaseStatus:
        """Wait until the slot is seen free or ended, and give its status."""
        rest = {ProceduralState.IDLE, ProceduralState.ABORTED, ProceduralState.COMPLETE}
        await until(
            lambda: self.link.phase(self.slot).fresh and self.link.phase(self.slot).state in rest,
            lambda: str(self.link.phase(self.slot)),
        )
        return self.link.phase(self.slot)


async def until(condition: Callable[[], bool], seen: Callable[[], str]) -> None:
    """Wait for a condition; the error tells what was seen last."""
    deadline_s = time.perf_counter() + LIMIT_S
    while not condition():
        if time.perf_counter() > deadline_s:
            raise SystemExit(f"not within {LIMIT_S:g} s: {seen()}")
        await asyncio.sleep(0.005)


@asynccontextmanager
async def timed_engine(
    plc: ServedPlc, *, recipe: str, slot: str, speed: float, seed: int
) -> AsyncIterator[TimedEngine]:
    """Run the engine on a new SQLite file until the block ends."""
    config = Config(
        folder=plc.folder, cell=CellTable(speed=speed), plc=(PlcTable(map=str(plc.tag_map.path), url=plc.url),)
    )
    await asyncio.to_thread(upgrade, config.database_url)
    with Database(config.database_url) as database:
        clock = ProcessClock(speed=speed)
        equipment = process_cell([plc.tag_map])
        supervised = SupervisedPlc(plc.tag_map, url=plc.url)
        link = TimedLink(supervised)
        store = TimedStore(database, link)
        cell = Cell(
            name=config.cell.name,
            owner="bench",
            store=store,
            links={plc.tag_map.name: link},
            equipment=equipment,
            clock=clock,
            wake=link.changed,
        )
        batches, lots = verbs(config, database, equipment, clock.now)
        await cell.begin()
        async with asyncio.TaskGroup() as group:
            under_way = [group.create_task(link.supervise()), group.create_task(cell.run())]
            await until(lambda: link.status().usable, lambda: link.status().why)
            await lots.receive("Salt", Quantity(value=Decimal(100), uom="kg"), by="bench", new_material=True)
            yield TimedEngine(
                cell=cell,
                link=link,
                store=store,
                batches=batches,
                recipe=recipe,
                slot=slot,
                dice=random.Random(seed),
                scan_s=plc.tag_map.scan_ms / 1000,
            )
            for one in under_way:
                one.cancel()
