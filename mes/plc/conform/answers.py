"""What every answer to a command has to show, whatever the command was."""

from __future__ import annotations

from dataclasses import dataclass

from mes.model.phase import PhaseCommand
from mes.plc.conform.block import CommandBlock, same_as_real
from mes.plc.conform.contract import (
    ACCEPTED,
    BY_ITSELF,
    INTERLOCK_OR_MODE,
    MODE_INTERLOCKED,
    MODE_SOURCE_MES,
    NOT_IN_THIS_STATE,
    RESULT_WORDS,
    PlcState,
    reached,
    result_words,
    state_words,
)
from mes.plc.conform.look import MOST_STEPS, Latched, Look
from mes.plc.conform.sheet import Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One command and what the slot showed before and after it; `first_result` is AckRes as AckSeq first showed it."""

    block: CommandBlock
    seq: int
    first_result: int
    before: Look
    after: Look
    before_latched: Latched
    after_latched: Latched

    @property
    def result(self) -> int:
        """AckRes when everything had been written."""
        return self.after.ack_result

    @property
    def steps(self) -> int:
        """How many changes of state lie between before and after."""
        return (self.after.changes - self.before.changes) & 0xFFFF

    @property
    def raced(self) -> bool:
        """True when the slot has moved by itself, so that it is not known in which state the command met it."""
        moving = PlcState(self.before.state) in BY_ITSELF
        commanded = 1 if self.result == ACCEPTED and self.block.command != PhaseCommand.UPDATE else 0
        return moving and self.steps > commanded

    @property
    def blocked(self) -> bool:
        """True when the command was refused with 8, and the slot shows why: an interlock, or another source."""
        mode = self.before.mode | self.after.mode
        return self.result == INTERLOCK_OR_MODE and (bool(mode & MODE_INTERLOCKED) or not mode & MODE_SOURCE_MES)

    @property
    def before_words(self) -> str:
        """The state that the command met."""
        return state_words(self.before.state)

    @property
    def seen(self) -> str:
        """The answer in words."""
        return f"AckRes {result_words(self.result)}; {self.after}, {self.after_latched}"

    def situation(self) -> dict[str, str]:
        """Give state, command and commit word in words, for a failure."""
        return {
            "state": self.before_words,
            "command": str(self.block),
            "written": f"CmdSeq {self.seq} after AckSeq {self.before.ack_seq}",
        }


def note_answer(sheet: Sheet, answer: Answer) -> None:
    """Note what an answer shows of the checks that hold for all of them."""
    words = answer.situation()
    known = answer.result in RESULT_WORDS and answer.result < 9
    sheet.expect("ACK-01", known, seen=answer.seen, contract="AckRes is 1 to 8 once a command was evaluated", **words)
    same = answer.first_result == answer.result
    seen = f"AckRes {answer.first_result} when AckSeq first showed the word, then {answer.result}"
    sheet.expect("ACK-03", same, seen=seen, contract="write AckRes, then AckSeq", **words)
    if answer.result == ACCEPTED:
        _note_accepted(sheet, answer, words)
    else:
        _note_refused(sheet, answer, words)
    _note_enabled(sheet, answer, words)


def _note_accepted(sheet: Sheet, answer: Answer, words: dict[str, str]) -> None:
    block, shown = answer.block, answer.after_latched
    if block.command in (PhaseCommand.START, PhaseCommand.UPDATE):
        in_force = same_as_real(block.parameters, shown.parameters)
        contract = "a start and an update latch the parameters into SpAct; 0 where the phase declares none"
        sheet.expect("PAR-06", in_force, seen=answer.seen, contract=contract, **words)
    if block.command == PhaseCommand.START:
        known = shown.active == shown.last == block.exec_id and answer.after.phase_number == block.phase_number
        seen = f"ProcAct {answer.after.phase_number}, {answer.seen}"
        contract = "a start latches ExecId into ActExec and LastExec, and shows its phase in ProcAct"
        sheet.expect("EXE-04", known, seen=seen, contract=contract, **words)
    if block.command == PhaseCommand.UPDATE:
        moved = answer.after.state in reached(PlcState(answer.before.state), min(answer.steps, MOST_STEPS))
        contract = "an update leads from running to running, with no change of state"
        sheet.expect("UPD-01", moved, seen=answer.seen, contract=contract, **words)
        return
    contract = "do it, then write AckRes, then AckSeq; every command but update changes the state"
    sheet.expect("ACK-02", answer.steps >= 1, seen=answer.seen, contract=contract, **words)


def _note_refused(sheet: Sheet, answer: Answer, words: dict[str, str]) -> None:
    by_itself = reached(PlcState(answer.before.state), min(answer.steps, MOST_STEPS))
    unmoved = answer.after.state in by_itself and (
        answer.steps > 0
        or (
            answer.after_latched == answer.before_latched
            and answer.after.phase_number == answer.before.phase_number
            and answer.after.fail_code == answer.before.fail_code
        )
    )
    seen = f"before: {answer.before}, {answer.before_latched}; after: {answer.seen}"
    sheet.expect("ACK-04", unmoved, seen=seen, contract="a refusal changes nothing but AckRes and AckSeq", **words)


def _note_enabled(sheet: Sheet, answer: Answer, words: dict[str, str]) -> None:
    """Compare CmdEn with what became of the command, where it is certain which CmdEn it met."""
    command = answer.block.command
    if answer.raced or command not in set(PhaseCommand):
        return
    shown = bool(answer.before.enabled >> command & 1)
    seen = f"CmdEn {answer.before.enabled:#06x} before; {answer.seen}"
    contract = "bit n of CmdEn is set when command n would be taken now"
    if answer.result == ACCEPTED:
        sheet.expect("ENA-02", shown, seen=seen, contract=contract, **words)
    elif answer.result in (NOT_IN_THIS_STATE, INTERLOCK_OR_MODE):
        sheet.expect("ENA-02", not shown, seen=seen, contract=contract, **words)
