"""A dry film: drawing PTFE to fibrils, the torque that tells of it, and thinning a sheet between rolls."""

from __future__ import annotations

import math

from plc_sim.physics.constants import GAS_J_MOLK, ZERO_DEGC_K

FIBRIL_TAU_S = 180.0
"""Time constant of fibrillation at 70 degC and 40 rpm (design default): 96 % in ten minutes."""
FIBRIL_KJ_MOL = 25.0
RATED_RPM = 40.0
SOFT_DEGC = 19.0
"""Below this transition of PTFE (general knowledge) shear draws no fibrils."""
FULL_BINDER = 0.006
"""Mass share of PTFE that the torque no longer rises with (design default, the highest share of the recipe)."""
POWDER_PCT, PASTE_PCT = 15.0, 60.0
"""Torque of the loose powder, and what the web of fibrils adds, % of the drive (design defaults)."""
HOLDS_TOGETHER = 0.5
"""Fibrillated share from which on a sheet holds together (design default)."""
LEAST_POROSITY, SHEET_POROSITY = 0.10, 0.35
"""Pores that no pass closes, and those of a sheet before the first one (design defaults)."""
CLOSING = 0.8
"""Reduction (as ln of the thickness) that closes 63 % of the pores above the least (design default)."""
SPRINGBACK = 0.02
"""Part of the reduction that comes back behind the nip (design default)."""
HARMLESS_REDUCTION = 0.35
"""Reduction in one pass up to which a sheet keeps its edges (design default)."""


def fibrillated(before: float, duration_s: float, *, degc: float, speed_rpm: float) -> float:
    """Give the fibrillated share of the binder, 0..1, after shearing: first order in time, by the speed, Arrhenius."""
    if degc <= SOFT_DEGC:
        return before
    slope = 1000.0 * FIBRIL_KJ_MOL / GAS_J_MOLK
    faster = math.exp(slope * (1.0 / (70.0 + ZERO_DEGC_K) - 1.0 / (degc + ZERO_DEGC_K)))
    rate = faster * speed_rpm / RATED_RPM / FIBRIL_TAU_S
    return 1.0 - (1.0 - before) * math.exp(-rate * duration_s)


def torque_pct(fibrils: float, binder_share: float) -> float:
    """Give the torque of the kneader, % of its drive, from the fibrillated share and the mass share of the binder."""
    return POWDER_PCT + PASTE_PCT * fibrils * math.sqrt(min(1.0, binder_share / FULL_BINDER))


def thickness_after(thickness_um: float, reduction: float) -> float:
    """Give the thickness behind the nip, um; `reduction` 0..1 of one pass."""
    return thickness_um * (1.0 - reduction * (1.0 - SPRINGBACK))


def porosity_after(porosity: float, thinner: float) -> float:
    """Give the porosity of a sheet after a pass; `thinner` is the thickness by that before, 0..1."""
    if porosity <= LEAST_POROSITY:
        return porosity
    return LEAST_POROSITY + (porosity - LEAST_POROSITY) * math.pow(thinner, 1.0 / CLOSING)
