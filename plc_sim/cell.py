"""Several PLCs on one plant: one process time, one material, one site, and the faults that strike them."""

from __future__ import annotations

from collections.abc import Iterable

from plc_sim.faults.board import Fault, FaultBoard
from plc_sim.faults.order import FaultOrder
from plc_sim.pace import Pace
from plc_sim.plant import TICK_S
from plc_sim.scan import SimulatedPlc, run_ticks


class Cell:
    """The PLCs of one process, scanned together at the pace of the fastest of them.

    In every tick the physics of all units of all PLCs runs first, then their phases; faults begin and end between
    ticks.
    `speed` is process time by wall time; raises ValueError when it is not above 0.
    """

    def __init__(self, plcs: Iterable[SimulatedPlc], speed: float = 1.0) -> None:
        self.plcs = {plc.tag_map.name: plc for plc in plcs}
        self.pace = Pace(speed)
        self.ticks = 0
        self._board = FaultBoard(self.plcs)

    @property
    def period_s(self) -> float:
        """Wall time between two scans, s."""
        return min(plc.tag_map.scan_s for plc in self.plcs.values())

    @property
    def process_time_s(self) -> float:
        """Process time since the start, s."""
        return self.ticks * TICK_S

    @property
    def faults(self) -> tuple[Fault, ...]:
        """The faults that wait and those that are there."""
        return tuple(self._board.faults)

    def scan(self, wall_dt_s: float) -> None:
        """Do one scan of every PLC, `wall_dt_s` wall seconds after the one before."""
        self.advance(self.pace.ticks(wall_dt_s), wall_dt_s)

    def advance(self, ticks: int, wall_dt_s: float = 0.0) -> None:
        """Do one scan of every PLC that runs the plant for `ticks`, whatever the wall clock says."""
        for plc in self.plcs.values():
            plc.take_inputs(wall_dt_s)
        self._run(ticks)
        for plc in self.plcs.values():
            plc.publish()

    def add_fault(self, order: FaultOrder) -> Fault:
        """Take a fault in, which begins now or at its process time; raises ValueError with the reason."""
        fault = self._board.add(order, self.ticks)
        self._board.due(self.ticks)
        return fault

    def clear_fault(self, number: int) -> Fault:
        """End a fault at once, or forget one that waits; raises LookupError."""
        return self._board.clear(number)

    def _run(self, count: int) -> None:
        plcs = tuple(self.plcs.values())
        units = [unit for plc in plcs for unit in plc.units.values()]
        self._board.due(self.ticks)
        while count:
            stretch = min(count, self._board.next_tick - self.ticks)
            # Slots anew for every stretch: a fault may have restarted a PLC.
            slots = [slot for plc in plcs if plc.powered for slot in plc.slots.values() if slot.acts]
            run_ticks(units, slots, stretch)
            count -= stretch
            self.ticks += stretch
            for plc in plcs:
                plc.ticks = self.ticks
            self._board.due(self.ticks)
