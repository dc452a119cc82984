"""The people of the demonstration who carry material: what is scanned in the MES is brought to the simulated unit."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from mes.engine.cell import Cell
from mes.lots import Lots
from mes.model.execution import BatchState
from mes.model.lots import Role
from mes.model.procedure import PhaseStep, phases

_LOOK_S = 0.1
_TIMEOUT_S = 10.0


class PlantRefused(Exception):
    """The simulated plant did not take what was carried to it; the message is its own."""


class Carrier:
    """Brings every scanned lot to the unit that asked for it, and takes away and labels what a batch has made.

    The simulated plant knows nothing of batches, and the MES nothing of containers: this is the only way between them,
    as it is on a shop floor. `control` is the URL of the plant's control API.
    """

    def __init__(self, control: str, lots: Lots, cell: Cell) -> None:
        self._control = control
        self._lots = lots
        self._cell = cell
        self._seen: dict[str, BatchState] = {}
        self._brought: set[tuple[str, str, str]] = set()
        self._delivered: set[str] = set()
        self._cleared: dict[str, asyncio.Event] = {}

    async def run(self) -> None:
        """Carry until cancelled; raises `PlantRefused` when the plant does not take something."""
        while True:
            for batch_no, state in list(self._cell.batches.items()):
                self._seen[batch_no] = state
                await self._bring(state)
            for batch_no in [one for one in self._seen if one not in self._cell.batches]:
                await self._take(self._seen.pop(batch_no))
                self._when_cleared(batch_no).set()
            await asyncio.sleep(_LOOK_S)

    async def inside(self, batch_no: str, label: str) -> set[str]:
        """Give the received lots that the plant itself knows to be in a product of a batch that has ended."""
        async with asyncio.timeout(_TIMEOUT_S):
            await self._when_cleared(batch_no).wait()
        container = await asyncio.to_thread(self._ask, f"/containers/{label}", None)
        parts = container["parcel"]["parts"] if container["kind"] == "parcel" else container["parts"]
        return {*parts, *container.get("carrier", {})}

    def _when_cleared(self, batch_no: str) -> asyncio.Event:
        return self._cleared.setdefault(batch_no, asyncio.Event())

    async def _bring(self, state: BatchState) -> None:
        for step in phases(state.control.procedure):
            for name in step.scan:
                lot = state.lots.get(name)
                key = (state.batch_no, step.path, name)
                if lot is not None and key not in self._brought:
                    self._brought.add(key)
                    await self._deliver(lot.lot_no)
                    await self._post("/bring", {"label": lot.lot_no, "unit": step.unit})

    async def _take(self, last_seen: BatchState) -> None:
        """Label what a batch that has ended made; what was aborted halfway has been set aside by the plant."""
        for step in phases(last_seen.control.procedure):
            for made in step.produces:
                lot = last_seen.lots.get(made.output)
                if lot is not None and last_seen.control.outputs[made.output].role is not Role.INTERMEDIATE:
                    await self._post("/take", {"unit": _outlet(step, last_seen, made.output), "label": lot.lot_no})

    async def _deliver(self, lot_no: str) -> None:
        """Set a received lot down in the plant's store when it is carried for the first time."""
        row = await self._lots.show(lot_no)
        if row.lot.batch_no is not None or lot_no in self._delivered:
            return
        self._delivered.add(lot_no)
        amount = float(row.made.value)
        await self._post("/lots", {"lot": lot_no, "material": row.lot.material, "amount": amount})

    async def _post(self, path: str, body: Mapping[str, Any]) -> None:
        await asyncio.to_thread(self._ask, path, json.dumps(body).encode())

    def _ask(self, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the address comes from the plant that was just started
            self._control + path, data=body, headers={"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            said = refused.read().decode(errors="replace")
            asked = body.decode() if body else ""
            raise PlantRefused(f"the simulated plant refused {path} {asked}: {said}") from None


def _outlet(step: PhaseStep, state: BatchState, output: str) -> str:
    return f"{step.unit}.SAMPLES" if state.control.outputs[output].role is Role.SAMPLE else step.unit
