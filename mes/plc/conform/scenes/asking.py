"""Commands that have to be refused, and commands that have to do nothing at all."""

from __future__ import annotations

from typing import Any

from mes.plc.conform.answers import Answer
from mes.plc.conform.contract import BAD_VALUE, PlcState, reached, result_words
from mes.plc.conform.look import MOST_STEPS
from mes.plc.conform.sheet import Sheet
from mes.plc.conform.station import Station
from mes.plc.conform.trial import NotReached
from mes.plc.conform.ways import RACES, bring


async def refused(
    station: Station,
    check: str,
    state: PlcState,
    command: int,
    result: int,
    *,
    contract: str = "",
    sheet: Sheet | None = None,
    **changes: Any,
) -> Answer:
    """Give a command in a settled state and note whether it is refused with this result.

    Raises `NotReached` when the slot does not stay in the state for long enough.
    """
    for _ in range(RACES):
        await bring(station, state)
        answer = await station.commit(station.block(command, **changes))
        if answer.blocked and result == BAD_VALUE:
            raise NotReached(f"refused with 8 before the parameters were judged: {station.interlocks(answer.after)}")
        if answer.before.state == state and not answer.raced:
            says = contract or f"this is refused with {result_words(result)} in {answer.before_words}"
            (sheet or station.sheet).expect(
                check, answer.result == result, seen=answer.seen, contract=says, **answer.situation()
            )
            return answer
    raise NotReached(f"the phase does not stay {state.name.lower()} for the time of one command")


async def does_nothing(station: Station, check: str, command: int, seq: int, *, contract: str) -> None:
    """Stage a command, write this commit word, and note whether the slot goes on as if nothing had been written.

    The command has to lead to a state that the slot does not come to by itself.
    """
    block = station.block(command)
    before, before_latched = await station.look(), await station.latched()
    station.continuity.command = command
    await station.stage(block)
    await station.write_seq(seq)
    after, after_latched = await station.stays(for_s=station.plc.quiet_s), await station.latched()
    station.continuity.command = 0
    steps = (after.changes - before.changes) & 0xFFFF
    by_itself = after.state in reached(PlcState(before.state), min(steps, MOST_STEPS))
    answered = (before.ack_seq, before.ack_result) == (after.ack_seq, after.ack_result)
    same = by_itself and answered and before_latched == after_latched
    seen = f"before: {before}, AckSeq {before.ack_seq}, AckRes {before.ack_result}, {before_latched}; "
    seen += f"after: {after}, AckSeq {after.ack_seq}, AckRes {after.ack_result}, {after_latched}"
    station.sheet.expect(
        check,
        same,
        state=PlcState(before.state).name.lower(),
        command=str(block),
        written=f"CmdSeq {seq}",
        seen=seen,
        contract=contract,
    )
