"""The hopper of the extruder: pellets that arrive, and those that are poured onto what is left."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.parcel import Parcel, blend
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.film_blower_machine import FilmBlower
from plc_sim.units.hopper import kilograms
from plc_sim.units.inlet import Inlet
from plc_sim.units.instruments import Readings
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

WAIT = 10
WAITING = PhaseProgress(step=WAIT)
PATIENCE_S = 3600.0


def pour(hopper: Inlet[Parcel]) -> bool:
    """Pour what waits onto what is left in the hopper; False when nothing waits."""
    if hopper.next() is None:
        return False
    rest = hopper.empty() if hopper.inside is not None else None
    hopper.take_in()
    fresh = hopper.inside
    if rest is not None and fresh is not None:
        hopper.change(blend((rest, fresh)))
    return True


class Receiving:
    """One run of RECEIVE: wait for the pellets that the dryer conveys, and let them into the hopper."""

    def __init__(self, machine: FilmBlower, hopper: Inlet[Parcel], readings: Readings) -> None:
        self._machine = machine
        self._hopper = hopper
        self._readings = readings
        self._waited_s = 0.0
        self._received_g = 0.0

    def run(self) -> PhaseProgress:
        """Wait for one tick."""
        if self._received_g:
            return PhaseProgress(step=WAIT, done=True)
        before_g = self._hopper.mass_g
        if pour(self._hopper):
            self._machine.hopper_g = self._hopper.mass_g
            self._received_g = self._hopper.mass_g - before_g
            return PhaseProgress(step=WAIT, done=True)
        self._waited_s += TICK_S
        return PhaseProgress(step=WAIT, fail_code=NOTHING_TO_PROCESS) if self._waited_s > PATIENCE_S else WAITING

    def update(self, sp: Setpoints) -> None:
        """It has no parameters."""

    def rest(self) -> bool:
        """Nothing moves."""
        return True

    def resume(self) -> None:
        """Wait anew."""
        self._waited_s = 0.0

    def end(self) -> None:
        """What has arrived stays in the hopper."""

    def reports(self) -> Mapping[str, float]:
        """Give the pellets received, kg."""
        received_g = self._received_g
        return {"received_mass": kilograms(self._readings, "received_mass", received_g) if received_g else 0.0}
