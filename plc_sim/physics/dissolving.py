"""Making a sulfide in a solvent, and taking the solvent off again: conversion, boiling under vacuum, recovery."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plc_sim.physics.constants import GAS_J_MOLK, ZERO_DEGC_K

SUSPENSION_TAU_S = 6.0 * 3600.0
"""Time constant of Li2S and P2S5 in tetrahydrofuran at 25 degC and 200 rpm: 98 % in a day (design default)."""
SOLUTION_TAU_S = 12.0 * 60.0
"""Time constant once ethanol dissolves everything: 99 % in an hour (design default)."""
REACTION_KJ_MOL = 50.0
RATED_RPM = 200.0
MMHG_MBAR = 750.062 / 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Liquid:
    """A solvent that is boiled off: Antoine constants (mmHg, degC) and heat of vaporisation (kJ/kg); general tables."""

    a: float
    b: float
    c: float
    vaporise_kj_kg: float

    def boils_degc(self, pressure_mbar: float) -> float:
        """Give the boiling point at a pressure (mbar absolute, above 0), degC."""
        return self.b / (self.a - math.log10(pressure_mbar * MMHG_MBAR)) - self.c


TETRAHYDROFURAN = Liquid(a=6.99515, b=1202.29, c=226.254, vaporise_kj_kg=440.0)
ETHYL_ALCOHOL = Liquid(a=8.20417, b=1642.89, c=230.3, vaporise_kj_kg=855.0)
XYLENE = Liquid(a=6.99891, b=1453.43, c=215.307, vaporise_kj_kg=340.0)
JACKET_W_K = 60.0
"""Heat that the jacket gives per kelvin between it and what boils, W/K (design default for 50 L)."""
FALLING_SHARE = 0.3
"""Below this mass share of solvent the cake dries slower and slower (design default)."""


def converted(before: float, duration_s: float, *, degc: float, speed_rpm: float, ethanol: bool) -> float:
    """Give the converted share 0..1 after stirring: first order, Arrhenius with 50 kJ/mol, by the root of the speed.

    `before` 0..1 is the share at first, `ethanol` whether ethanol dissolves the raw materials.
    """
    faster = math.exp(1000.0 * REACTION_KJ_MOL / GAS_J_MOLK * (1.0 / (25.0 + ZERO_DEGC_K) - 1.0 / (degc + ZERO_DEGC_K)))
    tau_s = SOLUTION_TAU_S if ethanol else SUSPENSION_TAU_S
    rate = faster * math.sqrt(max(0.0, speed_rpm) / RATED_RPM) / tau_s
    return 1.0 - (1.0 - before) * math.exp(-rate * duration_s)


def boiled_off_g_s(liquid: Liquid, *, jacket_degc: float, pressure_mbar: float, share: float) -> float:
    """Give the vapour that leaves, g/s: the jacket's heat by that of vaporisation; 0 where it does not boil.

    `share` 0..1 is the solvent in what is in the vessel, by mass.
    """
    over_k = jacket_degc - liquid.boils_degc(pressure_mbar)
    return JACKET_W_K * max(0.0, over_k) / liquid.vaporise_kj_kg * min(1.0, share / FALLING_SHARE)
