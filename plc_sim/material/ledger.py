"""The received lots of the plant, and what of each has been drawn and where it left the plant for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

LI2S, P2S5, LICL, GES2 = "Li2S", "P2S5", "LiCl", "GeS2"
ELECTROLYTE, BINDER, SOLVENT, CARRIER = "Li6PS5Cl powder", "NBR", "Xylene", "PET carrier film"
CHLORINE_RICH, GERMANIUM = "Li5.5PS4.5Cl1.5 powder", "Li10GeP2S12 powder"
ELECTROLYTES = (ELECTROLYTE, CHLORINE_RICH, GERMANIUM)
"""Electrolyte powders that may be received ready made."""
THF, ETHANOL, PTFE = "THF", "Ethanol", "PTFE"
UNKNOWN = "unknown"

DENSITY_G_CM3: Mapping[str, float] = {BINDER: 0.98, PTFE: 2.16, SOLVENT: 0.864, THF: 0.883, ETHANOL: 0.785}
"""Densities of what is not electrolyte, g/cm3; everything else counts as electrolyte."""
ELECTROLYTE_G_CM3 = 1.86

Parts = Mapping[str, float]
"""Grams of each received lot in a parcel, by lot. Solvent that left, sulfur that went off: no longer among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLot:
    """One lot as the plant received it.

    `material` is one of the names above or any other, `amount` in g (m for a carrier film; infinite for a supply
    without a label), `quality` the factor its route gives the conductivity of electrolyte made of it (1: as the
    calibration powder), `moisture_ppm` and `d50_um` as delivered.
    """

    lot: str
    material: str
    amount: float = float("inf")
    quality: float = 1.0
    moisture_ppm: float = 0.0
    d50_um: float = 20.0


@dataclass(slots=True)
class Ledger:
    """Every received lot, how much of it was drawn from its containers (g or m), and what left the plant, by exit."""

    lots: dict[str, ReceivedLot] = field(default_factory=dict)
    drawn: dict[str, float] = field(default_factory=dict)
    exits: dict[str, dict[str, float]] = field(default_factory=dict)

    def receive(self, lot: ReceivedLot) -> None:
        """Enter a lot; raises ValueError when its label is taken."""
        if lot.lot in self.lots:
            raise ValueError(f"lot {lot.lot} is already in the plant ({self.lots[lot.lot].material})")
        self.lots[lot.lot] = lot

    def draw(self, lot: str, amount: float) -> None:
        """Note that so much of a lot went into the process (g, or m of carrier)."""
        self.drawn[lot] = self.drawn.get(lot, 0.0) + amount

    def identify(self, lot: str, material: str) -> None:
        """Say what a supply without a label was."""
        self.lots[lot] = replace(self.lots[lot], material=material)

    def leave(self, way: str, parts: Parts) -> None:
        """Note parts that left the plant by one way: "condenser", "exhaust", "set aside", "start-up scrap" ..."""
        gone = self.exits.setdefault(way, {})
        for lot, grams in parts.items():
            gone[lot] = gone.get(lot, 0.0) + grams

    def material_of(self, lot: str) -> str:
        """Give the material of a lot; "unknown" for a label that was never received."""
        found = self.lots.get(lot)
        return UNKNOWN if found is None else found.material

    def quality(self, parts: Parts) -> float:
        """Give the quality factor of parts: that of their Li2S lots, or of powder received ready made, by mass."""
        weight = total = 0.0
        for lot, grams in parts.items():
            found = self.lots.get(lot)
            if found is not None and found.material in (LI2S, *ELECTROLYTES):
                weight += grams
                total += grams * found.quality
        return total / weight if weight else 1.0

    def volume_cm3(self, parts: Parts) -> float:
        """Give the volume of parts from the densities of their materials, pores not counted."""
        return sum(grams / DENSITY_G_CM3.get(self.material_of(lot), ELECTROLYTE_G_CM3) for lot, grams in parts.items())
