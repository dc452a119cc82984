"""The PLC program and the plant under it: one scan latches inputs, runs the process, and publishes outputs."""

from __future__ import annotations

import asyncio
import math
import secrets
from collections.abc import Awaitable, Callable, Mapping

from plc_sim.header import Header
from plc_sim.image import TagImage
from plc_sim.memory import PlcMemory
from plc_sim.phase_logic import PhaseSlot
from plc_sim.plant import TICK_S, UnitModel
from plc_sim.tagmap import TagMap, UnitTag

CATCH_UP_S = 0.5
"""Longest wall time one scan makes good. A machine that stalls for longer loses process time instead of piling up
ticks, and the first scan after a stall does not take the pause of the whole machine for silence of the MES."""


class SimulatedPlc:
    """One PLC with its plant, without any server or clock.

    `speed` is process time by wall time, `seed` is kept for whoever built `units` with it, `boot_id` 0 draws a new one.
    Raises ValueError when the units do not give what the map declares.
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
        if not math.isfinite(speed) or speed <= 0:
            raise ValueError(f"speed {speed:g} must be above 0")
        self.tag_map = tag_map
        self.speed = speed
        self.seed = seed
        self.boot_id = boot_id or 1 + secrets.randbelow(0xFFFF)
        self.memory = memory if memory is not None else PlcMemory()
        self.image = TagImage(tag_map.wire_tags())
        self.ticks = 0
        self._units = _units_of(tag_map, units)
        self._shown_tags = {unit: _tags_of(tag_map, model) for unit, model in self._units.items()}
        self._command_tags = [tag.name for tag in self.image.tags if tag.writable and tag.folder != tag_map.name]
        self._header = Header(tag_map, self.image, self.boot_id)
        self._recall()
        self.slots = {
            slot.name: PhaseSlot(slot, self._units[slot.unit], self.image, self.boot_id, self.memory)
            for slot in tag_map.slots
        }
        self._owed_ticks = 0.0

    def scan(self, wall_dt_s: float) -> None:
        """Do one scan, `wall_dt_s` wall seconds after the one before."""
        self.image.latch()
        self._header.listen(wall_dt_s)
        slots = tuple(self.slots.values())
        for slot in slots:
            slot.advance()
            slot.take_command()
            if self._header.comm_lost:
                slot.lose_comm()
        self._run_ticks(wall_dt_s, slots)
        self._publish(slots)

    def remember(self) -> PlcMemory:
        """Give what this PLC keeps over a restart, its command words included."""
        image = self.image
        self.memory.command_bits = {name: image.bits(image.index[name]) for name in self._command_tags}
        return self.memory

    def _recall(self) -> None:
        for name, bits in self.memory.command_bits.items():
            if name in self.image.index:
                self.image.write_bits(self.image.index[name], bits)

    def _run_ticks(self, wall_dt_s: float, slots: tuple[PhaseSlot, ...]) -> None:
        self._owed_ticks += wall_dt_s * self.speed / TICK_S
        # A sum of fractions such as 20 x 0.05 stays a hair below the whole number; the tick is due all the same.
        count = int(self._owed_ticks + 1e-9)
        self._owed_ticks -= count
        units = tuple(self._units.values())
        for _ in range(count):
            for unit in units:
                unit.tick()
            for slot in slots:
                slot.tick()
        self.ticks += count

    def _publish(self, slots: tuple[PhaseSlot, ...]) -> None:
        outputs: dict[str, float] = {}
        good: dict[str, bool] = {}
        for name, unit in self._units.items():
            values = unit.tags()
            good[name] = True
            for tag in self._shown_tags[name]:
                value = values[tag.key]
                outputs[tag.name] = value
                if not tag.low <= value <= tag.high:  # NaN fails as well
                    good[name] = False
        for slot in slots:
            outputs.update(slot.status(good[slot.slot.unit]))
        outputs.update(self._header.words())
        self.image.publish(outputs)


class ScanLoop:
    """Scans a PLC in real time, at the pace its tag map gives; `after_scan` is called after every scan."""

    def __init__(self, plc: SimulatedPlc, after_scan: Callable[[], Awaitable[None]]) -> None:
        self._plc = plc
        self._after_scan = after_scan

    async def run(self) -> None:
        """Scan until cancelled; a scan that comes late is not made good by a burst of scans."""
        loop = asyncio.get_running_loop()
        period_s = self._plc.tag_map.scan_s
        last_s = due_s = loop.time()
        while True:
            due_s = max(due_s + period_s, loop.time())
            await asyncio.sleep(due_s - loop.time())
            now_s = loop.time()
            self._plc.scan(min(now_s - last_s, CATCH_UP_S))
            last_s = now_s
            await self._after_scan()


def _units_of(tag_map: TagMap, units: Mapping[str, UnitModel]) -> dict[str, UnitModel]:
    missing = [name for name in tag_map.units if name not in units]
    if missing:
        raise ValueError(f"{tag_map.name}: no unit model for {', '.join(missing)}; it has {', '.join(units) or 'none'}")
    return {name: units[name] for name in tag_map.units}


def _tags_of(tag_map: TagMap, unit: UnitModel) -> tuple[UnitTag, ...]:
    tags = tuple(tag for tag in tag_map.tags if tag.unit == unit.name)
    given = unit.tags()
    missing = [tag.key for tag in tags if tag.key not in given]
    if missing:
        raise ValueError(
            f"{tag_map.name}: unit {unit.name} does not give the tags {', '.join(missing)}; it gives {', '.join(given)}"
        )
    return tags
