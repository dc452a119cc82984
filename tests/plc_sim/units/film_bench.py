"""A film line whose material can be looked at and handled: for tests of what lies where."""

from __future__ import annotations

from plc_sim.material.hand import Hands
from plc_sim.material.holdings import Holdings, Supply
from plc_sim.material.ledger import BINDER, CARRIER, ELECTROLYTE, SOLVENT, ReceivedLot
from plc_sim.material.parcel import FINISHED, Condition, Parcel
from plc_sim.material.truth import unaccounted
from plc_sim.units import UNITS, Plant
from plc_sim.units.site import Site
from tests.plc_sim.units.bench import Bench


class FilmBench(Bench):
    """All units of the film line, with the holdings, site and hands of their plant."""

    def __init__(self, supply: Supply = Supply.RAW, seed: int = 1) -> None:
        super().__init__("FM", seed)
        self.holdings = Holdings(supply=supply)
        self.site = Site()
        plant = Plant(seed=seed, material=self.holdings, site=self.site)
        self.line = plant.line
        self.units = {name: UNITS[name](name, plant) for name in self.units}
        self.hands = Hands(self.holdings)

    def receive(self, lot: str, material: str, amount: float = 5000.0, quality: float = 1.0) -> None:
        self.hands.receive({"lot": lot, "material": material, "amount": amount, "quality": quality})

    def pour(self, name: str, mass_g: float, solids: float = 0.5, condition: Condition = FINISHED) -> None:
        """Set filtered slurry down at the coating line: its own powder, binder and solvent lots, 97:3."""
        parts = {
            f"{name}-SE": 0.97 * solids * mass_g,
            f"{name}-NBR": 0.03 * solids * mass_g,
            f"{name}-XYL": (1.0 - solids) * mass_g,
        }
        for lot, material in zip(parts, (ELECTROLYTE, BINDER, SOLVENT), strict=True):
            if lot not in self.holdings.ledger.lots:
                self.holdings.ledger.receive(ReceivedLot(lot=lot, material=material))
            self.holdings.ledger.draw(lot, parts[lot])
        self.holdings.filtered.put(Parcel(parts=parts, condition=condition))

    def mount(self, roll: str, metres: float) -> None:
        """Bring a carrier roll to the unwinder."""
        self.receive(roll, CARRIER, metres)
        self.hands.bring(roll, "CT-701")

    def lost_g(self) -> float:
        """The most that any lot is short or over, g or m."""
        return max((abs(gone) for gone in unaccounted(self.holdings).values()), default=0.0)
