"""Which sulfide a powder is, by the raw materials or the ready made powders in it: what it conducts, how it anneals."""

from __future__ import annotations

from dataclasses import dataclass

from plc_sim.material.ledger import CHLORINE_RICH, ELECTROLYTES, GERMANIUM, GES2, LI2S, LICL, P2S5, Ledger, Parts
from plc_sim.physics import lot_quality, reaction
from plc_sim.physics.lot_quality import Route
from plc_sim.physics.reaction import Kinetics

LEAST_GES2, LEAST_LICL = 0.10, 0.20
"""Mass shares of the raw materials above which it is Li10GeP2S12 (GeS2: 0.232) or Li5.5PS4.5Cl1.5 (LiCl: 0.239, in
Li6PS5Cl 0.158)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compound:
    """One sulfide: its name, the conductivity of its milled powder, and how it anneals."""

    name: str
    route: Route
    kinetics: Kinetics


LI6PS5CL = Compound(name="Li6PS5Cl", route=lot_quality.MILLED, kinetics=reaction.LPSCL)
CL_RICH = Compound(name="Li5.5PS4.5Cl1.5", route=lot_quality.CHLORINE_RICH, kinetics=reaction.CHLORINE_RICH)
LGPS = Compound(name="Li10GeP2S12", route=lot_quality.GERMANIUM, kinetics=reaction.LGPS)


def compound_of(parts: Parts, ledger: Ledger) -> Compound:
    """Tell the sulfide of parts; supplies without a label, and what cannot be told, count as Li6PS5Cl."""
    grams: dict[str, float] = {}
    for lot, mass_g in parts.items():
        material = ledger.material_of(lot)
        grams[material] = grams.get(material, 0.0) + mass_g
    raw_g = sum(grams.get(material, 0.0) for material in (LI2S, P2S5, LICL, GES2))
    ready_g = sum(grams.get(material, 0.0) for material in ELECTROLYTES)
    if ready_g > raw_g:
        most = max(ELECTROLYTES, key=lambda material: grams.get(material, 0.0))
        return {CHLORINE_RICH: CL_RICH, GERMANIUM: LGPS}.get(most, LI6PS5CL)
    if not raw_g:
        return LI6PS5CL
    if grams.get(GES2, 0.0) / raw_g > LEAST_GES2:
        return LGPS
    return CL_RICH if grams.get(LICL, 0.0) / raw_g > LEAST_LICL else LI6PS5CL
