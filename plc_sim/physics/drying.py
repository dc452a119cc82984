"""Drying of a coated web (M13), its vapour in the exhaust (M14), and the solvent that only vacuum takes out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from plc_sim.physics.constants import GAS_J_MOLK, MMHG_PA, MOLAR_CC_25DEGC, ZERO_DEGC_K
from plc_sim.physics.ranges import within


@dataclass(frozen=True, slots=True, kw_only=True)
class Solvent:
    """A solvent: Antoine constants (mmHg, degC), molar mass (g/mol), heat of vaporisation (kJ/kg), LEL (vol%).

    General knowledge from tables of physical properties.
    """

    antoine_a: float
    antoine_b: float
    antoine_c: float
    molar_g_mol: float
    vaporise_kj_kg: float
    lel_vol_pct: float

    def vapour_g_m3(self, degc: float) -> float:
        """Give the vapour over the liquid at a temperature, g/m3 (ideal gas)."""
        pressure_pa = MMHG_PA * math.pow(10.0, self.antoine_a - self.antoine_b / (self.antoine_c + degc))
        return self.molar_g_mol * pressure_pa / (GAS_J_MOLK * (degc + ZERO_DEGC_K))

    @property
    def lel_g_m3(self) -> float:
        """Lower explosive limit at 25 degC, g/m3 (M14)."""
        return self.lel_vol_pct * 1e4 * self.molar_g_mol / MOLAR_CC_25DEGC


TOLUENE = Solvent(
    antoine_a=6.95464, antoine_b=1344.8, antoine_c=219.48, molar_g_mol=92.14, vaporise_kj_kg=400.0, lel_vol_pct=1.1
)
XYLENE = Solvent(
    antoine_a=7.00908, antoine_b=1462.27, antoine_c=215.11, molar_g_mol=106.17, vaporise_kj_kg=400.0, lel_vol_pct=1.0
)
"""Xylene as its meta isomer."""

HEAT_W_M2K = 35.0
"""Heat transfer from dryer gas to the film at `HEAT_AT_M_S` (design default)."""
HEAT_AT_M_S = 5.0
MASS_M_S = 0.0187
"""Mass transfer at the same gas speed, m/s: 0.59 h / (rho cp), heat and mass being alike at a Lewis number of 2.2
(design default)."""
CRITICAL_SHARE = 0.2
"""Share of the solvent left when the film begins to dry from within (design default)."""
FALLING_FACTOR = 1.5
BOUND_PPM = 400.0
"""Solvent held by the binder when the film is dry to the touch, ppm of the solids (design default)."""


def transfer_w_m2k(gas_m_s: float) -> float:
    """Give the heat transfer at a gas speed (m/s): 35 (v / 5)^0.8 (design default with the turbulent exponent)."""
    return HEAT_W_M2K * math.pow(gas_m_s / HEAT_AT_M_S, 0.8)


def wet_bulb_degc(gas_degc: float, solvent: Solvent = TOLUENE) -> float:
    """Give the temperature of a wet film in dry gas (degC): h (Ta - Tf) = km c(Tf) dHv.

    Heat and mass transfer grow alike with the gas speed, so it does not depend on it. Raises ValueError for gas outside
    0..201 degC.
    """
    within("gas_degc", gas_degc, 0.0, 201.0)
    low, high = -60.0, gas_degc
    ratio = MASS_M_S * solvent.vaporise_kj_kg / HEAT_W_M2K  # (m/s)(J/g) over W/m2K gives K m3/g
    for _ in range(60):
        middle = 0.5 * (low + high)
        if gas_degc - middle > ratio * solvent.vapour_g_m3(middle):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def constant_flux_g_m2s(gas_degc: float, solvent: Solvent = TOLUENE, heat_w_m2k: float = HEAT_W_M2K) -> float:
    """Give the evaporation of a wet film, g/m2/s: h (Ta - Tf) / dHv."""
    return heat_w_m2k * (gas_degc - wet_bulb_degc(gas_degc, solvent)) / solvent.vaporise_kj_kg


@lru_cache(maxsize=8)
def _wet_bulbs(solvent: Solvent) -> tuple[float, ...]:
    return tuple(wet_bulb_degc(float(gas_degc), solvent) for gas_degc in range(0, 202))


def quick_wet_bulb_degc(gas_degc: float, solvent: Solvent = TOLUENE) -> float:
    """Give the wet bulb from a table of whole degrees, for every tick; gas 0..200 degC, within 0.01 K of the exact."""
    table = _wet_bulbs(solvent)
    bounded = min(200.0, max(0.0, gas_degc))
    below = int(bounded)
    return table[below] + (bounded - below) * (table[below + 1] - table[below])


def remaining_g_m2(solvent_g_m2: float, critical_g_m2: float, flux_g_m2s: float, dt_s: float) -> float:
    """Give the solvent left in a film after `dt_s` seconds of drying, g/m2 (M13).

    Above the critical content at constant flux m0, below it dw/dt = -w / tau with tau = 1.5 w_critical / m0. Exact:
    two steps give what one long step gives.
    """
    if flux_g_m2s <= 0.0:
        return solvent_g_m2
    wet_s = (solvent_g_m2 - critical_g_m2) / flux_g_m2s
    if wet_s >= dt_s:
        return solvent_g_m2 - flux_g_m2s * dt_s
    if wet_s > 0.0:
        solvent_g_m2, dt_s = critical_g_m2, dt_s - wet_s
    return solvent_g_m2 * math.exp(-dt_s * flux_g_m2s / (FALLING_FACTOR * critical_g_m2))


def drying_s(left_share: float, start_g_m2: float, flux_g_m2s: float) -> float:
    """Give the time until only a share (above 0, to 1) of the solvent is left, s; raises ValueError for another."""
    if not 0.0 < left_share <= 1.0:
        raise ValueError(f"left_share {left_share:g} must be above 0 and at most 1")
    if left_share >= CRITICAL_SHARE:
        return (1.0 - left_share) * start_g_m2 / flux_g_m2s
    wet_s = (1.0 - CRITICAL_SHARE) * start_g_m2 / flux_g_m2s
    tau_s = FALLING_FACTOR * CRITICAL_SHARE * start_g_m2 / flux_g_m2s
    return wet_s + tau_s * math.log(CRITICAL_SHARE / left_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class DryerZone:
    """One zone of a dryer: gas temperature (degC, 0..200), gas speed (m/s), length of web in it (m)."""

    gas_degc: float
    gas_m_s: float = 5.0
    length_m: float = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Dried:
    """What a dryer does to a film.

    `evaporated_g_m2` and `film_degc` (at its end) for each zone, `residual_ppm` of the solids with the bound solvent,
    `peak_flux_g_m2s`, and `migration_index`: flux of the wet film by 4.0 g/m2/s, averaged over what left; binder
    drawn to the surface goes with it.
    """

    evaporated_g_m2: tuple[float, ...]
    film_degc: tuple[float, ...]
    residual_ppm: float
    peak_flux_g_m2s: float
    migration_index: float


MIGRATION_FLUX_G_M2S = 4.0
"""Flux of the reference case, 80 degC; binder migration goes with the flux (after arXiv 1801.01580)."""


def dry_web(
    zones: Sequence[DryerZone], speed_m_min: float, load_g_m2: float, solids_g_m2: float, solvent: Solvent = TOLUENE
) -> Dried:
    """Follow one spot of film through a dryer at steady speed; solvent and solids in g/m2.

    Raises ValueError when the web stands still, nothing is coated, or the load is below 0.
    """
    if not (speed_m_min > 0.0 and solids_g_m2 > 0.0):
        raise ValueError(f"dryer: speed {speed_m_min:g} m/min and solids {solids_g_m2:g} g/m2 must be above 0")
    within("load_g_m2", load_g_m2, 0.0)
    left, critical = load_g_m2, CRITICAL_SHARE * load_g_m2
    evaporated: list[float] = []
    film: list[float] = []
    peak = weighted = 0.0
    for zone in zones:
        wet_bulb = quick_wet_bulb_degc(zone.gas_degc, solvent)
        flux = max(0.0, transfer_w_m2k(zone.gas_m_s) * (zone.gas_degc - wet_bulb) / solvent.vaporise_kj_kg)
        before = left
        if critical > 0.0:
            left = remaining_g_m2(before, critical, flux, 60.0 * zone.length_m / speed_m_min)
        evaporated.append(before - left)
        film.append(zone.gas_degc - (zone.gas_degc - wet_bulb) * _wetness(left, critical))
        peak = max(peak, flux * _wetness(before, critical))
        weighted += flux * (before - left)
    gone = load_g_m2 - left
    return Dried(
        evaporated_g_m2=tuple(evaporated),
        film_degc=tuple(film),
        residual_ppm=1e6 * left / solids_g_m2 + BOUND_PPM,
        peak_flux_g_m2s=peak,
        migration_index=weighted / gone / MIGRATION_FLUX_G_M2S if gone > 0.0 else 0.0,
    )


def _wetness(solvent_g_m2: float, critical_g_m2: float) -> float:
    """Evaporation of a film by that of a wet one, 0..1."""
    if solvent_g_m2 >= critical_g_m2:
        return 1.0 if solvent_g_m2 > 0.0 else 0.0
    return solvent_g_m2 / (FALLING_FACTOR * critical_g_m2)


def vapour_g_min(evaporated_g_m2: float, speed_m_min: float, width_m: float) -> float:
    """Give the vapour that a zone takes up, g/min."""
    return evaporated_g_m2 * speed_m_min * width_m


BOUND_TAU_S = 6.0 * 3600.0
BOUND_AT_DEGC = 80.0
BOUND_KJ_MOL = 60.0
BOUND_MBAR = 10.0


class BoundSolvent:
    """What a binder or the grains of a powder hold back, and only heat and vacuum take out: first order.

    `left` is the share of it that is still there (1 at first). Time constant 6 h at 80 degC in good vacuum, 60 kJ/mol,
    slower by 1 + p / 10 mbar (design defaults).
    """

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = 1.0

    def step(self, dt_s: float, degc: float, pressure_mbar: float) -> float:
        """Dry for `dt_s` seconds at a temperature (degC) and a pressure (mbar); gives the share left."""
        slope = BOUND_KJ_MOL * 1000.0 / GAS_J_MOLK
        faster = math.exp(slope * (1.0 / (BOUND_AT_DEGC + ZERO_DEGC_K) - 1.0 / (degc + ZERO_DEGC_K)))
        self.left *= math.exp(-dt_s * faster / (BOUND_TAU_S * (1.0 + pressure_mbar / BOUND_MBAR)))
        return self.left
