"""Ionic conductivity: porosity (M8), temperature (M9), binder, pressing (M16), and resistance of a film."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plc_sim.physics.constants import BOLTZMANN_EV_K, ZERO_DEGC_K
from plc_sim.physics.ranges import within

POROSITY_EXPONENT = 2.17
"""Calibrated on the pair of 10.1016/j.xcrp.2022.101043 (pores 0.17 and 0.08); together with `DENSE_MS_CM`."""
DENSE_MS_CM = 2.34
"""Conductivity without pores at 25 degC of the powder in that paper, mS/cm."""
ACTIVATION_EV = 0.355
"""Fitted to four published temperatures of Li6PS5Cl, 10.1016/j.ssi.2012.06.008."""
BINDER_EXPONENT = 12.0
"""Loss by binder, per mass fraction (design default: 3 wt% leaves 70 %)."""


def conductivity_of_porous(porosity: float, dense_ms_cm: float = DENSE_MS_CM) -> float:
    """Give the conductivity of a compact, mS/cm: s0 (1 - eps)^m (M8); porosity 0..1, calibrated from 0.08 to 0.17.

    Raises ValueError for a porosity outside 0..1.
    """
    return dense_ms_cm * math.pow(max(0.0, 1.0 - within("porosity", porosity, 0.0, 1.0)), POROSITY_EXPONENT)


def binder_factor(binder_fraction: float) -> float:
    """Give the share of conductivity that a binder leaves: exp(-12 w), w mass fraction of the solids.

    Meant for up to 0.1; raises ValueError outside 0..1.
    """
    return math.exp(-BINDER_EXPONENT * within("binder_fraction", binder_fraction, 0.0, 1.0))


MIGRATION_GRADIENT = 0.5
"""Slope of the binder's share through a film for a migration index of 1, by its mean (design default)."""


def migration_factor(binder_fraction: float, migration_index: float) -> float:
    """Give the share of conductivity that binder leaves when it has gone to the surface, by that of an even film.

    The share rises linearly from (1 - g) w to (1 + g) w, g at most 1, and the layers are in series:
    u / sinh(u) with u = 12 w g. `binder_fraction` w 0..0.1, `migration_index` of `plc_sim.physics.drying.Dried`.
    """
    slope = BINDER_EXPONENT * binder_fraction * min(1.0, MIGRATION_GRADIENT * migration_index)
    return slope / math.sinh(slope) if slope > 0.0 else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrhenius:
    """sigma T = A exp(-Ea / kT) (M9): A in mS K/cm, Ea in eV; valid -20..150 degC below any phase change."""

    prefactor_ms_k_cm: float
    activation_ev: float

    def at(self, degc: float) -> float:
        """Give the conductivity at a temperature (degC), mS/cm."""
        kelvin = degc + ZERO_DEGC_K
        return self.prefactor_ms_k_cm / kelvin * math.exp(-self.activation_ev / (BOLTZMANN_EV_K * kelvin))


def fit_arrhenius(points: Sequence[tuple[float, float]]) -> Arrhenius:
    """Fit ln(sigma T) over 1/T by least squares; points are (degC, mS/cm).

    Raises ValueError for fewer than two temperatures or a conductivity that is not above 0.
    """
    if len({degc for degc, _ in points}) < 2 or not all(sigma > 0.0 for _, sigma in points):
        raise ValueError(f"a line needs two temperatures with a conductivity above 0; these are {list(points)}")
    xs = [1.0 / (degc + ZERO_DEGC_K) for degc, _ in points]
    ys = [math.log(sigma * (degc + ZERO_DEGC_K)) for degc, sigma in points]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    return Arrhenius(prefactor_ms_k_cm=math.exp(mean_y - slope * mean_x), activation_ev=-slope * BOLTZMANN_EV_K)


def at_temperature(
    conductivity_ms_cm: float, from_degc: float, to_degc: float, activation_ev: float = ACTIVATION_EV
) -> float:
    """Carry a conductivity (mS/cm) from one temperature to another (degC) by M9."""
    start, end = from_degc + ZERO_DEGC_K, to_degc + ZERO_DEGC_K
    return conductivity_ms_cm * start / end * math.exp(activation_ev / BOLTZMANN_EV_K * (1.0 / start - 1.0 / end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Heckel:
    """Pressing of powder: ln(1 / (1 - D)) = k P + A (M16); k in 1/MPa, P 0..700 MPa, D relative density."""

    slope_1_mpa: float
    intercept: float

    def porosity(self, pressure_mpa: float) -> float:
        """Give the porosity of a pellet pressed at a pressure, 0..1; raises ValueError outside 0..700 MPa."""
        return math.exp(-self.slope_1_mpa * within("pressure_mpa", pressure_mpa, 0.0, 700.0) - self.intercept)


PELLET_POROSITY = 0.17
"""Pores of a pellet pressed at 362 MPa from grains below 0.5 um, 10.1016/j.xcrp.2022.101043."""
PELLET_PRESSURE_MPA = 362.0
TAPPED_DENSITY = 0.55
"""Relative density before pressing (design default)."""


def press_through(
    before_density: float, porosity: float = PELLET_POROSITY, pressure_mpa: float = PELLET_PRESSURE_MPA
) -> Heckel:
    """Draw a press curve through the relative density before pressing (0..1) and one pellet (porosity, MPa).

    Raises ValueError for a density or a porosity that is not between 0 and 1, or no pressure.
    """
    if not (0.0 < before_density < 1.0 and 0.0 < porosity < 1.0 and pressure_mpa > 0.0):
        raise ValueError(
            f"press curve: before_density {before_density:g} and porosity {porosity:g} must lie between 0 and 1, "
            f"pressure_mpa {pressure_mpa:g} above 0"
        )
    intercept = -math.log1p(-before_density)
    return Heckel(slope_1_mpa=(-math.log(porosity) - intercept) / pressure_mpa, intercept=intercept)


LPSCL_PRESS = press_through(TAPPED_DENSITY)
"""Through the tapped density and the one published pellet above."""


def area_resistance_ohm_cm2(thickness_um: float, conductivity_ms_cm: float) -> float:
    """Give the area specific resistance of a film, ohm cm2: thickness / conductivity."""
    if not conductivity_ms_cm > 0.0:
        raise ValueError(f"film resistance: conductivity {conductivity_ms_cm:g} mS/cm must be above 0")
    return 0.1 * thickness_um / conductivity_ms_cm
