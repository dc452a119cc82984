"""PLC side of MES-Phase v1 for one slot: takes commands, owns the phase state, drives the unit model."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

from plc_sim.image import TagImage
from plc_sim.judge import (
    Ack,
    CommandBlock,
    Situation,
    epoch_holds,
    judge,
    judge_local,
    named_parameters,
    read_block,
)
from plc_sim.memory import PlcMemory, SlotMemory
from plc_sim.plant import UnitModel
from plc_sim.states import (
    COMING_TO_REST,
    COMMANDED,
    FOLLOWING,
    TRIPPED_BY_INTERLOCK,
    PhaseCommand,
    PhaseState,
    enabled,
)
from plc_sim.tagmap import REP, SP_ACT, PhaseClass, Slot

COMM_LOSS_COMMAND = {"hold": PhaseCommand.HOLD, "stop": PhaseCommand.STOP}
QUALITY_GOOD, QUALITY_BAD = 0xFF, 0x00
MODE_AUTO, MODE_LOCAL, MODE_OFF, MODE_SOURCE_MES, MODE_INTERLOCKED = 1, 2, 4, 8, 16
STATES_THAT_SHOW_THE_TRIP = frozenset({PhaseState.HOLDING, PhaseState.HELD})
ACTING = TRIPPED_BY_INTERLOCK | COMING_TO_REST
RUNNING = PhaseState.RUNNING  # looking a member up in its class takes ten times as long, every tick of every slot
STATUS_IN_ORDER = (
    *("State", "StateChg", "CmdEn", "Mode", "Interlock", "Step", "FailCode", "Wqc", "ProcAct", "ActExec", "LastExec"),
    *(*SP_ACT, *REP, "AckRes", "AckSeq", "StatusEnd"),
)
"""The tags of `PhaseSlot.status`, as a PLC would write them: StatusEnd last."""


class SlotMode(Enum):
    """Who may command a slot: the MES, a local operator, or nobody; the value is its bits of the Mode word."""

    AUTOMATIC = MODE_AUTO | MODE_SOURCE_MES
    LOCAL = MODE_LOCAL
    OFF = MODE_OFF


@dataclass(slots=True)
class Execution:
    """What a slot holds of one execution, from start until reset; empty in idle."""

    phase: PhaseClass | None = None
    exec_id: int = 0
    step: int = 0
    fail_code: int = 0
    parameters: tuple[float, ...] = (0.0,) * len(SP_ACT)
    frozen_reports: tuple[float, ...] | None = None

    @property
    def ended(self) -> bool:
        """True once the phase's work is over and its reports stand."""
        return self.frozen_reports is not None


