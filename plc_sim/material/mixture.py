"""What a slurry or a dry film is made of, from the materials of the lots in it: solids, binder, densities, solvent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from plc_sim.material.ledger import BINDER, ETHANOL, PTFE, SOLVENT, THF, Ledger, Parts
from plc_sim.material.parcel import Condition, Parcel, blend, without
from plc_sim.physics.slurry import LPSCL_G_CM3, NBR_G_CM3, XYLENE_G_CM3, mixed_density_g_cm3, solid_volume_fraction

SOLUTION, TEST_CHARGE = "NBR solution", "test charge"
"""Ready binder solution, charged without a label; what an empty inlet is filled with when the plant runs dry."""
LIQUID_SHARE: Mapping[str, float] = {SOLVENT: 1.0, THF: 1.0, ETHANOL: 1.0, SOLUTION: 0.9, TEST_CHARGE: 0.5}
"""Solvent in a lot as received, by mass; every other material is solid."""


SOLVENTS = (THF, ETHANOL, SOLVENT)
"""Liquids that leave whole, the lightest boiling first."""
BINDERS = (BINDER, PTFE, SOLUTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture:
    """Slurry of some parts: masses in g, densities in g/cm3, `phi` the volume fraction of solids (0..1)."""

    mass_g: float
    solid_g: float
    binder_g: float
    density_g_cm3: float
    solid_density_g_cm3: float
    phi: float

    @property
    def solvent_g(self) -> float:
        """Solvent, g."""
        return self.mass_g - self.solid_g

    @property
    def volume_ml(self) -> float:
        """Volume, ml."""
        return self.mass_g / self.density_g_cm3

    @property
    def solids(self) -> float:
        """Mass fraction of solids, 0..1."""
        return self.solid_g / self.mass_g


def mixture_of(parts: Parts, ledger: Ledger) -> Mixture:
    """Give what wet parts are together; raises ValueError for nothing."""
    mass = liquid = binder = 0.0
    for lot, grams in parts.items():
        material = ledger.material_of(lot)
        wet = grams * LIQUID_SHARE.get(material, 0.0)
        mass += grams
        liquid += wet
        if material in BINDERS:
            binder += grams - wet
    if mass <= 0.0:
        raise ValueError("a mixture needs some mass")
    solid = mass - liquid
    density = LPSCL_G_CM3
    if solid > 0.0:
        density = mixed_density_g_cm3((solid - binder, LPSCL_G_CM3), (binder, NBR_G_CM3))
    return Mixture(
        mass_g=mass,
        solid_g=solid,
        binder_g=binder,
        density_g_cm3=mixed_density_g_cm3((solid, density), (liquid, XYLENE_G_CM3)),
        solid_density_g_cm3=density,
        phi=solid_volume_fraction(solid / mass, density, XYLENE_G_CM3),
    )


def dried(parts: Parts, ledger: Ledger, residual_ppm: float) -> tuple[dict[str, float], dict[str, float]]:
    """Take the solvent out of wet parts down to a residue (ppm of the solids); gives what stays and what leaves.

    Only solvent leaves; the residue stays in the lots that are solvent and nothing else.
    """
    wet = {lot: grams * LIQUID_SHARE.get(ledger.material_of(lot), 0.0) for lot, grams in parts.items()}
    solvent_g = sum(grams for lot, grams in wet.items() if ledger.material_of(lot) == SOLVENT)
    residue_g = 1e-6 * residual_ppm * (sum(parts.values()) - sum(wet.values()))
    leaves = 1.0 - min(1.0, residue_g / solvent_g) if solvent_g else 1.0
    gone = {lot: grams * (leaves if ledger.material_of(lot) == SOLVENT else 1.0) for lot, grams in wet.items() if grams}
    return without(parts, gone), gone


def binder_share(dry_parts: Parts, ledger: Ledger) -> float:
    """Give the mass fraction of binder in a dry film, 0..1."""
    binder = sum(grams for lot, grams in dry_parts.items() if ledger.material_of(lot) in BINDERS)
    whole = sum(dry_parts.values())
    return binder / whole if whole else 0.0


def solvent_in(parts: Parts, ledger: Ledger) -> dict[str, float]:
    """Give the lots of parts that are solvent and nothing else, g."""
    return {lot: grams for lot, grams in parts.items() if ledger.material_of(lot) in SOLVENTS}


def is_electrolyte(material: str) -> bool:
    """Say whether a material goes the way of the electrolyte powder: all but binder and solvent."""
    return material not in BINDERS and material not in SOLVENTS


def stirred(parcels: tuple[Parcel, ...], ledger: Ledger) -> Parcel:
    """Mix powder and liquids; the condition of the mixture is that of its electrolyte alone, by mass.

    Raises ValueError for nothing.
    """
    whole = blend(parcels)
    powders = [
        replace(parcel, parts={lot: g for lot, g in parcel.parts.items() if is_electrolyte(ledger.material_of(lot))})
        for parcel in parcels
    ]
    powders = [parcel for parcel in powders if parcel.parts]
    return replace(whole, condition=blend(powders).condition if powders else Condition())
