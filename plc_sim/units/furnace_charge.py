"""The CHARGE phase: fill the saggar, close the door, purge the retort with argon."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.holdings import Holdings
from plc_sim.units.instruments import Readings
from plc_sim.units.retort import Retort
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

BED_TOO_HIGH, O2_NOT_REACHED, DOOR_LOCKED = 20, 30, 40
BED_G_MM = 70.0
"""Powder that a saggar takes per mm of bed: 1000 cm2 at 0.7 g/cm3."""
OPEN_PPM = 900.0
"""Oxygen in the retort when the door has just been closed."""
FLOOR_PPM = 8.0
VOLUME_S = 6.0 * 60.0
"""One volume of the retort (30 NL) at 5 NL/min."""
PURGE_PATIENCE = 4.0
FILL_S, CLOSE_S = 1200.0, 300.0


class Charging:
    """One run of CHARGE: fill the saggar, close, purge until volumes and oxygen limit are both reached."""

    def __init__(self, retort: Retort, holdings: Holdings, sp: Setpoints, readings: Readings) -> None:
        self._retort = retort
        self._holdings = holdings
        self._sp = sp
        self._readings = readings
        self._elapsed_s = 0.0
        self._purged = 0.0
        self._tried = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Fill, close or purge for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=30, done=True)
        fail_code = self._refusal() if not self._elapsed_s else 0
        if fail_code:
            return PhaseProgress(fail_code=fail_code)
        self._retort.charging = True
        self._elapsed_s += TICK_S
        if self._elapsed_s <= FILL_S + CLOSE_S:
            self._retort.oxygen_ppm = OPEN_PPM
            return PhaseProgress(step=10 if self._elapsed_s <= FILL_S else 20)
        self._purged += TICK_S / VOLUME_S
        self._tried += TICK_S / VOLUME_S
        oxygen = FLOOR_PPM + (OPEN_PPM - FLOOR_PPM) * math.exp(-self._purged)
        self._retort.oxygen_ppm = oxygen
        if self._purged < self._sp["purge_volumes"] - 1e-9 or oxygen >= self._sp["o2_limit"]:
            over = self._tried > PURGE_PATIENCE * self._sp["purge_volumes"] + 10.0
            return PhaseProgress(step=30, fail_code=O2_NOT_REACHED if over else 0)
        self._finish(oxygen)
        return PhaseProgress(step=30, done=True)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Filling stops at once; argon keeps flowing."""
        return True

    def resume(self) -> None:
        """Go on where filling or purging stood, with new patience."""
        self._tried = 0.0

    def end(self) -> None:
        """Leave the retort under trickling argon; powder that was not charged to the end is given up."""
        if self._elapsed_s and self._reports is None:
            self._holdings.give_up_first(self._holdings.tray)
        self._retort.charging = False
        self._retort.gas_to_standby()

    def reports(self) -> Mapping[str, float]:
        """Give the mass charged (g) and the oxygen left (ppm)."""
        return self._reports or {"charged_mass": 0.0, "o2_exhaust": 0.0}

    def _refusal(self) -> int:
        powder = self._holdings.tray.first()
        if self._retort.is_hot():
            return DOOR_LOCKED
        if powder is None:
            return NOTHING_TO_PROCESS
        return BED_TOO_HIGH if powder.mass_g > BED_G_MM * self._sp["bed_height"] else 0

    def _finish(self, oxygen_ppm: float) -> None:
        powder = self._holdings.tray.take()
        self._holdings.give_up(self._holdings.saggar.replace(powder))
        self._reports = {
            "charged_mass": self._readings.weighed("charged_mass", powder.mass_g),
            "o2_exhaust": self._readings.measured("o2_exhaust", oxygen_ppm, 0.01),
        }
