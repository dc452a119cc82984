"""A control API on a cell of heaters, and a client that speaks HTTP to it over a real socket."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from plc_sim.cell import Cell
from plc_sim.control.address import ControlAddress
from plc_sim.control.material import MaterialDoor
from plc_sim.control.server import ControlServer
from plc_sim.scan import SimulatedPlc
from tests.plc_sim.heater import Heater, build, heater_map

LIMIT_S = 10.0


class Api:
    """Asks the API; `cell` and `heater` are what it acts upon."""

    def __init__(self, cell: Cell, url: str) -> None:
        self.cell = cell
        self.url = url
        (self.plc,) = cell.plcs.values()

    @property
    def heater(self) -> Heater:
        heater = self.plc.units["HE-1"]
        assert isinstance(heater, Heater)
        return heater

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    async def ask(
        self, method: str, path: str, body: object = None, *, raw: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Give status and JSON of the answer; header names with _ for -."""
        sent = raw if raw is not None else None if body is None else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if sent is not None and "content-type" not in named:
            named["content-type"] = "application/json"
        return await asyncio.to_thread(self._ask, method, path, sent, named)

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    async def good(self, method: str, path: str, body: object = None) -> Any:
        status, answer = await self.ask(method, path, body)
        assert status in (200, 201), answer
        return answer

    async def error(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        status, answer = await self.ask(method, path, body)
        assert set(answer) == {"error"}, answer
        return status, answer["error"]


@asynccontextmanager
async def served(material: MaterialDoor | None = None) -> AsyncIterator[Api]:
    tag_map = heater_map()
    cell = Cell([SimulatedPlc(tag_map, build(tag_map.name, tag_map.units, 1), boot_id=100)], speed=60.0)
    cell.scan(0.0)
    server = ControlServer(cell, {"HT": "modbus://127.0.0.1:1"}, material)
    url = await server.start(ControlAddress(host="127.0.0.1", port=0))
    try:
        yield Api(cell, url)
    finally:
        await server.stop()
