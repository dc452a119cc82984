"""The units of the coating line: die and pump, dryer, unwinder, rewinder, dry gauge, inspection."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.physics.gauges import AbsorptionGauge, scan_position_mm
from plc_sim.units.calender import GAUGE_SPREAD
from plc_sim.units.coat_feed import SlurryFeed
from plc_sim.units.coat_phase import CARRIER_EMPTY, Coating
from plc_sim.units.coating_machine import DISTURBANCES, HIGHEST_N, STANDBY_N, CoatingLine
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.present import Presented
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, TimedPhase
from plc_sim.units.unit import PhaseKind, PhaseRun, Setpoints, Unit
from plc_sim.units.web_dryer import BURNT_OUT_DEGC, GAS_M_S, ROOM_DEGC
from plc_sim.units.web_path import GAUGE_M, VISION_M, WebPath

COATED_WIDTH_M = 0.25
WEB_WIDTH_MM = 300.0
CORE_MM = 76.0
WEB_MM = 0.05
ROLL_M = 2000.0
THREAD_S, ZERO_S = 1200.0, 600.0
WET_PLAY = 0.10
"""`flow` and `wet_thickness` may contradict each other by this part (PROCESS: pump flow trip +-10 %)."""
NOMINAL_PA_S, NOMINAL_ML_MIN, NOMINAL_BAR = 0.85, 16.4, 0.6
SPLICE_SEEN_M = 1.0
AIR_COOLING = 0.38
"""Of its rise over the room, what the film still has when it comes past the infrared sensor."""

Show = Callable[[CoatingLine, Jitter], Mapping[str, float]]


class LinePart:
    """The part of the line that one unit shows; only the unit that owns the line advances it."""

    def __init__(self, name: str, line: CoatingLine, show: Show, jitter: Jitter, owner: bool) -> None:
        self._name = name
        self._line = line
        self._show = show
        self.jitter = jitter
        self._disturbances = DISTURBANCES.get(name, NONE)
        self.tick = line.tick if owner else _nothing

    def tags(self) -> Mapping[str, float]:
        """Give this part's values."""
        return self._show(self._line, self.jitter)

    def interlocks(self) -> frozenset[str]:
        """Give the line's interlocks."""
        return self._line.interlocks()

    def disturbances(self) -> frozenset[str]:
        """Give the faults that happen at this unit."""
        return self._disturbances

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault or change its amount."""
        self._line.disturb(fault, amount, self._name)

    def recover(self, fault: str) -> None:
        """End a fault."""
        self._line.recover(fault, self._name)

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset an interlock of the line; raises ValueError when it does not let go."""
        self._line.reset(interlock, key=key)


def coating_head(name: str, seed: int, line: CoatingLine, holdings: Holdings, site: Site) -> Unit:
    """Build the unit that runs the line's phases and shows die and pump."""
    path = WebPath(line, holdings, site, name, COATED_WIDTH_M)
    feed = SlurryFeed(holdings)

    def check(sp: Setpoints) -> bool:
        wet_um = sp["flow"] / (sp["speed"] * COATED_WIDTH_M)
        fits = abs(wet_um / sp["wet_thickness"] - 1.0) <= WET_PLAY
        return fits and sp["start_speed"] <= sp["speed"] and sp["gap"] > wet_um

    def coat(sp: Setpoints, readings: Readings) -> PhaseRun:
        return Coating(line, path, feed, holdings, sp, readings, COATED_WIDTH_M)

    def thread(sp: Setpoints, readings: Readings) -> PhaseRun:
        return Presented(_thread(line, path, sp), holdings, name, returns=False)

    phases = {"THREAD": PhaseKind(begin=thread), "COAT": PhaseKind(begin=coat, check=check)}
    return Unit(name, seed, _part(name, seed, line, _die_tags, owner=True), phases, site)


