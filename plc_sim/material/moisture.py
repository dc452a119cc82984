"""Water that came with the lots: what dries off, and what reacts with the sulfide it is stirred or heated with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from plc_sim.material.ledger import Ledger
from plc_sim.material.mixture import is_electrolyte, stirred
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.physics.hydrolysis import phase_left


def reacted(before: Condition, water_ppm: float) -> Condition:
    """Give powder after all the water it is with (ppm of its mass) has reacted."""
    return replace(before, phase=before.phase * phase_left(water_ppm), moisture_ppm=0.0)


def stirred_wet(parcels: Sequence[Parcel], ledger: Ledger) -> Parcel:
    """Stir powder and liquids into one: the water that any of them brought reacts with the powder.

    Raises ValueError for nothing.
    """
    slurry = stirred(tuple(parcels), ledger)
    water_g = 1e-6 * sum(one.condition.moisture_ppm * one.mass_g for one in parcels)
    powder_g = sum(grams for lot, grams in slurry.parts.items() if is_electrolyte(ledger.material_of(lot)))
    if not water_g or not powder_g:
        return slurry
    return replace(slurry, condition=reacted(slurry.condition, 1e6 * water_g / powder_g))
