"""Stirring for a time without getting too hot: KNEAD and DISPERSE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

STIR, WAIT_COOL = 10, 20
GOING = {step: PhaseProgress(step=step) for step in (STIR, WAIT_COOL)}
COOL_BAND_K = 2.0
START_DEGC = 22.0
WARM_DEGC = 22.5
"""A bowl warmer than this is cooled before the run begins, so that every run counts its peak from `START_DEGC`."""


class StirredBowl(Protocol):
    """What stirring needs of the mixer."""

    bowl_degc: float
    jacket_degc: float

    def stop(self) -> None:
        """Stop the drives."""
        ...

    def settle(self) -> None:
        """Stop the drives and let the jacket rest."""
        ...


class Stirring:
    """One run of KNEAD or DISPERSE: `duration` of stirring, interrupted whenever the bowl reaches `temp_max`."""

    def __init__(
        self,
        bowl: StirredBowl,
        sp: Setpoints,
        *,
        ready: Callable[[], bool],
        drive: Callable[[Setpoints, float], None],
        finish: Callable[[Setpoints, float], Mapping[str, float]],
        abandon: Callable[[], None],
        names: tuple[str, ...],
    ) -> None:
        self._bowl = bowl
        self._sp = sp
        self._ready = ready
        self._drive = drive
        self._finish = finish
        self._abandon = abandon
        self._names = names
        self._step = WAIT_COOL
        self._stirred_s = 0.0
        self._peak_degc = START_DEGC
        self._begun = False
        self._reports: Mapping[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Stir or cool for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=self._step, done=True)
        if not self._ready():
            return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
        if not self._begun and not self._begin():
            return GOING[WAIT_COOL]
        degc = self._bowl.bowl_degc
        self._peak_degc = max(self._peak_degc, degc)
        if degc >= self._sp["temp_max"]:
            self._step = WAIT_COOL
        elif degc <= self._sp["temp_max"] - COOL_BAND_K:
            self._step = STIR
        if self._step == STIR:
            self._stirred_s += TICK_S
            self._drive(self._sp, self._stirred_s / (60.0 * self._sp["duration"]))
        else:
            self._bowl.stop()
        if self._stirred_s >= 60.0 * self._sp["duration"]:
            self._bowl.settle()
            self._reports = self._finish(self._sp, self._peak_degc)
        return PhaseProgress(step=self._step, done=True) if self._reports is not None else GOING[self._step]

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Stop the drives at once."""
        self._bowl.stop()
        return True

    def resume(self) -> None:
        """Go on; the drives start with the next tick."""

    def end(self) -> None:
        """Stop the drives; a mix that was not stirred to the end is given up."""
        self._bowl.settle()
        if self._begun and self._reports is None:
            self._abandon()

    def reports(self) -> Mapping[str, float]:
        """Give the reports; the hottest bowl so far while running."""
        if self._reports is not None:
            return self._reports
        return {name: self._peak_degc if name == "peak_temp" else 0.0 for name in self._names}

    def _begin(self) -> bool:
        if self._bowl.bowl_degc <= WARM_DEGC:
            self._bowl.bowl_degc = START_DEGC
            self._begun = True
        return self._begun
