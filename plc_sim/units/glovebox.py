"""Argon glovebox: purifier, and the INERTISE phase that brings things in and waits for a clean box."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.unit import PhaseKind, Setpoints, Unit
from plc_sim.units.utilities import Site

OXYGEN_FLOOR_PPM, WATER_FLOOR_PPM = 0.2, 0.1
PURIFIER_TAU_S = 5.0 * 60.0
"""Purifier time constant at full circulation, s."""
OXYGEN_AFTER_LOCK_PPM, WATER_AFTER_LOCK_PPM = 8.0, 6.0
"""What the last antechamber cycle leaves in the box: where every INERTISE begins to count."""
CYCLE_S = 360.0
PURIFY_LIMIT_S = 4.0 * 3600.0
PURITY_NOT_REACHED = 20


class Box:
    """Oxygen, water (ppm) and pressure (mbar(g)) of a glovebox; antechamber cycles of the present transfer."""

    def __init__(self, site: Site, jitter: Jitter) -> None:
        self._site = site
        self._jitter = jitter
        self.oxygen_ppm = OXYGEN_FLOOR_PPM
        self.water_ppm = WATER_FLOOR_PPM
        self.cycles = 0.0

    def tick(self) -> None:
        """Purify (PROCESS M21)."""
        part = TICK_S / PURIFIER_TAU_S
        self.oxygen_ppm += (OXYGEN_FLOOR_PPM - self.oxygen_ppm) * part
        self.water_ppm += (WATER_FLOOR_PPM - self.water_ppm) * part

    def tags(self) -> Mapping[str, float]:
        """Give the box atmosphere."""
        noise = self._jitter.around
        return {
            "O2_PPM": noise(self.oxygen_ppm, 0.02),
            "H2O_PPM": noise(self.water_ppm, 0.02),
            "P_BOX": noise(3.5, 0.3),
            "H2S_PPM": noise(0.2, 0.05),
            "REGEN_STATE": 0.0,
            "ANTECH_CYCLES": self.cycles,
        }

    def interlocks(self) -> frozenset[str]:
        """Give the site's interlocks: purging needs argon, and nobody works in hydrogen sulfide."""
        return self._site.interlocks()


class Inertising:
    """One run of INERTISE: antechamber cycles, then both limits kept for `hold_time` without a break."""

    def __init__(self, box: Box, sp: Setpoints, readings: Readings) -> None:
        self._box = box
        self._sp = sp
        self._readings = readings
        self._step = 10
        self._cycled_s = self._waited_s = self._held_s = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Cycle, purify or hold for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=30, done=True)
        fail_code = 0
        if self._step == 10:
            self._cycle()
        else:
            fail_code = self._watch()
        return PhaseProgress(step=self._step, done=self._reports is not None, fail_code=fail_code)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """The box is at rest as it is: the purifier stays on."""
        return True

    def resume(self) -> None:
        """Go on counting, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """The purifier stays on."""

    def reports(self) -> Mapping[str, float]:
        """Give oxygen and water (ppm) and the time both were kept (min)."""
        return self._reports or {"o2": 0.0, "h2o": 0.0, "hold_time": self._held_s / 60.0}

    def _cycle(self) -> None:
        self._cycled_s += TICK_S
        self._box.cycles = float(int(self._cycled_s // CYCLE_S))
        if self._cycled_s >= CYCLE_S * round(self._sp["cycles"]):
            self._box.oxygen_ppm, self._box.water_ppm = OXYGEN_AFTER_LOCK_PPM, WATER_AFTER_LOCK_PPM
            self._step = 20

    def _watch(self) -> int:
        clean = self._box.oxygen_ppm < self._sp["o2_max"] and self._box.water_ppm < self._sp["h2o_max"]
        if not clean:
            self._step, self._held_s = 20, 0.0
            self._waited_s += TICK_S
            return PURITY_NOT_REACHED if self._waited_s > PURIFY_LIMIT_S else 0
        self._step = 30
        self._held_s += TICK_S
        if self._held_s >= 60.0 * self._sp["hold_time"]:
            self._reports = {
                "o2": self._readings.measured("o2", self._box.oxygen_ppm, 0.02),
                "h2o": self._readings.measured("h2o", self._box.water_ppm, 0.02),
                "hold_time": self._held_s / 60.0,
            }
        return 0


def glovebox(name: str, seed: int, site: Site) -> Unit:
    """Build a glovebox."""
    box = Box(site, Jitter(seed, name))
    kind = PhaseKind(begin=lambda sp, readings: Inertising(box, sp, readings))
    return Unit(name, seed, box, {"INERTISE": kind})
