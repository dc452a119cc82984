"""The MES against the simulated plant, which shares the tag map file with it and no code: each proves the other."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import plc_sim
from mes.model.phase import AckResult, PhaseCommand
from mes.model.states import ProceduralState
from mes.plc.check import probe
from mes.plc.fake import FakePlc
from mes.plc.supervise import SupervisedPlc
from mes.plc.tagfile import read_map
from plc_sim.mapfile import read_map as read_simulated_map
from plc_sim.scan import SimulatedPlc
from plc_sim.units import build
from tests.plc.bench import in_background, until

SY = Path(plc_sim.__file__).with_name("maps") / "sy.toml"
SPEED = 200.0
SLOT = "WS-111.PH"


class SimulatedProgram:
    """The simulated PLC as a program of the fake: no wire between."""

    def __init__(self) -> None:
        tag_map = read_simulated_map(SY)
        self._plc = SimulatedPlc(tag_map, build(tag_map.name, tag_map.units, 1), speed=SPEED)

    def scan(self) -> None:
        self._plc.scan(self._plc.tag_map.scan_s)

    def read(self, tag: str) -> float | int:
        return self._plc.image.value(tag)

    def write(self, tag: str, value: float | int) -> None:
        self._plc.image.write(tag, value)


@asynccontextmanager
async def simulated(scheme: str) -> AsyncIterator[str]:
    arguments = ["--map", str(SY), "--listen", f"SY={scheme}://127.0.0.1:0", "--speed", str(SPEED), "--seed", "1"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "plc_sim", *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 40)
        yield json.loads(line)["url"]
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), 10)


@asynccontextmanager
async def link_over(driver: str) -> AsyncIterator[SupervisedPlc]:
    tag_map = read_map(SY)
    if driver == "fake":
        plc = FakePlc(tag_map, SimulatedProgram())
        link = SupervisedPlc(tag_map, open_port=lambda *_: plc.port())
        async with in_background(link.supervise()):
            yield link
        await plc.stop()
        return
    async with simulated(driver) as url:
        report = await probe(SY, url)
        assert report.findings == ()
        assert report.good == len(tag_map.tags)
        link = SupervisedPlc(tag_map, url=url)
        async with in_background(link.supervise()):
            yield link


@pytest.mark.timeout(120)  # the OPC UA server of a PLC takes half a minute to start on a busy machine
@pytest.mark.parametrize("driver", ["fake", "modbus", "opc.tcp"])
async def test_a_weighing_runs_from_start_to_reset(driver: str) -> None:
    weigh = read_map(SY).slots[SLOT].phases[1]
    async with link_over(driver) as link:
        link.take_over(3)
        await until(lambda: link.status().usable and link.phase(SLOT).fresh, limit_s=10, shown=link.status)
        refused = link.compose(SLOT, PhaseCommand.START, exec_id=1, phase_number=1, parameters=(7000.0, 0.1))
        assert (await link.execute(refused)).result is AckResult.BAD_PARAMETER
        start = link.compose(SLOT, PhaseCommand.START, exec_id=2, phase_number=1, parameters=(428.39, 0.1))
        answers = [await link.execute(start), await link.execute(start)]
        assert [answer.result for answer in answers] == [AckResult.ACCEPTED] * 2
        assert answers[0].parameters_in_force == pytest.approx((428.39, 0.1), rel=1e-6)
        await until(
            lambda: link.phase(SLOT).fresh and link.phase(SLOT).state is ProceduralState.COMPLETE,
            limit_s=20,
            shown=lambda: link.phase(SLOT),
        )
        reports = await link.reports(weigh)
        assert reports["net_weight"] == pytest.approx(428.39, rel=0.002)
        assert set(reports) == {report.name for report in weigh.reports}
        reset = link.compose(SLOT, PhaseCommand.RESET, exec_id=2, phase_number=1)
        assert (await link.execute(reset)).accepted
        await until(lambda: link.phase(SLOT).state is ProceduralState.IDLE, shown=lambda: link.phase(SLOT))
        assert link.status().mes_alive_seen
