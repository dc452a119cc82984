"""What the plant's models give for each published row, under the published conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plc_sim.physics.conduction import (
    LPSCL_PRESS,
    POROSITY_EXPONENT,
    Arrhenius,
    Heckel,
    conductivity_of_porous,
    fit_arrhenius,
)
from plc_sim.physics.drying import Solvent, constant_flux_g_m2s, drying_s
from plc_sim.physics.hydrolysis import Exposure, h2s_rate_cc_g_min, water_ppm
from plc_sim.physics.lot_quality import (
    MILLED,
    REFERENCE_CONVERSION,
    SOLUTION,
    Route,
    li2s_quality,
    powder_conductivity_ms_cm,
)
from plc_sim.physics.milling import conversion, energy_kwh_kg
from plc_sim.physics.reaction import LI7P3S11, annealed
from plc_sim.physics.rooms import ROOM_M3, steady_ppm
from plc_sim.validation.anchors import Anchor

HOUR_S = 3600.0
FIT_DEGC: Mapping[str, float] = {"A3a": 18.82, "A3b": 25.36, "A3c": 50.47, "A3d": 150.58}
"""Temperatures of the rows that the Arrhenius line is fitted to, degC."""
PRESSED_MPA: Mapping[str, float] = {"B2a": 250.0, "B2b": 625.0}
DOSE_DEWPOINT_DEGC, DOSE_S = -40.0, 1800.0
ROOM_OPEN_G, ROOM_CHANGES_1_H = 1000.0, 30.0
FILM_SOLVENT_G_M2, FILM_GAS_DEGC, FILM_DRY_SHARE = 46.2, 80.0, 5e-4
ELECTRODE_GAS_DEGC = 100.0
LI7P3S11_MS_CM = 4.1
"""Conductivity of fully crystallised Li7P3S11, mS/cm: the best that row A8 reports."""
WATER = Solvent(
    antoine_a=8.07131, antoine_b=1730.63, antoine_c=233.426, molar_g_mol=18.02, vaporise_kj_kg=2400.0, lel_vol_pct=100.0
)
NMP = Solvent(
    antoine_a=7.54826, antoine_b=1979.68, antoine_c=222.2, molar_g_mol=99.13, vaporise_kj_kg=550.0, lel_vol_pct=1.3
)
"""Water and N-methylpyrrolidone, general knowledge; only for row D1b, the plant uses neither."""


def simulate(anchors: Sequence[Anchor]) -> dict[str, float]:
    """Give the simulated value of every row that a model covers, by its id and in its unit.

    Raises LookupError for a row that is said to be covered and is not.
    """
    rows = {anchor.id: anchor.published for anchor in anchors}
    found: dict[str, float] = {}
    for anchor in anchors:
        if anchor.role == "not covered":
            continue
        simulated = SIMULATED.get(anchor.id)
        if simulated is None:
            raise LookupError(
                f"row {anchor.id} has role {anchor.role!r}, but nothing simulates it: {', '.join(SIMULATED)}"
            )
        found[anchor.id] = simulated(rows)
    return found


def arrhenius(rows: Mapping[str, float], without: str = "") -> Arrhenius:
    """Fit M9 to the rows A3, all or all but one."""
    return fit_arrhenius([(degc, rows[row_id]) for row_id, degc in FIT_DEGC.items() if row_id != without])


def left_out(rows: Mapping[str, float]) -> dict[str, float]:
    """Predict each A3 row (mS/cm) from a fit to the other three."""
    return {row_id: arrhenius(rows, without=row_id).at(degc) for row_id, degc in FIT_DEGC.items()}


def made_ms_cm(
    *,
    soak_degc: float,
    soak_h: float,
    route: Route = SOLUTION,
    mill_rpm: float = 600.0,
    mill_h: float = 10.0,
    degc: float = 25.0,
) -> float:
    """Make a powder and measure its pellet (mS/cm at `degc`); milling counts on the milled route only."""
    anneal = annealed(soak_degc, soak_h * HOUR_S)
    milled = conversion(energy_kwh_kg(mill_rpm, mill_h * HOUR_S)) if route is MILLED else REFERENCE_CONVERSION
    return powder_conductivity_ms_cm(
        crystallised=anneal.crystallised,
        phase_kept=anneal.phase_kept,
        mill_conversion=milled,
        degc=degc,
        route=route,
    )


def glass_ceramic_ms_cm(degc: float, hours: float) -> float:
    """Give the conductivity (mS/cm) of Li7P3S11 glass after heating; the uncrystallised glass counts as nothing."""
    anneal = annealed(degc, hours * HOUR_S, LI7P3S11)
    return float(LI7P3S11_MS_CM * anneal.crystallised * anneal.phase_kept**POROSITY_EXPONENT)


def pressed_ms_cm(pressure_mpa: float, rows: Mapping[str, float], press: Heckel = LPSCL_PRESS) -> float:
    """Give the conductivity (mS/cm) of a pellet of the powder of row B2a at another pressure (M16, then M8)."""
    level = rows["B2a"] / conductivity_of_porous(press.porosity(PRESSED_MPA["B2a"]), 1.0)
    return conductivity_of_porous(press.porosity(pressure_mpa), level)


def dosed(*, wet: bool) -> Exposure:
    """Leave the powder of rows C1 and C2 open for half an hour at a dew point of -40 degC."""
    exposure = Exposure()
    ppm = water_ppm(DOSE_DEWPOINT_DEGC)
    if wet:
        exposure.step_wet(DOSE_S, ppm)
    else:
        exposure.step(DOSE_S, ppm)
    return exposure


def early_share() -> float:
    """Give the share of the drying time after which 90 % of the film's solvent is gone."""
    flux = constant_flux_g_m2s(FILM_GAS_DEGC)
    return drying_s(0.1, FILM_SOLVENT_G_M2, flux) / drying_s(FILM_DRY_SHARE, FILM_SOLVENT_G_M2, flux)


