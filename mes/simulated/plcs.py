"""Start the simulated plant as a process of its own, with the tag maps of its PLCs, and end it again."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mes.model.equipment import ProcessCell
from mes.plc.tagfile import read_map
from mes.plc.tagmap import process_cell

"""The PLCs that the demonstration runs; the simulated plant has maps of more."""
READY_S = 60.0
END_S = 5.0


class PlcNotStarted(Exception):
    """The simulated plant did not come up; the message holds what it said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPlc:
    """One simulated PLC: its tag map, the URL it serves, its process id."""

    name: str
    tag_map: Path
    url: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPlant:
    """The simulated plant: its PLCs, the URL of its control API, its process id."""

    plcs: Sequence[RunningPlc]
    control: str
    pid: int


async def hand_over_maps(folder: Path) -> Sequence[Path]:
    """Let the simulated plant hand all its tag maps over into a folder, as an automation engineer would."""
    process = await asyncio.create_subprocess_exec(
        *_command("--export-maps", str(folder)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        raise PlcNotStarted(f"the simulated plant did not hand over its tag maps: {err.decode().strip()}")
    return [Path(line) for line in out.decode().splitlines() if line]


async def simulated_equipment() -> ProcessCell:
    """Give the equipment of the whole simulated plant, from the tag maps it hands over; raises `PlcNotStarted`."""
    with TemporaryDirectory() as folder:
        return process_cell([read_map(path) for path in await hand_over_maps(Path(folder))])


def _command(*arguments: str) -> Sequence[str]:
    return (sys.executable, "-m", "plc_sim", *arguments)


@asynccontextmanager
async def running_plant(
    maps: Mapping[str, Path], *, speed: float, seed: int, logs: Path, listen: Mapping[str, str], supply: str = "raw"
) -> AsyncIterator[RunningPlant]:
    """Run the plant with these PLCs as one process until the block ends.

    `listen` says at which URL each PLC is served (port 0: a free one), `supply` how material comes to its units: "raw"
    from nowhere in particular, "hand" in containers that somebody carries. Raises `PlcNotStarted`.
    """
    log = logs / "plant.log"
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *_command("--map", *(str(path) for path in maps.values()), "--speed", f"{speed:g}", "--seed", str(seed)),
            *(part for name in maps for part in ("--listen", f"{name}={listen[name]}")),
            *("--supply", supply, "--control", "0", "--exit-with-parent"),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
        try:
            ready = [await _ready(process, log) for _ in maps]
            plcs = [
                RunningPlc(name=one["ready"], tag_map=maps[one["ready"]], url=one["url"], pid=process.pid)
                for one in ready
            ]
            yield RunningPlant(plcs=plcs, control=ready[0]["control"], pid=process.pid)
        finally:
            await _end(process)


async def _ready(process: asyncio.subprocess.Process, log: Path) -> Mapping[str, str]:
    if process.stdout is None:
        raise PlcNotStarted("the simulated plant has no output to be read")
    try:
        async with asyncio.timeout(READY_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise PlcNotStarted(f"the simulated plant was not ready within {READY_S:g} s; see {log}") from None
    if not line:
        said = (await asyncio.to_thread(log.read_text, encoding="utf-8", errors="replace")).strip()
        raise PlcNotStarted(f"the simulated plant ended at once: {said or 'it said nothing'}")
    ready: Mapping[str, str] = json.loads(line)
    return ready


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a process by its pid: asked first, killed when it does not listen."""
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(END_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
