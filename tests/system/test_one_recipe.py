"""The same recipe over three drivers gives the same record: nothing above the port knows what is below it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mes import records
from mes.model.states import ProceduralState
from mes.plc.fake import FakePlc, fake_plc
from mes.plc.tagfile import read_map
from plc_sim import units
from plc_sim.mapfile import read_map as read_map_of_the_plc
from plc_sim.scan import CATCH_UP_S, SimulatedPlc
from tests.system.floor import Floor, live_plant
from tests.system.plcs import MODBUS, OPC_UA, SHIPPED, started_plcs, urls_of

SPEED_OF_PROCESSES = 20_000.0
SPEED_IN_PROCESS = 10_000.0
"""Each way at a speed of its own, for the record does not depend on that either."""

SEED = 1
TIMES = ("created_at", "started_at", "ended_at")
WAITS = ("/Retort free of oxygen",)
"""Steps of the recipe that wait for the plant."""


class InProcess:
    """A simulated PLC as the program of a fake: the same plant with no wire before it."""

    def __init__(self, tag_map: Path) -> None:
        read = read_map_of_the_plc(tag_map)
        self._plc = SimulatedPlc(read, units.build(read.name, read.units, SEED), speed=SPEED_IN_PROCESS, seed=SEED)
        self._last_s = time.monotonic()

    def scan(self) -> None:
        now_s = time.monotonic()
        self._plc.scan(min(now_s - self._last_s, CATCH_UP_S))
        self._last_s = now_s

    def read(self, tag: str) -> float | int:
        return self._plc.image.value(tag)

    def write(self, tag: str, value: float | int) -> None:
        self._plc.image.write(tag, value)


async def made_over_the_fake(folder: Path) -> Mapping[str, Any]:
    (folder / "maps").mkdir()
    fakes: list[FakePlc] = []
    for name in ("SY", "UT"):
        path = folder / "maps" / f"{name.lower()}.toml"
        path.write_text((SHIPPED / path.name).read_text(encoding="utf-8"), encoding="utf-8")
        fakes.append(fake_plc(read_map(path), f"fake://one-recipe-{name}"))
        fakes[-1].program = InProcess(path)
    try:
        urls = {plc.tag_map.name: plc.source for plc in fakes}
        async with live_plant(folder, urls, speed=SPEED_IN_PROCESS) as floor:
            return await made_r1(floor)
    finally:
        for plc in fakes:
            await plc.stop()


async def made_over_wires(folder: Path, listen: Mapping[str, str]) -> Mapping[str, Any]:
    async with (
        started_plcs(folder, listen, speed=SPEED_OF_PROCESSES) as plcs,
        live_plant(folder, urls_of(plcs), speed=SPEED_OF_PROCESSES) as floor,
    ):
        return await made_r1(floor)


async def made_r1(floor: Floor) -> Mapping[str, Any]:
    await floor.receive_deliveries()
    batch_no = await floor.started("R1")
    await floor.until_state(batch_no, ProceduralState.COMPLETE, limit_s=240.0)
    return await asyncio.to_thread(records.record, floor.database, batch_no)


def head(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The record without its events, times, seal, and its world-wide identity, which is new for every batch."""
    return {name: value for name, value in record.items() if name not in {*TIMES, "events", "seal", "uid"}}


def by_path(record: Mapping[str, Any]) -> Mapping[str, list[Any]]:
    """The events of each element in their order, but for what depends on how fast a machine is.

    Left out are `at` and the number in the journal (`seq`): what happens in the two parallel branches, and what the
    engine does for groups in between, falls into one order or the other. Left out are resets: a slot is given free
    after its reports were read or, when the PLC cannot be asked just then, before its next phase. Nothing is made by
    it. Left out is when a timed wait ends, and what was measured when another one went on.
    """
    found: dict[str, list[Any]] = {}
    for event in record["events"]:
        if event["payload"].get("command") != "reset":
            kept = {name: value for name, value in event.items() if name not in {"at", "seq"}}
            kept["payload"] = {name: value for name, value in event["payload"].items() if name != "ends_at"}
            if event["path"].endswith(WAITS):
                kept["because"] = ""
                kept["payload"].pop("because", None)
            found.setdefault(event["path"], []).append(kept)
    return found


@pytest.mark.timeout(600)
@pytest.mark.no_cover  # a plant simulated in this process, counted line by line, takes four times as long
async def test_a_batch_has_the_same_record_over_the_fake_over_modbus_and_over_opc_ua(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("fake", "modbus", "opc_ua")}
    for folder in folders.values():
        folder.mkdir()
    fake = await made_over_the_fake(folders["fake"])
    modbus = await made_over_wires(folders["modbus"], {"SY": MODBUS, "UT": MODBUS})
    opc_ua = await made_over_wires(folders["opc_ua"], {"SY": OPC_UA, "UT": OPC_UA})

    for other in (modbus, opc_ua):
        assert head(other) == head(fake)
        theirs, ours = by_path(other), by_path(fake)
        assert set(theirs) == set(ours)
        for path, events in ours.items():
            assert theirs[path] == events, path
    # What is compared is a whole batch, not an empty one.
    assert sum(event["event"] == "ProcessData" for event in fake["events"]) == 19
