"""One line of a play: its steps one after the other, round by round."""

from __future__ import annotations

from plc_sim.play.course import Course
from plc_sim.play.floor import Floor
from plc_sim.play.script import Bring, Line, Receive, Start, Step, Take, Wait, labels_made


class LinePlayer:
    """Plays one line. A step that does not go its way ends the round, as a batch ends, and the next round begins."""

    def __init__(self, line: Line, floor: Floor) -> None:
        self._line = line
        self._floor = floor
        self._round = 1
        self._index = 0
        self._steps = line.round(1)
        self._course: Course | None = None
        self._until_s: float | None = None
        self._broken = 0

    def look(self, now_s: float) -> None:
        """Go as far as it goes now, at a process time."""
        while self._round <= self._line.rounds:
            mishap = self._do(self._steps[self._index], now_s)
            if mishap is None:
                return
            if mishap:
                self._break_off(mishap, now_s)
            else:
                self._index += 1
                if self._index == len(self._steps):
                    self._begin_round()

    def told(self) -> dict[str, object]:
        """Tell how far the line is: rounds played, those of them that were broken off, and the present step."""
        over = self._round > self._line.rounds
        return {
            "line": self._line.name,
            "rounds": self._round - 1,
            "broken_off": self._broken,
            "now": "over" if over else self._where(),
        }

    def _where(self) -> str:
        return f"round {self._round}, step {self._index + 1}: {_named(self._steps[self._index])}"

    def _begin_round(self) -> None:
        self._round += 1
        self._index = 0
        self._steps = self._line.round(self._round)

    def _break_off(self, mishap: str, now_s: float) -> None:
        self._floor.note(now_s, f"line {self._line.name}, {self._where()}", mishap)
        self._floor.never.update(labels_made(self._steps[self._index :]))
        self._broken += 1
        self._begin_round()

    def _do(self, step: Step, now_s: float) -> str | None:
        """Give None while the step goes on, a mishap, or an empty word when it is done."""
        if isinstance(step, Start):
            return self._run(step, now_s)
        if isinstance(step, Wait):
            return self._wait(step, now_s)
        return self._carry(step)

    def _run(self, step: Start, now_s: float) -> str | None:
        floor = self._floor
        if self._course is None:
            self._course = Course(floor.desks[step.slot], step, floor.next_exec_id(), floor.digest)
        if not self._course.look(now_s):
            return None
        mishap, self._course = self._course.mishap, None
        if not mishap:
            floor.completed += 1
        return mishap

    def _wait(self, step: Wait, now_s: float) -> str | None:
        if self._until_s is None:
            self._until_s = now_s + step.seconds
        if now_s < self._until_s:
            return None
        self._until_s = None
        return ""

    def _carry(self, step: Receive | Bring | Take) -> str | None:
        floor = self._floor
        if floor.material is None:
            return "this plant does not follow its material"
        try:
            if isinstance(step, Receive):
                floor.material.receive(step.lot)
            elif isinstance(step, Take):
                floor.material.take(step.unit, step.label)
            elif step.label in floor.there:
                floor.material.bring(step.label, step.unit)
            else:
                return f"there will be no container {step.label}" if step.label in floor.never else None
        except (LookupError, ValueError) as error:
            return str(error)
        floor.there.update(labels_made((step,)))
        return ""


def _named(step: Step) -> str:
    if isinstance(step, Start):
        return f"{step.phase.name} on {step.slot}"
    if isinstance(step, Wait):
        return f"wait {step.seconds:g} s"
    if isinstance(step, Receive):
        return f"receive {step.lot['lot']}"
    return f"bring {step.label} to {step.unit}" if isinstance(step, Bring) else f"take {step.label} from {step.unit}"
