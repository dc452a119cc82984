"""Simulated PLCs as processes of their own, which a test can kill, freeze and start again."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "plc_sim" / "maps"
READY_S = 60.0
END_S = 10.0

MODBUS = "modbus://127.0.0.1:0"
OPC_UA = "opc.tcp://127.0.0.1:0/mes"


@dataclass(slots=True, kw_only=True)
class PlcProcess:
    """One simulated PLC. `url` is where it listens: a free port until the first start, then always the same.

    One that is `retentive` keeps what real ones keep over a restart, in a file.
    """

    name: str
    folder: Path
    url: str
    speed: float
    retentive: bool = False
    pid: int = 0
    boot_id: int = 0
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def tag_map(self) -> Path:
        return self.folder / "maps" / f"{self.name.lower()}.toml"

    @property
    def retained(self) -> Mapping[str, list[int]]:
        """What the PLC remembers of its slots: the last execution and how many starts it has seen."""
        document = json.loads(self._retain_file.read_text())
        slots: Mapping[str, list[int]] = document[self.name]["slots"]
        return slots

    @property
    def _retain_file(self) -> Path:
        return self.folder / f"{self.name}-retained.json"

    async def start(self) -> None:
        """Start the process and wait until it serves."""
        self.tag_map.parent.mkdir(exist_ok=True)
        shutil.copy(SHIPPED / self.tag_map.name, self.tag_map)
        kept = ["--retain", str(self._retain_file)] if self.retentive else []
        log = self.folder / f"plc-{self.name}.log"
        with log.open("ab") as errors:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "plc_sim", "--map", str(self.tag_map), "--speed", f"{self.speed:g}"),
                *("--listen", f"{self.name}={self.url}", "--exit-with-parent"),
                *kept,
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
            )
        self.pid = self._process.pid
        assert self._process.stdout is not None
        async with asyncio.timeout(READY_S):
            line = await self._process.stdout.readline()
        assert line, f"PLC {self.name} ended at once: {log.read_text()}"
        ready = json.loads(line)
        self.url, self.boot_id = ready["url"], ready["boot_id"]

    def freeze(self) -> None:
        """Let the PLC stand still, sockets open, as one that hangs."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen PLC go on."""
        self._running().send_signal(signal.SIGCONT)

    async def kill(self) -> None:
        """Let the PLC vanish, as by a power failure."""
        process = self._running()
        process.kill()
        await process.wait()

    async def end(self) -> None:
        """End the process, whatever a test left of it."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            async with asyncio.timeout(END_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        assert self._process.returncode is None, f"PLC {self.name} has ended with {self._process.returncode}"
        return self._process


@asynccontextmanager
async def started_plcs(
    folder: Path, listen: Mapping[str, str], *, speed: float, retentive: bool = False
) -> AsyncIterator[Mapping[str, PlcProcess]]:
    """Run the named PLCs until the block ends."""
    plcs = {
        name: PlcProcess(name=name, folder=folder, url=url, speed=speed, retentive=retentive)
        for name, url in listen.items()
    }
    async with AsyncExitStack() as stack:
        for plc in plcs.values():
            stack.push_async_callback(plc.end)
        await asyncio.gather(*(plc.start() for plc in plcs.values()))
        yield plcs


def urls_of(plcs: Mapping[str, PlcProcess]) -> Mapping[str, str]:
    """Give where each PLC is served, by name."""
    return {name: plc.url for name, plc in plcs.items()}
