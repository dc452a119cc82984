"""The operator of a dry run: answers every prompt until the batch has ended, or nothing will happen any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from mes.app import Plant
from mes.batches import Waiting, in_order
from mes.model.execution import BatchState
from mes.model.states import Command, CommandRefused, ProceduralState
from mes.model.waiting import Wait
from mes.rehearsal.patience import Patience
from mes.rehearsal.script import Script
from mes.simulated.carrier import Carrier

S = ProceduralState

BY = "dry run"
_LOOK_S = 0.05
_ENDED_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A batch that did not come to its end by itself: why, in which state, and what its elements waited for."""

    why: str
    state: ProceduralState
    waiting: Sequence[Waiting]


Look = Callable[[BatchState, datetime], None]
"""Is told the state of the batch and process time, again and again."""


async def work_through(
    plant: Plant, batch_no: str, script: Script, look: Look, carrier: Carrier | None = None
) -> Stuck | None:
    """Work on a started batch until it has ended; gives what kept it from that when it has to be aborted instead.

    With a `carrier` a lot is at its unit before its number is told.
    """
    loop = asyncio.get_running_loop()
    state = plant.cell.batches.get(batch_no)
    longest_s = max((step.expected_s for step in state.tree.phases), default=0) if state else 0
    patience = Patience(longest_s=longest_s)
    refused: dict[str, _Refused] = {}
    waits: Mapping[str, Wait] = {}
    while (state := plant.cell.batches.get(batch_no)) is not None:
        now = plant.cell.now()
        look(state, now)
        await _answer(plant, state, script, refused, carrier)
        if await _restart_after_loss(plant, state):
            await asyncio.sleep(_LOOK_S)
            continue
        if state.going:
            # What holds a batch takes the waits away that tell why: the last ones before it are kept.
            waits = plant.cell.waiting.get(batch_no, {})
        why = patience.over(state, tuple(waits.values()), now, loop.time())
        if why:
            why = "; ".join((why, *(refused[open_].text for open_ in state.prompts if open_ in refused)))
            stuck = Stuck(why=why, state=state.state, waiting=in_order(state, waits))
            await _abort(plant, batch_no, why)
            return stuck
        await asyncio.sleep(_LOOK_S)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refused:
    """An answer that was refused, in which state of the batch and with which words."""

    state: BatchState
    text: str


async def _answer(
    plant: Plant, state: BatchState, script: Script, refused: dict[str, _Refused], carrier: Carrier | None
) -> None:
    for prompt_id, prompt in state.prompts.items() if state.going else ():
        if prompt_id in refused and refused[prompt_id].state == state:
            continue
        found = script.reply(state, prompt)
        if found is None:
            continue
        value, because = found
        if carrier is not None:
            await carrier.carry(state, prompt, value)
        try:
            await plant.batches.answer(state.batch_no, value, by=BY, because=because, prompt_id=prompt_id)
        except CommandRefused as error:
            # A hold may have come a moment ago: it is answered again once the batch has changed.
            refused[prompt_id] = _Refused(state=state, text=str(error))


async def _restart_after_loss(plant: Plant, state: BatchState) -> bool:
    """Go on with what only a lost link holds: a busy machine can starve the simulated plant."""
    held = [path for path, given in state.local.items() if _lost(given.because) and given.command is Command.HOLD]
    if state.state is S.HELD and _lost(state.because):
        held.append("")
    if held and all(link.status().usable for link in plant.links.values()):
        for path in held:
            with suppress(CommandRefused):  # the hold is another one by now, or not complete yet
                await plant.batches.restart(state.batch_no, by=BY, because="every PLC is back", path=path)
    return bool(held)


def _lost(because: str) -> bool:
    return because.startswith("link to ")


async def _abort(plant: Plant, batch_no: str, why: str) -> None:
    """Close the books of a batch that is given up: what it holds is given back."""
    with suppress(CommandRefused):
        await plant.batches.abort(batch_no, by=BY, because=f"dry run given up: {why}")
    loop = asyncio.get_running_loop()
    until_s = loop.time() + _ENDED_WITHIN_S
    while loop.time() < until_s:
        if batch_no not in plant.cell.batches:
            return
        await asyncio.sleep(_LOOK_S)
