"""Faults of the plant by name, on the shipped maps, with their tag-level effect over a real socket."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import plc_sim
from plc_sim.cell import Cell
from plc_sim.control.panel import Panel
from plc_sim.faults.order import order_from_line
from plc_sim.faults.physical_kinds import PHYSICAL_KINDS
from plc_sim.mapfile import read_map
from plc_sim.scan import SimulatedPlc
from plc_sim.tagmap import TagMap
from plc_sim.units import build_plant
from tests.plc_sim.faults.wire import Wire, wired

MAPS = Path(plc_sim.__file__).with_name("maps")
PLCS = ("SY", "FM", "UT", "SX", "BC", "FB", "MF")
KINDS = {kind.name: kind for kind in PHYSICAL_KINDS}
Judge = Callable[[float, float], bool]


@cache
def shipped(name: str) -> TagMap:
    return read_map(MAPS / f"{name.lower()}.toml")


def plant(*names: str) -> Cell:
    """The PLCs named, or all, on one plant whose empty inlets hold test charges."""
    maps = [shipped(name) for name in names or PLCS]
    built = build_plant({one.name: one.units for one in maps}, seed=1, supply="dry")
    return Cell([SimulatedPlc(one, built.units[one.name], boot_id=100) for one in maps])


def plc_of(unit: str) -> str:
    (name,) = (name for name in PLCS if unit in shipped(name).units)
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Within `after_s` of a fault, `tag` (less the tag `less`) is beyond the value; then `slot` shows the interlock.

    `phase` runs meanwhile, started `before_s` before the fault; below 0 it is started so long after the fault.
    """

    line: str
    after_s: int
    tag: str
    judge: Judge
    value: float
    less: str = ""
    slot: str = ""
    interlock: str = ""
    phase: str = ""
    before_s: int = 600
    parameters: Mapping[str, float] = field(default_factory=dict)


LOW, HIGH = operator.lt, operator.gt


def effect(line: str, after_s: int, tag: str, judge: Judge, value: float, interlock: str = "", **more: Any) -> Effect:
    slot, _, name = interlock.partition(" ")
    return Effect(
        line=line,
        after_s=after_s,
        tag=tag,
        judge=judge,
        value=value,
        slot=slot and f"{slot}.PH",
        interlock=name,
        **more,
    )


