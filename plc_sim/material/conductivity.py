"""What material conducts, worked out from its lots and its history (M8, M17): never kept, always told anew."""

from __future__ import annotations

from plc_sim.material.compound import compound_of
from plc_sim.material.ledger import Ledger, Parts
from plc_sim.material.mixture import binder_share
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.material.web import Stretch, Web
from plc_sim.physics.conduction import migration_factor
from plc_sim.physics.hydrolysis import retention
from plc_sim.physics.lot_quality import (
    SOLUTION,
    Route,
    film_conductivity_ms_cm,
    film_resistance_ohm_cm2,
    powder_conductivity_ms_cm,
)


def powder_ms_cm(parcel: Parcel, ledger: Ledger) -> float:
    """Give the conductivity of a powder pressed to a standard pellet at 25 degC, mS/cm; 0 for raw materials."""
    return _powder(parcel.condition, parcel.parts, ledger)


def stretch_ms_cm(stretch: Stretch, ledger: Ledger) -> float:
    """Give the conductivity of a stretch of film at 25 degC, mS/cm; 0 for bare carrier."""
    if not stretch.parts:
        return 0.0
    binder = binder_share(stretch.parts, ledger)
    powder = _powder(stretch.condition, stretch.parts, ledger)
    film = film_conductivity_ms_cm(powder, porosity=stretch.porosity, binder_fraction=binder)
    return film * migration_factor(binder, stretch.migration) * stretch.uncrushed


def web_ms_cm(web: Web, ledger: Ledger) -> float:
    """Give the mean conductivity of a roll by length, mS/cm at 25 degC."""
    whole_m = web.length_m
    return sum(stretch_ms_cm(stretch, ledger) * stretch.length_m for stretch in web.stretches) / whole_m


def web_ohm_cm2(web: Web, conductivity: float) -> float | None:
    """Give the area specific resistance of a roll from its mean thickness and conductivity; None without conduction."""
    return film_resistance_ohm_cm2(web.thickness_um, conductivity) if conductivity > 0.0 else None


def _powder(condition: Condition, parts: Parts, ledger: Ledger) -> float:
    milled = _by_route(condition, parts, ledger, compound_of(parts, ledger).route)
    if not condition.solution:
        return milled
    dissolved = _by_route(condition, parts, ledger, SOLUTION)
    return milled + (dissolved - milled) * condition.solution


def _by_route(condition: Condition, parts: Parts, ledger: Ledger, route: Route) -> float:
    return powder_conductivity_ms_cm(
        crystallised=condition.crystal,
        phase_kept=condition.phase,
        mill_conversion=condition.conversion,
        after_anneal_kwh_kg=condition.overmill_kwh_kg,
        quality=ledger.quality(parts),
        exposure_kept=retention(condition.hydrolysis_cc_g),
        route=route,
    )
