"""The CALENDER phase: the roll is unwound, pressed stretch by stretch as often as asked, and wound again (M15, M20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.web import STRETCH_M, Stretch, Web
from plc_sim.physics.calendering import (
    COATED_POROSITY,
    conductivity_after_nip,
    elongation_after,
    porosity_after,
)
from plc_sim.physics.slurry import dry_thickness_um
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.calender import ROOM_DEGC, GaugedFilm, Rolls
from plc_sim.units.inlet import Inlet, roll_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.site import Site
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, Setpoints, Unit

HEAT_ROLLS, PRESS, WIND = 10, 20, 30
GOING = {step: PhaseProgress(step=step) for step in (HEAT_ROLLS, PRESS, WIND)}
ROLL_BAND_K = 1.0
WIND_S = 300.0
LATER_PASS = 0.25
"""Of what the first pass does to pores and length, what a later one with the same force does (design default)."""
GAUGE_M = 2.0
"""Web from the nip to the gauge, m."""
REPORTS = ("length", "elongation", "thickness", "porosity")


def pressed(stretch: Stretch, line_force_n_mm: float, roll_degc: float, *, later: bool) -> Stretch:
    """Give a stretch as it leaves the nip: denser, longer, and crushed above the force its particles bear."""
    force = line_force_n_mm * (LATER_PASS if later else 1.0)
    return replace(
        stretch,
        length_m=stretch.length_m * (1.0 + elongation_after(force, roll_degc)),
        porosity=porosity_after(force, roll_degc, stretch.porosity),
        uncrushed=min(stretch.uncrushed, conductivity_after_nip(line_force_n_mm)),
    )


class Calendering:
    """One run of CALENDER: heat the rolls, run the whole roll `passes` times, wind.

    Each pass unwinds the roll, so what was wound last comes first; two passes give the order back.
    """

    def __init__(
        self,
        rolls: Rolls,
        film: GaugedFilm,
        holdings: Holdings,
        inlet: Inlet[Web],
        sp: Setpoints,
        readings: Readings,
    ) -> None:
        self._rolls = rolls
        self._film = film
        self._holdings = holdings
        self._inlet = inlet
        self._sp = sp
        self._readings = readings
        self._step = HEAT_ROLLS
        self._web: Web | None = None
        self._coming: list[Stretch] = []
        self._done: list[Stretch] = []
        self._passes = 0
        self._fed_m = 0.0
        self._wound_s = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Heat, press or wind for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=WIND, done=True)
        if self._web is None:
            if not self._inlet.take_in() or self._inlet.inside is None:
                return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
            self._web = self._inlet.inside
            # Kept so that the next one is the last of the list.
            self._coming = list(self._web.stretches)
        rolls, sp = self._rolls, self._sp
        rolls.roll_target_degc = sp["roll_temp"]
        if self._step == HEAT_ROLLS:
            self._step = PRESS if abs(rolls.roll_degc - sp["roll_temp"]) <= ROLL_BAND_K else HEAT_ROLLS
        elif self._step == PRESS:
            self._press(self._web)
        else:
            rolls.open_nip()
            self._wound_s += TICK_S
            if self._wound_s >= WIND_S:
                self._finish(self._web)
                return PhaseProgress(step=WIND, done=True)
        return GOING[self._step]

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Open the nip and stop at once; the rolls stay hot."""
        self._rolls.open_nip()
        return True

    def resume(self) -> None:
        """Go on; the nip closes with the next tick."""

    def end(self) -> None:
        """Open the nip, let the rolls cool; a roll that was not calendered to the end is given up."""
        if self._web is not None and self._reports is None:
            self._inlet.give_up()
        self._rolls.open_nip()
        self._rolls.roll_target_degc = ROOM_DEGC

    def reports(self) -> Mapping[str, float]:
        """Give length (m), elongation (%), thickness (um) and porosity (%)."""
        return self._reports or dict.fromkeys(REPORTS, 0.0)

    def _press(self, web: Web) -> None:
        rolls, sp = self._rolls, self._sp
        rolls.press(sp["line_force"], sp["speed"])
        self._fed_m += sp["speed"] * TICK_S / 60.0
        while self._coming and self._fed_m >= self._coming[-1].length_m - 1e-9:
            stretch = self._coming.pop()
            self._fed_m -= stretch.length_m
            out = pressed(stretch, rolls.force_n_mm, self._roll_degc(), later=self._passes > 0)
            self._done.append(out)
            self._show(web, out)
        if not self._coming:
            self._passes += 1
            if self._passes < round(sp["passes"]):
                self._coming, self._done = self._done, []
            else:
                self._step = WIND

    def _roll_degc(self) -> float:
        # Rolls within their band count as at their set-point: how long they had idled before is not in the film.
        aim = self._sp["roll_temp"]
        return aim if abs(self._rolls.roll_degc - aim) <= ROLL_BAND_K else self._rolls.roll_degc

    def _show(self, web: Web, out: Stretch) -> None:
        behind = len(self._done) - 1 - round(GAUGE_M / STRETCH_M)
        under = self._done[max(0, behind)]
        density = web.solid_density_g_cm3
        self._film.areal_mg_cm2 = 0.1 * under.mass_g / (under.length_m * web.coated_width_m)
        self._film.thickness_um = dry_thickness_um(self._film.areal_mg_cm2, density, under.porosity)
        areal = 0.1 * out.mass_g / (out.length_m * web.coated_width_m)
        self._rolls.gap_for(dry_thickness_um(areal, density, out.porosity))

    def _finish(self, web: Web) -> None:
        self._inlet.empty()
        measured = self._readings.measured
        out = replace(web, stretches=tuple(self._done))
        self._holdings.calendered.put(out)
        self._reports = {
            "length": measured("length", out.length_m, 2e-4),
            "elongation": measured("elongation", 100.0 * (out.length_m / web.length_m - 1.0), 0.02),
            "thickness": measured("thickness", out.thickness_um, 0.005),
            "porosity": measured("porosity", 100.0 * out.porosity, 0.01),
        }


def calender(name: str, seed: int, holdings: Holdings, film: GaugedFilm, site: Site) -> Unit:
    """Build a calender that takes the coated roll; the gauge behind it shares the film."""
    rolls = Rolls(Jitter(seed, name))
    inlet = roll_inlet(holdings, name, holdings.coated, holdings.nip, COATED_POROSITY)
    kind = PhaseKind(begin=lambda sp, readings: Calendering(rolls, film, holdings, inlet, sp, readings))
    return Unit(name, seed, rolls, {"CALENDER": kind}, site)
