"""The shell of one process cell: one scan loop, one writer, commit before act.

Each scan takes commands from their rows, looks at the plant, arbitrates, lets the pure step decide for every batch that
something has happened to, makes what it decided durable, and only then lets it out to the PLCs. Answers come back as
observations of a later scan.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mes.clock import Clock
from mes.engine.deadlocks import LockWatch
from mes.engine.dispatch import Dispatch, Outcome
from mes.engine.doors import Doors, unknown_batch
from mes.engine.draft import ENGINE, Step
from mes.engine.outlook import Outlook
from mes.engine.ports import Change, CommandRow, EngineStore, OpenRequest, SettledCommand, SettledRequest
from mes.engine.queue import StartQueue
from mes.engine.queue_places import in_queue_order, is_queued
from mes.engine.recovery import Recovery
from mes.engine.step import Commanded, step
from mes.engine.strangers import StrangerWatch
from mes.engine.summary import Summaries, summary_of
from mes.engine.units import unit_change
from mes.model.equipment import ProcessCell
from mes.model.events import EngineChange, Fact
from mes.model.execution import BatchState
from mes.model.fold import fold
from mes.model.phase import Acknowledgement, PhaseRequest
from mes.model.states import Command, CommandRefused
from mes.model.waiting import Wait
from mes.plc.port import PlcLink

LEASE_S = 5.0
"""Wall seconds an engine owns its cell without renewing: shorter than the silence after which PLCs act for themselves
(10 s by default), so that after a crash the next engine can adopt running phases before they are held."""
_TELL_EVERY_S = 1.0
"""Wall seconds between two looks at what nobody waits for: strangers, deadlocks, what lists show."""


@dataclass(slots=True)
class Cell:
    """The engine of one process cell.

    `links` are the supervised PLCs by name; `period_s` is the wall time between scans (`wake` shortens it).
    """

    name: str
    owner: str
    store: EngineStore
    links: Mapping[str, PlcLink]
    equipment: ProcessCell
    clock: Clock
    wake: asyncio.Event
    period_s: float = 0.05
    epoch: int = 0
    batches: dict[str, BatchState] = field(default_factory=dict)
    waiting: dict[str, Mapping[str, Wait]] = field(default_factory=dict)
    scans: int = 0
    steps: int = 0
    _exec_high: int = 0
    _renewed_s: float = 0.0
    _told_s: float = 0.0
    _strangers: StrangerWatch = field(default_factory=StrangerWatch)
    _summaries: Summaries = field(default_factory=Summaries)
    _locks: LockWatch = field(default_factory=LockWatch)
    _dispatch: Dispatch = field(init=False)
    _outlook: Outlook = field(init=False)
    _recovery: Recovery = field(init=False)
    _doors: Doors = field(init=False)
    _queue: StartQueue = field(init=False)

    def __post_init__(self) -> None:
        self._dispatch = Dispatch(
            links=self.links, equipment=self.equipment, wake=self.wake, monotonic=self.clock.monotonic
        )
        self._outlook = Outlook(self.equipment, self._dispatch, self.batches, self.waiting)
        self._recovery = Recovery(self._dispatch)
        self._doors = Doors(self.store, self.clock, self.equipment, self._dispatch.status, self.batches)
        self._queue = StartQueue(self.store, self._doors, self.equipment)

    async def begin(self) -> None:
        """Take the cell over: a new epoch, every open batch from its facts, every PLC told.

        Raises `LeaseLost` when another engine owns the cell.
        """
        self.epoch = await self.store.acquire(self.name, self.owner, lease_s=LEASE_S)
        self._renewed_s = self.clock.monotonic()
        self._outlook.links.begin(self._renewed_s)
        self._exec_high = await self.store.exec_high()
        for link in self.links.values():
            link.take_over(self.epoch)
        self._outlook.units.load(await self.store.unit_changes(), await self.store.idle_since())
        for batch_no in await self.store.open_batches():
            state = await self._load(batch_no)
            if state is not None and (state.command is not None or is_queued(state)):
                self._keep(state, {})
        for outcome in self._recovery.begin(await self.store.open_requests(), self.batches):
            await self._observe(outcome)
        text = f"engine started with {len(self.batches)} open batches"
        fact = EngineChange(owner=self.owner, epoch=self.epoch, text=text)
        await self.store.commit(Change(at=self.clock.now(), facts=(("", fact),)))

    async def run(self) -> None:
        """Scan until cancelled; gives the cell up at the end. Raises `LeaseLost` when it was taken over."""
        loop = asyncio.get_running_loop()
        # What is loaded by now stays: a full garbage collection that goes through all of it would stop the scans.
        gc.freeze()
        try:
            while True:
                begun_s = loop.time()
                await self.scan()
                await self._pause(begun_s)
        finally:
            gc.unfreeze()
            await self._dispatch.close()
            await self.store.release()

    async def _pause(self, begun_s: float) -> None:
        """Wait until the next scan is due, a period after the last one has begun."""
        loop = asyncio.get_running_loop()
        # A wake-up shortens the pause, but never to nothing: a chattering link must not turn the loop into a spin.
        await asyncio.sleep(self.period_s / 5)
        try:
            async with asyncio.timeout_at(max(begun_s + self.period_s, loop.time())):
                await self.wake.wait()
        except TimeoutError:
            pass
        self.wake.clear()

    async def scan(self) -> None:
        """One scan: requests of people, answers of PLCs, then every batch that something has happened to."""
        self.scans += 1
        now_s = self.clock.monotonic()
        await self._renew(now_s)
        for outcome in self._recovery.resolved():
            await self._observe(outcome)
        for row in await self.store.pending_commands():
            await self._obey(row)
        for outcome in self._dispatch.take():
            await self._observe(outcome)
        at = self.clock.now()
        for batch_no in self._outlook.look(at, now_s):
            await self._decide(batch_no, at)
        await self._start_queued(now_s)
        await self._tell(now_s)

    async def _decide(self, batch_no: str, at: datetime) -> None:
        self.steps += 1
        view = self._outlook.view(batch_no, at, self._exec_high + 1)
        await self._carry_out(step(self.batches[batch_no], view))

    async def _obey(self, row: CommandRow) -> None:
        """Do what a person asks for, or settle the row with the reason why not."""
        try:
            if not row.batch_no:
                change = unit_change(row, self.equipment)
                settled = SettledCommand(command_id=row.command_id, accepted=True, message=f"{row.verb} recorded")
                await self._commit(Change(at=self.clock.now(), facts=(("", change),), settled_commands=(settled,)))
                return
            state = self.batches.get(row.batch_no) or await self._load(row.batch_no)
            if state is None:
                raise unknown_batch(row.batch_no)
            decided = step(state, await self._doors.observation(row, state))
        except CommandRefused as refusal:
            refused = SettledCommand(command_id=row.command_id, accepted=False, message=str(refusal))
            await self._commit(Change(at=self.clock.now(), settled_commands=(refused,)))
            return
        settled = SettledCommand(command_id=row.command_id, accepted=True, message=f"{row.verb} accepted")
        await self._carry_out(decided, settled_commands=(settled,))

    async def _renew(self, now_s: float) -> None:
        if now_s - self._renewed_s > LEASE_S / 4:
            await self.store.renew()
            self._renewed_s = now_s

    async def _load(self, batch_no: str) -> BatchState | None:
        facts = [fact for _, fact in await self.store.facts(batch_no)]
        return fold(batch_no, facts) if facts else None

    async def _observe(self, outcome: Outcome) -> None:
        """Let a batch take notice of what a PLC answered, and record the answer with the request it belongs to."""
        state = self.batches.get(outcome.batch_no)
        settled = () if outcome.request is None else (_settled(outcome.request, outcome.acknowledgement),)
        if state is None:
            await self._commit(Change(at=self.clock.now(), settled_requests=settled))
            return
        await self._carry_out(step(state, outcome.observation), settled_requests=settled)
        self._outlook.attention.mark((outcome.batch_no,))

    async def _carry_out(
        self,
        decided: Step,
        *,
        settled_commands: tuple[SettledCommand, ...] = (),
        settled_requests: tuple[SettledRequest, ...] = (),
    ) -> None:
        """Make a step durable, then let it out. In this order, always."""
        batch_no = decided.state.batch_no
        waiting = self._outlook.waits(batch_no) if decided.waiting is None else decided.waiting
        composed = self._dispatch.compose(batch_no, decided.commands)
        started = [intent.exec_id for intent in decided.commands if intent.command is Command.START]
        high = max(self._exec_high, *started, 0)
        summaries = (summary_of(decided.state, waiting),) if decided.facts else ()
        change = Change(
            at=self.clock.now(),
            facts=(*((batch_no, fact) for fact in decided.facts), *(("", fact) for fact in decided.units)),
            requests=tuple(
                OpenRequest(batch_no=batch_no, path=order.intent.path, request=order.request)
                for order in composed
                if order.request is not None
            ),
            settled_commands=settled_commands,
            settled_requests=settled_requests,
            summaries=summaries,
            exec_high=high if high > self._exec_high else None,
        )
        await self._commit(change)
        self._exec_high = high
        for summary in summaries:
            self._summaries.note(summary)
        self._keep(decided.state, waiting)
        self._dispatch.send(batch_no, composed)
        self._dispatch.collect(batch_no, decided.collect)

    def _keep(self, state: BatchState, waiting: Mapping[str, Wait]) -> None:
        if state.ended or (state.command is None and not is_queued(state)):
            self._outlook.forget(state)
            self._summaries.forget(state.batch_no)
        else:
            self._outlook.keep(state, waiting)
            self._summaries.touch(state.batch_no)
        self._queue.note(state)
        self._queue.stale |= self._outlook.claims.stale

    async def _commit(self, change: Change) -> None:
        if change.is_empty:
            return
        await self.store.commit(change)
        self._outlook.recorded(change)

    async def _start_queued(self, now_s: float) -> None:
        """Start the queued batches that nothing keeps any more, in the order of the queue."""
        if not self._queue.is_due(now_s):
            return
        for state in in_queue_order(self.batches[number] for number in self._queue.numbers):
            wait = await self._queue.why_not(state, self.batches)
            if wait is not None:
                self._keep(state, {"": wait})
                continue
            because = "" if state.queue is None else state.queue.because
            turn = Commanded(command=Command.START, by=ENGINE, because=because or "its turn in the queue")
            await self._carry_out(step(state, turn))

    async def _tell(self, now_s: float) -> None:
        """Record strangers and deadlocks, and write what lists show, but not more often than people read."""
        if now_s - self._told_s < _TELL_EVERY_S:
            return
        self._told_s = now_s
        strangers = self._strangers.look(self.equipment, self.batches, self._dispatch.status)
        facts: list[tuple[str, Fact]] = [("", alarm) for alarm in strangers]
        facts += self._locks.look(self.batches, self.waiting, self._outlook.units.fitness())
        summaries = tuple(self._summaries.due(self.batches, self.waiting))
        await self._commit(Change(at=self.clock.now(), facts=facts, summaries=summaries))

    def open_numbers(self) -> Iterable[str]:
        """Give the numbers of the batches that have begun and not ended."""
        return tuple(number for number, state in self.batches.items() if state.command is not None)

    def now(self) -> datetime:
        """Give the process time of the cell."""
        return self.clock.now()


def _settled(request: PhaseRequest, ack: Acknowledgement) -> SettledRequest:
    return SettledRequest(
        exec_id=request.exec_id,
        plc=request.plc,
        slot=request.slot,
        seq=request.seq,
        epoch=request.epoch,
        result=None if ack.result is None else int(ack.result),
        why=ack.why,
    )
