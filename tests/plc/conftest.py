"""The bench, once per driver, as new for each test; and a link at work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from mes.plc.supervise import SupervisedPlc
from tests.plc.bench import DRIVERS, Bench, in_background, running_bench
from tests.plc.line import Line


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=DRIVERS)
async def standing_bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with running_bench(request.param) as bench:
        yield bench


@pytest.fixture
def bench(standing_bench: Bench) -> Bench:
    standing_bench.renew()
    return standing_bench


@pytest_asyncio.fixture(loop_scope="session")
async def line(bench: Bench) -> AsyncIterator[Line]:
    link = SupervisedPlc(bench.tag_map, open_port=bench.open_port)
    link.take_over(5)
    async with in_background(link.supervise()):
        line = Line(bench, link)
        await line.is_usable()
        yield line
