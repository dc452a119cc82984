"""The whole plant under random hands: phases at odd moments, limits, faults, restarts; it stays whole and finite."""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from plc_sim.cell import Cell
from plc_sim.control.panel import Panel
from plc_sim.faults.catalogue import CATALOGUE
from plc_sim.faults.kinds import FaultKind, Target
from plc_sim.faults.order import order_from
from plc_sim.mapfile import read_map
from plc_sim.scan import SimulatedPlc
from plc_sim.tagmap import REP, PhaseClass, Slot
from plc_sim.units import build_plant

MAPS = [read_map(Path(__file__).parents[2] / "plc_sim" / "maps" / f"{name}.toml") for name in ("sy", "fm", "ut")]
LINES = [tag_map for tag_map in MAPS if tag_map.name != "UT"]
SLOTS = [slot for tag_map in LINES for slot in tag_map.slots]
KINDS = [kind for kind in CATALOGUE.values() if kind.target in (Target.UNIT, Target.SITE, Target.PLC)]
NEXT = {
    "idle": ("start",),
    "running": ("hold", "pause", "stop", "abort", "update", "update"),
    "held": ("restart", "restart", "stop", "abort"),
    "paused": ("resume", "resume", "abort"),
}
RESETS = ("reset", "abort")


class Hands:
    """Somebody who presses every button of a plant without a plan; all of it comes out of one seed."""

    def __init__(self, seed: int, supply: str) -> None:
        self.random = random.Random(seed)
        plant = build_plant({tag_map.name: tag_map.units for tag_map in MAPS}, seed, supply)
        self.cell = Cell(SimulatedPlc(tag_map, plant.units[tag_map.name], seed=seed, boot_id=1) for tag_map in MAPS)
        assert plant.material is not None
        self.material = plant.material
        self.panel = Panel(self.cell)
        self.cell.advance(0)

    def act(self) -> None:
        deed = self.random.random()
        if deed < 0.65:
            self.press(self.random.choice(SLOTS))
        elif deed < 0.85:
            self.break_something(self.random.choice(KINDS))
        elif deed < 0.95 and self.cell.faults:
            self.cell.clear_fault(self.random.choice(self.cell.faults).number)
        else:
            for slot in SLOTS:
                for interlock in slot.interlocks:
                    with contextlib.suppress(ValueError):
                        self.panel.reset(slot.unit, interlock, key=True)
        self.cell.advance(self.random.choice([1, 2, 20, 100, 600]))

    def press(self, slot: Slot) -> None:
        with contextlib.suppress(ValueError):  # a PLC without power, an interlock, parameters that do not fit
            live = self.panel.switch(slot.name, "local")
            command = self.random.choice(NEXT.get(live.state.name.lower(), RESETS))
            phase = live.phase or self.random.choice(list(slot.phases.values()))
            given = self.parameters(phase) if command in ("start", "update") else {}
            self.panel.press(slot.name, command, phase.name if command == "start" else "", given)

    def parameters(self, phase: PhaseClass) -> dict[str, float]:
        place = self.random.choice(["default", "default", "min", "max"])
        return {one.name: float(getattr(one, place)) for one in phase.parameters}

    def break_something(self, kind: FaultKind) -> None:
        targets = {Target.UNIT: kind.units, Target.PLC: ("SY", "FM", "UT")}.get(kind.target, ("",))
        bad = {one.name: self.random.choice(one.only or (one.low, one.high, one.default)) for one in kind.parameters}
        lasts: Mapping[str, object] = {} if kind.momentary else {"for": self.random.choice([1, 60, 1800])}
        entry = {"name": kind.name, "target": self.random.choice(targets), **bad, **lasts}
        with contextlib.suppress(ValueError):  # it is there already
            self.cell.add_fault(order_from(entry))

    def out_of_range(self) -> list[str]:
        """Tell every tag and report of both lines that is not a number of its range; a broken thermocouple may be."""
        broken = {one.order.target for one in self.cell.faults if one.order.kind.name == "zone-sensor-failure"}
        found = []
        for tag_map in LINES:
            plc = self.cell.plcs[tag_map.name]
            for name, unit in plc.units.items():
                shown = unit.tags()
                for tag in (tag for tag in tag_map.tags if tag.unit == name and not tag.alarms):
                    if name in broken and tag.key.startswith("TZ"):
                        continue
                    if not tag.low <= shown[tag.key] <= tag.high:
                        found.append(f"{tag.name} = {shown[tag.key]}")
            for slot in plc.slots.values():
                reports = slot.phase.reports if slot.phase is not None else ()
                status = slot.status(True)
                for one, rep in zip(reports, REP, strict=False):
                    value = status[f"{slot.slot.name}.{rep}"]
                    if not (math.isfinite(value) and one.min <= value <= one.max):
                        found.append(f"{slot.slot.name} {one.name} = {value}")
        return found

    def lost(self) -> float:
        gone = self.material.truth()["unaccounted"]
        assert isinstance(gone, dict)
        return max((abs(grams) for grams in gone.values()), default=0.0)


@pytest.mark.parametrize(("seed", "supply"), [(1, "dry"), (2, "raw"), (3, "dry")])
def test_no_hand_and_no_fault_breaks_the_plant_or_loses_a_gram(seed: int, supply: str) -> None:
    hands = Hands(seed, supply)
    for _ in range(120):
        hands.act()
        assert hands.out_of_range() == []
    assert hands.lost() < 1e-6
