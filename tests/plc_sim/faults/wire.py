"""A cell on a Modbus server, stepped by the test, and a client that reads its tags over a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from plc_sim.cell import Cell
from plc_sim.codec import REGISTERS, from_words, to_words
from plc_sim.faults.board import Fault
from plc_sim.faults.order import order_from_line
from plc_sim.modbus.server import ModbusServer
from plc_sim.scan import SimulatedPlc
from plc_sim.tagmap import SP
from tests.plc_sim.heater import Heater, build, heater_map
from tests.plc_sim.modbus.client import RawClient, connected

WALL_S = 0.02


class Wire:
    """One PLC: what a client sees of it, and the faults that strike it."""

    def __init__(self, cell: Cell, plc: SimulatedPlc, server: ModbusServer, url: str, client: RawClient) -> None:
        self.cell = cell
        self.plc = plc
        self.server = server
        self.url = url
        self.client = client
        self.clients = [client]
        self._tags = {tag.name: tag for tag in self.plc.image.tags}

    @property
    def heater(self) -> Heater:
        heater = self.plc.units["HE-1"]
        assert isinstance(heater, Heater)
        return heater

    def begin(self, line: str) -> Fault:
        return self.cell.add_fault(order_from_line(line))

    async def another(self) -> RawClient:
        self.clients.append(await connected(self.url))
        return self.clients[-1]

    async def clear(self, fault: Fault) -> None:
        self.cell.clear_fault(fault.number)
        await self.server.refresh()

    async def run(self, ticks: int = 1) -> None:
        """Scan after every tick, as at speed 1 with slow scans."""
        for _ in range(ticks):
            self.cell.advance(1, WALL_S)
        await self.server.refresh()

    async def words(self, tag: str) -> tuple[int, ...]:
        found = self._tags[tag]
        return await self.client.read(found.register, REGISTERS[found.wire_type])

    async def read(self, tag: str) -> float:
        return from_words(self._tags[tag].wire_type, await self.words(tag), self.plc.tag_map.word_order)

    async def write(self, tag: str, value: float) -> bytes:
        found = self._tags[tag]
        return await self.client.write(found.register, *to_words(found.wire_type, value, self.plc.tag_map.word_order))

    async def command(self, number: int, sp: Sequence[float] = (500.0, 1.0), **tags: float) -> int:
        """Commit a command to HE-1 and scan; gives AckRes."""
        slot = "HE-1.PH"
        block = {"Cmd": number, "CmdBootId": self.plc.boot_id, "CmdEpochLo": 1, "CmdEpoch": 1, "ProcReq": 2}
        block |= {"ExecId": 7, **dict(zip(SP, sp, strict=False)), **tags}
        for tag, value in block.items():
            await self.write(f"{slot}.{tag}", value)
        await self.write(f"{slot}.CmdSeq", await self.read(f"{slot}.CmdSeq") + 1)
        await self.run()
        return int(await self.read(f"{slot}.AckRes"))

    async def running(self) -> None:
        assert await self.command(2) == 1
        await self.run(2)
        assert await self.read("HE-1.PH.State") == 6


def heaters() -> Cell:
    tag_map = heater_map()
    return Cell([SimulatedPlc(tag_map, build(tag_map.name, tag_map.units, 1), boot_id=100)])


@asynccontextmanager
async def wired(cell: Cell | None = None, plc_name: str = "HT") -> AsyncIterator[Wire]:
    """A PLC of a cell on a server; without a cell that of the heaters."""
    cell = cell if cell is not None else heaters()
    cell.scan(0.0)
    plc = cell.plcs[plc_name]
    server = ModbusServer(plc.tag_map, plc.image, plc.conditions)
    url = await server.start("127.0.0.1", 0)
    client = await connected(url)
    wire = Wire(cell, plc, server, url, client)
    try:
        yield wire
    finally:
        for client in wire.clients:
            client.close()
        await server.stop()
