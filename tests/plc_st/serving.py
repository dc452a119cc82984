"""The reference program in real time behind the Modbus server of the simulated plant."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from plc_sim.modbus.server import ModbusServer
from tests.plc.bench import in_background
from tests.plc_st.oven import COMPILED, TAG_MAP, OvenPlc

CATCH_UP_SCANS = 5
"""Scans made good after a stall of the machine; a PLC has none of them, but it also has no neighbours."""


@dataclass(slots=True)
class Served:
    """A PLC that scans by itself, its time `speed` times as fast as ours."""

    plc: OvenPlc
    speed: float
    url: str = ""

    async def power_cycle(self) -> None:
        """Cut the power and give it back."""
        self.plc = self.plc.power_cycled()

    async def scans(self) -> None:
        """Scan at the interval of the configuration until cancelled."""
        clock = asyncio.get_running_loop().time
        period_s = COMPILED.interval_ms / 1000 / self.speed
        due_s = clock()
        while True:
            due_s = max(due_s + period_s, clock() - CATCH_UP_SCANS * period_s)
            await asyncio.sleep(max(0.0, due_s - clock()))
            self.plc.scan()


@asynccontextmanager
async def served(speed: float = 1.0) -> AsyncIterator[Served]:
    """Serve a fresh PLC on a free port of the loopback."""
    one = Served(OvenPlc(), speed)
    server = ModbusServer(TAG_MAP, one.plc.image)
    one.url = await server.start("127.0.0.1", 0)
    try:
        async with in_background(one.scans()):
            yield one
    finally:
        await server.stop()
