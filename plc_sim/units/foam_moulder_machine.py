"""The injection machine for micro-foamed parts: barrel, gas in the melt, mould guard, and what its tags show."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.material.holdup import HoldUp
from plc_sim.units.barrel import Barrel
from plc_sim.units.foam_moulder_gas import GasDosing
from plc_sim.units.instruments import Jitter
from plc_sim.units.site import NONE

BARREL_G = 150.0
"""Melt that the barrel holds and mixes (design default)."""
INJECTION_BAR = 900.0
MOULD_GUARD, GAS_PRESSURE = "I51_MOULD_GUARD", "I52_GAS_PRESSURE"


class FoamMoulder:
    """Barrel (degC), its melt (g) and the gas dosed into it (g per g of polymer), counters of the present run."""

    def __init__(self, holdings: Holdings, dosing: GasDosing, jitter: Jitter) -> None:
        self.jitter = jitter
        self.barrel = Barrel()
        self.melt = HoldUp(0.0, BARREL_G)
        self.dosing = dosing
        self.is_dosing = False
        self.dose = 0.0
        self.injection_bar = 0.0
        self.shots = self.good = 0
        self.part_g = self.cycle_s = self.hopper_g = 0.0
        self._guard_open = False
        holdings.mould_barrel.tell = self.melt.parcels

    def tick(self) -> None:
        """Heat for one tick."""
        self.barrel.tick()

    def stop(self) -> None:
        """Stop where the cycle stands; the gas valve shuts."""
        self.injection_bar = 0.0
        self.dosing.flow.dosed_g_min = 0.0

    def off(self) -> None:
        """Stop, heaters off."""
        self.stop()
        self.is_dosing = False
        self.barrel.setpoint_degc = None

    def tags(self) -> Mapping[str, float]:
        """Give barrel, injection, cycle, parts and hopper."""
        within = self.jitter.within
        return {
            "T_BARREL": within(self.barrel.degc, 0.3, 0.0, 400.0),
            "P_INJ": within(self.injection_bar, 5.0, 0.0, 2500.0) if self.injection_bar else 0.0,
            "CYCLE": self.cycle_s,
            "SHOTS": float(self.shots),
            "GOOD": float(self.good),
            "PART_MASS": within(self.part_g, 0.02, 0.0, 500.0) if self.part_g else 0.0,
            "GAS_DOSE": 100.0 * self.dose,
            "WT_HOPPER": within(self.hopper_g / 1000.0, 0.002, 0.0, 100.0),
        }

    def interlocks(self) -> frozenset[str]:
        """I51: the guard of the mould stands open. I52: gas is being dosed and its pressure is gone."""
        starved = self.is_dosing and not self.dosing.is_ready
        if not self._guard_open:
            return frozenset({GAS_PRESSURE}) if starved else NONE
        return frozenset({MOULD_GUARD, GAS_PRESSURE}) if starved else frozenset({MOULD_GUARD})

    def disturbances(self) -> frozenset[str]:
        """Its heaters can fail, and its guard stand open."""
        return frozenset({"heater-failure", "guard-open"})

    def disturb(self, fault: str, amount: float) -> None:
        """Heat no more, or open the guard."""
        if fault == "heater-failure":
            self.barrel.burnt_out = True
        else:
            self._guard_open = True

    def recover(self, fault: str) -> None:
        """Mend the heaters, or shut the guard."""
        if fault == "heater-failure":
            self.barrel.burnt_out = False
        else:
            self._guard_open = False
