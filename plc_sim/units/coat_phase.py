"""The COAT phase: heat the dryer, coat start-up scrap, coat good film, clear the dryer, drain and weigh."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Parcel
from plc_sim.material.web import STRETCH_M
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.coat_books import REPORTS, Coated
from plc_sim.units.coat_feed import HOLDUP_ML, SlurryFeed
from plc_sim.units.coating_machine import CoatingLine
from plc_sim.units.instruments import Readings
from plc_sim.units.nominal import fill_slurry, is_dry
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints
from plc_sim.units.web_dryer import DRYER_M
from plc_sim.units.web_path import Laid, WebPath

HEAT_ZONES, START_UP, STEADY, CLEAR, DRAIN = 10, 20, 30, 40, 50
GOING = {step: PhaseProgress(step=step) for step in (HEAT_ZONES, START_UP, STEADY, CLEAR, DRAIN)}
SLURRY_EMPTY, NOT_THREADED, CARRIER_EMPTY = 20, 30, 40
DRAIN_S = 1200.0
RAMP_MIN = 5.0
"""Minutes from start speed to speed."""
LEAST_RAMP = 0.1
"""Slowest change of web speed, m/min per minute."""
SLOWING_M_MIN = 0.1
"""Change of web speed in one tick when the web is brought to rest, m/min."""
TEST_LEADER_M = 5.0
TEST_SPARE = 1.2


class Coating:
    """One run of COAT: `scrap_length` and the speed ramp are scrap, then `length` of good film.

    Pump flow follows web speed, so that the wet film h = Q/(U w) keeps its thickness on the ramp (PROCESS M10). What
    leaves the die is laid down in stretches of `STRETCH_M`; a change of speed, a hold or an end closes a stretch. A run
    that is stopped is weighed all the same, film and drained slurry, but its film goes off the line.
    """

    def __init__(
        self,
        line: CoatingLine,
        path: WebPath,
        feed: SlurryFeed,
        holdings: Holdings,
        sp: Setpoints,
        readings: Readings,
        width_m: float,
    ) -> None:
        self._line = line
        self._path = path
        self._feed = feed
        self._holdings = holdings
        self._sp = sp
        self._readings = readings
        self._width_m = width_m
        self._step = HEAT_ZONES
        self._step_s = 0.0
        self._speed = 0.0
        self._coated = Coated(width_m=width_m)
        self._begun = False
        self._reheat = False
        self._reports: dict[str, float] | None = None
        self._open_m = 0.0
        self._open_ml = 0.0

    def run(self) -> PhaseProgress:
        """Run the line for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=DRAIN, done=True)
        if not self._begun:
            fail_code = self._begin()
            if fail_code:
                return PhaseProgress(fail_code=fail_code)
        if self._line.interlocks():
            # The machine stands by its own interlocks; nothing the program asks of it moves it.
            self._close()
            self._speed = min(self._sp["start_speed"], self._sp["speed"])
            return GOING[self._step]
        if self._reheat:
            if not self._line.dryer.is_hot():
                return GOING[HEAT_ZONES]
            self._reheat = False
        self._step_s += TICK_S
        fail_code = 0
        if self._step == HEAT_ZONES:
            fail_code = self._warm_up()
        elif self._step in (START_UP, STEADY):
            fail_code = self._coat()
        elif self._step == CLEAR:
            self._clear()
        elif self._step_s >= DRAIN_S:
            self._settle()
        if fail_code or self._reports is not None:
            return PhaseProgress(step=self._step, done=self._reports is not None, fail_code=fail_code)
        return GOING[self._step]

    def update(self, sp: Setpoints) -> None:
        """Take new parameters without stopping the web."""
        self._close()
        self._sp = sp
        if self._begun and self._step != DRAIN:
            self._line.heat(sp)

    def rest(self) -> bool:
        """Stop the pump, retract the die, slow the web down; True when the web stands."""
        self._close()
        self._stop_pump()
        speed = max(0.0, self._line.speed_m_min - SLOWING_M_MIN)
        self._line.speed_m_min = self._speed = speed
        if speed:
            self._lay(Laid.BARE, speed * TICK_S / 60.0, None, 0.0)
        self._path.advance()
        return speed == 0.0

    def resume(self) -> None:
        """Go on from start speed, once the dryer is hot again if an interlock took its heat away."""
        self._speed = min(self._sp["start_speed"], self._sp["speed"])
        if self._begun and self._step in (HEAT_ZONES, START_UP, STEADY, CLEAR):
            self._line.heat(self._sp)
            self._reheat = self._step in (START_UP, STEADY)

    def end(self) -> None:
        """Shut the line down; a run that was stopped is drained."""
        self._close()
        self._line.shut_down()
        if self._reports is None and self._feed.is_open():
            self._settle()
        elif self._reports is None and self._begun:
            self._feed.give_up()
        self._line.flow_ml_min = 0.0

    def reports(self) -> Mapping[str, float]:
        """Give lengths (m), masses (g), film and vapour: what draining and weighing now would give."""
        if self._reports is not None:
            return self._reports
        if self._step == HEAT_ZONES and not self._feed.is_open():
            return dict.fromkeys(REPORTS, 0.0)
        books = self._coated.weigh(self._readings, self._feed.mass_g)
        for name in ("scrap_length" if self._step == START_UP else "good_length", "carrier_length"):
            books[name] += self._open_m
        return books

    def _begin(self) -> int:
        """Find slurry and web; gives a fail code."""
        sp = self._sp
        wet_ml = (sp["length"] + sp["scrap_length"] + 2.0 * TEST_LEADER_M) * sp["flow"] / sp["speed"] + HOLDUP_ML
        fill_slurry(self._holdings, self._holdings.filtered, "CT-701.FEED", TEST_SPARE * wet_ml)
        if not self._feed.choose():
            return NOTHING_TO_PROCESS
        if not self._path.is_threaded and is_dry(self._holdings):
            self._path.thread(TEST_LEADER_M)
        if not self._path.is_threaded:
            return NOT_THREADED
        self._begun = True
        self._line.heat(sp)
        return 0

    def _warm_up(self) -> int:
        if not self._line.dryer.is_hot():
            return 0
        if not self._feed.prime():
            return SLURRY_EMPTY
        self._line.rheology, self._line.viscosity_pa_s = self._feed.rheology, self._feed.viscosity_pa_s
        self._coated.carrier_m = self._path.begin()
        self._next(START_UP)
        return 0

    def _next(self, step: int) -> None:
        self._close()
        self._step, self._step_s = step, 0.0
        if step == START_UP:
            self._speed = self._sp["start_speed"]
        elif step == CLEAR:
            self._stop_pump()

    def _coat(self) -> int:
        line, sp, coated = self._line, self._sp, self._coated
        is_scrap = self._step == START_UP
        self._accelerate()
        run_m = self._speed * TICK_S / 60.0
        if not is_scrap:
            run_m = max(0.0, min(run_m, sp["length"] - coated.good_m - self._open_m))
        flow = line.pumped_ml_min(sp["flow"] * self._speed / sp["speed"])
        dose_ml = flow / self._speed * run_m
        fail_code = self._missing(run_m, dose_ml)
        if fail_code:
            self._close()
            self._stop_pump()
            line.speed_m_min = 0.0
            return fail_code
        line.speed_m_min, line.flow_ml_min = self._speed, flow
        line.wet_um = flow / (self._speed * self._width_m)
        self._open_m += run_m
        self._open_ml += dose_ml
        ends = coated.good_m + self._open_m >= sp["length"] - 1e-9 and not is_scrap
        if self._open_m >= STRETCH_M - 1e-9 or ends:
            self._close()
        if ends:
            self._next(CLEAR)
        elif is_scrap and self._speed == sp["speed"] and coated.scrap_m + self._open_m >= sp["scrap_length"]:
            self._next(STEADY)
        return 0

    def _missing(self, run_m: float, dose_ml: float) -> int:
        if not self._feed.can_give(self._open_ml + dose_ml):
            return SLURRY_EMPTY
        if not self._open_m and not self._path.has_carrier(STRETCH_M + run_m):
            return CARRIER_EMPTY
        return 0

    def _to_come_ml(self) -> float:
        sp, coated = self._sp, self._coated
        left_m = sp["length"] - coated.good_m + max(0.0, sp["scrap_length"] - coated.scrap_m)
        return left_m * sp["flow"] / sp["speed"]

    def _close(self) -> None:
        """Lay down the stretch that has been coated since the last one."""
        length_m, volume_ml = self._open_m, self._open_ml
        if not length_m:
            return
        self._open_m = self._open_ml = 0.0
        out = self._feed.push(volume_ml, self._to_come_ml() - volume_ml)
        line = self._line
        line.rheology, line.viscosity_pa_s = self._feed.rheology, self._feed.viscosity_pa_s
        self._lay(Laid.SCRAP if self._step == START_UP else Laid.GOOD, length_m, out, volume_ml)
        self._path.advance()

    def _lay(self, kind: Laid, length_m: float, wet: Parcel | None, volume_ml: float) -> None:
        line = self._line
        piece = self._path.lay(kind, length_m, wet, volume_ml)
        self._coated.add(kind, piece, volume_ml)
        if piece.mixed is not None and line.speed_m_min:
            area_m2 = length_m * self._width_m
            film = line.dryer.dry(line.speed_m_min, piece.mixed.solvent_g / area_m2, piece.mixed.solid_g / area_m2)
            line.dryer.take_up(film, line.speed_m_min, self._width_m)
        self._coated.peak_lel = max(self._coated.peak_lel, line.dryer.highest_lel_pct())

    def _accelerate(self) -> None:
        sp = self._sp
        rate = max(LEAST_RAMP, (sp["speed"] - sp["start_speed"]) / RAMP_MIN) * TICK_S / 60.0
        change = sp["speed"] - self._speed
        self._speed = sp["speed"] if abs(change) <= rate else self._speed + math.copysign(rate, change)

    def _clear(self) -> None:
        self._line.speed_m_min = self._sp["speed"]
        self._path.advance()
        if self._step_s >= 60.0 * DRYER_M / self._sp["speed"]:
            self._line.speed_m_min = 0.0
            self._coated.carrier_m += self._path.tail(DRYER_M)
            self._next(DRAIN)

    def _stop_pump(self) -> None:
        """Stop the pump; one that does not stop spills at the die that was drawn back."""
        self._line.stop_pump()
        spilt_ml = self._line.flow_ml_min * TICK_S / 60.0
        if spilt_ml and self._feed.can_give(spilt_ml):
            spilt = self._feed.push(spilt_ml)
            if spilt is not None:
                self._coated.spilt_g += spilt.mass_g
                self._holdings.lose(spilt, "spilt at the die")

    def _settle(self) -> None:
        self._reports = self._coated.weigh(self._readings, self._feed.mass_g)
        roll = self._path.wind(keep=self._step == DRAIN)
        self._feed.drain()
        if roll is not None:
            self._holdings.coated.put(roll)
