"""PLC programs that break MES-Phase v1, each in one way, as someone under time pressure might have written them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from plc_sim.header import Header
from plc_sim.judge import Ack, CommandBlock, Situation, epoch_holds, judge, read_block
from plc_sim.phase_logic import PhaseSlot, SlotMode
from plc_sim.scan import SimulatedPlc
from plc_sim.states import PhaseCommand, PhaseState

C, S = PhaseCommand, PhaseState


class SpoiltSlot(PhaseSlot):
    """A slot with the judgement and the obeying in steps that a mutant can replace."""

    def take_command(self) -> None:
        seq = int(self._image.latched(f"{self.slot.name}.CmdSeq"))
        if self._evaluated is None:
            self.power_up(seq)
        elif self.is_new(seq):
            block = self.taken(read_block(self.slot.name, self._image.latched))
            situation = self._situation(block, SlotMode.AUTOMATIC)
            self._ack = self.judged(block, situation)
            if self._ack not in (Ack.WRONG_BOOT, Ack.OLD_EPOCH) and epoch_holds(block, self._plc_memory.epoch):
                self.remember_epoch(block)
            if self._ack is Ack.ACCEPTED:
                self.obey(block)
            self._evaluated = seq

    def power_up(self, seq: int) -> None:
        self._evaluated, self._ack = seq, Ack.POWER_UP

    def is_new(self, seq: int) -> bool:
        return seq not in (0, self._evaluated)

    def taken(self, block: CommandBlock) -> CommandBlock:
        return block

    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        return judge(block, situation)

    def remember_epoch(self, block: CommandBlock) -> None:
        self._plc_memory.epoch = block.epoch

    def obey(self, block: CommandBlock) -> None:
        self._obey(PhaseCommand(block.command), block)

    def shown(self, words: dict[str, float]) -> dict[str, float]:
        return words

    def status(self, quality_good: bool) -> dict[str, float]:
        words = {tag.rpartition(".")[2]: value for tag, value in super().status(quality_good).items()}
        return {f"{self.slot.name}.{tag}": value for tag, value in self.shown(words).items()}


class AcknowledgesBeforeActing(SpoiltSlot):
    """Writes AckSeq at once and acts two scans later."""

    _later: CommandBlock | None = None
    _scans = 0

    def obey(self, block: CommandBlock) -> None:
        self._later, self._scans = block, 2

    def take_command(self) -> None:
        super().take_command()
        if self._later is not None and self._scans == 0:
            self._obey(PhaseCommand(self._later.command), self._later)
            self._later = None
        self._scans -= 1


class AcceptsOldEpoch(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        return judge(block, replace(situation, epoch=0))


class IgnoresTheLowEpochWord(SpoiltSlot):
    def taken(self, block: CommandBlock) -> CommandBlock:
        return replace(block, epoch_low=block.epoch & 0xFFFF)


class HasAnEpochForEachSlot(SpoiltSlot):
    _highest = 0

    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        return judge(block, replace(situation, epoch=self._highest))

    def remember_epoch(self, block: CommandBlock) -> None:
        self._highest = max(self._highest, block.epoch)


class RemembersTheEpochOfAcceptedCommandsOnly(SpoiltSlot):
    def remember_epoch(self, block: CommandBlock) -> None:
        if self._ack is Ack.ACCEPTED:
            super().remember_epoch(block)


class LetsAWrongBootRaiseTheEpoch(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        if epoch_holds(block, self._plc_memory.epoch):
            self.remember_epoch(block)
        return judge(block, situation)


class ComparesEpochsAs16Bits(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        low = replace(block, epoch=block.epoch & 0xFFFF)
        if block.epoch & 0xFFFF != block.epoch_low:
            return judge(block, situation)
        return judge(low, replace(situation, epoch=situation.epoch & 0xFFFF))


class IgnoresWrongBoot(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        return judge(block, replace(situation, boot_id=block.boot_id))


class JudgesTheEpochBeforeTheBoot(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        if not epoch_holds(block, situation.epoch):
            return Ack.OLD_EPOCH
        return judge(block, situation)


class ReplaysALeftOverCommand(SpoiltSlot):
    """Takes the commit word found at power-up for a new one."""

    def power_up(self, seq: int) -> None:
        self._evaluated = 0
        if seq:
            self.take_command()


class ReactsToCmdSeq0(SpoiltSlot):
    def is_new(self, seq: int) -> bool:
        return seq != self._evaluated


class ActsOnTheSameWordAgain(SpoiltSlot):
    """Looks for a change of the commands instead of the commit word."""

    _before: CommandBlock | None = None

    def is_new(self, seq: int) -> bool:
        block = read_block(self.slot.name, self._image.latched)
        new = seq != 0 and (
            seq != self._evaluated or (self._before is not None and block.command != self._before.command)
        )
        self._before = block
        return new


class WantsGrowingCommitWords(SpoiltSlot):
    def is_new(self, seq: int) -> bool:
        return seq > (self._evaluated or 0)


class StartsTheSameExecutionAgain(SpoiltSlot):
    """Answers a duplicate start with 2, and begins anew."""

    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        ack = judge(block, situation)
        if ack is Ack.ALREADY_RUNNING:
            self._enter(S.STARTING)
        return ack


class ForgetsLastExec(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        return judge(block, replace(situation, last_exec=0))


class TakesExecId0(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        return judge(replace(block, exec_id=block.exec_id or 1), situation)


class UpdatesAnyExecution(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        if block.command == C.UPDATE:
            block = replace(block, exec_id=situation.act_exec)
        return judge(block, situation)


class AcceptsNan(SpoiltSlot):
    """Writes its limits as `IF x < min OR x > max THEN refuse`."""

    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        phase = situation.phase
        if phase is not None:
            pairs = zip(phase.parameters, block.parameters, strict=False)
            whole = tuple(parameter.min if math.isnan(value) else value for parameter, value in pairs)
            block = replace(block, parameters=whole + block.parameters[len(whole) :])
        return judge(block, situation)


class ClampsParameters(SpoiltSlot):
    def taken(self, block: CommandBlock) -> CommandBlock:
        phase = self.slot.phases.get(block.phase_number)
        if phase is None or any(math.isnan(value) for value in block.parameters):
            return block
        pairs = zip(phase.parameters, block.parameters, strict=False)
        clamped = tuple(min(max(value, parameter.min), parameter.max) for parameter, value in pairs)
        return replace(block, parameters=clamped + block.parameters[len(clamped) :])


class HasExclusiveLimits(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        ack = judge(block, situation)
        phase = situation.phase
        if ack is Ack.ACCEPTED and block.command in (C.START, C.UPDATE) and phase is not None:
            for parameter, value in zip(phase.parameters, block.parameters, strict=False):
                if math.isclose(value, parameter.min, rel_tol=1e-6) or value == parameter.max:
                    return Ack.BAD_EXEC_OR_PARAMETER
        return ack


class JudgesParametersBeforeTheState(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        ack = judge(block, situation)
        if ack is Ack.NOT_IN_THIS_STATE and any(not math.isfinite(value) for value in block.parameters):
            return Ack.BAD_EXEC_OR_PARAMETER
        return ack


class UpdatesWhenHeld(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        if block.command == C.UPDATE and situation.state is S.HELD:
            return judge(block, replace(situation, state=S.RUNNING))
        return judge(block, situation)

    def obey(self, block: CommandBlock) -> None:
        if block.command == C.UPDATE:
            self._take_parameters(C.UPDATE, block)
        else:
            super().obey(block)


class HoldsWhenComplete(SpoiltSlot):
    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        if block.command == C.HOLD and situation.state is S.COMPLETE:
            return Ack.ACCEPTED
        return judge(block, situation)

    def obey(self, block: CommandBlock) -> None:
        if block.command == C.HOLD and self.state is S.COMPLETE:
            self._enter(S.HOLDING)
        else:
            super().obey(block)


class StopsOnAnUnknownCommand(SpoiltSlot):
    def taken(self, block: CommandBlock) -> CommandBlock:
        return block if block.command in set(PhaseCommand) else replace(block, command=int(C.STOP))


class HoldsWhenStopping(SpoiltSlot):
    """Takes hold while it is stopping."""

    def judged(self, block: CommandBlock, situation: Situation) -> Ack:
        if block.command == C.HOLD and situation.state is S.STOPPING:
            return Ack.ACCEPTED
        return judge(block, situation)

    def obey(self, block: CommandBlock) -> None:
        if block.command == C.HOLD and self.state is S.STOPPING:
            self._enter(S.HOLDING)
        else:
            super().obey(block)


class ShowsAskedParametersWrongly(SpoiltSlot):
    """Has its first two SpAct words swapped."""

    def shown(self, words: dict[str, float]) -> dict[str, float]:
        return {**words, "SpAct1": words["SpAct2"], "SpAct2": words["SpAct1"]}


class DoesNotCountSomeChanges(SpoiltSlot):
    def _enter(self, state: PhaseState) -> None:
        super()._enter(state)
        if state in (S.RUNNING, S.HELD, S.PAUSED):
            self._state_changes = (self._state_changes - 1) & 0xFFFF


class WritesStatusEndFirst(SpoiltSlot):
    """Shows StateChg and StatusEnd two scans before the state they vouch for."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self._before: list[dict[str, float]] = []

    def shown(self, words: dict[str, float]) -> dict[str, float]:
        self._before.append(words)
        old = self._before[0]
        if len(self._before) > 2:
            self._before.pop(0)
        return {**old, "StateChg": words["StateChg"], "StatusEnd": words["StatusEnd"]}


