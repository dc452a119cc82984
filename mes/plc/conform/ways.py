"""Bringing a slot from state to state by commands, and what each way has to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mes.model.phase import PhaseCommand
from mes.plc.conform.answers import Answer
from mes.plc.conform.contract import (
    ACCEPTED,
    BAD_VALUE,
    COMING_TO_REST,
    FINAL,
    LEADS_TO,
    PlcState,
    next_command,
    reached,
    rest_of,
    result_words,
    state_words,
)
from mes.plc.conform.look import Look
from mes.plc.conform.station import Station
from mes.plc.conform.trial import NotReached

C, S = PhaseCommand, PlcState

MOST_COMMANDS = 12
"""Commands within which a slot is brought to any state."""

MOST_FAILURES = 3
"""Times that a phase may go to held at once before it is given up."""

RACES = 4
"""Times that a command is given again because the slot had moved by itself meanwhile."""

WAY: Mapping[PhaseCommand, str] = {
    C.START: "WAY-01",
    C.PAUSE: "WAY-02",
    C.RESUME: "WAY-03",
    C.HOLD: "WAY-04",
    C.RESTART: "WAY-05",
    C.STOP: "WAY-06",
    C.ABORT: "WAY-07",
    C.RESET: "WAY-08",
}
TABLE: Mapping[PlcState, str] = {
    S.IDLE: "CMD-01",
    S.RUNNING: "CMD-02",
    S.PAUSED: "CMD-03",
    S.HELD: "CMD-04",
    S.COMPLETE: "CMD-05",
    S.STOPPED: "CMD-06",
    S.ABORTED: "CMD-07",
}
"""The check on which commands a settled state takes."""

MOST_STEPS_OF_A_WAY = 6


async def bring(station: Station, wanted: PlcState) -> Look:
    """Bring the slot to a settled state; raises `NotReached` when that does not come about."""
    look = await station.settles()
    failures = 0
    for _ in range(MOST_COMMANDS):
        if look.state == wanted:
            return look
        if wanted is S.COMPLETE and look.state == S.RUNNING:
            look = await _completes(station, look)
            continue
        command = next_command(PlcState(look.state), S.RUNNING if wanted is S.COMPLETE else wanted)
        if command is None:
            raise NotReached(f"no command leads from {state_words(look.state)} to {state_words(wanted)}")
        if command is C.START:
            station.needs_to_run()
        look, _ = await go(station, command)
        if command in (C.START, C.RESTART) and look.state == S.HELD:
            failures += 1
            if failures == MOST_FAILURES:
                raise NotReached(
                    f"the phase goes to held each time with FailCode {look.fail_code}, {station.interlocks(look)}"
                )
    raise NotReached(f"{state_words(wanted)} was not reached in {MOST_COMMANDS} commands; last seen {look}")


async def go(station: Station, command: PhaseCommand, **changes: Any) -> tuple[Look, Answer]:
    """Give a command that the present state takes, and wait for where it leads; gives the last look, and the answer.

    Raises `NotReached` when the command is not taken.
    """
    answer = await station.commit(station.block(command, **changes))
    acting = LEADS_TO[PlcState(answer.before.state)].get(command)
    if acting is None or (answer.raced and answer.result != ACCEPTED):
        return await station.settles(), answer
    if command is C.START and answer.result == BAD_VALUE:
        raise NotReached("the start was refused with 5: it does not take these parameters")
    if answer.blocked:
        raise NotReached(f"{command.name.lower()} was refused with 8: {station.interlocks(answer.after)}")
    taken = answer.result == ACCEPTED
    contract = f"{command.name.lower()} in {answer.before_words} leads to {acting.name.lower()}"
    for check in (WAY[command], TABLE.get(PlcState(answer.before.state), "")):
        if not taken or check.startswith("CMD"):
            station.sheet.expect(check, taken, seen=answer.seen, contract=contract, **answer.situation())
    if not taken:
        raise NotReached(
            f"{command.name.lower()} in {answer.before_words} was refused with {result_words(answer.result)}"
        )
    if command is C.START:
        await station.left_alone(answer.block, answer.seq)
    try:
        look = await station.settles(limit_s=None if acting in COMING_TO_REST else station.plc.ack_limit_s)
    except NotReached as error:
        contract = f"{acting.name.lower()} ends by itself in {rest_of(acting).name.lower()}"
        station.sheet.expect(WAY[command], False, seen=str(error), contract=contract, **answer.situation())
        raise
    if not answer.raced:
        _note_way(station, command, acting, answer, look)
    return look, answer


def _note_way(station: Station, command: PhaseCommand, acting: PlcState, answer: Answer, look: Look) -> None:
    steps = (look.changes - answer.before.changes) & 0xFFFF
    rest = rest_of(acting)
    seen = f"{answer.before}; then {answer.after}; then {look}"
    contract = f"it leads through {acting.name.lower()} to {rest.name.lower()}: two changes of state"
    possible = reached(acting, steps - 1) if 2 <= steps <= MOST_STEPS_OF_A_WAY else frozenset()
    if rest is S.RUNNING and look.state in {S.HOLDING, S.HELD} and look.state in possible:
        station.sheet.remark(WAY[command], f"the phase went to held with FailCode {look.fail_code} at once")
        return
    holds = look.state in possible and (steps > 2 or look.state == rest)
    station.sheet.expect(WAY[command], holds, seen=seen, contract=contract, **answer.situation())


async def _completes(station: Station, running: Look) -> Look:
    look = await station.reaches(FINAL | {S.HELD}, limit_s=station.plc.limits.complete_s)
    if look.state == S.HELD:
        raise NotReached(f"the phase went to held with FailCode {look.fail_code} and did not complete")
    steps = (look.changes - running.changes) & 0xFFFF
    holds = look.state == S.COMPLETE and steps == 2
    contract = "when its logic says so, running leads through completing to complete: two changes of state"
    station.sheet.expect(
        "WAY-09", holds, state=state_words(running.state), seen=f"{running}; then {look}", contract=contract
    )
    return look
