"""Heated two-roll calender: porosity falls exponentially with line load (PROCESS M15, after Meyer 2017)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.holdings import Holdings, Web
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, Setpoints, Unit

ROOM_DEGC = 22.0
ROLL_TAU_S = 8.0 * 60.0
ROLL_BAND_K = 1.0
POROSITY_FLOOR = 0.10
LOAD_SCALE_N_MM = 220.0
"""Line load for a factor e at 20 degC, N/mm; hot binder gives way earlier."""
LOAD_SOFTENING_1_K = 0.003
LATER_PASS = 0.25
"""What a pass after the first adds to the effective load, as part of the first."""
ELONGATION = 0.007
"""Elongation in one pass at 400 N/mm."""
WIND_S = 300.0


class Rolls:
    """Line force (N/mm), roll temperature (degC) and speed (m/min) of the calender."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.force_n_mm = 0.0
        self.roll_degc = ROOM_DEGC
        self.roll_target_degc = ROOM_DEGC
        self.gap_um = 200.0
        self.speed_m_min = 0.0

    def tick(self) -> None:
        """Heat or cool the rolls."""
        self.roll_degc += (self.roll_target_degc - self.roll_degc) * (TICK_S / ROLL_TAU_S)

    def tags(self) -> Mapping[str, float]:
        """Give force, temperature, gap, speed and nip profile."""
        noise = self._jitter.around
        return {
            "LINE_FORCE": noise(self.force_n_mm, 2.0) if self.force_n_mm else 0.0,
            "T_ROLL": noise(self.roll_degc, 0.1),
            "GAP": noise(self.gap_um, 0.3),
            "SPEED": noise(self.speed_m_min, 0.002) if self.speed_m_min else 0.0,
            "NIP_PROFILE": noise(0.0, 0.4) if self.force_n_mm else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """I15: force above 900 N/mm or rolls above 120 degC."""
        over = self.force_n_mm > 900.0 or self.roll_degc > 120.0
        return frozenset({"I15_CALENDER_NIP"}) if over else frozenset()

    def open_nip(self) -> None:
        """Open the nip and stop."""
        self.force_n_mm = self.speed_m_min = 0.0
        self.gap_um = 200.0


def pressed_porosity(before: float, line_force_n_mm: float, roll_degc: float, passes: float) -> float:
    """Give the porosity after calendering; `line_force_n_mm` in N/mm, `roll_degc` the roll temperature."""
    scale = LOAD_SCALE_N_MM * (1.0 - LOAD_SOFTENING_1_K * (roll_degc - 20.0))
    load = line_force_n_mm * (1.0 + LATER_PASS * (passes - 1.0))
    return POROSITY_FLOOR + (before - POROSITY_FLOOR) * math.exp(-load / scale)


class Calendering:
    """One run of CALENDER: heat the rolls, run the whole roll `passes` times, wind."""

    def __init__(self, rolls: Rolls, holdings: Holdings, sp: Setpoints, readings: Readings) -> None:
        self._rolls = rolls
        self._holdings = holdings
        self._sp = sp
        self._readings = readings
        self._step = 10
        self._pressed_m = 0.0
        self._wound_s = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Heat, press or wind for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=30, done=True)
        web = self._holdings.coated.first()
        if web is None:
            return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
        rolls, sp = self._rolls, self._sp
        rolls.roll_target_degc = sp["roll_temp"]
        if self._step == 10:
            self._step = 20 if abs(rolls.roll_degc - sp["roll_temp"]) <= ROLL_BAND_K else 10
        elif self._step == 20:
            rolls.force_n_mm, rolls.speed_m_min, rolls.gap_um = sp["line_force"], sp["speed"], 60.0
            self._pressed_m += sp["speed"] * TICK_S / 60.0
            self._step = 30 if self._pressed_m >= web.length_m * round(sp["passes"]) - 1e-9 else 20
        else:
            rolls.open_nip()
            self._wound_s += TICK_S
            if self._wound_s >= WIND_S:
                self._finish()
        return PhaseProgress(step=self._step, done=self._reports is not None)

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
        if self._step != 10 and self._reports is None:
            self._holdings.give_up([self._holdings.coated.take()])
        self._rolls.open_nip()
        self._rolls.roll_target_degc = ROOM_DEGC

    def reports(self) -> Mapping[str, float]:
        """Give length (m), elongation (%), thickness (um) and porosity (%)."""
        return self._reports or dict.fromkeys(("length", "elongation", "thickness", "porosity"), 0.0)

    def _finish(self) -> None:
        web, sp, measured = self._holdings.coated.take(), self._sp, self._readings.measured
        passes = float(round(sp["passes"]))
        stretch = ELONGATION * (sp["line_force"] / 400.0) ** 0.5 * (1.0 + 0.2 * (passes - 1.0))
        pressed: Web = replace(
            web,
            length_m=web.length_m * (1.0 + stretch),
            porosity=pressed_porosity(web.porosity, sp["line_force"], sp["roll_temp"], passes),
        )
        self._holdings.calendered.put(pressed)
        self._reports = {
            "length": measured("length", pressed.length_m, 2e-4),
            "elongation": measured("elongation", 100.0 * stretch, 0.02),
            "thickness": measured("thickness", pressed.thickness_um, 0.005),
            "porosity": measured("porosity", 100.0 * pressed.porosity, 0.01),
        }


def calender(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a calender that takes the coated roll."""
    rolls = Rolls(Jitter(seed, name))
    kind = PhaseKind(begin=lambda sp, readings: Calendering(rolls, holdings, sp, readings))
    return Unit(name, seed, rolls, {"CALENDER": kind})


class FilmGauge:
    """The gauge after the calender: the roll that came out of it last."""

    def __init__(self, holdings: Holdings, jitter: Jitter) -> None:
        self._holdings = holdings
        self._jitter = jitter

    def tick(self) -> None:
        """The gauge has no state of its own."""

    def tags(self) -> Mapping[str, float]:
        """Give areal mass and thickness of the calendered roll, zero without one."""
        web = self._holdings.calendered.first()
        if web is None:
            return {"AREAL_MASS": 0.0, "THK": 0.0}
        return {
            "AREAL_MASS": self._jitter.around(web.areal_mg_cm2, 0.01),
            "THK": self._jitter.around(web.thickness_um, 0.1),
        }

    def interlocks(self) -> frozenset[str]:
        """A gauge holds nothing off."""
        return frozenset()


def film_gauge(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build the gauge after the calender."""
    return Unit(name, seed, FilmGauge(holdings, Jitter(seed, name)), {})
