"""What only the fake can do: reports by a function, any program under it, and one PLC per URL."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing

import pytest

from mes.model.equipment import EquipmentPhase, TagSpec
from mes.model.phase import PhaseCommand
from mes.model.states import ProceduralState
from mes.plc.drivers import open_port
from mes.plc.fake import FakePlc, fake_plc
from mes.plc.fake_program import FakeProgram, nominal_value
from mes.plc.port import PlcError
from mes.plc.supervise import SupervisedPlc
from mes.plc.tagfile import read_map
from tests.plc.bench import MAPS, in_background, until

OVEN = read_map(MAPS / "oven.toml")


async def test_reports_come_from_the_function_given() -> None:
    seen: list[tuple[str, str, Mapping[str, float]]] = []

    def reports(slot: str, phase: EquipmentPhase, parameters: Mapping[str, float]) -> Mapping[str, float]:
        seen.append((slot, phase.phase_class, parameters))
        return {"target": 548.5, "soak_time": 720.0}

    plc = FakePlc(OVEN, FakeProgram(OVEN, running_scans=1, on_complete=reports), scan_s=0.005)
    link = SupervisedPlc(OVEN, open_port=lambda *_: plc.port())
    link.take_over(1)
    async with in_background(link.supervise()):
        await until(lambda: link.phase("OV-1.PH").fresh, shown=link.status)
        request = link.compose("OV-1.PH", PhaseCommand.START, exec_id=9, phase_number=2, parameters=(550.0, 3.0))
        assert (await link.execute(request)).accepted
        await until(lambda: link.phase("OV-1.PH").state is ProceduralState.COMPLETE)
        assert await link.reports(OVEN.slots["OV-1.PH"].phases[2]) == {"target": 548.5, "soak_time": 720.0}
    await plc.stop()
    assert seen == [("OV-1.PH", "HEAT", {"target": 550.0, "ramp": 3.0})]


async def test_a_fake_stands_on_any_program() -> None:
    class Counter:
        def __init__(self) -> None:
            self.scans = 0
            self.written: dict[str, float | int] = {}

        def scan(self) -> None:
            self.scans += 1

        def read(self, tag: str) -> float | int:
            return self.scans if tag == "TP.PlcHb" else self.written.get(tag, 0)

        def write(self, tag: str, value: float | int) -> None:
            self.written[tag] = value

    counter = Counter()
    plc = FakePlc(OVEN, counter, scan_s=0.005)
    port = plc.port()
    await port.connect()
    await port.write({"OV-1.PH.ExecId": 77})
    assert (await port.read(["OV-1.PH.ExecId"]))["OV-1.PH.ExecId"].value == 77
    async with aclosing(port.watch(["TP.PlcHb"], period_s=0.02)) as watch, asyncio.timeout(3):
        async for changes in watch:
            if (changes["TP.PlcHb"].value or 0) > 3:
                break
    await plc.stop()
    assert port.source == "fake+modbus://127.0.0.1:5599"


async def test_a_fake_url_means_one_plc_that_outlives_its_connections() -> None:
    first = open_port(OVEN, "fake://oven")
    await first.connect()
    await first.write({"OV-1.PH.ExecId": 78})
    await first.close()
    with pytest.raises(PlcError, match="connection is lost"):
        await first.read(["OV-1.PH.ExecId"])
    second = open_port(OVEN, "fake://oven")
    await second.connect()
    assert second.source == "fake://oven"
    assert (await second.read(["OV-1.PH.ExecId"]))["OV-1.PH.ExecId"].value == 78
    await fake_plc(OVEN, "fake://oven").stop()


async def test_a_slow_fake_is_given_up_after_its_time_out() -> None:
    plc = FakePlc(OVEN, timeout_s=0.2)
    port = plc.port()
    await port.connect()
    plc.delay_s = 0.05
    assert (await port.read(["TP.IfVersion"]))["TP.IfVersion"].value == 1
    plc.delay_s = 5.0
    with pytest.raises(PlcError, match="gave no valid answer"):
        await asyncio.wait_for(port.read(["TP.IfVersion"]), 1)
    await plc.stop()


@pytest.mark.parametrize(
    ("limits", "value"),
    [
        ({}, 500.0),
        ({"H": 1.0, "HH": 10.0}, 0.5),
        ({"L": 5.0, "H": 7.0, "LL": 4.0, "HH": 8.0}, 6.0),
        ({"L": 150.0, "LL": 100.0}, 575.0),
    ],
)
def test_tags_begin_where_the_plant_is_well(limits: Mapping[str, float], value: float) -> None:
    tag = TagSpec(name="GB-1.O2", unit="GB-1", uom="ppm", low=0.0, high=1000.0, title={"en": "Oxygen"}, limits=limits)
    assert nominal_value(tag) == value