EFFECTS = (
    effect("argon-loss", 1200, "AR-003.P_AR", LOW, 4.0, "FU-301 I18_ARGON_SUPPLY"),
    effect("h2s-leak", 1200, "GD-004.H2S_ROOM1", HIGH, 20.0, "WS-111 I2_H2S_ROOM"),
    effect("oxygen-depletion", 1800, "GD-004.O2_ROOM", LOW, 18.0, "MX-601 I3_ROOM_OXYGEN"),
    effect("solvent-leak", 1200, "GD-004.LEL_TOL_STORE", HIGH, 25.0),
    effect("dew-point-rise", 600, "DRM-001.DEWPT_ROOM", HIGH, -40.0, "CT-701 I16_DRY_ROOM"),
    effect("air-change-loss", 600, "DRM-001.ACH", LOW, 20.0, "SL-902 I16_DRY_ROOM"),
    effect("scrubber-failure", 600, "SCR-002.FAN_HZ", LOW, 5.0, "FU-301 I17_SCRUBBER"),
    effect("caustic-spent", 60, "SCR-002.PH", LOW, 10.0, "FU-301 I17_SCRUBBER"),
    effect("glovebox-leak GB-101", 1800, "GB-101.O2_PPM", HIGH, 10.0, "WS-111 I4_GLOVEBOX"),
    effect("purifier-failure GB-102", 7200, "GB-102.O2_PPM", HIGH, 1.0),
    effect("cooling-failure BM-201", 5400, "BM-201.T_JAR", HIGH, 55.0, phase="MILL"),
    effect("vibration BM-201 speed=5", 60, "BM-201.VIB", HIGH, 7.0, phase="MILL"),
    effect("vibration BM-201", 60, "BM-201.SPEED", LOW, 1.0, "BM-201 I10_MILL_JAR", phase="MILL"),
    effect("heater-failure FU-301", 3600, "FU-301.TZ1", HIGH, 30.0, phase="ANNEAL", less="FU-301.TZ2"),
    effect("heater-runaway FU-301", 3600, "FU-301.TZ2", HIGH, 40.0, "FU-301 I6_OVERTEMPERATURE", less="FU-301.TZ1"),
    effect("retort-leak FU-301", 1800, "FU-301.O2_EXH", HIGH, 50.0, "FU-301 I7_RETORT_OXYGEN"),
    effect("vent-blocked FU-301", 1200, "FU-301.P_RETORT", HIGH, 190.0, "FU-301 I5_RETORT_PRESSURE"),
    effect("loop-oxygen JM-401", 1200, "JM-401.O2_LOOP", HIGH, 450.0, "JM-401 I9_JET_MILL_GAS"),
    effect("filter-clogged JM-401", 120, "JM-401.DP_FILTER", HIGH, 50.0, "JM-401 I9_JET_MILL_GAS", phase="JET_MILL"),
    effect("filter-clogged FL-603", 120, "FL-603.DP", HIGH, 2.0, phase="FILTER"),
    effect("vacuum-leak VD-403", 3600, "VD-403.P_VAC", HIGH, 40.0, phase="VACUUM_DRY", before_s=3600),
    effect("seal-failure PK-501", 1800, "PK-501.LEAK", HIGH, 0.005, phase="PACK", before_s=-1),
    effect("pump-fluctuation CT-701", 120, "CT-701.PUMP_FLOW", HIGH, 17.4, phase="COAT", before_s=3600),
    effect("web-break UW-701", 60, "UW-701.TENSION_UW", LOW, 10.0, "CT-701 I14_WEB_BREAK"),
    effect("tension-swing RW-901", 60, "RW-901.TENSION_RW", HIGH, 50.0),
    effect("damper-unproven DR-702", 60, "DR-702.EXH_FLOW", HIGH, 190.0, "CT-701 I12_EXHAUST_FLOW"),
    effect("guard-open CA-801", 60, "CA-801.LINE_FORCE", LOW, 1.0, "CA-801 I15_CALENDER_NIP"),
    effect("exhaust-failure DR-702", 300, "DR-702.EXH_FLOW", LOW, 100.0, "CT-701 I12_EXHAUST_FLOW"),
    effect("oxygen-ingress DR-702", 1800, "DR-702.O2_LOOP", HIGH, 8.0, "CT-701 I13_DRYER_OXYGEN"),
    effect("oxygen-ingress MX-601", 1800, "MX-601.O2_HEAD", HIGH, 5.0, "MX-601 MX_HEAD_OXYGEN"),
    effect("nip-force-runaway CA-801 force=890", 60, "CA-801.LINE_FORCE", HIGH, 850.0, phase="CALENDER", before_s=2400),
    effect(
        "nip-force-runaway CA-801",
        60,
        "CA-801.LINE_FORCE",
        LOW,
        1.0,
        "CA-801 I15_CALENDER_NIP",
        phase="CALENDER",
        before_s=2400,
    ),
    effect("blunt-knife SL-902", 600, "SL-902.BURR", HIGH, 20.0, phase="SLIT"),
    effect("blanket-loss RX-251", 1800, "RX-251.BLANKET", LOW, 5.0, "RX-251 RX_BLANKET"),
    effect("solvent-vapour RX-251", 300, "RX-251.LEL", HIGH, 25.0, "RX-251 RX_LEL"),
    effect("heater-runaway RX-251", 1800, "RX-251.T", HIGH, 75.0, "RX-251 RX_TEMPERATURE"),
    effect("vent-blocked RX-251", 1200, "RX-251.P", HIGH, 290.0, "RX-251 RX_PRESSURE"),
    effect("guard-open SH-652", 60, "SH-652.SPEED", LOW, 0.01, "SH-652 SH_NIP_GUARD", phase="PRESHEET", before_s=2400),
    effect("stuck-valve FU-301", 600, "FU-301.AR_FLOW", LOW, 6.0, phase="ANNEAL", before_s=-1),
)
SENSORS = {"zone-sensor-failure": "FU-301.TZ2"}
"""Faults that make a value bad instead of moving it."""
UNSEEN = {"scale-drift", "uncleaned", "agglomerate", "screen-torn"}
"""Faults that no tag of their unit shows at once: they are in the material (tests of units and genealogy)."""


