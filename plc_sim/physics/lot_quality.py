"""What a lot conducts because of what happened to it: the numbers that powder and film carry from unit to unit.

All inputs are plain numbers, so that a parcel of material needs to keep no more than them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from plc_sim.physics.conduction import (
    PELLET_POROSITY,
    POROSITY_EXPONENT,
    area_resistance_ohm_cm2,
    at_temperature,
    binder_factor,
)
from plc_sim.physics.milling import conductivity_after_milling, conversion, energy_kwh_kg
from plc_sim.physics.ranges import within

LI2S_QUALITY: dict[str, float] = {
    "h2_reduced": 1.0,
    "commercial": 1.12 / 2.77,
    "lioh_h2s": 0.95,
    "carbothermal": 0.60,
    "milled_elements": 0.50,
    "ethanol_metathesis": 0.45,
}
"""Conductivity by the route of the Li2S, relative to `h2_reduced`.

The ratio of the first two is published (2.77 and 1.12 mS/cm); the others are design defaults in the order of the
impurities that the routes are known for. A quality of 1 stands for the lot behind the 3.0 mS/cm of `MILLED`.
"""


def li2s_quality(route: str) -> float:
    """Give the quality factor of a Li2S route, 0..1; raises ValueError naming the known routes."""
    quality = LI2S_QUALITY.get(route)
    if quality is None:
        raise ValueError(f"Li2S route {route!r} is not known; known are {', '.join(LI2S_QUALITY)}")
    return quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a powder was made: conductivity (mS/cm) uncrystallised and crystallised, in a pellet at `degc`."""

    glassy_ms_cm: float
    crystalline_ms_cm: float
    degc: float


MILLED = Route(glassy_ms_cm=0.8, crystalline_ms_cm=3.0, degc=30.0)
"""Dry milled Li6PS5Cl; the crystalline end is calibrated on 10.1039/c8ta03450h, the other is a design default."""
SOLUTION = Route(glassy_ms_cm=0.15, crystalline_ms_cm=2.4, degc=25.0)
"""Li6PS5Cl from tetrahydrofuran and ethanol; both ends are calibrated on published rows."""
CHLORINE_RICH = Route(glassy_ms_cm=0.8, crystalline_ms_cm=9.4, degc=25.0)
"""Dry milled Li5.5PS4.5Cl1.5; the crystalline end is that of a cold pressed pellet in 10.1002/anie.201814222 (general
knowledge, not fitted), the other is a design default."""
GERMANIUM = Route(glassy_ms_cm=0.3, crystalline_ms_cm=12.0, degc=25.0)
"""Dry milled Li10GeP2S12; the crystalline end is a published row (10.1038/nmat3066), the other is a design default."""
REFERENCE_CONVERSION = conversion(energy_kwh_kg(600.0, 36_000.0))
"""Conversion of the milling behind the 3.0 mS/cm: 600 rpm for 10 h."""


def powder_conductivity_ms_cm(
    *,
    crystallised: float,
    phase_kept: float = 1.0,
    mill_conversion: float = REFERENCE_CONVERSION,
    after_anneal_kwh_kg: float = 0.0,
    quality: float = 1.0,
    exposure_kept: float = 1.0,
    porosity: float = PELLET_POROSITY,
    degc: float = 25.0,
    route: Route = MILLED,
) -> float:
    """Give the conductivity of a powder pellet from its history, mS/cm.

    `crystallised` and `phase_kept` 0..1 from the furnace (M4, M5), `mill_conversion` 0..1 (M6; powder from solution
    keeps the default), `after_anneal_kwh_kg` milling of the annealed powder (M7), `quality` of the raw materials,
    `exposure_kept` 0..1 (M17), `porosity` 0..1 of the pellet (M8) and `degc` of the measurement (M9). What is not
    electrolyte, unconverted or decomposed, blocks the current as a pore does, with the exponent of M8 (design default).
    Raises ValueError naming the argument outside its range; -20..150 degC.
    """
    for name, share in (
        ("crystallised", crystallised),
        ("phase_kept", phase_kept),
        ("mill_conversion", mill_conversion),
        ("exposure_kept", exposure_kept),
        ("porosity", porosity),
    ):
        within(name, share, 0.0, 1.0)
    within("quality", quality, 0.0)
    within("degc", degc, -20.0, 150.0)
    best = route.glassy_ms_cm + (route.crystalline_ms_cm - route.glassy_ms_cm) * crystallised
    phase = mill_conversion / REFERENCE_CONVERSION * phase_kept
    solid = phase * (1.0 - porosity) / (1.0 - PELLET_POROSITY)
    kept = quality * conductivity_after_milling(after_anneal_kwh_kg) * exposure_kept
    return at_temperature(best * kept * math.pow(max(0.0, solid), POROSITY_EXPONENT), route.degc, degc)


def film_conductivity_ms_cm(
    powder_ms_cm: float, *, porosity: float, binder_fraction: float = 0.03, exposure_kept: float = 1.0
) -> float:
    """Give the conductivity of a film of a powder, mS/cm at the temperature of the powder's value.

    `powder_ms_cm` in a pellet of `PELLET_POROSITY`, `porosity` of the film 0..1 (M8), `binder_fraction` of the solids
    0..0.1, `exposure_kept` what the film lost since the powder was measured (M17). Raises ValueError naming what
    is outside its range.
    """
    within("powder_ms_cm", powder_ms_cm, 0.0)
    within("porosity", porosity, 0.0, 1.0)
    within("exposure_kept", exposure_kept, 0.0, 1.0)
    share = math.pow(max(0.0, 1.0 - porosity) / (1.0 - PELLET_POROSITY), POROSITY_EXPONENT)
    return powder_ms_cm * share * binder_factor(binder_fraction) * exposure_kept


def film_resistance_ohm_cm2(thickness_um: float, conductivity_ms_cm: float) -> float:
    """Give the area specific resistance of a film, ohm cm2."""
    return area_resistance_ohm_cm2(thickness_um, conductivity_ms_cm)
