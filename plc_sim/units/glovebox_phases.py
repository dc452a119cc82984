"""The phases of a glovebox: INERTISE brings things in and waits for a clean box, REGENERATE renews the purifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from plc_sim.physics.rooms import BoxImpurity
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.instruments import Readings
from plc_sim.units.unit import Setpoints

OXYGEN_PER_TRANSFER_PPM, WATER_PER_TRANSFER_PPM = 3.0, 2.5
"""What comes into the box with the things and with the antechamber's last cycle."""
CYCLE_S = 360.0
PURIFY_LIMIT_S = 4.0 * 3600.0
PURITY_NOT_REACHED = 20
HEAT, FLUSH, COOL = 10, 20, 30
HEAT_S, COOL_S = 3.0 * 3600.0, 3600.0


class GloveBox(Protocol):
    """What the phases need of a box."""

    oxygen: BoxImpurity
    water: BoxImpurity
    cycles: float
    regenerating: bool

    def open_lock(self, oxygen_ppm: float, water_ppm: float) -> None:
        """Take in what the antechamber lets through."""
        ...


class Inertising:
    """One run of INERTISE: antechamber cycles, then both limits kept for `hold_time` without a break."""

    def __init__(self, box: GloveBox, sp: Setpoints, readings: Readings) -> None:
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
            self._box.open_lock(OXYGEN_PER_TRANSFER_PPM, WATER_PER_TRANSFER_PPM)
            self._step = 20

    def _watch(self) -> int:
        clean = self._box.oxygen.ppm < self._sp["o2_max"] and self._box.water.ppm < self._sp["h2o_max"]
        if not clean:
            self._step, self._held_s = 20, 0.0
            self._waited_s += TICK_S
            return PURITY_NOT_REACHED if self._waited_s > PURIFY_LIMIT_S else 0
        self._step = 30
        self._held_s += TICK_S
        if self._held_s >= 60.0 * self._sp["hold_time"]:
            self._reports = {
                "o2": self._readings.measured("o2", self._box.oxygen.ppm, 0.02),
                "h2o": self._readings.measured("h2o", self._box.water.ppm, 0.02),
                "hold_time": self._held_s / 60.0,
            }
        return 0


class Regenerating:
    """One run of REGENERATE: the purifier leaves the box to be heated, flushed for `flush_time` (h) and cooled."""

    def __init__(self, box: GloveBox, sp: Setpoints, readings: Readings) -> None:
        self._box = box
        self._sp = sp
        self._readings = readings
        self._elapsed_s = 0.0
        self._peak_ppm = 0.0
        self._done = False

    def run(self) -> PhaseProgress:
        """Heat, flush or cool for one tick."""
        if not self._done:
            self._box.regenerating = True
            self._elapsed_s += TICK_S
            self._peak_ppm = max(self._peak_ppm, self._box.oxygen.ppm)
            self._done = self._elapsed_s >= HEAT_S + self._flush_s() + COOL_S
        return PhaseProgress(step=self._step(), done=self._done)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """The column stays off the box, as it is: half regenerated it would give back what it holds."""
        return True

    def resume(self) -> None:
        """Go on where it stood."""

    def end(self) -> None:
        """Put the purifier back onto the box."""
        self._box.regenerating = False

    def reports(self) -> Mapping[str, float]:
        """Give the time it took (h) and the highest oxygen in the box meanwhile (ppm)."""
        peak = self._readings.measured("o2_peak", self._peak_ppm, 0.02)
        return {"duration": self._elapsed_s / 3600.0, "o2_peak": peak}

    def _flush_s(self) -> float:
        return self._sp["flush_time"] * 3600.0

    def _step(self) -> int:
        if self._elapsed_s < HEAT_S:
            return HEAT
        return FLUSH if self._elapsed_s < HEAT_S + self._flush_s() else COOL