class PhaseSlot:
    """One phase slot of a running PLC.

    `advance` and `take_command` are called once a scan, `tick` once a tick, `status` at scan end. `mode` may be set
    from outside, as the switch on the panel does.
    """

    def __init__(self, slot: Slot, unit: UnitModel, image: TagImage, boot_id: int, memory: PlcMemory) -> None:
        self.slot = slot
        self.state = PhaseState.IDLE
        self.mode = SlotMode.AUTOMATIC
        self._unit = unit
        self._image = image
        self._boot_id = boot_id
        self._plc_memory = memory
        self._memory = memory.slots.setdefault(slot.name, SlotMemory())
        self._state_changes = 0
        self._shown = True
        self._rested = False
        self._ack = Ack.NONE
        self._evaluated: int | None = None
        self._interlocks = self._interlock_word()
        self._trip = 0
        self._execution = Execution()
        self._status_tags = tuple(f"{slot.name}.{tag}" for tag in STATUS_IN_ORDER)

    @property
    def phase(self) -> PhaseClass | None:
        """The phase class that runs or has just ended; None in idle."""
        return self._execution.phase

    @property
    def exec_id(self) -> int:
        """The execution that runs or has just ended; 0 in idle, and for what a local operator started."""
        return self._execution.exec_id

    @property
    def acts(self) -> bool:
        """Whether a tick changes anything; a slot that does not act does not before the next command."""
        return self.state in ACTING

    @property
    def interlocks(self) -> tuple[str, ...]:
        """Names of the interlocks that hold the slot off now."""
        return tuple(sorted(self._unit.interlocks(self.slot.name)))

    def advance(self) -> None:
        """Leave an acting state that clients have had a scan to see and that has done its work."""
        if not self._shown or self.state not in FOLLOWING:
            return
        if self.state in COMING_TO_REST and not self._rested:
            return
        if self.state in (PhaseState.RESTARTING, PhaseState.RESUMING):
            self._unit.resume(self.slot.name)
        if self.state is PhaseState.RESETTING:
            self._execution = Execution()
        self._enter(FOLLOWING[self.state])

    def take_command(self) -> None:
        """Evaluate the commit word; act only on one that is new and not 0."""
        seq = int(self._image.latched(f"{self.slot.name}.CmdSeq"))
        if self._evaluated is None:
            self._evaluated, self._ack = seq, Ack.POWER_UP
        elif seq not in (0, self._evaluated):
            block = read_block(self.slot.name, self._image.latched)
            self._ack = judge(block, self._situation(block, SlotMode.AUTOMATIC))
            if self._ack not in (Ack.WRONG_BOOT, Ack.OLD_EPOCH) and epoch_holds(block, self._plc_memory.epoch):
                self._plc_memory.epoch = block.epoch
            if self._ack is Ack.ACCEPTED:
                self._obey(PhaseCommand(block.command), block)
            self._evaluated = seq

    def operate(self, block: CommandBlock) -> Ack:
        """Do at once what the local operator asks for at the panel; only `command`, phase and parameters count.

        What is started here is execution 0: none of the MES's.
        """
        block = replace(block, exec_id=self._execution.exec_id if block.command != PhaseCommand.START else 0)
        ack = judge_local(block, self._situation(block, SlotMode.LOCAL))
        if ack is Ack.ACCEPTED:
            self._obey(PhaseCommand(block.command), block)
        return ack

    def lose_power(self) -> None:
        """Leave the unit safe, as its drives and heaters do when nothing holds them on; this slot is then over."""
        if self._execution.phase is not None and not self._execution.ended:
            self._unit.end(self.slot.name)

    def lose_comm(self) -> None:
        """Do what the slot does while the MES is silent; nothing where its state does not allow that.

        A local operator does not need the MES: in local nothing happens.
        """
        command = COMM_LOSS_COMMAND.get(self.slot.comm_loss)
        if self.mode is SlotMode.AUTOMATIC and command is not None and command in COMMANDED[self.state]:
            self._enter(COMMANDED[self.state][command])

    def tick(self) -> None:
        """Run the phase for one tick; the unit's physics has already had its tick."""
        if self.state in TRIPPED_BY_INTERLOCK:
            self._interlocks = self._interlock_word()
            if self._interlocks:
                self._trip = self._interlocks
                self._enter(PhaseState.HOLDING)
                return
        if self.state is RUNNING:
            self._run()
        elif self.state in COMING_TO_REST and not self._rested and self._unit.at_rest(self.slot.name):
            self._rested = True
            if self.state in (PhaseState.STOPPING, PhaseState.ABORTING):
                self._end()

    def status(self, quality_good: bool) -> dict[str, float]:
        """Give the status block to publish, in the order in which a PLC would write it: StatusEnd last."""
        execution = self._execution
        self._interlocks = self._interlock_word()
        interlocked = self._interlocks != 0
        shown_interlocks = self._interlocks | (self._trip if self.state in STATES_THAT_SHOW_THE_TRIP else 0)
        self._shown = True
        words: tuple[float, ...] = (
            self.state,
            self._state_changes,
            enabled(self.state, interlocked=interlocked, mes_is_source=self.mode is SlotMode.AUTOMATIC),
            self.mode.value | (MODE_INTERLOCKED if interlocked else 0),
            shown_interlocks,
            execution.step,
            execution.fail_code,
            QUALITY_GOOD if quality_good else QUALITY_BAD,
            execution.phase.number if execution.phase is not None else 0,
            execution.exec_id,
            self._memory.last_exec,
            *execution.parameters,
            *self._report_values(),
            self._ack,
            self._evaluated or 0,
            self._state_changes,
        )
        return dict(zip(self._status_tags, words, strict=True))

    def _situation(self, block: CommandBlock, sender: SlotMode) -> Situation:
        running = self._execution.phase
        return Situation(
            boot_id=self._boot_id,
            epoch=self._plc_memory.epoch,
            state=self.state,
            act_exec=self._execution.exec_id,
            last_exec=self._memory.last_exec,
            interlocked=self._interlocks != 0,
            is_source=self.mode is sender,
            phase=running if running is not None else self.slot.phases.get(block.phase_number),
            check=lambda phase, sp: self._unit.check(self.slot.name, phase.name, sp),
        )

    def _obey(self, command: PhaseCommand, block: CommandBlock) -> None:
        if command in (PhaseCommand.START, PhaseCommand.UPDATE):
            self._take_parameters(command, block)
        if command is PhaseCommand.RESTART:
            self._execution.fail_code = 0
        following = COMMANDED[self.state][command]
        if following is not self.state:
            self._enter(following)

    def _take_parameters(self, command: PhaseCommand, block: CommandBlock) -> None:
        execution = self._execution
        phase = execution.phase if execution.phase is not None else self.slot.phases[block.phase_number]
        used = block.parameters[: len(phase.parameters)]
        execution.parameters = used + (0.0,) * (len(SP_ACT) - len(used))
        parameters = named_parameters(phase, block.parameters)
        if command is PhaseCommand.UPDATE:
            self._unit.update(self.slot.name, parameters)
            return
        execution.phase = phase
        execution.exec_id = block.exec_id
        if block.exec_id:
            self._memory.last_exec = block.exec_id
        self._memory.starts += 1
        self._unit.start(self.slot.name, phase.name, parameters, self._memory.starts)

    def _run(self) -> None:
        progress = self._unit.run(self.slot.name)
        self._execution.step = progress.step
        if progress.fail_code:
            self._execution.fail_code = max(self._execution.fail_code, progress.fail_code)
            self._enter(PhaseState.HOLDING)
        elif progress.done:
            self._end()
            self._enter(PhaseState.COMPLETING)

    def _enter(self, state: PhaseState) -> None:
        self.state = state
        self._state_changes = (self._state_changes + 1) & 0xFFFF
        self._shown = False
        self._rested = self._execution.ended
        if state not in STATES_THAT_SHOW_THE_TRIP:
            self._trip = 0

    def _end(self) -> None:
        self._execution.frozen_reports = self._live_reports()
        self._unit.end(self.slot.name)

    def _report_values(self) -> tuple[float, ...]:
        frozen = self._execution.frozen_reports
        return frozen if frozen is not None else self._live_reports()

    def _live_reports(self) -> tuple[float, ...]:
        phase = self._execution.phase
        if phase is None:
            return (0.0,) * len(REP)
        values = self._unit.reports(self.slot.name)
        wanted = [report.name for report in phase.reports]
        missing = [name for name in wanted if not math.isfinite(values.get(name, math.nan))]
        if missing:
            raise ValueError(
                f"unit {self._unit.name} gives no finite report {', '.join(missing)} for phase {phase.name}"
                f" of slot {self.slot.name}; it gives {', '.join(values) or 'none'}"
            )
        return tuple(values[name] for name in wanted) + (0.0,) * (len(REP) - len(wanted))

    def _interlock_word(self) -> int:
        word = 0
        for name in self._unit.interlocks(self.slot.name):
            if name not in self.slot.interlocks:
                raise ValueError(
                    f"unit {self._unit.name} shows interlock {name}, which slot {self.slot.name} does not declare;"
                    f" declared: {', '.join(self.slot.interlocks) or 'none'}"
                )
            word |= 1 << self.slot.interlocks[name]
        return word
