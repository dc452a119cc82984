"""A bench with the synthesis line and its extension in one plant: material goes from each to the other."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.hand import Hands
from plc_sim.material.holdings import Supply
from plc_sim.material.truth import unaccounted
from plc_sim.units import UNITS, Plant
from tests.plc_sim.units.bench import Bench

ROOM = 1e-6


class ExtensionBench(Bench):
    """The units of SY and SX with their material and site in sight; `supply` as in Holdings."""

    def __init__(self, supply: Supply = Supply.RAW) -> None:
        super().__init__("SX")
        line = Bench("SY")
        self.map = {key: [*line.map[key], *self.map[key]] for key in ("unit", "slot", "tag")}
        self.defaults = line.defaults | self.defaults
        plant = Plant(seed=1)
        plant.material.supply = supply
        self.site, self.material = plant.site, plant.material
        self.hands = Hands(plant.material)
        self.units = {unit["name"]: UNITS[unit["name"]](unit["name"], plant) for unit in self.map["unit"]}

    def weigh(self, masses_g: Mapping[str, float]) -> None:
        """Weigh materials out of containers that stand labelled with the name of what is in them."""
        for material, grams in masses_g.items():
            if self.material.supply is Supply.HAND:
                self.hands.bring(material, "WS-111")
            self.run("WS-111", "WEIGH", target=grams)

    def receive(self, **amounts_g: float) -> None:
        for material, grams in amounts_g.items():
            self.hands.receive({"lot": material, "material": material, "amount": grams})

    def is_balanced(self) -> bool:
        return all(abs(grams) < ROOM for grams in unaccounted(self.material).values())

    def abort(self, unit: str) -> None:
        self.rest(unit)
        self.units[unit].end(f"{unit}.PH")

    def tag(self, unit: str, name: str) -> float:
        return self.units[unit].tags()[name]
