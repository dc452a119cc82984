"""Each fault of links, programs and signals by its name, with the effect its page tells, seen over a real socket."""

from __future__ import annotations

import asyncio
import math
import struct
from collections.abc import Awaitable, Callable

import pytest

from plc_sim.faults.catalogue import CATALOGUE
from plc_sim.faults.physical_kinds import PHYSICAL_KINDS
from tests.plc_sim.faults.wire import Wire, wired

NOW_S = 0.1
"""So long a client waits for an answer that must not come; one that does comes in less than a millisecond."""
GOOD, BAD = 255, 0


async def answers_again(wire: Wire) -> None:
    wire.client = await wire.another()
    assert await wire.read("HT.BootId") == wire.plc.boot_id


async def back(wire: Wire) -> None:
    """Notice that the connection was closed, and connect again."""
    await wire.server.refresh()
    assert await wire.client.end() == b""
    await wire.run(2)
    await answers_again(wire)


async def link_down(wire: Wire) -> None:
    await wire.running()
    fault = wire.begin("link-down HT")
    await wire.run()
    assert await wire.client.end() == b""
    refused = await wire.another()
    assert await refused.end() == b""
    before = wire.heater.temperature_degc
    await wire.run(10)
    assert wire.heater.temperature_degc > before
    await wire.clear(fault)
    await answers_again(wire)
    assert await wire.read("HE-1.PH.State") == 6


async def half_open(wire: Wire) -> None:
    fault = wire.begin("half-open HT")
    await wire.run()
    wire.client.writer.write(wire.client.frame(struct.pack(">BHH", 3, 1, 1)))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wire.client.reader.read(1), NOW_S)
    await wire.clear(fault)
    assert (await wire.client.answer())[1] == struct.pack(">BBH", 3, 2, 100)


async def slow_answers(wire: Wire) -> None:
    fault = wire.begin("slow-answers HT delay=0.15s")
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    assert await wire.read("HT.BootId") == 100
    assert loop.time() - began_s >= 0.15
    await wire.clear(fault)
    assert await asyncio.wait_for(wire.read("HT.BootId"), NOW_S) == 100


async def busy(wire: Wire) -> None:
    fault = wire.begin("busy HT code=10")
    assert await wire.client.ask(struct.pack(">BHH", 3, 1, 1)) == bytes((0x83, 10))
    await wire.clear(fault)
    assert await wire.read("HT.BootId") == 100


async def write_ignored(wire: Wire) -> None:
    fault = wire.begin("write-ignored HT")
    assert (await wire.write("HT.MesHb", 5))[0] == 16
    await wire.run()
    assert (await wire.read("HT.MesHb"), await wire.read("HT.MesHbEcho")) == (0, 0)
    await wire.clear(fault)
    await wire.write("HT.MesHb", 5)
    await wire.run()
    assert await wire.read("HT.MesHbEcho") == 5


async def wrong_word_order(wire: Wire) -> None:
    right = await wire.words("HT.ProgramId")
    assert right == (0x1234, 0x5678)
    fault = wire.begin("wrong-word-order HT")
    assert await wire.words("HT.ProgramId") == (0x5678, 0x1234)
    assert await wire.read("HT.BootId") == 100
    await wire.clear(fault)
    assert await wire.words("HT.ProgramId") == right


async def plc_restart(wire: Wire) -> None:
    await wire.running()
    wire.begin("plc-restart HT")
    assert wire.cell.faults == ()
    await back(wire)
    shown = {tag: await wire.read(f"HE-1.PH.{tag}") for tag in ("State", "ActExec", "LastExec", "AckRes", "AckSeq")}
    assert shown == {"State": 4, "ActExec": 0, "LastExec": 7, "AckRes": 9, "AckSeq": 1}
    assert await wire.read("HT.BootId") == 101
    assert wire.heater.calls[-1] == "end"
    assert await wire.command(2, CmdBootId=100, ExecId=8) == 3
    assert await wire.command(2, ExecId=7) == 6
    assert await wire.command(2, ExecId=8) == 1


