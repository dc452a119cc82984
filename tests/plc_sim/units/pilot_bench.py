"""A pilot line whose units live side by side, with its material in sight: biochar, blown film or foamed parts."""

from __future__ import annotations

from collections.abc import Callable

from plc_sim.material.hand import Hands
from plc_sim.material.holdings import Holdings, Supply
from plc_sim.material.truth import unaccounted
from plc_sim.plant import PhaseProgress
from plc_sim.units import UNITS, Plant
from tests.plc_sim.units.bench import TICKS_MAX, Bench


class PilotBench(Bench):
    """All units of one pilot line; every one of them ticks while a phase runs."""

    def __init__(self, plc: str, supply: Supply = Supply.RAW, seed: int = 1) -> None:
        super().__init__(plc, seed)
        self.holdings = Holdings(supply=supply)
        plant = Plant(seed=seed, material=self.holdings)
        self.units = {name: UNITS[name](name, plant) for name in self.units}
        self.hands = Hands(self.holdings)

    def go(self, unit: str, until: Callable[[PhaseProgress], bool] | None = None) -> PhaseProgress:
        model, slot = self.units[unit], f"{unit}.PH"
        for _ in range(TICKS_MAX):
            for one in self.units.values():
                one.tick()
            progress = model.run(slot)
            self.ticks += 1
            if not self.steps or self.steps[-1] != progress.step:
                self.steps.append(progress.step)
            if progress.done or progress.fail_code or (until is not None and until(progress)):
                return progress
        raise AssertionError(f"{unit} not done after {TICKS_MAX} ticks; last progress {progress}")

    def bring(self, label: str, material: str, amount_g: float, unit: str, moisture_ppm: float = 0.0) -> None:
        """Receive a lot and bring its container to a unit."""
        lot = {"lot": label, "material": material, "amount": amount_g, "moisture_ppm": moisture_ppm}
        self.hands.receive(lot)
        self.hands.bring(label, unit)

    def gone_g(self, way: str) -> float:
        """Give what has left the plant by one way, g."""
        return sum(self.holdings.ledger.exits.get(way, {}).values())

    def lost_g(self) -> float:
        """The most that any lot is short or over, g."""
        return max((abs(gone) for gone in unaccounted(self.holdings).values()), default=0.0)
