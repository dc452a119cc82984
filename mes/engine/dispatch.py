"""Let durable intents out to the PLCs and bring the answers back as observations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mes.engine.draft import CollectReports, CommandPhase
from mes.engine.ports import OpenRequest
from mes.engine.step import Observation, Reported, ReportsLost, Settled
from mes.model.equipment import EquipmentPhase, ParameterSpec, ProcessCell
from mes.model.execution import Execution
from mes.model.phase import COMMAND_NUMBER, Acknowledgement, AckResult, PhaseCommand, PhaseRequest, PhaseStatus
from mes.model.quantity import Quantity, UomError
from mes.model.reading import Reading, missing
from mes.model.states import FINAL, Command, ProceduralState
from mes.plc.port import PlcError, PlcLink

_REPORT_TRIES = 3
_REPORT_PAUSE_S = 1.0
_SETTLING_S = 2.0
"""Wall seconds after an answer in which a status that does not show it is taken to be older than the answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An intent with the request that was composed for it; without one, `why` says what stood in the way."""

    intent: CommandPhase
    request: PhaseRequest | None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came back for a batch, with the durable request it answers (None for reports and what was never sent)."""

    batch_no: str
    observation: Observation
    acknowledgement: Acknowledgement = field(default_factory=lambda: Acknowledgement(seq=0, result=None))
    request: PhaseRequest | None = None


