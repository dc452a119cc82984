"""Powder that lies open in moist gas during a phase: it takes up exposure and gives off hydrogen sulfide (M17)."""

from __future__ import annotations

from dataclasses import replace

from plc_sim.material.parcel import Parcel
from plc_sim.physics.hydrolysis import Exposure
from plc_sim.plant import TICK_S
from plc_sim.units.site import Site


class OpenPowder:
    """One charge that lies open in the air around a unit while a phase handles it."""

    def __init__(self, site: Site, unit: str) -> None:
        self._site = site
        self._unit = unit
        self._exposure = Exposure()

    def lie(self, mass_g: float) -> None:
        """Lie open for one tick with a mass of powder (g)."""
        evolved_cc_g = self._exposure.step(TICK_S, self._site.water_at(self._unit))
        self._site.give_off(evolved_cc_g * mass_g, self._unit)

    def settled(self, charge: Parcel) -> Parcel:
        """Give the charge with what the air did to it, and begin anew."""
        before, seen = charge.condition, self._exposure
        self._exposure = Exposure()
        after = replace(
            before,
            hydrolysis_cc_g=before.hydrolysis_cc_g + seen.h2s_cc_g,
            exposure_ppm_min=before.exposure_ppm_min + seen.ppm_min,
        )
        return replace(charge, condition=after)
