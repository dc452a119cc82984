"""A small PLC program for the fake: the PLC side of MES-Phase v1, with a table of its own and no plant under it."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Mapping, Sequence

from mes.model.equipment import EquipmentPhase, TagSpec
from mes.plc.codec import single
from mes.plc.tagmap import PARAMETERS, REPORTS, Slot, TagMap

STOPPED, STARTING, IDLE, PAUSED, RUNNING, STOPPING, ABORTING, ABORTED = 2, 3, 4, 5, 6, 7, 8, 9
HOLDING, HELD, RESTARTING, PAUSING, RESUMING, RESETTING, COMPLETING, COMPLETE = 10, 11, 12, 13, 14, 15, 16, 17
RESET, START, STOP, HOLD, RESTART, PAUSE, RESUME, ABORT, UPDATE = 1, 2, 3, 4, 5, 6, 7, 8, 11

AFTER_ACTING: Mapping[int, int] = {
    STARTING: RUNNING,
    COMPLETING: COMPLETE,
    PAUSING: PAUSED,
    RESUMING: RUNNING,
    HOLDING: HELD,
    RESTARTING: RUNNING,
    STOPPING: STOPPED,
    ABORTING: ABORTED,
    RESETTING: IDLE,
}
_BUSY = (STARTING, RUNNING, PAUSING, PAUSED, RESUMING, RESTARTING)
_UNDER_WAY = (*_BUSY, HOLDING, HELD)
OBEYED: Mapping[int, tuple[tuple[int, ...], int]] = {
    START: ((IDLE,), STARTING),
    RESET: ((COMPLETE, STOPPED, ABORTED), RESETTING),
    HOLD: (_BUSY, HOLDING),
    RESTART: ((HELD,), RESTARTING),
    PAUSE: ((RUNNING,), PAUSING),
    RESUME: ((PAUSED,), RESUMING),
    STOP: (_UNDER_WAY, STOPPING),
    ABORT: ((*_UNDER_WAY, STOPPING), ABORTING),
    UPDATE: ((RUNNING,), RUNNING),
}
"""Command number: the states in which it is allowed, and the state it leads to."""

NEEDS_NO_INTERLOCK = (START, RESTART, RESUME)
COMM_LOSS = {"hold": HOLD, "stop": STOP}
AUTOMATIC_UNDER_MES = 0b1001
GOOD = 0xFF

OnComplete = Callable[[str, EquipmentPhase, Mapping[str, float]], Mapping[str, float]]
"""`(slot, phase, parameters) -> reports`: what a phase reports when it completes, by name."""


def nominal_value(tag: TagSpec) -> float:
    """Give a value at which the plant is well: the middle between the alarm limits, or of the range without any."""
    low = max((tag.limits[name] for name in ("LL", "L") if name in tag.limits), default=tag.low)
    high = min((tag.limits[name] for name in ("HH", "H") if name in tag.limits), default=tag.high)
    return (low + high) / 2


def nominal_reports(slot: str, phase: EquipmentPhase, parameters: Mapping[str, float]) -> Mapping[str, float]:
    """Give the value of the parameter of the same name, else the middle of the report's range."""
    return {report.name: parameters.get(report.name, (report.minimum + report.maximum) / 2) for report in phase.reports}