async def plc_stop(wire: Wire) -> None:
    await wire.running()
    fault = wire.begin("plc-stop HT")
    before = await wire.read("HT.PlcHb"), await wire.read("HE-1.T")
    hot = wire.heater.temperature_degc
    await wire.run(20)
    assert (await wire.read("HT.PlcHb"), await wire.read("HE-1.T")) == before
    assert wire.heater.temperature_degc < hot
    await wire.clear(fault)
    await back(wire)
    assert (await wire.read("HT.BootId"), await wire.read("HE-1.PH.State")) == (101, 4)
    assert await wire.read("HE-1.T") < before[1]


async def power_cut(wire: Wire) -> None:
    await wire.running()
    wire.begin("power-cut HT for=30s")
    await wire.run()
    assert await wire.client.end() == b""
    hot = wire.heater.temperature_degc
    await wire.run(28)
    refused = await wire.another()
    assert await refused.end() == b""
    await wire.run(4)
    await answers_again(wire)
    assert wire.plc.boot_id == 101
    assert await wire.read("HE-1.PH.AckRes") == 9
    assert wire.heater.temperature_degc < hot


async def frozen_heartbeat(wire: Wire) -> None:
    fault = wire.begin("frozen-heartbeat HT")
    before = await wire.read("HT.PlcHb"), await wire.read("HT.MesHbEcho")
    await wire.write("HT.MesHb", 9)
    await wire.run(3)
    assert await wire.read("HT.PlcHb") == before[0]
    assert await wire.read("HT.MesHbEcho") == 9
    await wire.clear(fault)
    await wire.run()
    assert await wire.read("HT.PlcHb") == before[0] + 1


async def program_changed(wire: Wire) -> None:
    right = await wire.read("HT.ProgramId")
    fault = wire.begin("program-changed HT")
    await wire.run()
    assert await wire.read("HT.ProgramId") not in (0, right)
    await wire.clear(fault)
    await wire.run()
    assert await wire.read("HT.ProgramId") == right


async def local_takeover(wire: Wire) -> None:
    await wire.running()
    fault = wire.begin("local-takeover HE-1.PH")
    await wire.run()
    assert await wire.read("HE-1.PH.Mode") == 2
    assert await wire.read("HE-1.PH.CmdEn") == 0
    assert (await wire.command(4), await wire.read("HE-1.PH.State")) == (8, 6)
    await wire.clear(fault)
    await wire.run()
    assert (await wire.read("HE-1.PH.Mode"), await wire.read("HE-1.PH.State")) == (9, 6)


async def shown(wire: Wire, line: str, scans: int = 1) -> list[float]:
    """Begin a fault of HE-1.T at 100 degC, and give by how much each of the next scans is off the truth."""
    wire.heater.temperature_degc = 100.0
    await wire.run()
    wire.begin(line)
    errors = []
    for _ in range(scans):
        await wire.run()
        errors.append(await wire.read("HE-1.T") - wire.heater.temperature_degc)
    return errors


async def frozen_sensor(wire: Wire) -> None:
    await shown(wire, "frozen-sensor HE-1.T")
    before = await wire.read("HE-1.T")
    wire.heater.temperature_degc = 300.0
    await wire.run(5)
    assert await wire.read("HE-1.T") == before
    assert await wire.read("HE-1.PH.Wqc") == GOOD
    await wire.clear(wire.cell.faults[0])
    await wire.run()
    assert await wire.read("HE-1.T") > 290.0


async def drift(wire: Wire) -> None:
    errors = await shown(wire, "drift HE-1.T rate=36000", scans=4)
    assert errors == pytest.approx([0.0, 10.0, 20.0, 30.0], abs=1e-3)
    await wire.run(100)
    assert (await wire.read("HE-1.T") > 1000.0, await wire.read("HE-1.PH.Wqc")) == (True, BAD)


