"""Moisture: water content from dew point, H2S from sulfides, and what exposure costs (M17)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from plc_sim.physics.constants import ATMOSPHERE_HPA

ICE_A_HPA = 6.112
ICE_B = 22.46
ICE_C_DEGC = 272.62
"""Magnus formula over ice (WMO), -80..0 degC."""


def water_ppm(dew_point_degc: float) -> float:
    """Give the water in gas at 1013 hPa from its dew (frost) point, ppm by volume; -80..0 degC."""
    return 1e6 * ICE_A_HPA * math.exp(ICE_B * dew_point_degc / (ICE_C_DEGC + dew_point_degc)) / ATMOSPHERE_HPA


def dew_point_degc(ppm: float) -> float:
    """Give the dew (frost) point of gas at 1013 hPa from its water content (ppm by volume, above 0)."""
    if not ppm > 0.0:
        raise ValueError(f"dew point: water {ppm:g} ppm must be above 0")
    x = math.log(ppm * 1e-6 * ATMOSPHERE_HPA / ICE_A_HPA)
    return ICE_C_DEGC * x / (ICE_B - x)


@dataclass(frozen=True, slots=True, kw_only=True)
class HydrolysisParameters:
    """How a sulfide reacts with moist gas.

    `rate_cc_g_min_ppm` H2S per g, min and ppm of water; `cap_cc_g` H2S of full hydrolysis; `damage_g_cc` loss of
    ln(conductivity) per H2S evolved; `wet_damage_1_ppm_min` the same per exposure, for powder under solvent, where no
    H2S was found. Rate and damage are calibrated on 30 min at -40 degC dew point of 75Li2S-25P2S5 with LiI
    (10.3389/fenrg.2022.882508), taken for Li6PS5Cl as a stand-in (design default); first order in water is assumed.
    """

    rate_cc_g_min_ppm: float = 2.63e-5
    cap_cc_g: float = 455.0
    damage_g_cc: float = 6.93
    wet_damage_1_ppm_min: float = 3.96e-5


SULFIDE = HydrolysisParameters()
FILM_FACTOR = 5.0
"""A film or slurry bears this many times the exposure of powder (design default until it is measured)."""


def h2s_rate_cc_g_min(ppm: float, surface_ratio: float = 1.0, sulfide: HydrolysisParameters = SULFIDE) -> float:
    """Give the H2S that dry powder evolves, cc/g/min: k y S/S0; `surface_ratio` to that of the reference powder."""
    return sulfide.rate_cc_g_min_ppm * ppm * surface_ratio


def retention(h2s_cc_g: float, sulfide: HydrolysisParameters = SULFIDE) -> float:
    """Give the share of conductivity left after evolving H2S (cc/g): exp(-alpha Q)."""
    return math.exp(-sulfide.damage_g_cc * h2s_cc_g)


WATER_G_MOL, LI6PS5CL_G_MOL = 18.015, 268.36


def phase_left(water_ppm: float) -> float:
    """Give the share of a sulfide (0..1) that is left by the water it is heated or stirred with, ppm by mass of it.

    One mole of water takes a sulfur out of one mole of Li6PS5Cl and makes it something else (design default).
    """
    return max(0.0, 1.0 - 1e-6 * water_ppm * LI6PS5CL_G_MOL / WATER_G_MOL)


class Exposure:
    """What moist gas has done to one parcel: `ppm_min` exposure, `h2s_cc_g` evolved so far, `kept` conductivity 0..1.

    dQ/dt = k y S/S0, at most the water that reaches the powder (1 mol H2S per mol H2O) and at most the cap (M17).
    """

    __slots__ = ("_cap_cc_g", "_damage", "_rate_cc_g_s", "_wet_damage", "_wet_ppm_s", "h2s_cc_g", "ppm_min")

    def __init__(self, sulfide: HydrolysisParameters = SULFIDE, surface_ratio: float = 1.0) -> None:
        self.ppm_min = 0.0
        self.h2s_cc_g = 0.0
        self._wet_ppm_s = 0.0
        self._rate_cc_g_s = sulfide.rate_cc_g_min_ppm * surface_ratio / 60.0
        self._cap_cc_g = sulfide.cap_cc_g
        self._damage = sulfide.damage_g_cc
        self._wet_damage = sulfide.wet_damage_1_ppm_min / 60.0

    def step(self, dt_s: float, ppm: float, water_feed_cc_g_s: float = math.inf) -> float:
        """Lie open as dry powder for `dt_s` seconds; gives the H2S evolved in this step, cc/g."""
        self.ppm_min += ppm * dt_s / 60.0
        rate = self._rate_cc_g_s * ppm
        if rate > water_feed_cc_g_s:
            rate = water_feed_cc_g_s
        before = self.h2s_cc_g
        after = before + rate * dt_s
        self.h2s_cc_g = after if after < self._cap_cc_g else self._cap_cc_g
        return self.h2s_cc_g - before

    def step_wet(self, dt_s: float, ppm: float) -> None:
        """Lie open as slurry for `dt_s` seconds: no H2S, but some conductivity is lost."""
        self.ppm_min += ppm * dt_s / 60.0
        self._wet_ppm_s += ppm * dt_s

    @property
    def kept(self) -> float:
        """Share of conductivity left, 0..1."""
        return math.exp(-self._damage * self.h2s_cc_g - self._wet_damage * self._wet_ppm_s)
