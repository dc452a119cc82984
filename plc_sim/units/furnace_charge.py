"""The CHARGE phase: fill the saggar, close the door, purge the retort with argon."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plc_sim.material.parcel import Parcel
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import Heel, Inlet
from plc_sim.units.instruments import Readings
from plc_sim.units.retort import Retort
from plc_sim.units.retort_gas import RETORT_NL
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

BED_TOO_HIGH, O2_NOT_REACHED, DOOR_LOCKED = 20, 30, 40
BED_G_MM = 70.0
"""Powder that a saggar takes per mm of bed: 1000 cm2 at 0.7 g/cm3. So a bed of 40 mm is 2.8 kg, of 60 mm 4.2 kg."""
OPEN_PPM = 900.0
"""Oxygen in the retort when the door has just been closed."""
VOLUME_S = 6.0 * 60.0
"""One volume of the retort (30 NL) at 5 NL/min."""
PURGE_PATIENCE = 4.0
FILL_S, CLOSE_S = 1200.0, 300.0
FILL, CLOSE, PURGE = 10, 20, 30


class Charging:
    """One run of CHARGE: fill the saggar, close, purge until volumes and oxygen limit are both reached."""

    def __init__(
        self,
        retort: Retort,
        saggar: Inlet[Parcel],
        heel: Heel,
        powder: OpenPowder,
        sp: Setpoints,
        readings: Readings,
        is_locked: Callable[[], bool],
        begin_charge: Callable[[], None],
        abandon: Callable[[], None],
    ) -> None:
        self._retort = retort
        self._saggar = saggar
        self._heel = heel
        self._powder = powder
        self._sp = sp
        self._readings = readings
        self._is_locked = is_locked
        self._begin_charge = begin_charge
        self._abandon = abandon
        self._elapsed_s = 0.0
        self._purged = 0.0
        self._tried = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Fill, close or purge for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=PURGE, done=True)
        fail_code = self._begin() if not self._elapsed_s else 0
        if fail_code:
            return PhaseProgress(fail_code=fail_code)
        gas = self._retort.gas
        self._elapsed_s += TICK_S
        if self._elapsed_s <= FILL_S + CLOSE_S:
            self._powder.lie(self._saggar.mass_g)
            gas.oxygen_ppm = OPEN_PPM
            return PhaseProgress(step=FILL if self._elapsed_s <= FILL_S else CLOSE)
        gas.open = False
        self._purged += gas.flow_nl_min * TICK_S / 60.0 / RETORT_NL
        self._tried += TICK_S / VOLUME_S
        if self._purged < self._sp["purge_volumes"] - 1e-9 or gas.oxygen_ppm >= self._sp["o2_limit"]:
            over = self._tried > PURGE_PATIENCE * self._sp["purge_volumes"] + 10.0
            return PhaseProgress(step=PURGE, fail_code=O2_NOT_REACHED if over else 0)
        self._finish(gas.oxygen_ppm)
        return PhaseProgress(step=PURGE, done=True)

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
            self._abandon()
        gas = self._retort.gas
        gas.open = gas.charging = False
        gas.to_standby()

    def reports(self) -> Mapping[str, float]:
        """Give the mass charged (g) and the oxygen left (ppm)."""
        return self._reports or {"charged_mass": 0.0, "o2_exhaust": 0.0}

    def _begin(self) -> int:
        if self._is_locked():
            # A batch that was aborted between ANNEAL and COOL left the furnace at its soak: let it cool for this one.
            self._retort.heaters_off()
            return DOOR_LOCKED
        powder = self._saggar.next(self._sp["expected_mass"])
        if powder is None:
            return NOTHING_TO_PROCESS
        if powder.mass_g > BED_G_MM * self._sp["bed_height"]:
            return BED_TOO_HIGH
        self._saggar.take_in(self._sp["expected_mass"])
        self._retort.end_charge()
        self._retort.heaters_off()
        gas = self._retort.gas
        gas.to_standby()
        gas.open = gas.charging = True
        return 0

    def _finish(self, oxygen_ppm: float) -> None:
        powder = self._saggar.inside
        if powder is None:
            raise ValueError("FU-301: the saggar was emptied while it was being charged")
        charge = self._heel.joined(self._powder.settled(powder), self._retort.uncleaned_pct)
        self._saggar.change(charge)
        self._begin_charge()
        self._reports = {
            "charged_mass": self._readings.weighed("charged_mass", charge.mass_g),
            "o2_exhaust": self._readings.measured("o2_exhaust", oxygen_ppm, 0.01),
        }