@dataclass(slots=True)
class Dispatch:
    """The way out of the engine. `wake` is set whenever something has come back."""

    links: Mapping[str, PlcLink]
    equipment: ProcessCell
    wake: asyncio.Event
    monotonic: Callable[[], float]
    _told: dict[str, tuple[int, float]] = field(default_factory=dict)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _collecting: set[tuple[str, int]] = field(default_factory=set)
    _back: list[Outcome] = field(default_factory=list)

    def compose(self, batch_no: str, intents: Sequence[CommandPhase]) -> tuple[Order, ...]:
        """Fix sequence number, boot id and epoch of each intent. Nothing is written yet."""
        return tuple(self._compose(intent) for intent in intents)

    def _compose(self, intent: CommandPhase) -> Order:
        link = self.links.get(intent.plc)
        if link is None:
            return Order(intent=intent, request=None, why=f"no PLC {intent.plc} is configured")
        try:
            request = link.compose(
                intent.slot,
                COMMAND_NUMBER[intent.command],
                exec_id=intent.exec_id,
                phase_number=intent.number,
                parameters=self._values(intent),
            )
        except (PlcError, UomError, ValueError) as error:
            return Order(intent=intent, request=None, why=str(error))
        return Order(intent=intent, request=request)

    def _values(self, intent: CommandPhase) -> tuple[float, ...]:
        """Give the parameters in the order and units of the map; what the recipe does not name has its default."""
        if intent.command not in {Command.START, Command.UPDATE}:
            return ()
        known = (
            found
            for found in self.equipment.phases.values()
            if (found.plc, found.slot, found.number) == (intent.plc, intent.slot, intent.number)
        )
        phase = next(known, None)
        if phase is None:
            raise ValueError(f"the tag map of {intent.plc} no longer has phase number {intent.number} in {intent.slot}")
        return tuple(_value(phase, spec, intent.parameters.get(spec.name)) for spec in phase.parameters)

    def send(self, batch_no: str, orders: Sequence[Order]) -> None:
        """Carry out what is durable now; what could not be composed comes straight back as not sent."""
        for order in orders:
            if order.request is None:
                self._return(batch_no, order, Acknowledgement(seq=0, result=None, why=order.why), sent=False)
            else:
                self._begin(self._execute(batch_no, order, order.request))

    async def _execute(self, batch_no: str, order: Order, request: PhaseRequest) -> None:
        acknowledgement = await self.links[request.plc].execute(request)
        self._told[request.slot] = (acknowledgement.seq, self.monotonic())
        self._return(batch_no, order, acknowledgement, sent=True)

    def _return(self, batch_no: str, order: Order, acknowledgement: Acknowledgement, *, sent: bool) -> None:
        observation = Settled(
            path=order.intent.path,
            command=order.intent.command,
            exec_id=order.intent.exec_id,
            acknowledgement=acknowledgement,
            sent=sent,
        )
        self._put(
            Outcome(batch_no=batch_no, observation=observation, acknowledgement=acknowledgement, request=order.request)
        )

    def collect(self, batch_no: str, wanted: Sequence[CollectReports]) -> None:
        """Read the reports of ended phases, each once at a time."""
        for item in wanted:
            key = (item.path, item.exec_id)
            if key not in self._collecting:
                self._collecting.add(key)
                self._begin(self._collect(batch_no, item))

    async def _collect(self, batch_no: str, item: CollectReports) -> None:
        try:
            observation: Observation = await self._read(item)
        finally:
            self._collecting.discard((item.path, item.exec_id))
        self._put(Outcome(batch_no=batch_no, observation=observation))

    async def _read(self, item: CollectReports) -> Observation:
        why = ""
        for attempt in range(_REPORT_TRIES):
            if attempt:
                await asyncio.sleep(_REPORT_PAUSE_S)
            try:
                reports = await self.links[item.plc].reports(item.equipment)
                now = self.links[item.plc].phase(item.equipment.slot)
            except PlcError as error:
                why = str(error)
            else:
                if now.fresh and (now.state not in FINAL or now.last_exec != item.exec_id):
                    why = f"{item.equipment.slot} was reset while they were read"
                    continue
                return Reported(path=item.path, exec_id=item.exec_id, equipment=item.equipment, reports=reports)
        return ReportsLost(path=item.path, exec_id=item.exec_id, why=why)

    def _put(self, outcome: Outcome) -> None:
        self._back.append(outcome)
        self.wake.set()

    def take(self) -> list[Outcome]:
        """Give what has come back since the last call.

        Raises whatever ended a dispatch unexpectedly: an engine that lost an answer must not go on as if nothing were.
        """
        for ended in [task for task in self._under_way if task.done()]:
            self._under_way.discard(ended)
            ended.result()
        taken, self._back = self._back, []
        return taken

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        self._under_way.add(asyncio.create_task(work))

    async def close(self) -> None:
        """End everything under way; what was not answered is settled by the next engine."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    def status(self, plc: str, slot: str) -> PhaseStatus:
        """Give the status of a slot; not fresh where it may be older than the last answer from there.

        The image of a PLC and the answer to a command come on different ways. After an answer that is not known this
        also gives a PLC that was stalled the time to show what it did.
        """
        link = self.links.get(plc)
        if link is None:
            return _nothing_known(f"no PLC {plc} is configured")
        try:
            status = link.phase(slot)
        except PlcError as error:
            return _nothing_known(str(error))
        seq, told_s = self._told.get(slot, (status.ack_seq, 0.0))
        if status.ack_seq == seq or self.monotonic() - told_s > _SETTLING_S:
            self._told.pop(slot, None)
            return status
        return replace(status, fresh=False, why=status.why or f"it does not show the answer to command {seq} yet")

    @property
    def settling(self) -> Container[str]:
        """The slots whose status may be older than the last answer from there: `status` says so."""
        return self._told

    def reading(self, tag: str) -> Reading:
        """Give the last reading of a tag of any PLC of the cell."""
        spec = self.equipment.tags.get(tag)
        unit = None if spec is None else self.equipment.units.get(spec.unit)
        link = None if unit is None else self.links.get(unit.plc)
        return missing(f"no PLC of this cell has a tag {tag}") if link is None else link.reading(tag)

    def uom(self, tag: str) -> str:
        """Give the unit of measure of a tag; raises `KeyError` for one that no map declares."""
        return self.equipment.tags[tag].uom

    def judged(self, left: OpenRequest, status: PhaseStatus) -> Outcome:
        """Judge a request of an earlier engine by what the PLC shows now, under the new epoch."""
        request = left.request
        done = status.ack_seq == request.seq and status.ack_result in {AckResult.ACCEPTED, AckResult.ALREADY_RUNNING}
        if request.command is PhaseCommand.START:
            done = request.exec_id in {status.active_exec, status.last_exec}
        why = "found done after a restart of the engine" if done else "not done when the engine restarted, and fenced"
        result = AckResult.ACCEPTED if done else None
        acknowledgement = Acknowledgement(seq=request.seq, result=result, why=why)
        observation = Settled(
            path=left.path,
            command=Command[request.command.name],
            exec_id=request.exec_id,
            acknowledgement=acknowledgement,
            sent=done,
            again=not done,
        )
        return Outcome(
            batch_no=left.batch_no, observation=observation, acknowledgement=acknowledgement, request=request
        )

    def never_sent(self, batch_no: str, path: str, execution: Execution) -> Outcome:
        """Settle a command that an earlier engine decided, could not put into a request, and did not live to tell."""
        command = execution.pending
        if command is None:
            raise ValueError(f"{path} of batch {batch_no} has no command in flight")
        acknowledgement = Acknowledgement(seq=0, result=None, why="never sent before the engine restarted")
        observation = Settled(
            path=path,
            command=command,
            exec_id=execution.exec_id,
            acknowledgement=acknowledgement,
            sent=False,
            again=True,
        )
        return Outcome(batch_no=batch_no, observation=observation, acknowledgement=acknowledgement)


def _nothing_known(why: str) -> PhaseStatus:
    return PhaseStatus(state=ProceduralState.IDLE, fresh=False, why=why)


def _value(phase: EquipmentPhase, spec: ParameterSpec, given: Quantity | None) -> float:
    """Give one parameter in the unit of the map, within its limits, or raise `ValueError` that names it."""
    if given is None:
        if spec.default is None:
            raise ValueError(
                f"{phase.unit} {phase.phase_class} needs parameter {spec.name}, which the recipe does not give"
            )
        return spec.default
    value = float(given.to(spec.uom).value)
    if not spec.minimum <= value <= spec.maximum:
        raise ValueError(
            f"parameter {spec.name} of {phase.unit} {phase.phase_class} is {given}; "
            f"allowed are {spec.minimum:g} to {spec.maximum:g} {spec.uom}"
        )
    return value
