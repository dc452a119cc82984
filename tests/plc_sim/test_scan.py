"""The scan: process time, heartbeats and the watch over the MES, without a server or a clock."""

from __future__ import annotations

import asyncio
import time

import pytest

from plc_sim.scan import CATCH_UP_S, ScanLoop, SimulatedPlc
from tests.plc_sim.heater import Plant, build, heater_map, new_plant

IDLE, RUNNING, HOLDING, HELD, STOPPED = 4, 6, 10, 11, 2
SCAN_S = 0.05


@pytest.mark.parametrize("speed", [0.5, 1.0, 7.3, 60.0, 2000.0])
def test_process_time_is_wall_time_by_speed(speed: float) -> None:
    plant = new_plant(speed=speed)
    for _ in range(400):
        plant.plc.scan(SCAN_S)
    assert plant.plc.ticks == pytest.approx(20.0 * speed, abs=1)


def test_however_the_scans_fall_the_same_ticks_give_the_same_plant() -> None:
    one, other = new_plant(), new_plant()
    for plant, scans, wall_s in ((one, 1, 60.0), (other, 1200, 0.05)):
        plant.commit(2)
        plant.plc.scan(0.0)
        for _ in range(scans):
            plant.plc.scan(wall_s)
    assert one.plc.ticks == other.plc.ticks == 60
    assert one.heater.temperature_degc == other.heater.temperature_degc > 70


def test_the_plc_heartbeat_moves_by_one_each_scan_and_wraps() -> None:
    plant = new_plant()
    assert plant.plc.image.value("HT.PlcHb") == 1
    for _ in range(65535):
        plant.plc.header.words()  # 65 thousand whole scans would only take longer
    plant.plc.scan(0.0)
    assert plant.plc.image.value("HT.PlcHb") == 1


def test_the_header_tells_who_the_plc_is() -> None:
    image = new_plant(boot_id=4711).plc.image
    values = {tag: image.value(f"HT.{tag}") for tag in ("IfVersion", "ProgramId", "BootId", "CommOk")}
    assert values == {"IfVersion": 1, "ProgramId": 305419896, "BootId": 4711, "CommOk": 0}


def test_each_start_draws_a_boot_id_that_is_not_0() -> None:
    boot_ids = {new_plant(boot_id=0).plc.boot_id for _ in range(20)}
    assert len(boot_ids) > 1
    assert all(1 <= boot_id <= 65535 for boot_id in boot_ids)


def test_the_mes_heartbeat_is_echoed_and_shown_as_alive() -> None:
    plc = new_plant().plc
    plc.image.write("HT.MesHb", 1)
    plc.scan(SCAN_S)
    assert (plc.image.value("HT.MesHbEcho"), plc.image.value("HT.CommOk")) == (1, 1)
    for _ in range(200):
        plc.scan(SCAN_S)
    assert plc.image.value("HT.CommOk") == 0


def silent_for(plant: Plant, wall_s: float) -> None:
    for _ in range(round(wall_s / SCAN_S)):
        plant.plc.scan(SCAN_S)


@pytest.mark.parametrize(("slot", "state"), [("HE-1.PH", HELD), ("HE-2.PH", RUNNING), ("HE-3.PH", STOPPED)])
def test_a_silent_mes_brings_each_slot_to_its_comm_loss_action(slot: str, state: int) -> None:
    plant = new_plant(slot)
    plant.commit(2, sp=(900.0, 1.0))
    plant.plc.image.write("HT.MesTmo", 3)
    plant.plc.image.write("HT.MesHb", 1)
    silent_for(plant, 2.9)
    assert (plant.state, plant.plc.image.value("HT.CommOk")) == (RUNNING, 1)
    silent_for(plant, 5.0)
    assert (plant.state, plant.plc.image.value("HT.CommOk")) == (state, 0)


def test_a_heartbeat_in_time_keeps_the_phase_running_and_ends_the_loss() -> None:
    plant = new_plant()
    plant.commit(2, sp=(900.0, 1.0))
    plant.plc.image.write("HT.MesTmo", 2)
    for beat in range(1, 11):
        plant.plc.image.write("HT.MesHb", beat)
        silent_for(plant, 1.0)
    assert plant.state == RUNNING
    silent_for(plant, 4.5)
    assert plant.state == HELD
    assert (plant.commit(5), plant.state) == (1, HOLDING)  # restarted while still silent: held again at once
    plant.scan_until(HELD)
    plant.plc.image.write("HT.MesHb", 11)
    assert plant.commit(5) == 1
    plant.scan_until(RUNNING)


def test_without_a_time_out_silence_does_nothing() -> None:
    plant = new_plant()
    plant.commit(2, sp=(900.0, 1.0))
    silent_for(plant, 30.0)
    assert plant.state == RUNNING


def test_the_time_out_is_wall_time_at_any_speed() -> None:
    plant = new_plant(speed=100.0)
    plant.commit(2, sp=(900.0, 0.1))
    plant.plc.image.write("HT.MesTmo", 3)
    silent_for(plant, 2.9)
    assert plant.plc.ticks == pytest.approx(290, abs=1)
    assert plant.state == RUNNING


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        new_plant(speed=speed)


def test_a_unit_without_a_model_is_named() -> None:
    tag_map = heater_map()
    units = build("HT", ["HE-1", "HE-3"], 1)
    with pytest.raises(ValueError, match="no unit model for HE-2"):
        SimulatedPlc(tag_map, units)


def test_a_tag_the_model_does_not_give_is_named() -> None:
    class Blind(type(new_plant().heater)):  # type: ignore[misc]
        def tags(self) -> dict[str, float]:
            return {"T": 1.0}

    tag_map = heater_map()
    units = {**build("HT", tag_map.units, 1), "HE-1": Blind("HE-1")}
    with pytest.raises(ValueError, match="HE-1 does not give the tags DOOR; it gives T"):
        SimulatedPlc(tag_map, units)


async def test_a_stall_of_the_machine_is_not_made_good_by_a_pile_of_ticks() -> None:
    plant = new_plant(speed=2000.0)
    ticks: list[int] = []

    async def stall_once() -> None:
        if not ticks:
            time.sleep(1.5)  # noqa: ASYNC251 - the whole process stands still, as under a debugger
        ticks.append(plant.plc.ticks)

    scanning = asyncio.ensure_future(ScanLoop(plant.plc.scan, SCAN_S, stall_once).run())
    limit_s = asyncio.get_running_loop().time() + 20.0
    while len(ticks) < 2:
        assert asyncio.get_running_loop().time() < limit_s, f"only {len(ticks)} scans in 20 s"
        await asyncio.sleep(0.01)
    scanning.cancel()
    await asyncio.gather(scanning, return_exceptions=True)
    assert ticks[1] - ticks[0] == CATCH_UP_S * 2000


async def test_the_scan_loop_keeps_pace_with_the_wall_clock() -> None:
    plant = new_plant(speed=2000.0)
    loop = asyncio.get_running_loop()
    scans = 0

    async def count() -> None:
        nonlocal scans
        scans += 1

    began_s = loop.time()
    scanning = asyncio.ensure_future(ScanLoop(plant.plc.scan, 0.02, count).run())
    while scans < 20:
        assert loop.time() - began_s < 20.0, f"only {scans} scans in 20 s"
        await asyncio.sleep(0.01)
    took_s = loop.time() - began_s
    scanning.cancel()
    await asyncio.gather(scanning, return_exceptions=True)
    assert 0 < plant.plc.ticks <= took_s * 2000
