"""A bench for unit models: the shipped maps and a plant that runs phases tick by tick, without a PLC around it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from plc_sim.plant import PhaseProgress, UnitModel
from plc_sim.units import build_plant

PLCS = ("SY", "FM", "UT", "SX", "BC", "FB", "MF")
MAPS = {name: Path(__file__).parents[3] / "plc_sim" / "maps" / f"{name.lower()}.toml" for name in PLCS}
TICKS_MAX = 300_000


def load_map(name: str) -> dict[str, Any]:
    return tomllib.loads(MAPS[name].read_text(encoding="utf-8"))


class Bench:
    """All units of one PLC; `run` starts a phase with the map's defaults and ticks until it is done or fails."""

    def __init__(self, plc: str, seed: int = 1, supply: str = "raw") -> None:
        self.map = load_map(plc)
        # Alarm words are the PLC's, not the unit's.
        self.map["tag"] = [tag for tag in self.map["tag"] if "alarms" not in tag]
        plant = build_plant({plc: [unit["name"] for unit in self.map["unit"]]}, seed, supply)
        self.units: dict[str, UnitModel] = dict(plant.units[plc])
        self.defaults = {
            (slot["unit"], phase["class"]): {one["name"]: one["default"] for one in phase["parameters"]}
            for slot in self.map["slot"]
            for phase in slot["phase"]
        }
        self.starts: dict[str, int] = {}
        self.steps: list[int] = []
        self.ticks = 0

    def start(self, unit: str, phase: str, **changed: float) -> UnitModel:
        model, slot = self.units[unit], f"{unit}.PH"
        sp = self.defaults[unit, phase] | changed
        unknown = set(changed) - set(self.defaults[unit, phase])
        assert not unknown, f"{unit}.{phase} has no parameter {unknown}"
        assert model.check(slot, phase, sp)
        assert model.interlocks(slot) == frozenset()
        self.starts[unit] = self.starts.get(unit, 0) + 1
        self.steps, self.ticks = [], 0
        model.start(slot, phase, sp, self.starts[unit])
        return model

    def idle(self, ticks: int) -> None:
        for _ in range(ticks):
            for model in self.units.values():
                model.tick()

    def go(self, unit: str, until: Callable[[PhaseProgress], bool] | None = None) -> PhaseProgress:
        """Tick until done or failed, or until `until` says so."""
        model, slot = self.units[unit], f"{unit}.PH"
        for _ in range(TICKS_MAX):
            model.tick()
            progress = model.run(slot)
            self.ticks += 1
            if not self.steps or self.steps[-1] != progress.step:
                self.steps.append(progress.step)
            if progress.done or progress.fail_code or (until is not None and until(progress)):
                return progress
        raise AssertionError(f"{unit} not done after {TICKS_MAX} ticks; last progress {progress}")

    def go_for(self, unit: str, ticks: int) -> PhaseProgress:
        aim = self.ticks + ticks
        return self.go(unit, until=lambda _: self.ticks >= aim)

    def run(self, unit: str, phase: str, **changed: float) -> Mapping[str, float]:
        """Run a phase to its end and give its reports."""
        model = self.start(unit, phase, **changed)
        progress = self.go(unit)
        assert progress.done, f"{unit}.{phase} ended with {progress}"
        model.end(f"{unit}.PH")
        return dict(model.reports(f"{unit}.PH"))

    def rest(self, unit: str) -> int:
        """Bring a unit to rest; gives the ticks it took."""
        for ticks in range(1, 10_000):
            self.units[unit].tick()
            if self.units[unit].at_rest(f"{unit}.PH"):
                return ticks
        raise AssertionError(f"{unit} never came to rest")
