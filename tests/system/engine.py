"""The engine as a process of its own, as `mes serve` runs it, to be killed and started again."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.system.plcs import END_S, ROOT
from tests.system.waiting import until

RUNS = "engine of process cell pilot runs"
START_S = 40.0


@dataclass(slots=True, kw_only=True)
class EngineProcess:
    """One `mes serve --headless` on a data folder; what it says is kept in a file."""

    folder: Path
    log: Path
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    async def start(self) -> bool:
        """Start it; True when it runs, False when it has refused."""
        with self.log.open("wb") as said:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "mes", "serve", "--headless", "--data", str(self.folder)),
                cwd=ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        process = self._process

        async def look() -> tuple[int | None, str]:
            return process.returncode, self.log.read_text()

        code, _ = await until(look, lambda seen: seen[0] is not None or RUNS in seen[1], "an engine", limit_s=START_S)
        return code is None

    async def kill(self) -> None:
        """Let the engine vanish without a word."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def end(self) -> int:
        """End it as an operator does, and give its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.terminate()
            try:
                async with asyncio.timeout(END_S):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
                raise
        assert self._process.returncode is not None
        return self._process.returncode
