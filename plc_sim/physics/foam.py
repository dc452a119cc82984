"""Micro-foamed parts: how much gas a melt holds, what opens its cells, and when a part is cold enough to eject."""

from __future__ import annotations

import math

from plc_sim.physics.constants import GAS_J_MOLK, ZERO_DEGC_K

NITROGEN_G_MOL = 28.014
MELT_G_ML, SOLID_G_ML = 0.74, 0.905
"""Polypropylene at 230 degC and cold: general."""
CAVITY_ML, WALL_M = 100.0, 0.003
FREEZE_DEGC, MOULD_DEGC, EJECT_DEGC = 130.0, 40.0, 90.0
DIFFUSIVITY_M2_S = 9.0e-8
SOLUBLE_1_BAR = 6.0e-5
"""Nitrogen that polypropylene melt takes up, g/g per bar: Henry's law with the order of magnitude of Sato et al.,
Fluid Phase Equilib. 162 (1999) 261, doi:10.1016/S0378-3812(99)00217-4; the number itself is a design default."""
FILLING_BAR = 15.0
"""Pressure the cells need to press the melt into the end of the cavity (design default)."""


def dissolved(dose: float, pressure_bar: float) -> float:
    """Give the part of a gas dose (g/g) that goes into solution at a pressure (bar); the rest stays gas."""
    return min(dose, SOLUBLE_1_BAR * pressure_bar)


def cell_bar(gas: float, part_g: float) -> float:
    """Give the pressure (bar) in the cells of a part (g) that fills the cavity, from the gas in it (g/g of polymer).

    Ideal gas in what the polymer leaves of the cavity when it freezes: p = n R T / V; infinite where it leaves nothing.
    """
    void_ml = CAVITY_ML - part_g / SOLID_G_ML
    if void_ml <= 0.0:
        return math.inf
    moles = gas * part_g / NITROGEN_G_MOL
    return 10.0 * moles * GAS_J_MOLK * (FREEZE_DEGC + ZERO_DEGC_K) / void_ml


def cooling_s(melt_degc: float) -> float:
    """Give the time (s) until the middle of the wall can be ejected: one-dimensional cooling, first term of the series.

    t = s^2 / (pi^2 a) ln(4/pi (Tm - Tw) / (Te - Tw)), textbook.
    """
    ratio = 4.0 / math.pi * (melt_degc - MOULD_DEGC) / (EJECT_DEGC - MOULD_DEGC)
    return WALL_M**2 / (math.pi**2 * DIFFUSIVITY_M2_S) * math.log(max(1.0, ratio))


def stored_g(pressure_bar: float, volume_l: float, degc: float) -> float:
    """Give the nitrogen (g) in a vessel at a pressure (bar, gauge taken as absolute), as an ideal gas."""
    return 100.0 * pressure_bar * volume_l * NITROGEN_G_MOL / (GAS_J_MOLK * (degc + ZERO_DEGC_K))


def stored_bar(mass_g: float, volume_l: float, degc: float) -> float:
    """Give the pressure (bar) of nitrogen in a vessel; the inverse of `stored_g`."""
    return mass_g / stored_g(1.0, volume_l, degc)
