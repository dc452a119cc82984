"""The whole plant as one process, and a pair of hands in it: people who carry what they scan to where it is needed."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mes.model.events import Prompt
from mes.model.execution import BatchState
from mes.model.procedure import phases
from tests.system.plcs import END_S, MODBUS, READY_S, ROOT, SHIPPED

PLCS = ("SY", "FM", "UT")
OUTLETS = {"powder": "PK-501", "sample": "PK-501.SAMPLES", "film_roll_1": "SL-902", "film_roll_2": "SL-902"}
"""Where people find what a recipe calls its outputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A running plant: where each PLC is served, and where its control API is."""

    urls: Mapping[str, str]
    control: str

    async def ask(self, path: str, body: Mapping[str, object] | None = None) -> Any:
        """Ask the control API; what it refuses is an error that says why."""
        return await asyncio.to_thread(self._ask, path, body)

    async def truth(self) -> Mapping[str, Any]:
        """Give where every gram is."""
        told: Mapping[str, Any] = await self.ask("/truth")
        return told

    def _ask(self, path: str, body: Mapping[str, object] | None) -> Any:
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.control + path, data=content, headers={"content-type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{path} {body}: {refused.code} {refused.read().decode()}") from None


@asynccontextmanager
async def running_shop(
    folder: Path, *, seed: int, speed: float, scheme: str = MODBUS, options: tuple[str, ...] = ()
) -> AsyncIterator[Shop]:
    """Run the plant, with everything waiting for hands, until the block ends."""
    maps = folder / "maps"
    maps.mkdir()
    for name in PLCS:
        shutil.copy(SHIPPED / f"{name.lower()}.toml", maps)
    log = folder / "plant.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "plc_sim", "--map", *(str(maps / f"{name.lower()}.toml") for name in PLCS)),
            *("--seed", str(seed), "--speed", f"{speed:g}", "--supply", "hand", "--control", "0", *options),
            *(part for name in PLCS for part in ("--listen", f"{name}={scheme}")),
            "--exit-with-parent",
            cwd=ROOT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    assert process.stdout is not None
    try:
        lines = []
        async with asyncio.timeout(READY_S):
            for _ in PLCS:
                line = await process.stdout.readline()
                assert line, f"the plant ended at once: {log.read_text()}"
                lines.append(json.loads(line))
        yield Shop(urls={line["ready"]: line["url"] for line in lines}, control=lines[0]["control"])
    finally:
        process.terminate()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """The people between the MES and the plant. What they do is physical: the plant knows nothing of batches."""

    shop: Shop

    async def unload(self, lot_no: str, material: str, amount: float, quality: float = 1.0) -> None:
        """Set a delivery down in the store; its label is the lot number that the MES gave it."""
        lot = {"lot": lot_no, "material": material, "amount": amount, "quality": quality}
        await self.shop.ask("/lots", lot)

    async def carry(self, state: BatchState, prompt: Prompt, lot_no: str) -> None:
        """Carry the container that is about to be scanned to the unit whose phase asks for it."""
        (unit,) = {step.unit for step in phases(state.control.procedure) if prompt.path.startswith(step.path)}
        await self.shop.ask("/bring", {"label": lot_no, "unit": unit})

    async def clear(self, state: BatchState) -> None:
        """Take what a batch made out of the units and label it with the lot numbers of the MES."""
        for name, unit in OUTLETS.items():
            if name in state.lots and name in state.control.outputs:
                await self.shop.ask("/take", {"unit": unit, "label": state.lots[name].lot_no})