class FakeProgram:
    """All tags of one PLC and what its program does with them in each scan.

    A phase completes after `running_scans` scans in state running. `on_complete` gives its reports. `tags` may be read
    and set freely: Interlock, Mode and FailCode are taken as they stand, as if a sensor or a switch had set them.
    """

    def __init__(
        self, tag_map: TagMap, *, running_scans: int = 3, boot_id: int = 0, on_complete: OnComplete = nominal_reports
    ) -> None:
        self.running_scans = running_scans
        self.on_complete = on_complete
        self.heart_beats = True
        self.starts: list[tuple[str, int]] = []
        self._map = tag_map
        self.tags: dict[str, float | int] = {
            name: nominal_value(tag_map.unit_tags[name]) if name in tag_map.unit_tags else 0
            for name, tag in tag_map.tags.items()
        }
        self._epoch = 0
        self._silent_scans = 0
        self._watching = False
        self._mes_hb = 0
        self._evaluated: dict[str, int] = {}
        self._left: dict[str, int] = {}
        self.restart(boot_id=boot_id)

    def read(self, tag: str) -> float | int:
        """Give the value of a tag."""
        return self.tags[tag]

    def write(self, tag: str, value: float | int) -> None:
        """Set the value of a tag."""
        self.tags[tag] = value

    def restart(self, *, boot_id: int = 0) -> None:
        """Start the PLC anew: a new BootId, every slot idle; LastExec, the epoch and what the MES wrote are kept."""
        before = int(self.tags[self._map.header("BootId")])
        while not boot_id or boot_id == before:
            boot_id = 1 + secrets.randbelow(0xFFFF)
        self._header(IfVersion=self._map.interface, ProgramId=self._map.program_id, BootId=boot_id)
        self._evaluated.clear()
        for slot in self._map.slots.values():
            self._set(slot, State=IDLE, StateChg=0, StatusEnd=0, Mode=AUTOMATIC_UNDER_MES, Interlock=0, Wqc=GOOD)
            self._clear(slot)
            self._set(slot, AckSeq=0, AckRes=9, CmdEn=self._enabled(slot))

    def scan(self) -> None:
        """Do one scan."""
        self._listen()
        for slot in self._map.slots.values():
            self._advance(slot)
            self._take_command(slot)
            self._set(slot, CmdEn=self._enabled(slot))
            self._set(slot, StatusEnd=int(self._tag(slot, "StateChg")))
        if self.heart_beats:
            self._header(PlcHb=(int(self.tags[self._map.header("PlcHb")]) + 1) & 0xFFFF)

    def _listen(self) -> None:
        mes_hb = int(self.tags[self._map.header("MesHb")])
        limit_scans = int(self.tags[self._map.header("MesTmo")]) * 1000 / self._map.scan_ms
        switched_on = limit_scans > 0 and not self._watching
        self._silent_scans = 0 if mes_hb != self._mes_hb or switched_on else self._silent_scans + 1
        self._mes_hb, self._watching = mes_hb, limit_scans > 0
        lost = 0 < limit_scans <= self._silent_scans
        self._header(MesHbEcho=mes_hb, CommOk=int(mes_hb != 0 and not lost))
        if lost:
            for slot in self._map.slots.values():
                command = COMM_LOSS.get(slot.comm_loss)
                if command and self._tag(slot, "State") in OBEYED[command][0]:
                    self._enter(slot, OBEYED[command][1])

    def _advance(self, slot: Slot) -> None:
        state = int(self._tag(slot, "State"))
        if self._tag(slot, "Interlock") and state in _BUSY:
            self._enter(slot, HOLDING)
        elif state in AFTER_ACTING:
            if state == RESETTING:
                self._clear(slot)
            self._enter(slot, AFTER_ACTING[state])
        elif state == RUNNING:
            self._left[slot.name] -= 1
            if self._left[slot.name] <= 0:
                self._report(slot)
                self._enter(slot, COMPLETING)

    def _take_command(self, slot: Slot) -> None:
        seq = int(self._tag(slot, "CmdSeq"))
        if slot.name not in self._evaluated:
            self._evaluated[slot.name] = seq
            self._set(slot, AckRes=9, AckSeq=seq)
        elif seq not in (0, self._evaluated[slot.name]):
            self._evaluated[slot.name] = seq
            result = self._judge(slot)
            if result == 1:
                self._obey(slot, int(self._tag(slot, "Cmd")))
            self._set(slot, AckRes=result, AckSeq=seq)

    def _judge(self, slot: Slot) -> int:
        command, exec_id = int(self._tag(slot, "Cmd")), int(self._tag(slot, "ExecId"))
        state, epoch = int(self._tag(slot, "State")), int(self._tag(slot, "CmdEpoch"))
        if self._tag(slot, "CmdBootId") != self.tags[self._map.header("BootId")]:
            return 3
        if epoch < self._epoch or epoch & 0xFFFF != self._tag(slot, "CmdEpochLo"):
            return 4
        self._epoch = epoch
        if command == START:
            if exec_id == 0:
                return 5
            if exec_id == self._tag(slot, "ActExec") and state != IDLE:
                return 2
            if exec_id == self._tag(slot, "LastExec"):
                return 6
        if command not in OBEYED or state not in OBEYED[command][0]:
            return 7
        interlocked = self._tag(slot, "Interlock") and command in NEEDS_NO_INTERLOCK
        if interlocked or int(self._tag(slot, "Mode")) & AUTOMATIC_UNDER_MES != AUTOMATIC_UNDER_MES:
            return 8
        if command == UPDATE and exec_id != self._tag(slot, "ActExec"):
            return 5
        if command in (START, UPDATE) and not self._parameters_fit(slot, command):
            return 5
        return 1

    def _parameters_fit(self, slot: Slot, command: int) -> bool:
        number = self._tag(slot, "ProcReq" if command == START else "ProcAct")
        phase = slot.phases.get(int(number))
        if phase is None:
            return False
        for place, spec in enumerate(phase.parameters, 1):
            value = self._tag(slot, f"Sp{place}")
            if not math.isfinite(value) or not single(spec.minimum) <= value <= single(spec.maximum):
                return False
        return True

    def _obey(self, slot: Slot, command: int) -> None:
        if command in (START, UPDATE):
            number = int(self._tag(slot, "ProcReq" if command == START else "ProcAct"))
            taken = len(slot.phases[number].parameters)
            self._latch(slot, [self._tag(slot, f"Sp{n}") for n in range(1, taken + 1)])
        if command == START:
            exec_id = int(self._tag(slot, "ExecId"))
            self.starts.append((slot.name, exec_id))
            self._left[slot.name] = self.running_scans
            first = min((n for phase, n in slot.steps if phase == number), default=0)
            self._set(slot, ProcAct=number, ActExec=exec_id, LastExec=exec_id, Step=first)
        if command == RESTART:
            self._set(slot, FailCode=0)
        if OBEYED[command][1] != self._tag(slot, "State"):
            self._enter(slot, OBEYED[command][1])

    def _report(self, slot: Slot) -> None:
        phase = slot.phases[int(self._tag(slot, "ProcAct"))]
        names = [spec.name for spec in phase.parameters]
        parameters = {name: float(self._tag(slot, f"SpAct{place}")) for place, name in enumerate(names, 1)}
        reports = self.on_complete(slot.name, phase, parameters)
        self._set(slot, **{f"Rep{place}": reports[spec.name] for place, spec in enumerate(phase.reports, 1)})

    def _enabled(self, slot: Slot) -> int:
        state = int(self._tag(slot, "State"))
        word = 0
        for command, (states, _) in OBEYED.items():
            blocked = self._tag(slot, "Interlock") and command in NEEDS_NO_INTERLOCK
            if state in states and not blocked:
                word |= 1 << command
        return word

    def _enter(self, slot: Slot, state: int) -> None:
        self._set(slot, State=state, StateChg=(int(self._tag(slot, "StateChg")) + 1) & 0xFFFF)

    def _clear(self, slot: Slot) -> None:
        self._set(slot, ActExec=0, ProcAct=0, Step=0, FailCode=0)
        self._set(slot, **{f"Rep{n}": 0.0 for n in range(1, REPORTS + 1)})
        self._latch(slot, [])

    def _latch(self, slot: Slot, values: Sequence[float | int]) -> None:
        """Show the parameters in force; those that the phase does not have are 0."""
        padded = [*values, *(0.0 for _ in range(PARAMETERS - len(values)))]
        self._set(slot, **{f"SpAct{n}": value for n, value in enumerate(padded, 1)})

    def _tag(self, slot: Slot, field: str) -> float | int:
        return self.tags[slot.tag(field)]

    def _set(self, slot: Slot, **values: float | int) -> None:
        self.tags.update({slot.tag(field): value for field, value in values.items()})

    def _header(self, **values: int) -> None:
        self.tags.update({self._map.header(field): value for field, value in values.items()})
