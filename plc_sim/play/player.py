"""Plays a play on a cell, between two scans: all lines side by side, and the commands at their times."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from plc_sim.cell import Cell
from plc_sim.control.material import MaterialDoor
from plc_sim.control.panel import Panel
from plc_sim.judge import Ack
from plc_sim.play.desk import Desk
from plc_sim.play.floor import new_floor
from plc_sim.play.line import LinePlayer
from plc_sim.play.script import Command, Play, Reset, Start
from plc_sim.states import PhaseCommand


class Player:
    """Plays a play; `look` is called between two scans, the first time after the power-up scan."""

    def __init__(self, play: Play, cell: Cell, material: MaterialDoor | None) -> None:
        self._cell = cell
        self._panel = Panel(cell)
        self.floor = new_floor(cell, material, _slots(play))
        self._lines = [LinePlayer(line, self.floor) for line in play.lines]
        self._commands = deque(play.commands)
        self._late: list[Command] = []
        self._asked: list[tuple[Desk, Command]] = []

    def look(self) -> None:
        """Read what the last scan has shown, and command what is due in the next one."""
        now_s = self._cell.process_time_s
        self._hear(now_s)
        for line in self._lines:
            line.look(now_s)
        # After the lines: a line that waits for an answer finds it before another command takes its place.
        self._order(now_s)

    def told(self) -> dict[str, object]:
        """Tell what has been played: phases that came to their end, how far the lines are, and every mishap."""
        return {
            "phases_completed": self.floor.completed,
            "lines": [line.told() for line in self._lines],
            "mishaps": self.floor.mishaps,
        }

    def _hear(self, now_s: float) -> None:
        for desk, command in tuple(self._asked):
            if desk.busy:
                continue
            self._asked.remove((desk, command))
            if desk.answer is Ack.ACCEPTED:
                if command.command is not PhaseCommand.UPDATE:
                    desk.held_by_order = command.command is PhaseCommand.HOLD
            else:
                self._refused(now_s, command, f"refused, {desk.answer.name.lower().replace('_', ' ')}")

    def _order(self, now_s: float) -> None:
        due, self._late = self._late, []
        while self._commands and self._commands[0].at_s <= now_s:
            first = self._commands.popleft()
            if isinstance(first, Reset):
                self._reset(now_s, first)
            else:
                due.append(first)
        for command in due:
            desk = self.floor.desks[command.slot]
            if desk.busy:
                self._late.append(command)
            else:
                self._send(now_s, desk, command)

    def _send(self, now_s: float, desk: Desk, command: Command) -> None:
        if command.command is not PhaseCommand.UPDATE:
            desk.send(command.command)
        else:
            phase = desk.phase
            names = [] if phase is None else [one.name for one in phase.parameters]
            missing = [name for name in command.changed if name not in names]
            if missing:
                what = "nothing runs" if phase is None else f"{phase.name} has no {', '.join(missing)}"
                self._refused(now_s, command, what)
                return
            values = desk.parameters()
            for name, value in command.changed.items():
                values[names.index(name)] = value
            desk.send(command.command, exec_id=desk.exec_id, values=values)
        self._asked.append((desk, command))

    def _reset(self, now_s: float, order: Reset) -> None:
        try:
            self._panel.reset(order.unit, order.interlock, key=True)
        except (LookupError, ValueError) as error:
            self.floor.note(now_s, f"reset of {order.interlock} on {order.unit}", str(error))

    def _refused(self, now_s: float, command: Command, why: str) -> None:
        self.floor.note(now_s, f"{command.command.name.lower()} of {command.slot} at {command.at_s:g} s", why)


def _slots(play: Play) -> Iterator[str]:
    for line in play.lines:
        yield from (step.slot for step in line.steps if isinstance(step, Start))
    yield from (one.slot for one in play.commands if isinstance(one, Command))
