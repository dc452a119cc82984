"""Coated web: a roll that knows the composition of every stretch of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from plc_sim.material.ledger import Parts
from plc_sim.material.parcel import Condition, part_of, together

STRETCH_M = 0.1
"""Length of web, m, that the plant keeps as one piece of even composition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of coated web.

    Length now (m), dry coating (g by received lot), carrier under it (metres by received lot, before anything stretched
    it), porosity of the coating (0..1), solvent left in it (ppm), condition of its electrolyte, defects (count);
    `uncrushed` is the part of the conductivity that crushing in a nip left (0..1), `migration` how far drying has drawn
    the binder to the surface (1: as at the reference flux).
    """

    length_m: float
    parts: Parts
    carrier: Parts
    porosity: float
    residual_ppm: float = 0.0
    condition: Condition = field(default_factory=Condition)
    defects: float = 0.0
    uncrushed: float = 1.0
    migration: float = 0.0

    @property
    def mass_g(self) -> float:
        """Dry coating, g."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """A wound roll: its stretches in the order in which they were wound, the innermost first; coated width in m."""

    stretches: tuple[Stretch, ...]
    coated_width_m: float
    solid_density_g_cm3: float

    @property
    def length_m(self) -> float:
        """Length, m."""
        return sum(stretch.length_m for stretch in self.stretches)

    @property
    def mass_g(self) -> float:
        """Dry coating on it, g."""
        return sum(stretch.mass_g for stretch in self.stretches)

    @property
    def porosity(self) -> float:
        """Mean porosity by length."""
        return self._mean([stretch.porosity for stretch in self.stretches])

    @property
    def residual_ppm(self) -> float:
        """Mean residual solvent by length, ppm."""
        return self._mean([stretch.residual_ppm for stretch in self.stretches])

    @property
    def areal_mg_cm2(self) -> float:
        """Dry coating per area, mg/cm2."""
        return self.mass_g / (self.length_m * self.coated_width_m) * 0.1

    @property
    def thickness_um(self) -> float:
        """Film thickness from areal mass, solid density and porosity, um."""
        return self.areal_mg_cm2 / (self.solid_density_g_cm3 * (1.0 - self.porosity)) * 10.0

    @property
    def parts(self) -> dict[str, float]:
        """Coating of the whole roll, g by received lot."""
        return together(stretch.parts for stretch in self.stretches)

    @property
    def carrier(self) -> dict[str, float]:
        """Carrier of the whole roll, original metres by received lot."""
        return together(stretch.carrier for stretch in self.stretches)

    def unwound(self) -> tuple[Stretch, ...]:
        """Give the stretches as they come off the roll: the outermost, which was wound last, first."""
        return self.stretches[::-1]

    def lane(self, fraction: float) -> Web:
        """Give a lane that has `fraction` (0..1) of the coated width, all along the roll."""
        cut = tuple(
            replace(
                stretch,
                parts=part_of(stretch.parts, fraction),
                carrier=part_of(stretch.carrier, fraction),
                defects=stretch.defects * fraction,
            )
            for stretch in self.stretches
        )
        return replace(self, stretches=cut, coated_width_m=self.coated_width_m * fraction)

    def _mean(self, values: Iterable[float]) -> float:
        whole = self.length_m
        return sum(v * s.length_m for v, s in zip(values, self.stretches, strict=True)) / whole if whole else 0.0
