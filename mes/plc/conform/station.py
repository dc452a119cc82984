"""One slot on trial: looks at it, gives it commands, and notes on its sheet what every look and every answer shows."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from mes.model.equipment import EquipmentPhase
from mes.model.phase import PhaseCommand
from mes.plc.codec import single
from mes.plc.conform.answers import Answer, note_answer
from mes.plc.conform.block import CommandBlock, parameter_sets
from mes.plc.conform.contract import SETTLED, PlcState, state_words
from mes.plc.conform.look import LATCHED, Continuity, Latched, Look, latched_of, look_of, look_tags
from mes.plc.conform.sheet import Sheet
from mes.plc.conform.standing import note_standing
from mes.plc.conform.trial import NotReached, PlcOnTrial
from mes.plc.tagmap import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The phase that a slot is tried with, and parameters it takes."""

    phase: EquipmentPhase
    parameters: tuple[float, ...]


class Station:
    """One slot on trial.

    `choice` is what it is started with; `why_not` says why it cannot run ("" when it was seen to), `blocked` why no
    start is taken at all ("" when starts are judged to the end).
    """

    def __init__(self, plc: PlcOnTrial, slot: Slot, sheet: Sheet) -> None:
        self.plc = plc
        self.slot = slot
        self.sheet = sheet
        self.continuity = Continuity(sheet)
        phase = next(iter(slot.phases.values()))
        self.choice = Choice(phase=phase, parameters=parameter_sets(phase, short=False)[0])
        self.why_not = "no phase of this slot was tried"
        self.blocked = ""
        self._look_tags = look_tags(slot)
        self._latched_tags = tuple(slot.tag(field) for field in LATCHED)

    @property
    def runs(self) -> bool:
        """True when a phase of this slot was seen to reach running."""
        return not self.why_not

    def needs_to_run(self) -> None:
        """Raise `NotReached` when no phase of this slot can be run."""
        if self.why_not:
            raise NotReached(self.why_not)

    def interlocks(self, look: Look) -> str:
        """Name the interlocks that a look shows."""
        named = self.slot.interlocks
        bits = [bit for bit in range(16) if look.interlock >> bit & 1]
        if not bits:
            return f"no interlock, Mode {look.mode:#04x}"
        return "interlock " + ", ".join(named[bit].name if bit in named else f"bit {bit}" for bit in bits)

    async def look(self) -> Look:
        """Read the status once it is not torn."""
        clock = asyncio.get_running_loop().time
        deadline_s = clock() + 0.2 + 2 * self.plc.scan_s
        while True:
            at_s = clock()
            look = look_of(self.slot, await self.plc.read(self._look_tags), at_s)
            if not look.torn:
                break
            if at_s > deadline_s:
                seen = f"StateChg {look.changes}, StatusEnd {look.end} for longer than two scans"
                self.sheet.expect("TRN-01", False, seen=seen, contract="StatusEnd is the value of StateChg")
                raise NotReached(f"the status stays torn: {seen}")
            await asyncio.sleep(self.plc.poll_s)
        self.sheet.expect("TRN-01", True, seen="", contract="")
        known = look.state in set(PlcState)
        seen = f"State {state_words(look.state)}"
        if not self.sheet.expect("NAM-04", known, seen=seen, contract="State is one of the 16 numbers of the contract"):
            self.continuity.forget()
            raise NotReached(seen)
        self.continuity.note(look)
        note_standing(self.sheet, self.slot, look)
        return look

    async def latched(self) -> Latched:
        """Read execution and parameters in force."""
        return latched_of(self.slot, await self.plc.read(self._latched_tags))

    def block(self, command: int, **changes: Any) -> CommandBlock:
        """Make a command that is right, but for the fields given."""
        right = CommandBlock(
            command=command,
            boot_id=self.plc.boot_id,
            epoch=self.plc.epoch,
            phase_number=self.choice.phase.number,
            exec_id=self.plc.next_exec() if command == PhaseCommand.START else 0,
            parameters=self.choice.parameters,
        )
        return replace(right, **changes)

    async def stage(self, block: CommandBlock) -> None:
        """Write everything but the commit word."""
        await self.plc.port.write(block.words(self.slot))

    async def write_seq(self, seq: int) -> None:
        """Write the commit word alone."""
        await self.plc.port.write({self.slot.tag("CmdSeq"): seq})

    async def commit(self, block: CommandBlock, *, seq: int | None = None) -> Answer:
        """Give a command, wait for its answer, and note what the answer shows.

        Raises `NotReached` when there is none.
        """
        await self.stage(block)
        before, before_latched = await self.look(), await self.latched()
        number = before.ack_seq % 0xFFFF + 1 if seq is None else seq
        self.continuity.command = block.command
        await self.write_seq(number)
        first = await self._acknowledged(number, before, block)
        after, after_latched = await self.look(), await self.latched()
        self.continuity.command = 0
        answer = Answer(
            block=block,
            seq=number,
            first_result=first.ack_result,
            before=before,
            after=after,
            before_latched=before_latched,
            after_latched=after_latched,
        )
        note_answer(self.sheet, answer)
        return answer

    async def _acknowledged(self, seq: int, before: Look, block: CommandBlock) -> Look:
        clock = asyncio.get_running_loop().time
        deadline_s = clock() + self.plc.ack_limit_s
        while True:
            look = await self.look()
            if look.ack_seq == seq:
                return look
            if look.at_s > deadline_s:
                seen = f"AckSeq {look.ack_seq} after {self.plc.ack_limit_s:.2f} s"
                self.sheet.expect(
                    "ACK-01",
                    False,
                    state=state_words(before.state),
                    command=str(block),
                    written=f"CmdSeq {seq}",
                    seen=seen,
                    contract="a CmdSeq that is not 0 and not the last one evaluated is evaluated; write AckSeq last",
                )
                raise NotReached(f"CmdSeq {seq} was not answered: {seen}")
            await asyncio.sleep(self.plc.poll_s)

    async def stays(self, *, for_s: float) -> Look:
        """Look until the time is over and give the last look."""
        clock = asyncio.get_running_loop().time
        end_s = clock() + for_s
        look = await self.look()
        while look.at_s < end_s:
            await asyncio.sleep(max(self.plc.poll_s, self.plc.scan_s))
            look = await self.look()
        return look

    async def settles(self, *, limit_s: float | None = None) -> Look:
        """Wait until the slot is in a state that does not end by itself (or running); raises `NotReached`."""
        return await self.reaches(SETTLED, limit_s=self.plc.limits.rest_s if limit_s is None else limit_s)

    async def reaches(self, wanted: frozenset[PlcState], *, limit_s: float) -> Look:
        """Wait for one of these states; raises `NotReached` that tells the last one seen."""
        clock = asyncio.get_running_loop().time
        deadline_s = clock() + limit_s
        while (look := await self.look()).state not in wanted:
            if look.at_s > deadline_s:
                raise NotReached(f"still {state_words(look.state)} after {limit_s:g} s")
            await asyncio.sleep(self.plc.poll_s)
        return look

    async def left_alone(self, block: CommandBlock, seq: int) -> None:
        """Note whether the PLC has left the command block as it was written."""
        words = {**block.words(self.slot), self.slot.tag("CmdSeq"): seq}
        readings = await self.plc.read(tuple(words))
        changed = {
            tag: readings[tag].value
            for tag, value in words.items()
            if readings[tag].value != (single(value) if isinstance(value, float) else value)
        }
        seen = ", ".join(f"{tag} is {value}" for tag, value in changed.items())
        contract = "the command block is written by the MES only"
        self.sheet.expect(
            "ACK-05", not changed, command=str(block), written=f"CmdSeq {seq}", seen=seen, contract=contract
        )
