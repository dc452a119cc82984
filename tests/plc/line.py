"""A link at work on the bench, and the few things every test of a link does with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mes.model.phase import Acknowledgement, PhaseCommand, PhaseRequest, PhaseStatus
from mes.model.states import ProceduralState as S
from mes.plc.supervise import SupervisedPlc
from tests.plc.bench import Bench, until

OVEN, HEAT, COOL = "OV-1.PH", 2, 5
C = PhaseCommand


class Line:
    """A link at work and the few things every test does with it."""

    def __init__(self, bench: Bench, link: SupervisedPlc) -> None:
        self.bench = bench
        self.link = link

    def compose(
        self, command: PhaseCommand, exec_id: int, *, number: int = HEAT, parameters: Sequence[float] = ()
    ) -> PhaseRequest:
        return self.link.compose(OVEN, command, exec_id=exec_id, phase_number=number, parameters=parameters)

    async def give(
        self, command: PhaseCommand, exec_id: int, *, number: int = HEAT, parameters: Sequence[float] = ()
    ) -> Acknowledgement:
        request = self.compose(command, exec_id, number=number, parameters=parameters)
        return await asyncio.wait_for(self.link.execute(request), 10)

    async def start(self, *, running_scans: int = 100_000, parameters: Sequence[float] = (550.0, 3.3)) -> int:
        self.bench.program.running_scans = running_scans
        exec_id = self.bench.next_exec()
        answer = await self.give(C.START, exec_id, parameters=parameters)
        assert answer.accepted, answer
        return exec_id

    async def reaches(self, state: S, *, limit_s: float = 5.0) -> PhaseStatus:
        def reached() -> PhaseStatus | None:
            status = self.link.phase(OVEN)
            return status if status.fresh and status.state is state else None

        found = await until(reached, limit_s=limit_s, shown=lambda: self.link.phase(OVEN))
        assert found is not None
        return found

    async def is_usable(self, *, limit_s: float = 8.0) -> None:
        def ready() -> bool:
            return self.link.status().usable and all(self.link.phase(slot).fresh for slot in self.bench.tag_map.slots)

        await until(ready, limit_s=limit_s, shown=self.link.status)

    async def is_quiet(self, *, for_s: float = 0.4) -> None:
        """Wait until the bell has not rung for so long, and leave it silent."""
        async with asyncio.timeout(8):
            while True:
                self.link.changed.clear()
                try:
                    await asyncio.wait_for(self.link.changed.wait(), for_s)
                except TimeoutError:
                    return
