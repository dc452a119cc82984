"""The faults of a running plant: which wait for their time, which are there, and what ends them."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from plc_sim.faults.catalogue import nearest
from plc_sim.faults.kinds import End, Seat, Target
from plc_sim.faults.order import FaultOrder
from plc_sim.plant import TICK_S
from plc_sim.scan import SimulatedPlc

NEVER = sys.maxsize


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault at its place; it is there from `start` until `end`, in ticks, once `ends` is what ends it."""

    number: int
    order: FaultOrder
    seat: Seat
    start: int
    end: int
    ends: End | None = None

    @property
    def title(self) -> str:
        """Name and target."""
        return f"{self.order.kind.name} {self.order.target}"

    def overlaps(self, other: Fault) -> bool:
        """Say whether both are the same fault at the same place at the same time."""
        return self.title == other.title and self.start < other.end and other.start < self.end


class FaultBoard:
    """Begins and ends faults at their ticks; `next_tick` is the next one at which it has something to do."""

    def __init__(self, plcs: Mapping[str, SimulatedPlc]) -> None:
        self._plcs = plcs
        self._faults: dict[int, Fault] = {}
        self._last_number = 0
        self.next_tick = NEVER

    @property
    def faults(self) -> Sequence[Fault]:
        """Those that wait and those that are there, in the order in which they were asked for."""
        return tuple(self._faults.values())

    def add(self, order: FaultOrder, tick: int) -> Fault:
        """Take a fault in at process time `tick`; raises ValueError when it cannot be, with the nearest right thing."""
        seat = self._seat(order)
        order.kind.refuses(seat)
        start = tick if order.at_s is None else math.ceil(order.at_s / TICK_S)
        if start < tick:
            raise ValueError(f"{order.kind.name}: at = {order.at_s:g} s is over; process time is {tick * TICK_S:g} s")
        end = NEVER if order.for_s is None else start + max(1, math.ceil(order.for_s / TICK_S))
        if order.kind.momentary:
            end = start
        fault = Fault(number=self._last_number + 1, order=order, seat=seat, start=start, end=end)
        for other in self._faults.values():
            if fault.overlaps(other):
                until = "it is cleared" if other.end == NEVER else f"{other.end * TICK_S:g} s"
                raise ValueError(f"{fault.title} is there already: fault {other.number}, until {until}")
        self._last_number = fault.number
        self._faults[fault.number] = fault
        self._look_ahead()
        return fault

    def due(self, tick: int) -> None:
        """Begin and end what is due at this tick; what ends, ends first."""
        if tick < self.next_tick:
            return
        for fault in tuple(self._faults.values()):
            if fault.end <= tick and fault.ends is not None:
                self.clear(fault.number)
        for fault in tuple(self._faults.values()):
            if fault.ends is None and fault.start <= tick:
                fault.ends = fault.order.kind.act(fault.seat, fault.order.values)
                if fault.order.kind.momentary:
                    self.clear(fault.number)
        self._look_ahead()

    def clear(self, number: int) -> Fault:
        """End a fault now, or forget one that waits; raises LookupError for a number that is not there."""
        fault = self._faults.pop(number, None)
        if fault is None:
            raise LookupError(f"there is no fault {number}; there are {', '.join(map(str, self._faults)) or 'none'}")
        if fault.ends is not None:
            fault.ends()
            fault.ends = None
        self._look_ahead()
        return fault

    def _look_ahead(self) -> None:
        waiting = [fault.start if fault.ends is None else fault.end for fault in self._faults.values()]
        self.next_tick = min(waiting, default=NEVER)

    def _seat(self, order: FaultOrder) -> Seat:
        found = [plc for plc in self._plcs.values() if order.target in _targets(order.kind.target, plc)]
        if not found:
            known = {name for plc in self._plcs.values() for name in _targets(order.kind.target, plc)}
            asked = f"{order.kind.name}: no {order.kind.target.word} named {order.target!r} is served"
            raise ValueError(asked + nearest(order.target, known))
        if len(found) > 1:
            names = ", ".join(plc.tag_map.name for plc in found)
            raise ValueError(f"{order.kind.name}: {order.target} is on several PLCs ({names}); serve them apart")
        return Seat(plc=found[0], name=order.target)


def _targets(target: Target, plc: SimulatedPlc) -> Iterable[str]:
    if target is Target.PLC:
        return (plc.tag_map.name,)
    if target is Target.TAG:
        return tuple(tag.name for tag in plc.tag_map.tags if not tag.alarms)
    if target is Target.SLOT:
        return plc.slots
    return plc.units
