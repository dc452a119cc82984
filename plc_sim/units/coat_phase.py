"""The COAT phase: heat the dryer, coat start-up scrap, coat good film, clear the dryer, drain and weigh."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.holdings import Holdings, Slurry, Web
from plc_sim.units.instruments import Readings
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

HEAT_ZONES, START_UP, STEADY, CLEAR, DRAIN = 10, 20, 30, 40, 50
SLURRY_EMPTY, NOT_THREADED = 20, 30
HOLDUP_ML = 300.0
"""Slurry that pump, hose, die and filter keep: it cannot be coated."""
DRYER_M = 4.5
DRAIN_S = 1200.0
RAMP_MIN = 5.0
"""Minutes from start speed to speed."""
LEAST_RAMP = 0.1
"""Slowest change of web speed, m/min per minute."""
SLOWING_M_MIN = 0.1
"""Change of web speed in one tick when the web is brought to rest, m/min."""
RECOVERY = 0.997
"""Part of the solvent that the condenser gives back."""
UNCALENDERED_POROSITY = 0.45
ZONE_BAND_K = 2.0
ROOM_DEGC = 22.0
RESIDUAL_PPM = 350.0
"""Solvent left in the coating at 110 degC in the last zone and 1 m/min."""
RESIDUAL_SPAN_K = 20.0

REPORTS = (
    "good_length", "scrap_length", "carrier_length", "wet_thickness", "areal_mass", "coated_mass",
    "scrap_mass", "holdup_mass", "slurry_used", "solvent_evaporated", "peak_lel",
)  # fmt: skip


class Line(Protocol):
    """What coating needs of the line."""

    speed_m_min: float
    flow_ml_min: float
    wet_um: float
    areal_mg_cm2: float
    dry_um: float
    solvent_feed_g_min: float
    solvent_g_min: float
    zones_degc: list[float]
    zone_targets_degc: tuple[float, float, float]
    threaded_m: float
    is_threaded: bool

    def lel_pct(self, zone: int) -> float:
        """Give the solvent vapour of a zone."""
        ...

    def heat(self, sp: Setpoints) -> None:
        """Bring zones, gap and tension to their set-points."""
        ...

    def stop_pump(self) -> None:
        """Stop the pump and retract the die."""
        ...

    def shut_down(self) -> None:
        """Bring the whole line to standby."""
        ...


@dataclass(slots=True)
class Coated:
    """What has been coated so far: lengths (m), slurry (g) and the web that ran without coating (m)."""

    good_m: float = 0.0
    scrap_m: float = 0.0
    bare_m: float = 0.0
    good_slurry_g: float = 0.0
    scrap_slurry_g: float = 0.0
    wet_um_m: float = 0.0

    @property
    def slurry_g(self) -> float:
        """All slurry put on the web, g."""
        return self.good_slurry_g + self.scrap_slurry_g


class Coating:
    """One run of COAT: `scrap_length` and the speed ramp are scrap, then `length` of good film.

    Pump flow follows web speed, so that the wet film h = Q/(U w) keeps its thickness on the ramp (PROCESS M10). A run
    that is stopped is weighed all the same, film and drained slurry, but its film goes off the line.
    """

    def __init__(self, line: Line, holdings: Holdings, sp: Setpoints, readings: Readings, width_m: float) -> None:
        self._line = line
        self._holdings = holdings
        self._sp = sp
        self._readings = readings
        self._width_m = width_m
        self._step = HEAT_ZONES
        self._step_s = 0.0
        self._speed = 0.0
        self._coated = Coated()
        self._peak_lel = 0.0
        self._begun = False
        self._reports: dict[str, float] | None = None
        self._leader_m = 0.0

    def run(self) -> PhaseProgress:
        """Run the line for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=DRAIN, done=True)
        slurry = self._holdings.filtered.first()
        if slurry is None or not self._line.is_threaded:
            return PhaseProgress(fail_code=NOTHING_TO_PROCESS if slurry is None else NOT_THREADED)
        if not self._begun:
            self._begin()
        self._step_s += TICK_S
        fail_code = 0
        if self._step == HEAT_ZONES and self._is_hot():
            self._next(START_UP)
        elif self._step in (START_UP, STEADY):
            fail_code = self._coat(slurry)
        elif self._step == CLEAR:
            self._clear()
        elif self._step == DRAIN and self._step_s >= DRAIN_S:
            self._settle()
        self._peak_lel = max(self._peak_lel, self._line.lel_pct(0), self._line.lel_pct(1), self._line.lel_pct(2))
        return PhaseProgress(step=self._step, done=self._reports is not None, fail_code=fail_code)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters without stopping the web."""
        self._sp = sp
        if self._begun and self._step != DRAIN:
            self._line.heat(sp)

    def rest(self) -> bool:
        """Stop the pump, retract the die, slow the web down; True when the web stands."""
        self._line.stop_pump()
        speed = max(0.0, self._line.speed_m_min - SLOWING_M_MIN)
        self._line.speed_m_min = self._speed = speed
        self._coated.bare_m += speed * TICK_S / 60.0
        return speed == 0.0

    def resume(self) -> None:
        """Start again from start speed."""
        self._speed = min(self._sp["start_speed"], self._sp["speed"])

    def end(self) -> None:
        """Shut the line down; a run that was stopped is drained."""
        self._line.shut_down()
        if self._reports is None and self._step != HEAT_ZONES:
            self._settle()

    def reports(self) -> Mapping[str, float]:
        """Give lengths (m), masses (g), film and vapour: what draining and weighing now would give."""
        if self._reports is not None:
            return self._reports
        slurry = self._holdings.filtered.first()
        if slurry is None or self._step == HEAT_ZONES:
            return dict.fromkeys(REPORTS, 0.0)
        return self._weigh(slurry)

    def _begin(self) -> None:
        self._begun = True
        self._leader_m, self._line.threaded_m = self._line.threaded_m, 0.0
        self._line.solvent_g_min = 0.0
        self._line.heat(self._sp)

    def _is_hot(self) -> bool:
        pairs = zip(self._line.zones_degc, self._line.zone_targets_degc, strict=True)
        return all(abs(zone - max(ROOM_DEGC, target)) < ZONE_BAND_K for zone, target in pairs)

    def _next(self, step: int) -> None:
        self._step, self._step_s = step, 0.0
        if step == START_UP:
            self._speed = self._sp["start_speed"]
        elif step == CLEAR:
            self._line.stop_pump()

    def _coat(self, slurry: Slurry) -> int:
        line, sp, coated = self._line, self._sp, self._coated
        is_scrap = self._step == START_UP
        self._accelerate()
        flow = sp["flow"] * self._speed / sp["speed"]
        run_m = self._speed * TICK_S / 60.0
        if not is_scrap:
            run_m = min(run_m, sp["length"] - coated.good_m)
        used_g = flow / self._speed * run_m * slurry.density_g_cm3
        if coated.slurry_g + used_g > slurry.mass_g - HOLDUP_ML * slurry.density_g_cm3:
            line.stop_pump()
            line.speed_m_min = 0.0
            return SLURRY_EMPTY
        wet_um = flow / (self._speed * self._width_m)
        line.speed_m_min, line.flow_ml_min, line.wet_um = self._speed, flow, wet_um
        line.areal_mg_cm2 = wet_um * slurry.density_g_cm3 * slurry.solids * 0.1
        line.dry_um = line.areal_mg_cm2 / (slurry.solid_density_g_cm3 * (1.0 - UNCALENDERED_POROSITY)) * 10.0
        line.solvent_feed_g_min = flow * slurry.density_g_cm3 * (1.0 - slurry.solids)
        if is_scrap:
            coated.scrap_m += run_m
            coated.scrap_slurry_g += used_g
            if coated.scrap_m >= sp["scrap_length"] and self._speed == sp["speed"]:
                self._next(STEADY)
        else:
            coated.good_m += run_m
            coated.good_slurry_g += used_g
            coated.wet_um_m += wet_um * run_m
            if coated.good_m >= sp["length"] - 1e-9:
                self._next(CLEAR)
        return 0

    def _accelerate(self) -> None:
        sp = self._sp
        rate = max(LEAST_RAMP, (sp["speed"] - sp["start_speed"]) / RAMP_MIN) * TICK_S / 60.0
        change = sp["speed"] - self._speed
        self._speed = sp["speed"] if abs(change) <= rate else self._speed + math.copysign(rate, change)

    def _clear(self) -> None:
        self._line.speed_m_min = self._sp["speed"]
        if self._step_s >= 60.0 * DRYER_M / self._sp["speed"]:
            self._line.speed_m_min = 0.0
            self._next(DRAIN)

    def _carrier_m(self) -> float:
        return self._leader_m + self._coated.scrap_m + self._coated.good_m + self._coated.bare_m

    def _weigh(self, slurry: Slurry) -> dict[str, float]:
        coated, measured, weighed = self._coated, self._readings.measured, self._readings.weighed
        good_g, scrap_g = coated.good_slurry_g * slurry.solids, coated.scrap_slurry_g * slurry.solids
        wet_um = coated.wet_um_m / coated.good_m if coated.good_m else 0.0
        areal = good_g / (coated.good_m * self._width_m) * 0.1 if coated.good_m else 0.0
        return {
            "good_length": coated.good_m,
            "scrap_length": coated.scrap_m,
            "carrier_length": self._carrier_m(),
            "wet_thickness": measured("wet_thickness", wet_um, 0.002),
            "areal_mass": measured("areal_mass", areal, 0.002),
            "coated_mass": weighed("coated_mass", good_g),
            "scrap_mass": weighed("scrap_mass", scrap_g),
            "holdup_mass": weighed("holdup_mass", slurry.mass_g - coated.slurry_g),
            "slurry_used": weighed("slurry_used", coated.slurry_g),
            "solvent_evaporated": weighed("solvent_evaporated", RECOVERY * coated.slurry_g * (1.0 - slurry.solids)),
            "peak_lel": measured("peak_lel", self._peak_lel, 0.01),
        }

    def _settle(self) -> None:
        slurry = self._holdings.filtered.take()
        self._reports = self._weigh(slurry)
        good_g = self._coated.good_slurry_g * slurry.solids
        if self._step != DRAIN:
            self._holdings.set_aside_g += good_g
            return
        residual = RESIDUAL_PPM * self._sp["speed"] * math.exp((110.0 - self._sp["zone3_temp"]) / RESIDUAL_SPAN_K)
        self._holdings.coated.put(
            Web(
                length_m=self._coated.good_m,
                mass_g=good_g,
                coated_width_m=self._width_m,
                porosity=UNCALENDERED_POROSITY,
                solid_density_g_cm3=slurry.solid_density_g_cm3,
                residual_ppm=residual,
            )
        )