async def spike(wire: Wire) -> None:
    errors = await shown(wire, "spike HE-1.T size=-40 every=3s", scans=7)
    assert errors == pytest.approx([-40.0, 0.0, 0.0, -40.0, 0.0, 0.0, -40.0], abs=1e-4)


async def chatter(wire: Wire) -> None:
    assert await shown(wire, "chatter HE-1.T size=2", scans=4) == pytest.approx([2.0, -2.0, 2.0, -2.0], abs=1e-4)


async def noisy_sensor(wire: Wire) -> None:
    errors = await shown(wire, "noisy-sensor HE-1.T deviation=2", scans=200)
    assert abs(sum(errors) / 200) < 0.6
    assert 1.6 < math.sqrt(sum(error * error for error in errors) / 200) < 2.4


async def offset(wire: Wire) -> None:
    assert await shown(wire, "offset HE-1.T size=7") == pytest.approx([7.0], abs=1e-4)


async def forced_value(wire: Wire) -> None:
    await shown(wire, "forced-value HE-1.T value=1001")
    assert (await wire.read("HE-1.T"), await wire.read("HE-1.PH.Wqc")) == (1001.0, BAD)


async def nan_sensor(wire: Wire) -> None:
    await shown(wire, "nan-sensor HE-1.T")
    assert math.isnan(await wire.read("HE-1.T"))
    assert (await wire.read("HE-1.PH.Wqc"), await wire.read("HE-2.PH.Wqc")) == (BAD, GOOD)
    await wire.clear(wire.cell.faults[0])
    await wire.run()
    assert await wire.read("HE-1.PH.Wqc") == GOOD


EFFECTS: dict[str, Callable[[Wire], Awaitable[None]]] = {
    effect.__name__.replace("_", "-"): effect
    for effect in (
        *(link_down, half_open, slow_answers, busy, write_ignored, wrong_word_order),
        *(plc_restart, plc_stop, power_cut, frozen_heartbeat, program_changed, local_takeover),
        *(frozen_sensor, drift, spike, chatter, noisy_sensor, offset, forced_value, nan_sensor),
    )
}


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - {kind.name for kind in PHYSICAL_KINDS}))
async def test_a_fault_shows_what_its_page_tells(name: str) -> None:
    async with wired() as wire:
        await EFFECTS[name](wire)


async def test_a_whole_number_can_only_be_frozen() -> None:
    async with wired() as wire:
        with pytest.raises(
            ValueError, match=r"tag HE-1\.DOOR is a whole number on the wire; of such tags only a frozen"
        ):
            wire.begin("nan-sensor HE-1.DOOR")
        wire.begin("frozen-sensor HE-1.DOOR")
        wire.heater.door_open = True
        await wire.run()
        assert await wire.read("HE-1.DOOR") == 1  # frozen by the first scan that shows it
        wire.heater.door_open = False
        await wire.run()
        assert await wire.read("HE-1.DOOR") == 1


async def test_faults_of_one_tag_add_up_in_their_order() -> None:
    async with wired() as wire:
        wire.begin("offset HE-1.T size=5")
        wire.begin("drift HE-1.T rate=3600")
        await wire.run(4)
        assert await wire.read("HE-1.T") - wire.heater.temperature_degc == pytest.approx(5.0 + 3.0, abs=1e-4)


async def test_a_link_is_up_again_only_when_nothing_cuts_it() -> None:
    async with wired() as wire:
        cable, power = wire.begin("link-down HT"), wire.begin("power-cut HT")
        await wire.clear(power)
        refused = await wire.another()
        assert await refused.end() == b""
        await wire.clear(cable)
        await back(wire)


async def test_a_plc_starts_once_when_everything_that_stopped_it_is_over() -> None:
    async with wired() as wire:
        stop, power = wire.begin("plc-stop HT"), wire.begin("power-cut HT")
        wire.begin("plc-restart HT")
        await wire.clear(stop)
        assert (wire.plc.powered, wire.plc.boot_id) == (False, 100)
        await wire.clear(power)
        assert (wire.plc.powered, wire.plc.boot_id) == (True, 101)
