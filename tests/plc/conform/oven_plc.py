"""A simulated PLC of three ovens on a real Modbus socket in this process, with a program that tests can spoil."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from mes.plc.conform.conduct import ConformanceReport, conform
from mes.plc.conform.trial import Limits
from mes.plc.conform.wishes import Wishes
from mes.plc.tagfile import read_map as read_mes_map
from plc_sim.mapfile import read_map
from plc_sim.modbus.server import ModbusServer
from plc_sim.plant import PhaseProgress
from plc_sim.scan import SimulatedPlc
from tests.plc.bench import in_background
from tests.plc_sim.heater import Heater

MAP_FILE = Path(__file__).with_name("ovens.toml")
SPEED = 40.0
LIMITS = Limits(rest_s=3.0, complete_s=5.0, listen_s=0.3, lasting_s=0.2, watch_s=0.3, back_s=1.5)

Spoil = Callable[[SimulatedPlc], None]
"""What makes a right program a wrong one; done again after every restart of the PLC."""


class Oven(Heater):
    """Soaks for a time; its temperature, which it reports, never stands still."""

    def tick(self) -> None:
        super().tick()
        self.temperature_degc += 0.01

    def run(self, slot: str) -> PhaseProgress:
        self._ran_s += 1.0
        return PhaseProgress(step=10, done=self._ran_s >= 60.0 * self._sp.get("soak", 0.5))


class OvenPlc:
    """The PLC, its server and its scans."""

    def __init__(self, spoil: Spoil) -> None:
        tag_map = read_map(MAP_FILE)
        self.ovens = {name: Oven(name) for name in tag_map.units}
        self.plc = SimulatedPlc(tag_map, self.ovens, speed=SPEED)
        self._spoil = spoil
        spoil(self.plc)
        self.plc.scan(0.0)

    async def scan(self) -> None:
        """Scan in real time until cancelled."""
        clock = asyncio.get_running_loop().time
        period_s = self.plc.tag_map.scan_s
        last_s = due_s = clock()
        while True:
            due_s = max(due_s + period_s, clock())
            await asyncio.sleep(due_s - clock())
            now_s = clock()
            self.plc.scan(min(now_s - last_s, 0.5))
            last_s = now_s

    async def restart(self) -> None:
        """Cut the power for a moment."""
        self.plc.power_off()
        await asyncio.sleep(0.05)
        self.plc.power_on()
        self._spoil(self.plc)


def right(plc: SimulatedPlc) -> None:
    """Leave the program as it is."""


@asynccontextmanager
async def served(oven_plc: OvenPlc) -> AsyncIterator[str]:
    plc = oven_plc.plc
    server = ModbusServer(plc.tag_map, plc.image, plc.conditions)
    url = await server.start("127.0.0.1", 0)
    try:
        async with in_background(oven_plc.scan()):
            yield url
    finally:
        await server.stop()


async def tried(
    spoil: Spoil = right, *, slots: tuple[str, ...] = (), checks: tuple[str, ...] = (), restart: bool = True
) -> ConformanceReport:
    """Run the conformance check against a PLC with a spoilt program."""
    oven_plc = OvenPlc(spoil)
    wishes = Wishes(slots=slots, checks=checks, limits=LIMITS, tmo_s=1, far_epoch=True)
    async with served(oven_plc) as url:
        return await conform(read_mes_map(MAP_FILE), url, wishes, restart=oven_plc.restart if restart else None)