def room_ppm() -> float:
    """Give the H2S (ppm) over open powder in the dry room of row C3."""
    return steady_ppm(ROOM_OPEN_G * h2s_rate_cc_g_min(water_ppm(DOSE_DEWPOINT_DEGC)), ROOM_M3, ROOM_CHANGES_1_H)


def _water_by_nmp() -> float:
    return constant_flux_g_m2s(ELECTRODE_GAS_DEGC, WATER) / constant_flux_g_m2s(ELECTRODE_GAS_DEGC, NMP)


SIMULATED: Mapping[str, Callable[[Mapping[str, float]], float]] = {
    "A1": lambda rows: made_ms_cm(soak_degc=550.0, soak_h=5.0, route=MILLED, degc=30.0),
    "A2": lambda rows: made_ms_cm(soak_degc=550.0, soak_h=5.0, route=MILLED, mill_rpm=550.0, mill_h=8.0, degc=30.0),
    "A3a": lambda rows: arrhenius(rows).at(FIT_DEGC["A3a"]),
    "A3b": lambda rows: arrhenius(rows).at(FIT_DEGC["A3b"]),
    "A3c": lambda rows: arrhenius(rows).at(FIT_DEGC["A3c"]),
    "A3d": lambda rows: arrhenius(rows).at(FIT_DEGC["A3d"]),
    "A4": lambda rows: made_ms_cm(soak_degc=550.0, soak_h=5.0),
    "A4b": lambda rows: made_ms_cm(soak_degc=180.0, soak_h=4.0),
    "A5a": lambda rows: made_ms_cm(soak_degc=180.0, soak_h=4.0),
    "A5b": lambda rows: made_ms_cm(soak_degc=400.0, soak_h=5.0),
    "A7a": lambda rows: rows["A7a"] * li2s_quality("h2_reduced"),
    "A7b": lambda rows: rows["A7a"] * li2s_quality("commercial"),
    "A8": lambda rows: glass_ceramic_ms_cm(360.0, 1.0),
    "B1a": lambda rows: conductivity_of_porous(0.17),
    "B1b": lambda rows: conductivity_of_porous(0.08),
    "B1c": lambda rows: arrhenius(rows).activation_ev,
    "B1d": lambda rows: arrhenius(rows).activation_ev,
    "B2a": lambda rows: pressed_ms_cm(PRESSED_MPA["B2a"], rows),
    "B2b": lambda rows: pressed_ms_cm(PRESSED_MPA["B2b"], rows),
    "C1a": lambda rows: dosed(wet=False).h2s_cc_g,
    "C1b": lambda rows: dosed(wet=False).kept,
    "C2": lambda rows: dosed(wet=True).kept,
    "C3": lambda rows: room_ppm(),
    "D1": lambda rows: early_share(),
    "D1b": lambda rows: _water_by_nmp(),
}
"""Row id -> its simulated value, given the published values by id (only those that a row may lean on are used)."""
