"""What all lines of a play share: the slots, the containers, and the record of what has happened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from plc_sim.cell import Cell
from plc_sim.control.material import MaterialDoor
from plc_sim.play.desk import Desk
from plc_sim.play.digest import Digest


@dataclass(slots=True)
class Floor:
    """Slots by name, the people who carry material, containers that are there and that never will be, and the record.

    `completed` counts phases that came to their end, `mishaps` has one line for everything that did not go its way.
    """

    desks: dict[str, Desk]
    material: MaterialDoor | None
    digest: Digest = field(default_factory=Digest)
    there: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)
    completed: int = 0
    mishaps: list[str] = field(default_factory=list)
    exec_id: int = 0

    def next_exec_id(self) -> int:
        """Give the number of the next execution."""
        self.exec_id += 1
        return self.exec_id

    def note(self, now_s: float, where: str, why: str) -> None:
        """Note what did not go its way, at a process time."""
        self.mishaps.append(f"{now_s:g} s, {where}: {why}")


def new_floor(cell: Cell, material: MaterialDoor | None, slots: Iterable[str]) -> Floor:
    """Give the floor of a cell for a play that uses these slots; its commands are newer than any the PLCs have seen."""
    epoch = 1 + max(plc.memory.epoch for plc in cell.plcs.values())
    wanted = set(slots)
    desks = {
        name: Desk(plc, slot.slot, epoch)
        for plc in cell.plcs.values()
        for name, slot in plc.slots.items()
        if name in wanted
    }
    floor = Floor(desks=desks, material=material)
    floor.exec_id = max((desk.last_exec for desk in desks.values()), default=0)
    return floor