def dryer(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the unit that shows the dryer."""
    return Unit(name, seed, _part(name, seed, line, _dryer_tags), {})


def unwinder(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the unit that shows the unwinder."""
    return Unit(name, seed, _part(name, seed, line, _unwinder_tags), {})


def rewinder(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the unit that shows the rewinder."""
    return Unit(name, seed, _part(name, seed, line, _rewinder_tags), {})


def dry_gauge(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the gauge after the dryer: it scans the web from edge to edge, and is zeroed when the web is threaded."""
    # Its noise comes from the unit's jitter, which showing a tag more often does not change; it gives the drift.
    gauge = AbsorptionGauge(random.Random(seed))
    read_s = [0.0]

    def show(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
        if line.zeroed_s >= read_s[0]:
            gauge.zero()
            read_s[0] = line.zeroed_s
        gauge.step(line.time_s - read_s[0])
        read_s[0] = line.time_s
        film = line.look(GAUGE_M)
        areal = film.areal_mg_cm2
        return {
            "AREAL_MASS": jitter.within(areal + gauge.offset_mg_cm2, GAUGE_SPREAD * areal, 0.0, 30.0) if areal else 0.0,
            "THK": jitter.within(film.thickness_um, 0.2, 0.0, 200.0) if areal else 0.0,
            "POS_CD": scan_position_mm(line.time_s, WEB_WIDTH_MM),
        }

    return Unit(name, seed, _part(name, seed, line, show), {})


def vision(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the web inspection."""
    return Unit(name, seed, _part(name, seed, line, _vision_tags), {})


def _part(name: str, seed: int, line: CoatingLine, show: Show, *, owner: bool = False) -> LinePart:
    return LinePart(name, line, show, Jitter(seed, name), owner)


def _nothing() -> None:
    return None


def _thread(line: CoatingLine, path: WebPath, sp: Setpoints) -> PhaseRun:
    threaded_m = [0.0]

    def ready(sp: Setpoints) -> int:
        if not path.has_carrier(sp["leader"]):
            return CARRIER_EMPTY
        threaded_m[0] = path.thread(sp["leader"])
        return 0

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        line.tension_target_n = sp["tension"]
        line.speed_m_min = sp["leader"] / (THREAD_S / 60.0) if step == 10 else 0.0

    def rest() -> None:
        line.speed_m_min = 0.0

    def abandon() -> None:
        line.tension_target_n = STANDBY_N

    def finish(sp: Setpoints) -> Outcome:
        line.encoder_m, line.zeroed_s = 0.0, line.time_s
        line.splice_m = -SPLICE_SEEN_M
        path.forget()
        return Outcome(reports={"threaded_length": threaded_m[0]})

    return TimedPhase(
        sp=sp,
        report_names=("threaded_length",),
        plan=lambda sp: ((10, THREAD_S), (20, ZERO_S)),
        ready=ready,
        drive=drive,
        rest_drives=rest,
        abandon=abandon,
        finish=finish,
    )


def _die_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    noise, within, running = jitter.around, jitter.within, line.flow_ml_min > 0.0
    pressure = NOMINAL_BAR * line.viscosity_pa_s / NOMINAL_PA_S * (line.flow_ml_min / NOMINAL_ML_MIN) ** 0.65
    return {
        "PUMP_FLOW": within(line.flow_ml_min, 0.05, 0.0, 200.0) if running else 0.0,
        "GAP": within(line.gap_um, 0.5, 0.0, 500.0),
        "WEB_SPEED": within(line.speed_m_min, 0.002, 0.0, 10.0) if line.speed_m_min else 0.0,
        "VISC_INLINE": within(line.viscosity_pa_s, 0.01, 0.0, 20.0),
        "T_SLURRY": noise(25.0, 0.1),
        "P_DIE": within(pressure, 0.01, 0.0, 10.0) if running else 0.0,
        "VAC_BOX": noise(-1.0, 0.05) if running else 0.0,
        # A film with streaks scatters the laser.
        "WET_THK": within(line.wet_um, 0.3 + 0.2 * line.streaks * line.wet_um, 0.0, 300.0) if line.wet_um else 0.0,
    }


def _dryer_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    noise, oven = jitter.around, line.dryer
    return {
        "TZ1": _zone(oven.reading_degc(0), jitter),
        "TZ2": _zone(oven.reading_degc(1), jitter),
        "TZ3": _zone(oven.reading_degc(2), jitter),
        "V_AIR1": noise(GAS_M_S[0], 0.05),
        "V_AIR2": noise(GAS_M_S[1], 0.05),
        "V_AIR3": noise(GAS_M_S[2], 0.05),
        "EXH_FLOW": jitter.within(oven.exhaust_m3_h, 1.0, 0.0, 400.0),
        "LEL1": min(100.0, oven.lel_pct(0)),
        "LEL2": min(100.0, oven.lel_pct(1)),
        "LEL3": min(100.0, oven.lel_pct(2)),
        "O2_LOOP": jitter.within(oven.loop_oxygen_pct, 0.02, 0.0, 25.0),
        "T_WEB": noise(ROOM_DEGC + AIR_COOLING * (oven.film_degc - ROOM_DEGC), 0.2),
        "COND_T": noise(-10.0, 0.2),
        "SOLV_RECOV": 0.06 * sum(oven.sources_g_min),
    }


def _zone(reading_degc: float, jitter: Jitter) -> float:
    # Only a broken thermocouple leaves the range.
    if reading_degc >= BURNT_OUT_DEGC:
        return jitter.around(reading_degc, 0.2)
    return jitter.within(reading_degc, 0.2, 20.0, 150.0)


def _unwinder_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    left_m = max(0.0, ROLL_M - line.encoder_m)
    return {
        "TENSION_UW": jitter.within(line.tension_n, 0.5, 0.0, HIGHEST_N),
        "DIA": _diameter_mm(left_m),
        "SPLICE": float(0.0 <= line.encoder_m - line.splice_m < SPLICE_SEEN_M),
    }


def _rewinder_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    # Taper: the rewinder lets tension go by up to 20 % as the roll grows.
    taper = 1.0 - 0.2 * min(1.0, line.encoder_m / ROLL_M)
    return {
        "TENSION_RW": jitter.within(line.tension_n * taper, 0.5, 0.0, HIGHEST_N),
        "DIA": _diameter_mm(line.encoder_m),
        "EDGE_POS": jitter.around(0.0, 0.2),
        "ENC_POS": min(10000.0, line.encoder_m),
    }


def _vision_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    return {"PINHOLE_CNT": min(1000.0, line.look(VISION_M).pinholes_m2)}


def _diameter_mm(length_m: float) -> float:
    # Area of the wound web: pi/4 (D^2 - core^2) = length x thickness.
    return float((CORE_MM**2 + 4.0 / 3.14159265 * length_m * 1000.0 * WEB_MM) ** 0.5)
