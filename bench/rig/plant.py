"""The PLC that is measured: the simulated synthesis PLC as a process of its own, served over either protocol."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap
from mes.simulated.plcs import hand_over_maps, running_plant

LISTEN = {"modbus": "modbus://127.0.0.1:0", "opcua": "opc.tcp://127.0.0.1:0"}
PLC = "SY"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedPlc:
    """A running PLC process with its map; `folder` is removed with everything in it when the measurement ends."""

    tag_map: TagMap
    url: str
    pid: int
    folder: Path


@asynccontextmanager
async def served_plc(protocol: str, *, speed: float, seed: int, scan_ms: int = 0) -> AsyncIterator[ServedPlc]:
    """Run the synthesis PLC until the block ends. `scan_ms` 0 leaves the scan time that its map gives."""
    with tempfile.TemporaryDirectory(prefix="mes-bench-") as name:
        folder = Path(name)
        maps = {read_map(path).name: path for path in await hand_over_maps(folder / "maps")}
        path = maps[PLC]
        if scan_ms:
            text = re.sub(r"(?m)^scan_ms = \d+$", f"scan_ms = {scan_ms}", path.read_text(encoding="utf-8"))
            path.write_text(text, encoding="utf-8")
        listen = {PLC: LISTEN[protocol]}
        async with running_plant({PLC: path}, speed=speed, seed=seed, logs=folder, listen=listen) as plant:
            (plc,) = plant.plcs
            yield ServedPlc(tag_map=read_map(path), url=plc.url, pid=plc.pid, folder=folder)
