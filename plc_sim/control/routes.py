"""The routes of the control API. Each runs between two scans, on the thread of the plant."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from plc_sim.cell import Cell
from plc_sim.control.answers import catalogue_answer, fault_answer, plc_answer, slot_answer, time_answer
from plc_sim.control.body import LARGEST_BYTES, Fields, read_table
from plc_sim.control.material import MaterialDoor
from plc_sim.control.panel import Panel
from plc_sim.control.reply import refusal, reply
from plc_sim.faults.catalogue import nearest
from plc_sim.faults.order import order_from

Endpoint = Callable[[Request], Awaitable[Response]]
LONGEST_NUMBER = 18
"""Digits of a fault's number; no plant has that many."""
NO_MATERIAL = "this plant does not follow its material"


def control_app(cell: Cell, urls: Mapping[str, str], material: MaterialDoor | None) -> Starlette:
    """Give the application; `urls` tells by name where each PLC is served."""
    plant, faults, panel = _Plant(cell, urls), _Faults(cell), _PanelRoutes(cell)
    stores = _Stores(material)
    routes = [
        _route("/health", GET=plant.health),
        _route("/time", GET=plant.time),
        _route("/plcs", GET=plant.plcs),
        _route("/plcs/{name}/restart", POST=plant.restart),
        _route("/faults", GET=faults.all, POST=faults.add, DELETE=faults.clear_all),
        _route("/faults/catalogue", GET=faults.catalogue),
        _route("/faults/{number}", DELETE=faults.clear),
        _route("/panel/mode", POST=panel.mode),
        _route("/panel/command", POST=panel.command),
        _route("/panel/reset", POST=panel.reset),
        _route("/truth", GET=stores.truth),
        _route("/lots", GET=stores.lots, POST=stores.receive),
        _route("/containers", GET=stores.containers),
        _route("/containers/{label:path}", GET=stores.container, PUT=stores.put_container, DELETE=stores.send),
        _route("/bring", POST=stores.bring),
        _route("/take", POST=stores.take),
    ]
    known = [route.path.replace(":path", "") for route in routes]

    async def not_found(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return refusal(404, f"there is nothing at {request.url.path}{nearest(request.url.path, known)}")
        return refusal(status, f"{request.method} {request.url.path}: {getattr(error, 'detail', error)}")

    return Starlette(routes=routes, exception_handlers={HTTPException: not_found})


def _route(path: str, **endpoints: Endpoint) -> Route:
    async def endpoint(request: Request) -> Response:
        wanted = endpoints.get("GET" if request.method == "HEAD" else request.method)
        if wanted is None:
            return refusal(405, f"{path} takes {', '.join(endpoints)}, not {request.method}")
        try:
            return await wanted(request)
        except LookupError as error:
            return refusal(404, str(error.args[0]) if error.args else str(error))
        except ValueError as error:
            return refusal(400, str(error))

    # Every method comes here, so that one that is not taken is refused in the words of this API.
    return Route(path, endpoint, methods=["GET", "POST", "PUT", "DELETE", "PATCH"])


async def _table(request: Request) -> dict[str, Any]:
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_BYTES:
                raise ValueError(f"the request is longer than {LARGEST_BYTES} bytes")
    except ClientDisconnect as error:
        raise ValueError("the connection was closed in the middle of the request") from error
    return read_table(body)


class _Plant:
    def __init__(self, cell: Cell, urls: Mapping[str, str]) -> None:
        self._cell = cell
        self._urls = urls

    async def health(self, request: Request) -> Response:
        return reply({"ok": True, "plcs": list(self._cell.plcs), **time_answer(self._cell)})

    async def time(self, request: Request) -> Response:
        return reply(time_answer(self._cell))

    async def plcs(self, request: Request) -> Response:
        return reply([plc_answer(plc, self._urls.get(name)) for name, plc in self._cell.plcs.items()])

    async def restart(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._cell.plcs:
            raise LookupError(f"there is no PLC {name!r}{nearest(name, self._cell.plcs)}")
        self._cell.add_fault(order_from({"name": "plc-restart", "target": name}))
        return reply(plc_answer(self._cell.plcs[name], self._urls.get(name)))


class _Faults:
    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    async def all(self, request: Request) -> Response:
        return reply([fault_answer(fault) for fault in self._cell.faults])

    async def catalogue(self, request: Request) -> Response:
        return reply(catalogue_answer())

    async def add(self, request: Request) -> Response:
        return reply(fault_answer(self._cell.add_fault(order_from(await _table(request)))), 201)

    async def clear(self, request: Request) -> Response:
        number = request.path_params["number"]
        if not number.isascii() or not number.isdigit() or len(number) > LONGEST_NUMBER:
            raise LookupError(f"{number!r} is no number of a fault; GET /faults tells them")
        return reply(fault_answer(self._cell.clear_fault(int(number))))

    async def clear_all(self, request: Request) -> Response:
        return reply([fault_answer(self._cell.clear_fault(fault.number)) for fault in self._cell.faults])


class _PanelRoutes:
    def __init__(self, cell: Cell) -> None:
        self._panel = Panel(cell)

    async def mode(self, request: Request) -> Response:
        fields = Fields(await _table(request), "slot", "mode")
        return reply(slot_answer(self._panel.switch(fields.text("slot"), fields.text("mode"))))

    async def command(self, request: Request) -> Response:
        fields = Fields(await _table(request), "slot", "command", "phase", "parameters")
        asked = fields.text("slot"), fields.text("command"), fields.text("phase", "")
        return reply(slot_answer(self._panel.press(*asked, fields.numbers("parameters"))))

    async def reset(self, request: Request) -> Response:
        fields = Fields(await _table(request), "unit", "interlock", "key")
        unit, interlock = fields.text("unit"), fields.text("interlock")
        self._panel.reset(unit, interlock, key=fields.yes_or_no("key"))
        return reply({"unit": unit, "interlock": interlock, "reset": True})


class _Stores:
    def __init__(self, material: MaterialDoor | None) -> None:
        self._door = material

    @property
    def _material(self) -> MaterialDoor:
        if self._door is None:
            raise LookupError(NO_MATERIAL)
        return self._door

    async def truth(self, request: Request) -> Response:
        return reply(self._material.truth())

    async def lots(self, request: Request) -> Response:
        return reply(self._material.lots())

    async def receive(self, request: Request) -> Response:
        return reply(self._material.receive(await _table(request)), 201)

    async def containers(self, request: Request) -> Response:
        return reply(self._material.containers())

    async def container(self, request: Request) -> Response:
        return reply(self._material.container(request.path_params["label"]))

    async def put_container(self, request: Request) -> Response:
        return reply(self._material.put_container(request.path_params["label"], await _table(request)))

    async def send(self, request: Request) -> Response:
        return reply(self._material.send(request.path_params["label"]))

    async def bring(self, request: Request) -> Response:
        fields = Fields(await _table(request), "label", "unit")
        return reply(self._material.bring(fields.text("label"), fields.text("unit")))

    async def take(self, request: Request) -> Response:
        fields = Fields(await _table(request), "unit", "label")
        return reply(self._material.take(fields.text("unit"), fields.text("label")))
