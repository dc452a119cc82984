"""One slot as an MES sees it: what its PLC publishes is read, and commands go through its command block."""

from __future__ import annotations

from collections.abc import Sequence

from plc_sim.judge import Ack
from plc_sim.scan import SimulatedPlc
from plc_sim.states import PhaseCommand, PhaseState
from plc_sim.tagmap import PARAMETERS_MAX, REP, SP, SP_ACT, PhaseClass, Slot

SEQ_MAX = 0xFFFF


class Desk:
    """Reads and commands one slot between two scans, one command at a time; `epoch` is that of its commands.

    `held_by_order`: the hold that is there now was ordered, so that nobody restarts it without an order.
    """

    def __init__(self, plc: SimulatedPlc, slot: Slot, epoch: int) -> None:
        self.slot = slot
        self.held_by_order = False
        self._plc = plc
        self._image = plc.image
        self._epoch = epoch
        self._boot_tag = f"{plc.tag_map.name}.BootId"
        self._seq = int(self._image.value(f"{slot.name}.CmdSeq"))
        self._index = {
            tag: self._image.index[f"{slot.name}.{tag}"]
            for tag in ("State", "CmdEn", "AckSeq", "AckRes", "ProcAct", "ActExec", "LastExec", "FailCode")
        }
        self._reports = [self._image.index[f"{slot.name}.{tag}"] for tag in REP]

    @property
    def state(self) -> PhaseState:
        """State of the slot."""
        return PhaseState(self._number("State"))

    @property
    def exec_id(self) -> int:
        """Execution that the slot holds; 0 in idle."""
        return self._number("ActExec")

    @property
    def phase(self) -> PhaseClass | None:
        """Phase class that the slot holds; None in idle."""
        return self.slot.phases.get(self._number("ProcAct"))

    @property
    def last_exec(self) -> int:
        """Execution that was started last."""
        return self._number("LastExec")

    @property
    def busy(self) -> bool:
        """Whether a command waits for its acknowledgement; true as long as the PLC does not run."""
        return not self._plc.powered or (self._seq != 0 and self._number("AckSeq") != self._seq)

    @property
    def answer(self) -> Ack:
        """What became of the last command."""
        return Ack(self._number("AckRes"))

    def allows(self, command: PhaseCommand) -> bool:
        """Say whether the PLC would take a command now (CmdEn)."""
        return bool(self._number("CmdEn") >> command & 1)

    def send(
        self, command: PhaseCommand, *, exec_id: int = 0, phase_number: int = 0, values: Sequence[float] = ()
    ) -> None:
        """Write a command with its parameters from Sp1 on and commit it; the next scan takes it."""
        words: dict[str, float] = {
            "Cmd": command,
            "CmdBootId": self._image.value(self._boot_tag),
            "CmdEpochLo": self._epoch & 0xFFFF,
            "ProcReq": phase_number,
            "CmdEpoch": self._epoch,
            "ExecId": exec_id,
            **dict(zip(SP, (*values, *(0.0,) * (PARAMETERS_MAX - len(values))), strict=True)),
        }
        for tag, value in words.items():
            self._image.write(f"{self.slot.name}.{tag}", value)
        self._seq = self._seq % SEQ_MAX + 1
        self._image.write(f"{self.slot.name}.CmdSeq", self._seq)

    def parameters(self) -> list[float]:
        """Give the parameters that are in force."""
        return [self._image.value(f"{self.slot.name}.{tag}") for tag in SP_ACT]

    def report_bits(self) -> list[int]:
        """Give the bits of the reports."""
        return [self._image.bits(index) for index in self._reports]

    def why_held(self) -> str:
        """Say in words what holds the slot: its failure, its interlocks, or neither."""
        code = self._number("FailCode")
        if code:
            return self.slot.failures.get(code, f"failure {code}")
        return ", ".join(self._plc.slots[self.slot.name].interlocks) or "no reason shown"

    def _number(self, tag: str) -> int:
        return self._image.bits(self._index[tag])
