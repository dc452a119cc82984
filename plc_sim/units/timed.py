"""Phases that are a list of steps with known times: most of the plant's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.unit import Setpoints

Plan = tuple[tuple[int, float], ...]
"""Steps in order: PLC step number and seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a phase leaves: its reports, and a fail code when it did not do its work."""

    reports: Mapping[str, float]
    fail_code: int = 0


def _ready(sp: Setpoints) -> int:
    return 0


def _nothing() -> None:
    return None


def _no_drive(sp: Setpoints, step: int, fraction: float) -> None:
    return None


@dataclass(slots=True, kw_only=True)
class TimedPhase:
    """A run of a phase whose steps each take a time known from parameters and material.

    `ready` gives a fail code while the phase cannot begin and takes the material in once it can (it is asked again when
    a failed run is restarted), `plan` gives the steps, `drive` sets the drives for a step and the part of it done
    (0..1), `rest_drives` brings them to rest, `finish` moves the material and gives the reports. A run that failed
    begins anew after `again` when restarted, so `finish` moves no material when it gives a fail code. A run that ends
    without having done its work gives its material up to `abandon`.
    """

    sp: Setpoints
    report_names: tuple[str, ...]
    plan: Callable[[Setpoints], Plan]
    finish: Callable[[Setpoints], Outcome]
    ready: Callable[[Setpoints], int] = _ready
    drive: Callable[[Setpoints, int, float], None] = _no_drive
    rest_drives: Callable[[], None] = _nothing
    again: Callable[[], None] = _nothing
    abandon: Callable[[], None] = _nothing
    _steps: Plan = ()
    _index: int = 0
    _elapsed_s: float = 0.0
    _begun: bool = False
    _outcome: Outcome | None = None
    _progress: PhaseProgress = field(default_factory=PhaseProgress)

    def run(self) -> PhaseProgress:
        """Advance the present step by one tick."""
        if self._outcome is not None:
            return self._progress
        if not self._steps:
            fail_code = self.ready(self.sp)
            if fail_code:
                return PhaseProgress(fail_code=fail_code)
            self._begun = True
            self._steps = self.plan(self.sp)
        number, seconds = self._steps[self._index]
        self._elapsed_s += TICK_S
        self.drive(self.sp, number, min(1.0, self._elapsed_s / seconds))
        if self._elapsed_s >= seconds:
            self._index += 1
            self._elapsed_s = 0.0
            if self._index == len(self._steps):
                self.rest_drives()
                self._outcome = self.finish(self.sp)
                fail_code = self._outcome.fail_code
                self._progress = PhaseProgress(step=number, done=not fail_code, fail_code=fail_code)
                return self._progress
        if self._progress.step != number:
            self._progress = PhaseProgress(step=number)
        return self._progress

    def update(self, sp: Setpoints) -> None:
        """Take new parameters; the present step goes on towards its new time."""
        self.sp = sp
        if self._steps:
            self._steps = self.plan(sp)

    def rest(self) -> bool:
        """Stop the drives at once."""
        self.rest_drives()
        return True

    def resume(self) -> None:
        """Go on with the next tick; a run that failed begins anew."""
        if self._outcome is not None and self._outcome.fail_code:
            self._outcome, self._steps, self._index, self._elapsed_s = None, (), 0, 0.0
            self.again()

    def end(self) -> None:
        """Stop the drives; material that was not finished is given up."""
        self.rest_drives()
        if self._begun and (self._outcome is None or self._outcome.fail_code):
            self.abandon()

    def reports(self) -> Mapping[str, float]:
        """Give the reports; zero until the phase has done its work."""
        return self._outcome.reports if self._outcome is not None else dict.fromkeys(self.report_names, 0.0)
