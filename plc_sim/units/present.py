"""Waiting in a first step until somebody has brought a container to the unit."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.plant import PhaseProgress
from plc_sim.units.unit import PhaseRun, Setpoints

PRESENT = 5
WAITING = PhaseProgress(step=PRESENT)


class Presented:
    """A run that begins once a container stands at its unit; with `returns` the container goes back when it ends."""

    def __init__(self, run: PhaseRun, holdings: Holdings, unit: str, *, returns: bool) -> None:
        self._run = run
        self._holdings = holdings
        self._unit = unit
        self._returns = returns
        self._present = False

    def run(self) -> PhaseProgress:
        """Wait, or run for one tick."""
        if not self._present:
            if self._holdings.is_waiting(self._unit):
                return WAITING
            self._present = True
        return self._run.run()

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._run.update(sp)

    def rest(self) -> bool:
        """Bring the run to rest."""
        return self._run.rest()

    def resume(self) -> None:
        """Go on; a run that failed looks for its container anew."""
        self._present = False
        self._run.resume()

    def end(self) -> None:
        """End the run and, where it does, give the container back."""
        self._run.end()
        station = self._holdings.station(self._unit)
        if self._returns and station.standing is not None:
            station.standing.where = "store"
            station.standing = None

    def reports(self) -> Mapping[str, float]:
        """Give the reports of the run."""
        return self._run.reports()
