"""Turn a command row, put there by any door, into an observation for the step."""

from __future__ import annotations

from dataclasses import dataclass

from mes.clock import Clock
from mes.engine.answers import Answered, shortages
from mes.engine.ports import CommandRow, EngineStore
from mes.engine.step import Commanded
from mes.model.execution import BatchState
from mes.model.procedure import AnswerKind
from mes.model.states import Command, CommandRefused


def unknown_batch(batch_no: str) -> CommandRefused:
    """Give the refusal of a command to a batch that does not exist."""
    return CommandRefused(f"there is no batch {batch_no}; `mes batch list` shows those there are")


@dataclass(frozen=True, slots=True)
class Doors:
    """Looks up what a decision on a command needs to know: lots for a scan, stocks for a start."""

    store: EngineStore
    clock: Clock

    async def observation(self, row: CommandRow, state: BatchState) -> Commanded | Answered:
        """Give the observation; raises `CommandRefused` for an unknown verb."""
        if row.verb == "answer":
            return await self._answer(row, state)
        try:
            command = Command(row.verb)
        except ValueError:
            raise CommandRefused(f"{row.verb!r} is no command for a batch") from None
        short = await self._shortages(state) if command is Command.START else ()
        return Commanded(command=command, by=row.by, because=row.because, shortages=short)

    async def _shortages(self, state: BatchState) -> tuple[str, ...]:
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
        return Answered(prompt_id=prompt_id, value=value, by=row.by, at=self.clock.now(), lot=lot, known_lots=known)