class LeavesStatusEnd(SpoiltSlot):
    def shown(self, words: dict[str, float]) -> dict[str, float]:
        return {**words, "StatusEnd": 0}


class WritesAckResLate(SpoiltSlot):
    """Shows AckSeq two scans before AckRes."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self._results: list[float] = []

    def shown(self, words: dict[str, float]) -> dict[str, float]:
        self._results = [*self._results, words["AckRes"]][-3:]
        return {**words, "AckRes": self._results[0]}


class ClearsTheCommitWord(SpoiltSlot):
    def take_command(self) -> None:
        super().take_command()
        if self._evaluated:
            self._image.write(f"{self.slot.name}.CmdSeq", 0)


class LiesInCmdEn(SpoiltSlot):
    """Shows every command as possible, always."""

    def shown(self, words: dict[str, float]) -> dict[str, float]:
        return {**words, "CmdEn": sum(1 << command for command in PhaseCommand)}


class ShowsAnUnnamedInterlock(SpoiltSlot):
    def shown(self, words: dict[str, float]) -> dict[str, float]:
        return {**words, "Interlock": 1 << 9, "Mode": int(words["Mode"]) | 16}


class ShowsAStateOfItsOwn(SpoiltSlot):
    """Has one more state than the contract, on the way to idle."""

    def shown(self, words: dict[str, float]) -> dict[str, float]:
        return {**words, "State": 42} if words["State"] == S.RESETTING else words


class KeepsReportingAfterTheEnd(SpoiltSlot):
    def _report_values(self) -> tuple[float, ...]:
        return self._live_reports()


class KeepsReportsAfterReset(SpoiltSlot):
    _kept: Mapping[str, float] = {}

    def shown(self, words: dict[str, float]) -> dict[str, float]:
        reports = {tag: value for tag, value in words.items() if tag.startswith("Rep") and value}
        self._kept = {**self._kept, **reports}
        return {**words, **self._kept}


class LeavesHeldAtOnce(SpoiltSlot):
    """Goes on by itself after a hold."""

    def advance(self) -> None:
        if self.state is S.HELD and self._shown:
            self._unit.resume(self.slot.name)
            self._enter(S.RESTARTING)
            return
        super().advance()


class HasNoCommLossAction(SpoiltSlot):
    def lose_comm(self) -> None:
        return None


class StopsInsteadOfHolding(SpoiltSlot):
    def lose_comm(self) -> None:
        if self.state is S.RUNNING:
            self._enter(S.STOPPING)


class GoesOnWhenTheMesIsBack(SpoiltSlot):
    _lost = False

    def lose_comm(self) -> None:
        super().lose_comm()
        self._lost = True

    def advance(self) -> None:
        super().advance()
        alive = self._image.value(f"{self.plc_name}.CommOk")
        if self._lost and alive and self.state is S.HELD:
            self._lost = False
            self._unit.resume(self.slot.name)
            self._enter(S.RESTARTING)

    plc_name = "OV"


class SpoiltHeader(Header):
    """A header whose watch over the MES a mutant can replace."""


class ActsWithoutATimeOut(SpoiltHeader):
    """Takes MesTmo = 0 for one second."""

    @property
    def comm_lost(self) -> bool:
        return self._silent_s >= (self._timeout_s or 1)


class ActsTooSoon(SpoiltHeader):
    @property
    def comm_lost(self) -> bool:
        return self._timeout_s > 0 and self._silent_s >= 0.6 * self._timeout_s


class CountsSilenceWhileSwitchedOff(SpoiltHeader):
    def listen(self, wall_dt_s: float) -> None:
        silent_s = self._silent_s + wall_dt_s
        before = self._mes_hb
        super().listen(wall_dt_s)
        if self._mes_hb == before:
            self._silent_s = silent_s


class ShowsTheMesAliveForEver(SpoiltHeader):
    def words(self) -> dict[str, float]:
        return {**super().words(), f"{self._name}.CommOk": 1}


class EchoesNothing(SpoiltHeader):
    def words(self) -> dict[str, float]:
        return {**super().words(), f"{self._name}.MesHbEcho": 0}


class BeatsSlowly(SpoiltHeader):
    """Moves PlcHb once in 30 scans."""

    _scans = 0

    def words(self) -> dict[str, float]:
        self._scans += 1
        return {**super().words(), f"{self._name}.PlcHb": self._scans // 30}


class RunsAnotherProgram(SpoiltHeader):
    def words(self) -> dict[str, float]:
        return {**super().words(), f"{self._name}.ProgramId": 7}


def with_slots(spoilt: type[PhaseSlot]) -> Callable[[SimulatedPlc], None]:
    """Give what puts this program into every slot of a PLC that has just started."""

    def spoil(plc: SimulatedPlc) -> None:
        plc.slots = {
            name: spoilt(slot.slot, plc.units[slot.slot.unit], plc.image, plc.boot_id, plc.memory)
            for name, slot in plc.slots.items()
        }
        if plc.ticks:  # it is being restarted, and its power-up scan was done by the right program
            plc.take_inputs(0.0)
            plc.publish()

    return spoil


def with_header(spoilt: type[SpoiltHeader]) -> Callable[[SimulatedPlc], None]:
    """Give what puts this watch over the MES into a PLC that has just started."""

    def spoil(plc: SimulatedPlc) -> None:
        plc.header = spoilt(plc.tag_map, plc.image, plc.boot_id)

    return spoil


def forgets_last_exec_at_power_up(plc: SimulatedPlc) -> None:
    """Keep LastExec in memory that is not retained."""
    for memory in plc.memory.slots.values():
        memory.last_exec = 0
    plc.publish()


def keeps_its_boot_id(plc: SimulatedPlc) -> None:
    """Show the same BootId after every start."""
    plc.boot_id = 4711
    plc.header = Header(plc.tag_map, plc.image, plc.boot_id)
    with_slots(PhaseSlot)(plc)


def takes_hold_while_stopping(plc: SimulatedPlc) -> None:
    """Hold while stopping, which here takes long enough for a command to meet it."""
    for unit in plc.units.values():
        unit.ticks_to_rest = 20  # type: ignore[attr-defined]
    with_slots(HoldsWhenStopping)(plc)
