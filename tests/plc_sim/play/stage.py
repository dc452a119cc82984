"""Plants to play on: the shipped one, and heaters, each with what a play needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plc_sim.cell import Cell
from plc_sim.faults.order import order_from_line
from plc_sim.mapfile import read_map
from plc_sim.plant import BuiltPlant
from plc_sim.play.player import Player
from plc_sim.play.playfile import read_play
from plc_sim.scan import SimulatedPlc
from plc_sim.units import build_plant
from tests.plc_sim.heater import MAP_FILE, Heater
from tests.plc_sim.heater import build as heaters

SHORT = Path(__file__).with_name("short.toml")
MAPS = Path(__file__).parents[3] / "plc_sim" / "maps"
SHIPPED = [read_map(MAPS / f"{name}.toml") for name in ("sy", "fm", "ut")]


def whole_plant(seed: int, faults: tuple[str, ...] = (), plcs: tuple[str, ...] = ("SY", "FM", "UT")) -> Any:
    """The shipped plant as (cell, material)."""
    maps = [tag_map for tag_map in SHIPPED if tag_map.name in plcs]
    built: BuiltPlant = build_plant({one.name: one.units for one in maps}, seed)
    cell = Cell([SimulatedPlc(one, built.units[one.name], seed=seed, boot_id=1) for one in maps])
    for line in faults:
        cell.add_fault(order_from_line(line))
    return cell, built.material


class Stage:
    """A play being played scan by scan, of 10 s unless it says otherwise."""

    def __init__(self, folder: Path, text: str, cell: Cell, material: Any = None) -> None:
        path = folder / "play.toml"
        path.write_text('scan = "10s"\n' + text, encoding="utf-8")
        play = read_play(path, [plc.tag_map for plc in cell.plcs.values()])
        self.cell = cell
        self.ticks = round(play.scan_s)
        cell.advance(0)
        self.player = Player(play, cell, material)

    def go(self, process_s: float) -> Stage:
        """Play on for a process time."""
        for _ in range(round(process_s / self.ticks)):
            self.player.look()
            self.cell.advance(self.ticks)
        self.player.look()
        return self

    @property
    def completed(self) -> int:
        return self.player.floor.completed

    @property
    def mishaps(self) -> list[str]:
        return self.player.floor.mishaps

    def now(self, line: int = 0) -> str:
        """Where a line is."""
        lines: Any = self.player.told()["lines"]
        return f"{lines[line]['rounds']} rounds, {lines[line]['broken_off']} broken off, {lines[line]['now']}"

    def shown(self, tag: str) -> float:
        """What a client reads."""
        (plc,) = (one for one in self.cell.plcs.values() if tag in one.image.index)
        return plc.image.value(tag)


class HeaterStage(Stage):
    """A play on three heaters."""

    def __init__(self, folder: Path, text: str) -> None:
        tag_map = read_map(MAP_FILE)
        self.heaters: dict[str, Heater] = heaters(tag_map.name, tag_map.units, 1)
        super().__init__(folder, text, Cell([SimulatedPlc(tag_map, self.heaters, boot_id=1)]))
