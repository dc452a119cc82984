"""A PLC side for the pure step: slots with a state table of their own, and no wire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mes.model.phase import AckResult, PhaseCommand, PhaseStatus
from mes.model.states import ProceduralState

S = ProceduralState

NEXT = {
    "starting": "running",
    "completing": "complete",
    "pausing": "paused",
    "resuming": "running",
    "holding": "held",
    "restarting": "running",
    "stopping": "stopped",
    "aborting": "aborted",
    "resetting": "idle",
}
BUSY = ("starting", "running", "pausing", "paused", "resuming", "restarting")
UNDER_WAY = (*BUSY, "completing", "holding", "held")
OBEYED: Mapping[str, tuple[tuple[str, ...], str]] = {
    "start": (("idle",), "starting"),
    "reset": (("complete", "stopped", "aborted"), "resetting"),
    "hold": (BUSY, "holding"),
    "restart": (("held",), "restarting"),
    "pause": (("running",), "pausing"),
    "resume": (("paused",), "resuming"),
    "stop": (UNDER_WAY, "stopping"),
    "abort": ((*UNDER_WAY, "stopping", "stopped"), "aborting"),
    "update": (("running",), "running"),
}
NOT_INTERLOCKED = ("start", "restart", "resume")
NUMBER = {
    "reset": PhaseCommand.RESET,
    "start": PhaseCommand.START,
    "stop": PhaseCommand.STOP,
    "hold": PhaseCommand.HOLD,
    "restart": PhaseCommand.RESTART,
    "pause": PhaseCommand.PAUSE,
    "resume": PhaseCommand.RESUME,
    "abort": PhaseCommand.ABORT,
    "update": PhaseCommand.UPDATE,
}


@dataclass(slots=True)
class Slot:
    """One phase slot. `left` is how many scans it still runs, `work` how many of them a start gives it."""

    name: str
    work: int = 2
    state: str = "idle"
    active: int = 0
    last: int = 0
    ack_seq: int = 0
    ack_result: int = 9
    interlock: str = ""
    failure: str = ""
    automatic: bool = True
    left: int = 0
    asked: Mapping[str, float] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)

    def scan(self) -> None:
        if self.state in NEXT:
            self.state = NEXT[self.state]
            if self.state == "idle":
                self.active, self.failure = 0, ""
        elif self.state == "running":
            self.left -= 1
            if self.left <= 0:
                self.state = "completing"

    def enabled(self) -> frozenset[PhaseCommand]:
        return frozenset(
            NUMBER[word]
            for word, (states, _) in OBEYED.items()
            if self.automatic and self.state in states and not (self.interlock and word in NOT_INTERLOCKED)
        )

    def take(self, word: str, exec_id: int, seq: int, parameters: Mapping[str, float]) -> AckResult:
        """Evaluate a command as it arrives, do it or refuse it, and answer."""
        result = self._judge(word, exec_id)
        if result is AckResult.ACCEPTED:
            if word == "start":
                self.starts.append(exec_id)
                self.active = self.last = exec_id
                self.left = self.work
            if parameters:
                self.asked = parameters
            if word == "restart":
                self.failure = ""
            self.state = OBEYED[word][1]
        self.ack_seq, self.ack_result = seq, int(result)
        return result

    def _judge(self, word: str, exec_id: int) -> AckResult:
        if word == "start" and exec_id == self.active and self.state != "idle":
            return AckResult.ALREADY_RUNNING
        if word == "start" and exec_id == self.last:
            return AckResult.ALREADY_EXECUTED
        if self.state not in OBEYED[word][0]:
            return AckResult.NOT_ALLOWED
        if not self.automatic or (self.interlock and word in NOT_INTERLOCKED):
            return AckResult.INTERLOCKED
        return AckResult.ACCEPTED

    def fail(self, failure: str) -> None:
        """Hold by itself, as a phase does whose equipment has failed."""
        if self.state in BUSY:
            self.failure, self.state = failure, "holding"

    def panel(self, word: str) -> None:
        """Do what somebody at the panel of the unit wants, past the MES."""
        if self.state in OBEYED[word][0] and word != "start":
            self.state = OBEYED[word][1]

    def lose_power(self) -> None:
        """Come back from a power failure: idle, and no execution is remembered."""
        self.state, self.active, self.last, self.left = "idle", 0, 0, 0
        self.ack_seq, self.ack_result, self.failure = 0, 9, ""

    def status(self) -> PhaseStatus:
        return PhaseStatus(
            state=S(self.state),
            ack_seq=self.ack_seq,
            ack_result=self.ack_result,
            commands_enabled=self.enabled(),
            automatic=self.automatic,
            interlocks=(self.interlock,) if self.interlock else (),
            fail_code=20 if self.failure else 0,
            failure=self.failure,
            active_exec=self.active,
            last_exec=self.last,
        )