async def difference(wire: Wire, effect: Effect) -> float:
    return await wire.read(effect.tag) - (await wire.read(effect.less) if effect.less else 0.0)


def held(cell: Cell, slot: str) -> tuple[str, ...]:
    return cell.plcs[plc_of(slot.removesuffix(".PH"))].slots[slot].interlocks if slot else ()


def started(cell: Cell, effect: Effect) -> None:
    slot = effect.tag.split(".", 1)[0] + ".PH"
    panel = Panel(cell)
    panel.switch(slot, "local")
    panel.press(slot, "start", effect.phase, effect.parameters)
    cell.advance(0)


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.line.replace(" ", "-"))
async def test_a_fault_shows_what_its_page_tells(effect: Effect) -> None:
    plc_names = [plc_of(name.split(".", 1)[0]) for name in (effect.tag, effect.slot) if name]
    cell = plant(*dict.fromkeys(plc_names))
    async with wired(cell, plc_names[0]) as wire:
        if effect.phase and effect.before_s >= 0:
            started(cell, effect)
            cell.advance(effect.before_s)
            assert not effect.judge(await difference(wire, effect), effect.value), "it shows before the fault is there"
        assert wire.begin(effect.line).ends is not None
        if effect.phase and effect.before_s < 0:
            started(cell, effect)
        shown: list[float] = []
        seen = tripped = False
        step_s = 1 if effect.after_s <= 120 else 10
        for _ in range(0, effect.after_s, step_s):
            cell.advance(step_s)
            shown.append(await difference(wire, effect))
            seen = seen or effect.judge(shown[-1], effect.value)
            tripped = tripped or effect.interlock in held(cell, effect.slot)
            if seen and (tripped or not effect.interlock):
                return
        pytest.fail(f"{effect.tag} was {min(shown):g} to {max(shown):g}, interlocks {held(cell, effect.slot)}")


async def test_a_broken_thermocouple_is_seen_as_bad_and_trips() -> None:
    async with wired(plant("SY"), "SY") as wire:
        assert await wire.read("FU-301.PH.Wqc") == 255
        wire.begin("zone-sensor-failure FU-301 zone=2")
        wire.cell.advance(5)
        assert not 0.0 <= await wire.read("FU-301.TZ2") <= 900.0
        assert await wire.read("FU-301.PH.Wqc") == 0
        assert "I6_OVERTEMPERATURE" in wire.plc.slots["FU-301.PH"].interlocks


def test_every_fault_of_the_plant_is_shown_here_or_is_unseen() -> None:
    assert {one.line.split(" ")[0] for one in EFFECTS} | set(SENSORS) | UNSEEN == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_a_fault_comes_and_goes_at_every_unit_it_names(name: str) -> None:
    units = KINDS[name].units
    cell = plant(*dict.fromkeys(plc_of(unit) for unit in units))
    cell.advance(0)
    for unit in units:
        fault = cell.add_fault(order_from_line(f"{name} {unit}"))
        cell.advance(30)
        cell.clear_fault(fault.number)
        cell.advance(30)
        assert cell.faults == ()


def test_the_catalogue_and_the_units_know_the_same_faults() -> None:
    known: dict[str, set[str]] = {}
    for plc in plant().plcs.values():
        for name, unit in plc.units.items():
            for fault in unit.disturbances():
                known.setdefault(fault, set()).add(name)
    assert known == {name: set(kind.units) for name, kind in KINDS.items()}
