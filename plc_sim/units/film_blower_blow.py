"""The BLOW phase: start-up scrap, then film until the length is reached; new parameters are taken without stopping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Parcel
from plc_sim.physics.blown_film import PELLET_KG_M3, draw_down, girth_m, thickness_um
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.film_blower_feed import pour
from plc_sim.units.film_blower_machine import FilmBlower, solid_kg_m3
from plc_sim.units.inlet import Inlet
from plc_sim.units.instruments import Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

START_UP, STEADY, WIND_OFF = 10, 20, 30
GOING = {step: PhaseProgress(step=step) for step in (START_UP, STEADY, WIND_OFF)}
PELLETS_EMPTY, MELT_COLD, BUBBLE_UNSTABLE = 20, 30, 40
WIND_OFF_S = 180.0
FILM_STRETCH_M = 5.0
"""Length of film that is kept as one piece of even composition."""
SCRAP = "start-up scrap"
DEEPEST_DRAW = 100.0


@dataclass(slots=True)
class Books:
    """What a run has made: metres, square metres, grams."""

    film_m: float = 0.0
    film_m2: float = 0.0
    film_g: float = 0.0
    scrap_m: float = 0.0
    scrap_g: float = 0.0
    used_g: float = 0.0
    density_kg_m3: float = PELLET_KG_M3


def film_can_be_drawn(sp: Setpoints) -> bool:
    """Say whether screw, take-up and blow-up ratio go together: the melt is drawn down one to a hundred times."""
    return 1.0 <= draw_down(sp["screw_speed"], sp["take_up"], sp["blow_up_ratio"]) <= DEEPEST_DRAW


class Blowing:
    """One run of BLOW: `scrap_length` until the bubble stands, then `length` of film.

    Thickness follows from conservation of mass, h = m/(rho pi D B v). What comes out of the die is laid into stretches
    of `FILM_STRETCH_M`; an update, a hold or an end closes one. A hold lets the bubble fall: after it the start-up
    scrap is run once more. Film of a run that is stopped is weighed and goes off the line.
    """

    def __init__(
        self,
        machine: FilmBlower,
        holdings: Holdings,
        hopper: Inlet[Parcel],
        sp: Setpoints,
        readings: Readings,
    ) -> None:
        self._machine = machine
        self._holdings = holdings
        self._hopper = hopper
        self._sp = sp
        self._readings = readings
        self._step = START_UP
        self._books = Books()
        self._begun = False
        self._scrap_left_m = sp["scrap_length"]
        self._open_m = self._open_g = self._wound_off_s = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Blow for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=WIND_OFF, done=True)
        if not self._begun:
            fail_code = self._begin()
            if fail_code:
                return PhaseProgress(fail_code=fail_code)
        if self._step == WIND_OFF:
            self._wound_off_s += TICK_S
            if self._wound_off_s < WIND_OFF_S:
                return GOING[WIND_OFF]
            self._settle(keep=True)
            return PhaseProgress(step=WIND_OFF, done=True)
        fail_code = self._blow()
        return PhaseProgress(step=self._step, fail_code=fail_code) if fail_code else GOING[self._step]

    def update(self, sp: Setpoints) -> None:
        """Take new parameters without stopping the line."""
        self._close()
        self._scrap_left_m = max(0.0, self._scrap_left_m + sp["scrap_length"] - self._sp["scrap_length"])
        self._sp = sp
        if self._begun:
            self._machine.barrel.setpoint_degc = sp["melt_temp"]

    def rest(self) -> bool:
        """Stop screw and winder; the barrel stays hot."""
        self._close()
        self._machine.stop()
        return True

    def resume(self) -> None:
        """Go on with a new bubble."""
        if self._step == STEADY:
            self._step = START_UP
            self._scrap_left_m = self._sp["scrap_length"]

    def end(self) -> None:
        """Stop; film of a run that was not complete is weighed and set aside."""
        self._close()
        self._machine.stop()
        if self._reports is None and self._begun:
            self._settle(keep=False)

    def reports(self) -> Mapping[str, float]:
        """Give lengths (m), masses (kg), mean thickness (um) and melt (degC)."""
        return self._reports or self._weighed()

    def _begin(self) -> int:
        sp, machine = self._sp, self._machine
        if is_dry(self._holdings):
            machine.barrel.settle_at(sp["melt_temp"])
        if not self._has_pellets(1.0):
            return NOTHING_TO_PROCESS
        machine.barrel.setpoint_degc = sp["melt_temp"]
        if not machine.barrel.can_turn:
            return MELT_COLD
        self._begun = True
        return 0

    def _blow(self) -> int:
        sp, machine = self._sp, self._machine
        if not machine.barrel.can_turn:
            self._close()
            machine.stop()
            return MELT_COLD
        if machine.interlocks():  # the machine stands by its own interlock
            self._close()
            return 0
        machine.run(sp["screw_speed"], sp["take_up"], sp["blow_up_ratio"], sp["air_flow"])
        if not machine.bubble_stands:
            self._close()
            machine.stop()
            return BUBBLE_UNSTABLE
        run_m = sp["take_up"] * TICK_S / 60.0
        if self._step == STEADY:
            run_m = max(0.0, min(run_m, sp["length"] - self._books.film_m - self._open_m))
        dose_g = 1000.0 * machine.flow_kg_s * 60.0 / sp["take_up"] * run_m
        if not self._has_pellets(self._open_g + dose_g):
            self._close()
            machine.stop()
            return PELLETS_EMPTY
        self._open_m += run_m
        self._open_g += dose_g
        self._go_on()
        return 0

    def _go_on(self) -> None:
        if self._step == START_UP and self._open_m >= self._scrap_left_m - 1e-9:
            self._close()
            self._step = STEADY
        elif self._step == STEADY and self._books.film_m + self._open_m >= self._sp["length"] - 1e-9:
            self._close()
            self._machine.stop()
            self._step = WIND_OFF
        elif self._open_m >= FILM_STRETCH_M - 1e-9:
            self._close()

    def _has_pellets(self, mass_g: float) -> bool:
        """Say whether the hopper holds so much, pouring what waits onto the rest of it."""
        hopper, machine = self._hopper, self._machine
        while hopper.mass_g < mass_g:
            if not pour(hopper):
                return False
        machine.hopper_g = hopper.mass_g
        return True

    def _close(self) -> None:
        """Lay down what has been blown since the last stretch."""
        length_m, mass_g = self._open_m, self._open_g
        pellets = self._hopper.inside
        if not length_m or pellets is None:
            return
        self._open_m = self._open_g = 0.0
        dose, rest = pellets.take(mass_g)
        self._hopper.change(rest)
        out = self._through_screw(dose)
        books, machine, girth = self._books, self._machine, girth_m(self._sp["blow_up_ratio"])
        books.used_g += dose.mass_g
        if self._step == START_UP or out is None:
            self._scrap_left_m = max(0.0, self._scrap_left_m - length_m)
            books.scrap_m += length_m
            if out is not None:
                books.scrap_g += out.mass_g
                self._holdings.lose(out, SCRAP)
            return
        books.density_kg_m3 = solid_kg_m3(out.parts, self._holdings.ledger)
        books.film_m += length_m
        books.film_m2 += length_m * girth
        books.film_g += out.mass_g
        machine.thickness_um = thickness_um(out.mass_g / 1000.0, length_m * girth, books.density_kg_m3)
        machine.wind(out, length_m, girth)

    def _through_screw(self, dose: Parcel) -> Parcel | None:
        return self._machine.screw.push(dose.mass_g, dose) if dose.mass_g > 0.0 else None

    def _weighed(self) -> dict[str, float]:
        books, readings = self._books, self._readings
        film_m = books.film_m + (self._open_m if self._step == STEADY else 0.0)
        thickness = thickness_um(books.film_g / 1000.0, books.film_m2, books.density_kg_m3)
        return {
            "film_length": film_m,
            "film_mass": readings.weighed("film_mass", books.film_g) / 1000.0 if books.film_g else 0.0,
            "thickness": readings.measured("thickness", thickness, 0.005),
            "scrap_length": books.scrap_m + (self._open_m if self._step == START_UP else 0.0),
            "scrap_mass": readings.weighed("scrap_mass", books.scrap_g) / 1000.0 if books.scrap_g else 0.0,
            "pellets_used": readings.weighed("pellets_used", books.used_g) / 1000.0 if books.used_g else 0.0,
            "melt_temp": readings.measured("melt_temp", self._machine.barrel.degc, 0.001),
        }

    def _settle(self, keep: bool) -> None:
        self._reports = self._weighed()
        roll = self._machine.take_roll()
        if roll is not None and keep:
            self._holdings.film_rolls.put(roll)
        elif roll is not None:
            self._holdings.give_up([roll])
