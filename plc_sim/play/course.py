"""The course of one phase: started, waited for, restarted when it held itself, cleared away at its end."""

from __future__ import annotations

from enum import Enum, auto

from plc_sim.judge import Ack
from plc_sim.play.desk import Desk
from plc_sim.play.digest import Digest
from plc_sim.play.script import Start
from plc_sim.states import PhaseCommand, PhaseState

RETRY_S = 600.0
"""A phase that holds by itself is restarted after this process time of being held."""
RETRIES = 3
"""So often a restart is tried; then the phase is aborted."""

ENDED = frozenset({PhaseState.COMPLETE, PhaseState.STOPPED, PhaseState.ABORTED})
AGAIN = frozenset({Ack.POWER_UP, Ack.WRONG_BOOT, Ack.INTERLOCK_OR_MODE, Ack.NOT_IN_THIS_STATE})
"""Answers to a start that may be another one at the next try."""


class _Stage(Enum):
    WAITS = auto()
    ASKED = auto()
    RUNS = auto()
    CLEARS = auto()


class Course:
    """One execution of a phase, looked at once after every scan; `mishap` says what went wrong, empty while nothing."""

    def __init__(self, desk: Desk, start: Start, exec_id: int, digest: Digest) -> None:
        self.mishap = ""
        self._desk = desk
        self._start = start
        self._exec_id = exec_id
        self._digest = digest
        self._stage = _Stage.WAITS
        self._held_since_s: float | None = None
        self._tries = 0
        self._why = ""

    def look(self, now_s: float) -> bool:
        """Do what is next; true once the course is over and the slot idle again, or the phase is lost."""
        if self._desk.busy:
            return False
        if self._stage is _Stage.WAITS:
            self._ask()
        elif self._stage is _Stage.ASKED:
            return self._asked()
        elif self._stage is _Stage.RUNS:
            return self._runs(now_s)
        else:
            return self._cleared()
        return False

    def _ask(self) -> None:
        if self._desk.allows(PhaseCommand.START):
            start = self._start
            self._desk.send(
                PhaseCommand.START, exec_id=self._exec_id, phase_number=start.phase.number, values=start.values
            )
            self._stage = _Stage.ASKED

    def _asked(self) -> bool:
        answer = self._desk.answer
        if answer is Ack.ACCEPTED:
            self._desk.held_by_order = False
            self._stage = _Stage.RUNS
        elif answer in AGAIN:
            self._stage = _Stage.WAITS
        else:
            self.mishap = f"the start is refused: {_words(answer)}"
        return bool(self.mishap)

    def _runs(self, now_s: float) -> bool:
        desk = self._desk
        if desk.exec_id != self._exec_id:
            self.mishap = "the PLC has lost it"
            return True
        state = desk.state
        if state in ENDED:
            self._digest.take(now_s, desk.slot.name, self._exec_id, state.name, desk.report_bits())
            if state is not PhaseState.COMPLETE:
                self.mishap = _words(state) + (f" after {self._why}" if self._why else "")
            self._stage = _Stage.CLEARS
            return self._cleared()
        if state is PhaseState.HELD and not desk.held_by_order:
            self._held(now_s)
        else:
            self._held_since_s = None
        return False

    def _held(self, now_s: float) -> None:
        desk = self._desk
        self._why = desk.why_held()
        if self._held_since_s is None:
            self._held_since_s = now_s
        if now_s - self._held_since_s < RETRY_S:
            return
        self._held_since_s = now_s
        self._tries += 1
        if self._tries > RETRIES and desk.allows(PhaseCommand.ABORT):
            desk.send(PhaseCommand.ABORT)
        elif desk.allows(PhaseCommand.RESTART):
            desk.send(PhaseCommand.RESTART)

    def _cleared(self) -> bool:
        if self._desk.state is PhaseState.IDLE:
            return True
        if self._desk.allows(PhaseCommand.RESET):
            self._desk.send(PhaseCommand.RESET)
        return False


def _words(name: Enum) -> str:
    return name.name.lower().replace("_", " ")
