"""Deadlocks between batches of a cell: kept from coming about before a start, and told if one is there all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mes.engine.arbitration import Claim, Fitness
from mes.engine.claims import claims_of, owners_of
from mes.model.claims import Program, program_of
from mes.model.deadlock import deadlock_before_start
from mes.model.equipment import ProcessCell
from mes.model.events import Alarm
from mes.model.execution import BatchState
from mes.model.states import ProceduralState
from mes.model.waiting import Wait, WaitKind

STATES = 3_000
"""States that are looked at before a start: a fraction of a second, for nobody looks at the plant meanwhile."""


def program_of_batch(state: BatchState) -> Program:
    """Give what a batch has yet to acquire and release."""

    def is_done(path: str) -> bool:
        return path in state.skipped or state.state_of(path) is ProceduralState.COMPLETE

    return program_of(state.tree.root, is_done, state.holdings)


def lock_up(starting: BatchState, batches: Iterable[BatchState], equipment: ProcessCell) -> str:
    """Say in words how a batch that is to be started could lock up with those that have begun; empty when it cannot.

    Batches that are still queued need not be looked at: each is looked at before it is started itself.
    """
    begun = [state for state in batches if state.command is not None and not state.ended]
    programs = {state.batch_no: program_of_batch(state) for state in (*begun, starting)}
    users = {name: unit.users for name, unit in equipment.units.items()}
    found = deadlock_before_start(programs, users, states=STATES)
    return "" if found is None else str(found)


@dataclass(slots=True)
class LockWatch:
    """Tells of each deadlock once. The checks before a start keep them away; what people do meanwhile may not."""

    _told: set[frozenset[str]] = field(default_factory=set)

    def look(
        self,
        batches: Mapping[str, BatchState],
        waiting: Mapping[str, Mapping[str, Wait]],
        units: Mapping[str, Fitness],
    ) -> tuple[tuple[str, Alarm], ...]:
        """Give an alarm, with the number of its batch, for every batch of a deadlock that was not seen before."""
        stuck = _stuck(batches, waiting, units)
        locked = frozenset(stuck)
        if not locked or locked in self._told:
            return ()
        self._told.add(locked)
        owners = owners_of(batches[number] for number in locked)
        links = [f"{number} waits for {_wanted(claims, owners)}" for number, claims in sorted(stuck.items())]
        text = f"batches wait for each other for ever: {', '.join(links)}; skip what one of them waits for, or stop one"
        return tuple((number, Alarm(path="", source=number, text=text)) for number in sorted(locked))


def _stuck(
    batches: Mapping[str, BatchState], waiting: Mapping[str, Mapping[str, Wait]], units: Mapping[str, Fitness]
) -> dict[str, Sequence[Claim]]:
    """Give the batches that can go on only when another one of them does, with what they claim.

    Whoever does anything else than wait for units may come to its end and give back what it has; take it away, and look
    again whether what is left could still be given.
    """
    stuck: dict[str, Sequence[Claim]] = {
        number: tuple(claims_of(state))
        for number, state in batches.items()
        if state.requests and state.going and _only_waits(state, waiting.get(number, {}))
    }
    while True:
        held = owners_of(batches[number] for number in stuck)
        free = [number for number, claims in stuck.items() if any(_can_be_given(one, held, units) for one in claims)]
        if not free:
            return stuck
        for number in free:
            del stuck[number]


def _only_waits(state: BatchState, waits: Mapping[str, Wait]) -> bool:
    if any(wait.kind is not WaitKind.UNIT for wait in waits.values()):
        return False
    resting = {ProceduralState.IDLE, ProceduralState.COMPLETE, ProceduralState.STOPPED, ProceduralState.ABORTED}
    phases = state.tree.phases
    return not state.prompts and all(
        path in state.requests or state.state_of(path) in resting for path in (phase.path for phase in phases)
    )


def _can_be_given(claim: Claim, held: Mapping[str, Sequence[str]], units: Mapping[str, Fitness]) -> bool:
    def is_left(unit: str) -> bool:
        return len(held.get(unit, ())) < units.get(unit, Fitness()).users

    one = not claim.candidates or any(is_left(unit) for unit in claim.candidates)
    return one and all(is_left(unit) for unit in claim.uses)


def _wanted(claims: Sequence[Claim], owners: Mapping[str, Sequence[str]]) -> str:
    wanted = (unit for claim in claims for unit in (*claim.candidates, *claim.uses) if owners.get(unit))
    return " and ".join(f"{unit} of {' and '.join(owners[unit])}" for unit in dict.fromkeys(wanted))
