"""Slurry and wet film: balances (M10), viscosity (M11), thinnest film a slot die can lay (M12)."""

from __future__ import annotations

import math
from dataclasses import dataclass

LPSCL_G_CM3 = 1.86
NBR_G_CM3 = 0.98
XYLENE_G_CM3 = 0.864


def mixed_density_g_cm3(*parts: tuple[float, float]) -> float:
    """Give the density of a mixture of parts (mass, g/cm3) whose volumes add."""
    return sum(mass for mass, _ in parts) / sum(mass / density for mass, density in parts)


def dry_thickness_um(areal: float, solid_g_cm3: float, porosity: float) -> float:
    """Give the thickness (um) of a dry film of an areal mass (mg/cm2): m / (rho (1 - eps)) (M10)."""
    return 10.0 * areal / (solid_g_cm3 * (1.0 - porosity))


def solid_volume_fraction(solids: float, solid_g_cm3: float, solvent_g_cm3: float) -> float:
    """Give the volume fraction of solids from their mass fraction, 0..1."""
    volume = solids / solid_g_cm3
    return volume / (volume + (1.0 - solids) / solvent_g_cm3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rheology:
    """Flow curve of a slurry: tau = ty + K g^n (Herschel and Bulkley, M11); Pa, Pa s^n, -; design defaults.

    Made for 50 wt% in toluene, solid volume fraction 0.324; g from 1 to 3000 1/s.
    """

    yield_pa: float = 5.0
    consistency: float = 4.0
    index: float = 0.65

    def viscosity_pa_s(self, shear_1_s: float) -> float:
        """Give the apparent viscosity, Pa s; raises ValueError at rest, where it has no value."""
        if not shear_1_s > 0.0:
            raise ValueError(f"viscosity: shear rate {shear_1_s:g} 1/s must be above 0")
        return self.yield_pa / shear_1_s + self.consistency * math.pow(shear_1_s, self.index - 1.0)


SLURRY = Rheology()
SLURRY_PHI = 0.324
CLOSEST_PACKING = 0.62
"""Solid volume fraction at which a slurry stops flowing (design default)."""


def relative_viscosity(phi: float, closest: float = CLOSEST_PACKING) -> float:
    """Give slurry over liquid viscosity: (1 - phi / phim)^(-2.5 phim) (Krieger and Dougherty, M11).

    Raises ValueError for a solid volume fraction outside 0..closest packing.
    """
    if not 0.0 <= phi < closest:
        raise ValueError(f"slurry: solid volume fraction {phi:g} must be from 0 to below {closest:g}")
    return math.pow(1.0 - phi / closest, -2.5 * closest)


def rheology_at(phi: float, base: Rheology = SLURRY, base_phi: float = SLURRY_PHI) -> Rheology:
    """Scale a flow curve to another solid volume fraction by the ratio of relative viscosities (design default)."""
    ratio = relative_viscosity(phi) / relative_viscosity(base_phi)
    return Rheology(yield_pa=base.yield_pa * ratio, consistency=base.consistency * ratio, index=base.index)


TOLUENE_N_M = 0.0285
"""Surface tension of toluene, N/m."""
LIP_SHEAR = 1.2
"""Shear rate under the lip as a multiple of speed over gap (design default)."""


def thinnest_wet_um(
    speed_m_min: float, gap_um: float = 150.0, rheology: Rheology = SLURRY, tension_n_m: float = TOLUENE_N_M
) -> float:
    """Give the thinnest film that a slot die lays without breaks, um: H / (1 + 2 (0.65 / Ca)^(2/3)) (M12, Ruschak).

    Ca = eta U / s with the viscosity at `LIP_SHEAR` U / H; speed 0.1..10 m/min, gap 50..300 um. Below it the coating
    ribs or draws in air. Raises ValueError when the web stands still.
    """
    speed_m_s = speed_m_min / 60.0
    viscosity = rheology.viscosity_pa_s(LIP_SHEAR * speed_m_s / (gap_um * 1e-6))
    capillary = viscosity * speed_m_s / tension_n_m
    return gap_um / (1.0 + 2.0 * math.pow(0.65 / capillary, 2.0 / 3.0))
