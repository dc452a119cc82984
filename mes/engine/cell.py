"""The shell of one process cell: one scan loop, one writer, commit before act.

Each scan takes commands from their rows, looks at the plant, lets the pure step decide for every batch, makes what it
decided durable, and only then lets it out to the PLCs. Answers come back as observations of a later scan.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mes.clock import Clock
from mes.engine.conditions import ConditionWatch
from mes.engine.dispatch import Dispatch, Outcome
from mes.engine.doors import Doors, unknown_batch
from mes.engine.draft import PlantView, Step
from mes.engine.ports import BatchSummary, Change, EngineStore, OpenRequest, SettledCommand, SettledRequest
from mes.engine.step import step
from mes.engine.strangers import StrangerWatch
from mes.model.equipment import ProcessCell
from mes.model.events import EngineChange
from mes.model.execution import BatchState, activity, fold
from mes.model.phase import Acknowledgement, PhaseRequest
from mes.model.procedure import phases
from mes.model.states import Command, CommandRefused
from mes.plc.port import PlcLink

LEASE_S = 5.0
"""Wall seconds an engine owns its cell without renewing: shorter than the silence after which PLCs act for themselves
(10 s by default), so that after a crash the next engine can adopt running phases before they are held."""
_LOST_AFTER_S = 3.0
_LOOKED_S = 1.0
"""Longest wall time that one scan adds to the time a link has been down: an engine that was stalled itself has not
looked, and must not take its own pause for the silence of a PLC."""
_SUMMARY_EVERY_S = 1.0


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
    waiting: dict[str, Mapping[str, str]] = field(default_factory=dict)
    scans: int = 0
    _exec_high: int = 0
    _down_s: dict[str, float] = field(default_factory=dict)
    _looked_s: float = 0.0
    _summaries: dict[str, BatchSummary] = field(default_factory=dict)
    _summarised_s: float = 0.0
    _renewed_s: float = 0.0
    _conditions: ConditionWatch = field(default_factory=ConditionWatch)
    _strangers: StrangerWatch = field(default_factory=StrangerWatch)
    _unresolved: list[OpenRequest] = field(default_factory=list)
    _dispatch: Dispatch = field(init=False)
    _doors: Doors = field(init=False)

    def __post_init__(self) -> None:
        self._dispatch = Dispatch(
            links=self.links, equipment=self.equipment, wake=self.wake, monotonic=self.clock.monotonic
        )
        self._doors = Doors(store=self.store, clock=self.clock)

    async def begin(self) -> None:
        """Take the cell over: a new epoch, every open batch from its facts, every PLC told.

        Raises `LeaseLost` when another engine owns the cell.
        """
        self.epoch = await self.store.acquire(self.name, self.owner, lease_s=LEASE_S)
        self._renewed_s = self._looked_s = self.clock.monotonic()
        self._exec_high = await self.store.exec_high()
        for link in self.links.values():
            link.take_over(self.epoch)
        for batch_no in await self.store.open_batches():
            state = await self._load(batch_no)
            if state is not None and state.command is not None:
                self.batches[batch_no] = state
        self._unresolved = list(await self.store.open_requests())
        await self._settle_unsent()
        text = f"engine started with {len(self.batches)} open batches"
        fact = EngineChange(owner=self.owner, epoch=self.epoch, text=text)
        await self.store.commit(Change(at=self.clock.now(), facts=(("", fact),)))

    async def run(self) -> None:
        """Scan until cancelled; gives the cell up at the end. Raises `LeaseLost` when it was taken over."""
        try:
            while True:
                await self.scan()
                await self._pause()
        finally:
            await self._dispatch.close()
            await self.store.release()

    async def _pause(self) -> None:
        # A wake-up shortens the pause, but never to nothing: a chattering link must not turn the loop into a spin.
        await asyncio.sleep(self.period_s / 5)
        try:
            async with asyncio.timeout(self.period_s):
                await self.wake.wait()
        except TimeoutError:
            pass
        self.wake.clear()

    async def scan(self) -> None:
        """One scan: requests of people, answers of PLCs, then every batch once."""
        self.scans += 1
        await self._renew()
        self._see_links()
        await self._resolve()
        for row in await self.store.pending_commands():
            state = self.batches.get(row.batch_no) or await self._load(row.batch_no)
            try:
                if state is None:
                    raise unknown_batch(row.batch_no)
                decided = step(state, await self._doors.observation(row, state))
            except CommandRefused as refusal:
                await self._settle_row(row.command_id, refusal)
                continue
            settled = SettledCommand(command_id=row.command_id, accepted=True, message=f"{row.verb} accepted")
            await self._carry_out(decided, settled_commands=(settled,))
        for outcome in self._dispatch.take():
            await self._observe(outcome)
        strangers = self._strangers.look(self.equipment, self.batches, self._dispatch.status)
        await self._commit(Change(at=self.clock.now(), facts=tuple(("", alarm) for alarm in strangers)))
        for batch_no in list(self.batches):
            await self._carry_out(step(self.batches[batch_no], self._view(batch_no)))
        await self._summarise()

    async def _settle_row(self, command_id: int, refusal: CommandRefused) -> None:
        settled = SettledCommand(command_id=command_id, accepted=False, message=str(refusal))
        await self.store.commit(Change(at=self.clock.now(), settled_commands=(settled,)))

    async def _renew(self) -> None:
        now = self.clock.monotonic()
        if now - self._renewed_s > LEASE_S / 4:
            await self.store.renew()
            self._renewed_s = now

    async def _load(self, batch_no: str) -> BatchState | None:
        facts = [fact for _, fact in await self.store.facts(batch_no)]
        return fold(batch_no, facts) if facts else None

    def _see_links(self) -> None:
        now = self.clock.monotonic()
        passed_s, self._looked_s = min(now - self._looked_s, _LOOKED_S), now
        for name, link in self.links.items():
            self._down_s[name] = 0.0 if link.status().fresh else self._down_s.get(name, 0.0) + passed_s

    def _lost(self) -> Mapping[str, str]:
        return {
            name: self.links[name].status().why
            for name, down_s in self._down_s.items()
            if down_s > _LOST_AFTER_S and not self.links[name].status().fresh
        }

    def _view(self, batch_no: str) -> PlantView:
        state = self.batches[batch_no]
        at = self.clock.now()
        steps = tuple(phases(state.control.procedure))
        permissives = self._conditions.look(
            state, self.waiting.get(batch_no, {}), self._dispatch.reading, self._dispatch.uom, at
        )
        return PlantView(
            at=at,
            phases={phase.slot: self._dispatch.status(phase.plc, phase.slot) for phase in steps},
            owners={unit: other.batch_no for other in self.batches.values() for unit in other.units},
            equipment=self.equipment.phases,
            permissives=permissives,
            lost=self._lost(),
            next_exec=self._exec_high + 1,
        )

    async def _observe(self, outcome: Outcome) -> None:
        """Let a batch take notice of what a PLC answered, and record the answer with the request it belongs to."""
        state = self.batches.get(outcome.batch_no)
        settled = () if outcome.request is None else (_settled(outcome.request, outcome.acknowledgement),)
        if state is None:
            await self._commit(Change(at=self.clock.now(), settled_requests=settled))
            return
        await self._carry_out(step(state, outcome.observation), settled_requests=settled)

    async def _carry_out(
        self,
        decided: Step,
        *,
        settled_commands: tuple[SettledCommand, ...] = (),
        settled_requests: tuple[SettledRequest, ...] = (),
    ) -> None:
        """Make a step durable, then let it out. In this order, always."""
        batch_no = decided.state.batch_no
        waiting = self.waiting.get(batch_no, {}) if decided.waiting is None else decided.waiting
        composed = self._dispatch.compose(batch_no, decided.commands)
        started = [intent.exec_id for intent in decided.commands if intent.command is Command.START]
        high = max(self._exec_high, *started, 0)
        change = Change(
            at=self.clock.now(),
            facts=tuple((batch_no, fact) for fact in decided.facts),
            requests=tuple(
                OpenRequest(batch_no=batch_no, path=order.intent.path, request=order.request)
                for order in composed
                if order.request is not None
            ),
            settled_commands=settled_commands,
            settled_requests=settled_requests,
            summaries=(self._summary(decided.state, waiting),) if decided.facts else (),
            exec_high=high if high > self._exec_high else None,
        )
        await self._commit(change)
        self._exec_high = high
        self.batches[batch_no] = decided.state
        self.waiting[batch_no] = waiting
        self._dispatch.send(batch_no, composed)
        self._dispatch.collect(batch_no, decided.collect)
        if decided.state.ended:
            del self.batches[batch_no]
            self.waiting.pop(batch_no, None)
            self._summaries.pop(batch_no, None)
            self._conditions.forget(batch_no)

    async def _commit(self, change: Change) -> None:
        if not change.is_empty:
            await self.store.commit(change)

    def _summary(self, state: BatchState, waiting: Mapping[str, str]) -> BatchSummary:
        # A batch that has ended waits for nothing, whatever the last look at the plant had said.
        still = {} if state.ended else waiting
        return BatchSummary(
            batch_no=state.batch_no,
            state=state.state,
            activity=activity(state),
            waiting="; ".join(f"{path.rsplit('/', 1)[-1]} waits for {why}" for path, why in still.items()),
        )

    async def _summarise(self) -> None:
        """Write what batch lists show when it has changed, but not more often than people read."""
        now = self.clock.monotonic()
        if now - self._summarised_s < _SUMMARY_EVERY_S:
            return
        self._summarised_s = now
        fresh = {number: self._summary(state, self.waiting.get(number, {})) for number, state in self.batches.items()}
        changed = tuple(summary for number, summary in fresh.items() if self._summaries.get(number) != summary)
        self._summaries = fresh
        await self._commit(Change(at=self.clock.now(), summaries=changed))

    async def _resolve(self) -> None:
        """Settle the requests an earlier engine left open, each as soon as its PLC can be read.

        The new epoch fences the old requests: what the PLC has not taken by now it never will.
        """
        for left in list(self._unresolved):
            status = self._dispatch.status(left.request.plc, left.request.slot)
            if status.fresh:
                self._unresolved.remove(left)
                await self._observe(self._dispatch.judged(left, status))

    async def _settle_unsent(self) -> None:
        asked = {(left.batch_no, left.path) for left in self._unresolved}
        for batch_no, state in list(self.batches.items()):
            for path, execution in state.executions.items():
                if execution.pending is not None and (batch_no, path) not in asked:
                    await self._observe(self._dispatch.never_sent(batch_no, path, execution))

    def open_numbers(self) -> Iterable[str]:
        """Give the numbers of the batches that have begun and not ended."""
        return tuple(self.batches)

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
