"""A cell as it is in the field, small: the engine over a real SQLite file and a supervised PLC of the fake kind."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar

from mes.clock import ProcessClock
from mes.engine.cell import Cell
from mes.engine.ports import EngineStore
from mes.model.change import Change, LeaseLost
from mes.model.equipment import EquipmentPhase
from mes.model.events import BatchFact, CommandOutcome, LotReceived, StateCommand
from mes.model.execution import BatchState
from mes.model.fold import fold
from mes.model.recipe import ControlRecipe
from mes.model.steps import AnswerKind
from mes.plc.fake import FakePlc
from mes.plc.fake_program import FakeProgram
from mes.plc.supervise import SupervisedPlc
from mes.plc.tagmap import TagMap, process_cell
from mes.store.batchrows import BatchRow, create_batch, the_batch
from mes.store.booking import book
from mes.store.commandrows import CommandState, CommandStatus, put_command, the_command
from mes.store.database import Database
from mes.store.engine_store import CellStore
from mes.store.journal import entries_of
from tests.engine.recipe import AT, LOT_OF, REPORTS, SALT, grams, line_map, usual_lots, whole_recipe

T = TypeVar("T")
NAME = "pilot"
COMMAND_TAGS = ("Cmd", "CmdSeq", "ExecId", "ProcReq", "CmdEpoch")


def reports_of(slot: str, phase: EquipmentPhase, parameters: Mapping[str, float]) -> Mapping[str, float]:
    usual = REPORTS.get(phase.phase_class, {})
    return {spec.name: parameters.get(spec.name, usual.get(spec.name, 0.0)) for spec in phase.reports}


class Crash(Exception):
    """The engine dies here, as by a power cut."""


class CrashingStore(CellStore):
    """The store of an engine that dies just before or just after a commit that meets a condition."""

    def __init__(self, database: Database, *, wall: Callable[[], datetime]) -> None:
        super().__init__(database, wall=wall)
        self.before: Callable[[Change], bool] = lambda change: False
        self.after: Callable[[Change], bool] = lambda change: False

    async def commit(self, change: Change) -> int:
        if self.before(change):
            raise Crash("before the commit")
        seq = await super().commit(change)
        if self.after(change):
            raise Crash("after the commit")
        return seq


def is_start(change: Change) -> bool:
    """Say whether a commit makes the first start of a batch durable."""
    return any(isinstance(fact, StateCommand) and fact.path == SALT for _, fact in change.facts)


def is_answer(change: Change) -> bool:
    """Say whether a commit records the answer to the first start of a batch."""
    return any(isinstance(fact, CommandOutcome) and fact.path == SALT for _, fact in change.facts)


class Wall:
    """Wall time of leases, which a test may put forward."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> datetime:
        return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(seconds=self.ahead_s + time.monotonic())


