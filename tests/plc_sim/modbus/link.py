"""A PLC served on Modbus whose link a test puts into any condition."""

from __future__ import annotations

from plc_sim.link import LinkConditions
from plc_sim.modbus.server import ModbusServer
from tests.plc_sim.heater import Plant
from tests.plc_sim.modbus.client import RawClient, connected


class Link:
    """A served PLC whose link conditions a test sets."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.conditions = LinkConditions()
        self.server = ModbusServer(plant.plc.tag_map, plant.plc.image, self.conditions)
        self.url = ""
        self.clients: list[RawClient] = []

    async def client(self) -> RawClient:
        self.clients.append(await connected(self.url))
        return self.clients[-1]

    async def __aenter__(self) -> Link:
        self.url = await self.server.start("127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        for client in self.clients:
            client.close()
        await self.server.stop()
