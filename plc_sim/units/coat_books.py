"""What a run of COAT has put where, and the reports it gives."""

from __future__ import annotations

from dataclasses import dataclass

from plc_sim.units.instruments import Readings
from plc_sim.units.web_path import RECOVERY, Laid, Piece

REPORTS = (
    "good_length", "scrap_length", "carrier_length", "wet_thickness", "areal_mass", "coated_mass",
    "scrap_mass", "holdup_mass", "slurry_used", "solvent_evaporated", "peak_lel",
)  # fmt: skip
WIDEST_UM, HEAVIEST_MG_CM2, HIGHEST_LEL_PCT = 1000.0, 100.0, 100.0
"""Where laser, gauge and vapour analysers end: a pump that sticks can lay down more."""


@dataclass(slots=True, kw_only=True)
class Coated:
    """What has been coated so far: lengths (m), solids and solvent (g), wet film (um m), highest vapour (%LEL)."""

    width_m: float
    good_m: float = 0.0
    scrap_m: float = 0.0
    carrier_m: float = 0.0
    good_g: float = 0.0
    scrap_g: float = 0.0
    solvent_g: float = 0.0
    spilt_g: float = 0.0
    wet_um_m: float = 0.0
    peak_lel: float = 0.0

    def add(self, kind: Laid, piece: Piece, volume_ml: float) -> None:
        """Count one piece that was laid down."""
        self.carrier_m += piece.length_m
        solid_g = 0.0 if piece.mixed is None else piece.mixed.solid_g
        if piece.mixed is not None:
            self.solvent_g += piece.mixed.solvent_g
        if kind is Laid.GOOD:
            self.good_m += piece.length_m
            self.good_g += solid_g
            self.wet_um_m += volume_ml / self.width_m
        elif kind is Laid.SCRAP:
            self.scrap_m += piece.length_m
            self.scrap_g += solid_g

    def weigh(self, readings: Readings, left_g: float) -> dict[str, float]:
        """Give every report; `left_g` is the slurry in vessel, hose and die."""
        measured, weighed = readings.measured, readings.weighed
        wet_um = self.wet_um_m / self.good_m if self.good_m else 0.0
        areal = self.good_g / (self.good_m * self.width_m) * 0.1 if self.good_m else 0.0
        used_g = self.good_g + self.scrap_g + self.solvent_g + self.spilt_g
        return {
            "good_length": self.good_m,
            "scrap_length": self.scrap_m,
            "carrier_length": self.carrier_m,
            "wet_thickness": min(WIDEST_UM, measured("wet_thickness", wet_um, 0.002)),
            "areal_mass": min(HEAVIEST_MG_CM2, measured("areal_mass", areal, 0.002)),
            "coated_mass": weighed("coated_mass", self.good_g),
            "scrap_mass": weighed("scrap_mass", self.scrap_g + self.spilt_g),
            "holdup_mass": weighed("holdup_mass", left_g),
            "slurry_used": weighed("slurry_used", used_g),
            "solvent_evaporated": weighed("solvent_evaporated", RECOVERY * self.solvent_g),
            "peak_lel": min(HIGHEST_LEL_PCT, measured("peak_lel", self.peak_lel, 0.01)),
        }