@dataclass
class Works:
    """Database, PLC and the doors of people; `engine` starts one engine after another over them."""

    database: Database
    tag_map: TagMap = field(default_factory=line_map)
    wall: Wall = field(default_factory=Wall)
    plc: FakePlc = field(init=False)
    cell: Cell = field(init=False)
    commands: int = 0

    def __post_init__(self) -> None:
        program = FakeProgram(self.tag_map, running_scans=3, on_complete=reports_of)
        self.plc = FakePlc(self.tag_map, program, timeout_s=0.3)
        self.database.write_now(self._receive)

    @property
    def program(self) -> FakeProgram:
        assert isinstance(self.plc.program, FakeProgram)
        return self.plc.program

    def _receive(self, connection: object) -> None:
        facts = [
            (
                "",
                LotReceived(
                    lot_no=lot.lot_no,
                    material=lot.material,
                    quantity=lot.quantity,
                    assay=lot.assay,
                    supplier="Acme",
                    supplier_lot="A-1",
                    by="ann",
                ),
            )
            for lot in usual_lots().values()
        ]
        book(connection, cell=NAME, at=AT, facts=facts)  # type: ignore[arg-type]

    def create(self, control: ControlRecipe | None = None) -> str:
        made = control or whole_recipe(process_cell([self.plc.tag_map]))
        return self.database.write_now(
            lambda connection: create_batch(
                connection, cell=NAME, control=made, by="ann", at=AT, proposed_lots={}, key=None
            )
        )

    def put(self, batch_no: str, verb: str, *, because: str = "", **arguments: str) -> int:
        """Put a command into the books, as any door does, and give its number; one for a unit has no batch."""
        self.commands += 1
        key = f"key-{self.commands}"
        return self.database.write_now(
            lambda connection: put_command(
                connection,
                key=key,
                cell=NAME,
                batch_no=batch_no,
                verb=verb,
                by="ann",
                because=because,
                at=AT,
                arguments=arguments,
            )
        ).row.command_id

    def command(self, command_id: int) -> CommandState:
        return self.database.read_now(lambda connection: the_command(connection, command_id))

    def batch(self, batch_no: str) -> BatchRow:
        return self.database.read_now(lambda connection: the_batch(connection, batch_no))

    def facts(self, batch_no: str) -> list[BatchFact]:
        entries = self.database.read_now(lambda connection: entries_of(connection, batch_no))
        return [entry.fact for entry in entries]  # type: ignore[misc]

    def state(self, batch_no: str) -> BatchState:
        return fold(batch_no, self.facts(batch_no))

    def commanded(self) -> list[tuple[str, float | int]]:
        """Give everything the PLC was told of commands (its heart beats all the time)."""
        return [(tag, value) for tag, value in self.plc.writes if tag.rsplit(".", 1)[-1] in COMMAND_TAGS]

    def starts_of(self, slot: str) -> list[int]:
        """Give the executions that the PLC really started in a slot."""
        return [exec_id for name, exec_id in self.program.starts if name == slot]

    def numbers(self) -> list[int]:
        return sorted(exec_id for _, exec_id in self.program.starts)

    def new_cell(self, store: EngineStore | None = None, *, owner: str = "test engine") -> tuple[Cell, SupervisedPlc]:
        link = SupervisedPlc(self.plc.tag_map, open_port=lambda tag_map, url: self.plc.port(), mes_timeout_s=0)
        wake = asyncio.Event()
        link.changed = wake
        made = Cell(
            name=NAME,
            owner=owner,
            store=store or CellStore(self.database, wall=self.wall),
            links={"LN": link},
            equipment=process_cell([self.plc.tag_map]),
            clock=ProcessClock(),
            wake=wake,
            period_s=0.02,
        )
        return made, link

    @asynccontextmanager
    async def engine(self, store: EngineStore | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """Run an engine beside the block. One that has died gives its error to whoever awaits the task."""
        self.cell, link = self.new_cell(store)
        supervising = asyncio.create_task(link.supervise())
        try:
            await until(lambda: link.status().usable, shown=lambda: link.status().why)
            await self.cell.begin()
            running = asyncio.create_task(self.cell.run())
            try:
                yield running
            finally:
                running.cancel()
                with suppress(asyncio.CancelledError, Crash, LeaseLost):
                    await running
        finally:
            supervising.cancel()
            with suppress(asyncio.CancelledError):
                await supervising

    async def settled(self, command_id: int) -> CommandState:
        """Wait until the engine has settled a command."""
        await until(lambda: self.command(command_id).status is not CommandStatus.PENDING)
        return self.command(command_id)

    async def let_end(self, slot: str) -> None:
        """Let a phase that runs for very long end, as soon as it runs."""
        left = self.program._left  # noqa: SLF001 - the program counts its scans here
        await until(lambda: left.get(slot, 0) > 1000, shown=lambda: left)
        left[slot] = 2

    async def shown(self, batch_no: str, wanted: Callable[[BatchState], bool], *, limit_s: float = 20.0) -> BatchState:
        """Wait until the record of a batch shows something, answering prompts like a good operator."""
        asked: set[str] = set()
        loop = asyncio.get_running_loop()
        deadline_s = loop.time() + limit_s
        while True:
            state = self.state(batch_no)
            if wanted(state):
                return state
            if loop.time() > deadline_s:
                row = self.batch(batch_no)
                raise AssertionError(f"{batch_no} is {row.state}, {row.activity}, waits: {row.waiting}; {state.states}")
            for prompt in state.prompts.values():
                if state.going and prompt.prompt_id not in asked and prompt.answer is not AnswerKind.CHOICE:
                    asked.add(prompt.prompt_id)
                    value = {AnswerKind.LOT: LOT_OF.get(prompt.input, ""), AnswerKind.NUMBER: "7.1"}
                    self.put(batch_no, "answer", prompt_id=prompt.prompt_id, value=value.get(prompt.answer, "yes"))
            await asyncio.sleep(0.02)


async def until(condition: Callable[[], T], *, limit_s: float = 10.0, shown: Callable[[], object] = lambda: "") -> T:
    """Wait until `condition` gives something true and give it; the error tells what `shown` gives in the end."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + limit_s
    while not (found := condition()):
        if loop.time() > deadline_s:
            raise AssertionError(f"not within {limit_s} s; last seen: {shown()}")
        await asyncio.sleep(0.01)
    return found


USED = {"SALT-1": grams("300"), "SUGAR-1": grams("50")}
"""What is left of the usual lots after one batch."""

MADE = {"B-0001-powder": Decimal(584), "B-0001-retain": Decimal(6)}
