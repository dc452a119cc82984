"""Doing something for a time at a temperature: brought there first, and only time at the temperature counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.unit import Setpoints

TEMPER, WORK = 10, 20
GOING = {step: PhaseProgress(step=step) for step in (TEMPER, WORK)}
BAND_K = 1.5
PATIENCE_S = 3.0 * 3600.0
TEMPERATURE_NOT_REACHED = 50


class Jacketed(Protocol):
    """A vessel that follows its jacket."""

    degc: float
    target_degc: float

    def stop(self) -> None:
        """Stop the drives."""
        ...

    def settle(self) -> None:
        """Stop the drives and let the jacket rest."""
        ...


def _nothing() -> None:
    return None


@dataclass(slots=True, kw_only=True)
class TemperedPhase:
    """A run that works for `seconds` while the vessel is within `BAND_K` of `aim_degc`.

    `ready` gives a fail code while it cannot begin and takes the material in once it can; `drive` is called each tick
    of work with the part of it done (0..1), `finish` moves the material and gives the reports. A vessel that comes into
    its band for the first time counts as exactly there: how long it stood idle before is in no report.
    """

    vessel: Jacketed
    sp: Setpoints
    report_names: tuple[str, ...]
    aim_degc: Callable[[Setpoints], float]
    seconds: Callable[[Setpoints], float]
    ready: Callable[[Setpoints], int]
    drive: Callable[[Setpoints, float], None]
    finish: Callable[[Setpoints, float], Mapping[str, float]]
    abandon: Callable[[], None] = _nothing
    _begun: bool = False
    _worked_s: float = 0.0
    _waited_s: float = 0.0
    _peak_degc: float = -273.0
    _reports: Mapping[str, float] | None = field(default=None)

    def run(self) -> PhaseProgress:
        """Bring to temperature or work for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=WORK, done=True)
        if not self._begun:
            fail_code = self.ready(self.sp)
            if fail_code:
                return PhaseProgress(fail_code=fail_code)
            self._begun = True
        vessel, aim = self.vessel, self.aim_degc(self.sp)
        vessel.target_degc = aim
        if abs(vessel.degc - aim) > BAND_K:
            vessel.stop()
            self._waited_s += TICK_S
            over = self._waited_s > PATIENCE_S
            return PhaseProgress(step=TEMPER, fail_code=TEMPERATURE_NOT_REACHED) if over else GOING[TEMPER]
        return self._work(aim)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self.sp = sp

    def rest(self) -> bool:
        """Stop the drives; the jacket keeps its temperature."""
        self.vessel.stop()
        return True

    def resume(self) -> None:
        """Go on, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Leave the vessel at rest; material that was not worked to the end is given up."""
        self.vessel.settle()
        if self._begun and self._reports is None:
            self.abandon()

    def reports(self) -> Mapping[str, float]:
        """Give the reports; zero until the work is done."""
        return self._reports if self._reports is not None else dict.fromkeys(self.report_names, 0.0)

    def _work(self, aim_degc: float) -> PhaseProgress:
        if not self._worked_s:
            self.vessel.degc = aim_degc
        self._peak_degc = max(self._peak_degc, self.vessel.degc)
        self._worked_s += TICK_S
        whole_s = self.seconds(self.sp)
        self.drive(self.sp, min(1.0, self._worked_s / whole_s))
        if self._worked_s < whole_s:
            return GOING[WORK]
        self.vessel.stop()
        self._reports = self.finish(self.sp, self._peak_degc)
        return PhaseProgress(step=WORK, done=True)
