"""Turn a command row, put there by any door, into an observation for the step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mes.clock import Clock
from mes.engine.answers import Answered, shortages
from mes.engine.claims import rank_at
from mes.engine.deadlocks import lock_up
from mes.engine.ports import CommandRow, EngineStore
from mes.engine.queue_places import is_queued, rank_in_queue
from mes.engine.steering import Steered
from mes.engine.step import Commanded
from mes.engine.updates import takes_updates
from mes.model.equipment import ProcessCell
from mes.model.execution import BatchState
from mes.model.phase import PhaseStatus
from mes.model.states import Command, CommandRefused
from mes.model.steps import AnswerKind, PhaseStep
from mes.model.verbs import Verb


def unknown_batch(batch_no: str) -> CommandRefused:
    """Give the refusal of a command to a batch that does not exist."""
    return CommandRefused(f"there is no batch {batch_no}; `mes batch list` shows those there are")


@dataclass(frozen=True, slots=True)
class Doors:
    """Looks up what a decision on a command needs to know: lots for a scan, stocks for a start, places in a queue."""

    store: EngineStore
    clock: Clock
    equipment: ProcessCell
    status: Callable[[str, str], PhaseStatus]
    batches: Mapping[str, BatchState]

    async def observation(self, row: CommandRow, state: BatchState) -> Commanded | Answered | Steered:
        """Give the observation; raises `CommandRefused` for an unknown verb, or what cannot even be tried."""
        if row.verb == "answer":
            return await self._answer(row, state)
        if row.verb in set(Verb):
            return await self._steered(row, state, Verb(row.verb))
        try:
            command = Command(row.verb)
        except ValueError:
            raise CommandRefused(f"{row.verb!r} is no command for a batch") from None
        path = row.arguments.get("path", "")
        if command is not Command.START or path:
            return Commanded(command=command, by=row.by, because=row.because, path=path)
        short = await self.shortages(state)
        if state.command is None and not short and (locked := lock_up(state, self.batches.values(), self.equipment)):
            raise CommandRefused(
                f"batch {state.batch_no} could lock up with those that run: {locked}; start it when one of them has "
                "ended, or put it into the queue, which does that by itself"
            )
        return Commanded(command=command, by=row.by, because=row.because, shortages=short)

    async def shortages(self, state: BatchState) -> tuple[str, ...]:
        """Say which materials a batch needs that are not there."""
        materials = {needed.material for needed in state.control.inputs.values()}
        lots = {material: await self.store.lots_of(material) for material in sorted(materials)}
        return shortages(state.control, state.proposed_lots, lots, self.clock.now())

    async def _answer(self, row: CommandRow, state: BatchState) -> Answered:
        prompt_id = row.arguments.get("prompt_id", "")
        if not prompt_id and len(state.prompts) == 1:
            prompt_id = next(iter(state.prompts))
        value = row.arguments.get("value", "").strip()
        prompt = state.prompts.get(prompt_id)
        lot = None
        known: tuple[str, ...] = ()
        if prompt is not None and prompt.answer is AnswerKind.LOT:
            lot = await self.store.lot(value)
            usable = await self.store.lots_of(state.control.inputs[prompt.input].material)
            known = tuple(usable_lot.lot_no for usable_lot in usable)
        return Answered(
            prompt_id=prompt_id,
            value=value,
            by=row.by,
            at=self.clock.now(),
            because=row.because,
            lot=lot,
            known_lots=known,
        )

    async def _steered(self, row: CommandRow, state: BatchState, verb: Verb) -> Steered:
        path, name, value = (row.arguments.get(word, "").strip() for word in ("path", "name", "value"))
        wanted = Steered(verb=verb, by=row.by, because=row.because, path=path, name=name, value=value)
        match verb:
            case Verb.SET:
                return self._with_equipment(wanted, state)
            case Verb.RANK if wanted.path:
                rank = rank_at(self.batches.values(), state, wanted.path, wanted.name, _whole(wanted.value, "place"))
                return replace(wanted, rank=rank)
            case Verb.RANK:
                return self._moved(wanted, state)
            case Verb.QUEUE:
                return await self._queued(wanted, state)
            case _:
                return wanted

    def _with_equipment(self, wanted: Steered, state: BatchState) -> Steered:
        phase = state.tree.elements.get(wanted.path)
        if not isinstance(phase, PhaseStep):
            return wanted
        known = self.equipment.phases.get((phase.unit, phase.phase_class))
        running = takes_updates(self.status(phase.plc, phase.slot)) if phase.slot else False
        return replace(wanted, equipment=known, running=running)

    async def _queued(self, wanted: Steered, state: BatchState) -> Steered:
        if wanted.name:
            await self._refuse_after(wanted.name, state)
        queue = state.queue
        priority = _whole(wanted.value or "0", "priority")
        if queue is not None and queue.queued and queue.priority == priority:
            return replace(wanted, rank=queue.rank)
        return replace(wanted, rank=rank_in_queue(self.batches.values(), state, None, priority))

    async def _refuse_after(self, after: str, state: BatchState) -> None:
        """Refuse to start after a batch that is not there, or that itself waits for this one."""
        if after not in self.batches and await self.store.state_of(after) is None:
            raise unknown_batch(after)
        way = [after]
        while (known := self.batches.get(way[-1])) is not None and known.queue is not None and known.queue.after:
            way.append(known.queue.after)
            if way[-1] == state.batch_no:
                raise CommandRefused(
                    f"batch {state.batch_no} cannot start after {after}: {' after '.join(way)}, so neither would start"
                )

    def _moved(self, wanted: Steered, state: BatchState) -> Steered:
        """Move the batch itself in the queue of those that wait to be started: the same entry with another rank."""
        queue = state.queue
        if queue is None or not is_queued(state):
            raise CommandRefused(f"batch {state.batch_no} is not in the queue; say which element is to be moved")
        rank = rank_in_queue(self.batches.values(), state, _whole(wanted.value, "place"), queue.priority)
        return replace(wanted, verb=Verb.QUEUE, name=queue.after, value=str(queue.priority), rank=rank)


def _whole(text: str, what: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise CommandRefused(f"{what} {text!r} is no whole number") from None
