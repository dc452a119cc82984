"""Blown film: what a screw gives, how thick the bubble's film is, where it freezes, what pressure drives it."""

from __future__ import annotations

import math

BARREL_M, CHANNEL_M, HELIX_RAD = 0.045, 0.0025, math.radians(17.66)
"""Barrel bore, depth of the metering channel, and the helix angle of a screw whose pitch is its diameter."""
NET_OF_BACKFLOW = 0.85
"""Part of the drag flow that comes out of the die (design default)."""
DIE_M, DIE_GAP_M = 0.100, 0.0012
MELT_KG_M3 = 1110.0
FREEZE_DEGC, AIR_DEGC = 90.0, 22.0
HEAT_J_KGK = 2300.0
COOLING_W_M2K, COOLING_AIR_M3_H = 60.0, 250.0
"""Heat transfer at the bubble (design default) and the air flow it holds for."""
SCREEN_BAR, SCREEN_RPM, SCREEN_DEGC = 160.0, 60.0, 165.0
FLOW_INDEX, THINNING_1_K = 0.4, 0.012
"""Power-law index of the melt and its loss of viscosity by temperature (design defaults)."""
DENSITY_KG_M3 = {"PBAT": 1260.0, "PLA": 1240.0}
PELLET_KG_M3 = 1250.0
"""Solid densities: general for PBAT and PLA; the last one for a blend nobody told."""


def output_kg_s(screw_rpm: float) -> float:
    """Give the melt (kg/s) a screw conveys: drag flow of a shallow channel, less a fixed part that flows back.

    Q = pi^2 D^2 N H sin(phi) cos(phi) / 2, textbook (Tadmor and Gogos, Principles of Polymer Processing).
    """
    drag_m3 = 0.5 * (math.pi * BARREL_M) ** 2 * CHANNEL_M * math.sin(HELIX_RAD) * math.cos(HELIX_RAD)
    return MELT_KG_M3 * NET_OF_BACKFLOW * drag_m3 * screw_rpm / 60.0


def girth_m(blow_up_ratio: float) -> float:
    """Give the circumference (m) of the bubble, twice the width at which it lies flat."""
    return math.pi * DIE_M * blow_up_ratio


def thickness_um(mass_kg: float, area_m2: float, density_kg_m3: float) -> float:
    """Give the film thickness (um) from conservation of mass: h = m / (rho A); 0 where there is no film."""
    return 1e6 * mass_kg / (density_kg_m3 * area_m2) if area_m2 > 0.0 else 0.0


def draw_down(screw_rpm: float, take_up_m_min: float, blow_up_ratio: float) -> float:
    """Give how far the melt is drawn lengthwise: die gap over film thickness and blow-up ratio."""
    area_m2 = girth_m(blow_up_ratio) * take_up_m_min
    film_m = 1e-6 * thickness_um(60.0 * output_kg_s(screw_rpm), area_m2, PELLET_KG_M3)
    return DIE_GAP_M / (film_m * blow_up_ratio)


def frost_line_mm(flow_kg_s: float, melt_degc: float, blow_up_ratio: float, air_m3_h: float) -> float:
    """Give the height (mm) at which the bubble is cold enough to be solid: heat of the melt = heat the air takes up.

    m cp (Tm - Tf) = U c z (T - Ta), with T the mean of melt and freezing, c the mean of die and bubble, and U growing
    with the air flow to the power 0.8.
    """
    heat_w = flow_kg_s * HEAT_J_KGK * max(0.0, melt_degc - FREEZE_DEGC)
    mean_m = 0.5 * (girth_m(1.0) + girth_m(blow_up_ratio))
    taken_w_m2 = (
        COOLING_W_M2K * math.pow(air_m3_h / COOLING_AIR_M3_H, 0.8) * (0.5 * (melt_degc + FREEZE_DEGC) - AIR_DEGC)
    )
    return 1000.0 * heat_w / (taken_w_m2 * mean_m)


def melt_bar(screw_rpm: float, melt_degc: float, resistance: float = 1.0) -> float:
    """Give the pressure (bar) before the screen pack: a power-law melt that gets thinner as it gets hotter."""
    if screw_rpm <= 0.0:
        return 0.0
    thinner = math.exp(-THINNING_1_K * (melt_degc - SCREEN_DEGC))
    return SCREEN_BAR * resistance * math.pow(screw_rpm / SCREEN_RPM, FLOW_INDEX) * thinner
