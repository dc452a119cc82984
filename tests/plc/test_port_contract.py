"""What every driver promises (`PlcPort`), over the fake, over Modbus TCP and over OPC UA."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from itertools import pairwise

import pytest
import pytest_asyncio

from mes.model.reading import Quality, Reading
from mes.plc.port import PlcError, PlcPort, PlcRefused
from tests.plc.bench import Bench, until

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session")
async def port(bench: Bench) -> AsyncIterator[PlcPort]:
    port = bench.open_port()
    await port.connect()
    yield port
    await port.close()


async def test_a_port_says_where_its_values_come_from(bench: Bench, port: PlcPort) -> None:
    expected = {"fake": "fake+modbus://127.0.0.1:5599", "modbus": bench.url, "opcua": bench.url}
    assert port.source == expected[bench.driver]


@pytest.mark.parametrize(
    ("tag", "value"),
    [("OV-1.TC_CORE", 549.5), ("OV-1.CYCLES", 3_000_000_001), ("ST-2.SPEED", 120.25), ("OV-1.PH.Interlock", 8)],
)
async def test_a_value_of_the_plc_is_read_as_it_is(bench: Bench, port: PlcPort, tag: str, value: float) -> None:
    bench.plc.set(tag, value)
    reading = await _shows(port, tag, lambda shown: shown.value == value)
    assert reading.quality is Quality.GOOD


async def test_a_read_gives_every_tag_asked_for(bench: Bench, port: PlcPort) -> None:
    tags = list(bench.tag_map.tags)
    readings = await port.read(tags)
    assert set(readings) == set(tags)
    assert readings["TP.ProgramId"].value == 3735928559


@pytest.mark.parametrize(("value", "why"), [(math.nan, "finite"), (math.inf, "finite"), (-1.0, "range")])
async def test_a_value_that_cannot_be_used_is_bad_and_says_why(
    bench: Bench, port: PlcPort, value: float, why: str
) -> None:
    bench.plc.force("OV-1.TC_CORE", value)
    reading = await _shows(port, "OV-1.TC_CORE", lambda shown: shown.quality is not Quality.GOOD)
    assert reading.quality is Quality.BAD
    assert why in reading.why
    assert "OV-1.TC_CORE" in reading.why


async def test_values_are_written_as_they_are(bench: Bench, port: PlcPort) -> None:
    values = {"OV-1.PH.Cmd": 2, "OV-1.PH.ExecId": 4_000_000_000, "OV-1.PH.Sp1": 33.25, "OV-1.PH.Sp2": 0.1}
    await port.write(values)
    assert dict(bench.plc.writes) == {**values, "OV-1.PH.Sp2": pytest.approx(0.1, rel=1e-7)}


async def test_values_are_written_in_the_order_given(bench: Bench, port: PlcPort) -> None:
    names = ["OV-1.PH.CmdEpoch", "OV-1.PH.Cmd", "ST-2.PH.Sp1", "OV-1.PH.ProcReq"]
    await port.write(dict.fromkeys(names, 1))
    assert [tag for tag, _ in bench.plc.writes] == names


@pytest.mark.parametrize(
    ("tag", "value"),
    [("OV-1.PH.Cmd", 65536), ("OV-1.PH.Cmd", -1), ("OV-1.PH.Cmd", 1.5), ("OV-1.PH.Sp1", math.nan), ("TP.MesHb", True)],
)
async def test_a_value_that_does_not_fit_its_type_is_never_sent(
    bench: Bench, port: PlcPort, tag: str, value: float
) -> None:
    with pytest.raises(PlcRefused, match=tag):
        await port.write({tag: value})
    assert not bench.plc.writes


async def test_a_write_that_the_plc_refuses_is_told_and_the_link_stays(bench: Bench, port: PlcPort) -> None:
    bench.plc.refuse("OV-1.PH.Cmd")
    with pytest.raises(PlcRefused, match=r"OV-1\.PH\.Cmd"):
        await port.write({"OV-1.PH.Cmd": 2})
    assert (await port.read(["TP.IfVersion"]))["TP.IfVersion"].value == 1


async def test_an_unknown_tag_is_answered_with_the_nearest_one(port: PlcPort) -> None:
    with pytest.raises(PlcError, match=r'OV-1\.TC_CORR.*did you mean "OV-1\.TC_CORE"'):
        await port.read(["OV-1.TC_CORR"])


async def test_a_watch_begins_with_every_tag_and_brings_changes(bench: Bench, port: PlcPort) -> None:
    tags = ["TP.PlcHb", "OV-1.TC_CORE", "OV-1.PH.State", "ST-2.SPEED"]
    seen: dict[str, Reading] = {}
    async with aclosing(port.watch(tags, period_s=0.05)) as watch, asyncio.timeout(5):
        async for changes in watch:
            if not seen:
                assert set(changes) == set(tags)
                bench.plc.set("ST-2.SPEED", 77.5)
            seen.update(changes)
            if seen["ST-2.SPEED"].value == 77.5:
                break


async def test_a_watch_gives_also_what_does_not_change_within_ten_periods(port: PlcPort) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    async with aclosing(port.watch(["TP.PlcHb", "OV-1.TC_CORE"], period_s=0.05)) as watch, asyncio.timeout(5):
        async for changes in watch:
            if "OV-1.TC_CORE" in changes:
                times.append(loop.time())
            if len(times) == 4:
                break
    assert max(later - before for before, later in pairwise(times)) < 10 * 0.05 + 0.3


async def test_two_watches_run_beside_each_other(bench: Bench, port: PlcPort) -> None:
    async def first_change(tag: str) -> None:
        async with aclosing(port.watch([tag], period_s=0.05)) as watch:
            async for changes in watch:
                if changes[tag].value == 9:
                    return

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        group.create_task(first_change("OV-1.PH.Interlock"))
        group.create_task(first_change("OV-1.CYCLES"))
        bench.plc.set("OV-1.PH.Interlock", 9)
        bench.plc.set("OV-1.CYCLES", 9)


async def test_a_lost_link_ends_the_watch_and_every_call(bench: Bench, port: PlcPort) -> None:
    async def watch() -> None:
        async with aclosing(port.watch(["TP.PlcHb"], period_s=0.05)) as changes:
            async for _ in changes:
                pass

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.2)
    bench.lose_link()
    with pytest.raises(PlcError, match="TP"):
        await asyncio.wait_for(watching, 4)
    with pytest.raises(PlcError, match="TP"):
        await port.read(["TP.PlcHb"])
    with pytest.raises(PlcError, match="TP"):
        await port.write({"TP.MesHb": 1})


async def test_a_plc_that_is_not_there_is_told_with_its_address(bench: Bench) -> None:
    bench.lose_link(down=True)
    port = bench.open_port()
    with pytest.raises(PlcError, match="TP"):
        await _connect_and_read(port)
    await port.close()


async def test_a_write_to_a_stalled_plc_fails_in_time_and_is_carried_out_later(bench: Bench, port: PlcPort) -> None:
    bench.plc.hold_writes()
    with pytest.raises(PlcError):
        await asyncio.wait_for(port.write({"OV-1.PH.ProcReq": 77}), 2.5)
    assert bench.program.tags["OV-1.PH.ProcReq"] == 0
    bench.plc.release()
    await until(lambda: bench.program.tags["OV-1.PH.ProcReq"] == 77)
    assert [tag for tag, _ in bench.plc.writes].count("OV-1.PH.ProcReq") == 1


async def test_closing_twice_is_harmless(bench: Bench) -> None:
    port = bench.open_port()
    await port.connect()
    await port.close()
    await port.close()


async def _connect_and_read(port: PlcPort) -> None:
    await port.connect()
    await port.read(["TP.PlcHb"])


async def _shows(port: PlcPort, tag: str, wanted: Callable[[Reading], bool]) -> Reading:
    """Read a tag until it is as wanted: a server may show what was set a moment later."""
    async with asyncio.timeout(3):
        while True:
            reading = (await port.read([tag]))[tag]
            if wanted(reading):
                return reading
            await asyncio.sleep(0.01)
