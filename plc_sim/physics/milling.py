"""What a mill does: conversion of the raw materials (M6), size reduction and damage of the crystals (M7)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plc_sim.physics.ranges import within


@dataclass(frozen=True, slots=True, kw_only=True)
class MillParameters:
    """Power and effect of a mill; all numbers are design defaults.

    `rated_kw_kg` specific power at `rated_rpm`, which goes with the cube of the speed; `conversion_kwh_kg` energy that
    converts 63 %; `breakage_1_h` rate at rated power towards `finest_um`; `damage_kg_kwh` share of conductivity lost
    per energy put into crystals that are already annealed (direction after Adv. Energy Mater. 2024, Maus et al.).
    """

    rated_rpm: float = 600.0
    rated_kw_kg: float = 1.2
    conversion_kwh_kg: float = 4.0
    breakage_1_h: float = 0.35
    finest_um: float = 0.4
    damage_kg_kwh: float = 0.02


MILL = MillParameters()


def specific_power_kw_kg(speed_rpm: float, mill: MillParameters = MILL) -> float:
    """Give the power that goes into the powder, kW/kg: rated power times (speed / rated speed)^3."""
    return mill.rated_kw_kg * (speed_rpm / mill.rated_rpm) ** 3


def conversion(energy_kwh_kg: float, mill: MillParameters = MILL) -> float:
    """Give the converted fraction of the raw materials, 0..1: 1 - exp(-E / E0) (M6)."""
    return -math.expm1(-energy_kwh_kg / mill.conversion_kwh_kg)


def energy_kwh_kg(speed_rpm: float, run_s: float, mill: MillParameters = MILL) -> float:
    """Give the specific energy of a run at one speed, kWh/kg; `run_s` without the pauses."""
    return specific_power_kw_kg(speed_rpm, mill) * run_s / 3600.0


def conductivity_after_milling(energy_after_anneal_kwh_kg: float, mill: MillParameters = MILL) -> float:
    """Give the share of conductivity that milling of annealed crystals leaves, 0..1: 1 - b E (M7).

    Raises ValueError for an energy below 0.
    """
    energy = within("energy_after_anneal_kwh_kg", energy_after_anneal_kwh_kg, 0.0)
    return max(0.0, 1.0 - mill.damage_kg_kwh * energy)


class Breakage:
    """Median particle size (um) under milling: dD/dt = -kb (P / P_rated) (D - D_finest) (M7).

    Start 20..40 um from the furnace (design default). Exact at constant power; never below the finest size unless it
    starts there.
    """

    __slots__ = ("_finest_um", "_rate_kg_kws", "d50_um")

    def __init__(self, d50_um: float = 30.0, mill: MillParameters = MILL) -> None:
        self.d50_um = d50_um
        self._finest_um = mill.finest_um
        self._rate_kg_kws = mill.breakage_1_h / 3600.0 / mill.rated_kw_kg

    def step(self, dt_s: float, power_kw_kg: float) -> float:
        """Mill for `dt_s` seconds with a specific power (kW/kg) and give the new D50 (um)."""
        finest = self._finest_um
        self.d50_um = finest + (self.d50_um - finest) * math.exp(-self._rate_kg_kws * power_kw_kg * dt_s)
        return self.d50_um
