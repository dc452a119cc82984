"""The PLC program and the plant under it: one scan latches inputs, runs the process, and publishes outputs."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping

from plc_sim.alarms import AlarmWords
from plc_sim.faults.signals import SignalFaults
from plc_sim.header import Header
from plc_sim.image import TagImage
from plc_sim.link import LinkConditions
from plc_sim.memory import PlcMemory
from plc_sim.pace import Pace
from plc_sim.phase_logic import PhaseSlot
from plc_sim.plant import TICK_S, UnitModel
from plc_sim.tagmap import TagMap, UnitTag

RESTART_SCANS = 2
"""So many scans after a restart the link stays down: long enough for servers, which look after each scan, to notice."""
CATCH_UP_S = 0.5
"""Longest wall time one scan makes good. A machine that stalls for longer loses process time instead of piling up
ticks, and the first scan after a stall does not take the pause of the whole machine for silence of the MES."""


class SimulatedPlc:
    """One PLC with its plant, without any server or clock.

    `speed` is process time by wall time, `seed` is kept for whoever built `units` with it, `boot_id` 0 draws a new one.
    Raises ValueError when the units do not give what the map declares. Faults set `conditions`, `signals` and `header`.
    """

    def __init__(
        self,
        tag_map: TagMap,
        units: Mapping[str, UnitModel],
        speed: float = 1.0,
        seed: int = 0,
        boot_id: int = 0,
        memory: PlcMemory | None = None,
    ) -> None:
        self.tag_map = tag_map
        self.pace = Pace(speed)
        self.seed = seed
        self.boot_id = boot_id or 1 + secrets.randbelow(0xFFFF)
        self.memory = memory if memory is not None else PlcMemory()
        self.image = TagImage(tag_map.wire_tags())
        self.conditions = LinkConditions()
        self.signals = SignalFaults()
        self.ticks = 0
        self.units = _units_of(tag_map, units)
        self._shown_tags = {unit: _tags_of(tag_map, model) for unit, model in self.units.items()}
        self._command_tags = [tag.name for tag in self.image.tags if tag.writable and tag.folder != tag_map.name]
        self._alarms = AlarmWords(tag_map)
        self._alarms_seen = 0
        self.header = Header(tag_map, self.image, self.boot_id)
        self._recall()
        self.slots = self._new_slots()
        self._without_power = 0
        self._cuts = 0
        self._scans_to_link = 0

    @property
    def speed(self) -> float:
        """Process time by wall time."""
        return self.pace.speed

    @property
    def powered(self) -> bool:
        """Whether the program runs."""
        return self._without_power == 0

    def scan(self, wall_dt_s: float) -> None:
        """Do one scan with a plant of its own, `wall_dt_s` wall seconds after the one before."""
        self.take_inputs(wall_dt_s)
        count = self.pace.ticks(wall_dt_s)
        run_ticks(self.units.values(), [slot for slot in self.slots.values() if slot.acts], count)
        self.ticks += count
        self.publish()

    def take_inputs(self, wall_dt_s: float) -> None:
        """Begin a scan: latch what clients wrote, and obey it."""
        if self._scans_to_link:
            self._scans_to_link -= 1
            if not self._scans_to_link:
                self.mend_link()
        if self.powered:
            self._obey(wall_dt_s)

    def _obey(self, wall_dt_s: float) -> None:
        self.image.latch()
        self.header.listen(wall_dt_s)
        for slot in self.slots.values():
            slot.advance()
            slot.take_command()
            if self.header.comm_lost:
                slot.lose_comm()

    def publish(self) -> None:
        """End a scan: show what is now."""
        if not self.powered:
            return
        outputs: dict[str, float] = {}
        good: dict[str, bool] = {}
        signals = self.signals
        for name, unit in self.units.items():
            values = unit.tags()
            good[name] = True
            for tag in self._shown_tags[name]:
                value = values[tag.key]
                if tag.name in signals.tags:
                    value = signals.shown(tag.name, value, self.ticks)
                outputs[tag.name] = value
                if not tag.low <= value <= tag.high:  # NaN fails as well
                    good[name] = False
        outputs.update(self._alarms.words(outputs, (self.ticks - self._alarms_seen) * TICK_S))
        self._alarms_seen = self.ticks
        for slot in self.slots.values():
            outputs.update(slot.status(good[slot.slot.unit]))
        outputs.update(self.header.words())
        self.image.publish(outputs)

    def power_off(self) -> None:
        """Stand still until as many calls of `power_on`: phases are lost, units left safe, the last image stays."""
        if self.powered:
            for slot in self.slots.values():
                slot.lose_power()
        self._without_power += 1

    def power_on(self) -> None:
        """Start anew with the next BootId and the retained values; a command word left over is not obeyed.

        Connections do not outlive it: a client that stayed would not know that its MesTmo is forgotten.
        """
        self._without_power -= 1
        if not self.powered:
            return
        self.boot_id = self.boot_id % 0xFFFF + 1
        self.header.restart(self.boot_id)
        modes = {name: slot.mode for name, slot in self.slots.items()}
        self.slots = self._new_slots()
        for name, slot in self.slots.items():
            slot.mode = modes[name]  # the switch on the panel stays where it is
        # The power-up scan comes before the first client, as at the start of the process.
        self._obey(0.0)
        self.publish()
        if not self._scans_to_link:
            self.cut_link()
        self._scans_to_link = RESTART_SCANS

    def cut_link(self) -> None:
        """Close the link until as many calls of `mend_link`."""
        self._cuts += 1
        self.conditions.down = True

    def mend_link(self) -> None:
        """Open the link again once nobody cuts it any more."""
        self._cuts -= 1
        self.conditions.down = self._cuts > 0

    def remember(self) -> PlcMemory:
        """Give what this PLC keeps over a restart, its command words included."""
        image = self.image
        self.memory.command_bits = {name: image.bits(image.index[name]) for name in self._command_tags}
        return self.memory

    def _new_slots(self) -> dict[str, PhaseSlot]:
        return {
            slot.name: PhaseSlot(slot, self.units[slot.unit], self.image, self.boot_id, self.memory)
            for slot in self.tag_map.slots
        }

    def _recall(self) -> None:
        for name, bits in self.memory.command_bits.items():
            if name in self.image.index:
                self.image.write_bits(self.image.index[name], bits)


def run_ticks(units: Iterable[UnitModel], slots: Iterable[PhaseSlot], count: int) -> None:
    """Run the plant for `count` ticks: in each the physics of all units, then the phases."""
    physics = tuple(unit.tick for unit in units)
    phases = tuple(slot.tick for slot in slots)
    for _ in range(count):
        for tick in physics:
            tick()
        for tick in phases:
            tick()


class ScanLoop:
    """Calls `scan` with the wall time since the last call, every `period_s`, and then `after_scan`."""

    def __init__(
        self, scan: Callable[[float], None], period_s: float, after_scan: Callable[[], Awaitable[None]]
    ) -> None:
        self._scan = scan
        self._period_s = period_s
        self._after_scan = after_scan

    async def run(self) -> None:
        """Scan until cancelled; a scan that comes late is not made good by a burst of scans."""
        loop = asyncio.get_running_loop()
        last_s = due_s = loop.time()
        while True:
            due_s = max(due_s + self._period_s, loop.time())
            await asyncio.sleep(due_s - loop.time())
            now_s = loop.time()
            self._scan(min(now_s - last_s, CATCH_UP_S))
            last_s = now_s
            await self._after_scan()


def _units_of(tag_map: TagMap, units: Mapping[str, UnitModel]) -> dict[str, UnitModel]:
    missing = [name for name in tag_map.units if name not in units]
    if missing:
        raise ValueError(f"{tag_map.name}: no unit model for {', '.join(missing)}; it has {', '.join(units) or 'none'}")
    return {name: units[name] for name in tag_map.units}


def _tags_of(tag_map: TagMap, unit: UnitModel) -> tuple[UnitTag, ...]:
    tags = tuple(tag for tag in tag_map.tags if tag.unit == unit.name and not tag.alarms)
    given = unit.tags()
    missing = [tag.key for tag in tags if tag.key not in given]
    if missing:
        raise ValueError(
            f"{tag_map.name}: unit {unit.name} does not give the tags {', '.join(missing)}; it gives {', '.join(given)}"
        )
    return tags
