"""The coating line's machinery: slot die, web drive, three-zone dryer with exhaust, unwinder, rewinder, gauges."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.coat_phase import Coating
from plc_sim.units.holdings import Holdings
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.timed import Outcome, TimedPhase
from plc_sim.units.unit import PhaseKind, PhaseRun, Setpoints, Unit

COATED_WIDTH_M = 0.25
ROOM_DEGC = 22.0
ZONE_TAU_S = 8.0 * 60.0
VAPOUR_TAU_S = 120.0
"""Lag from the die to vapour in the exhaust, s."""
ZONE_SHARE = (0.45, 0.40, 0.15)
"""Where the solvent leaves the film."""
XYLENE_LEL_G_M3 = 44.1
"""1.0 vol% of xylene at 20 degC, g/m3."""
STANDBY_N = 40.0
TENSION_TAU_S = 10.0
CORE_MM = 76.0
WEB_MM = 0.05
THREAD_S, ZERO_S = 1200.0, 600.0
WET_PLAY = 0.10
"""`flow` and `wet_thickness` may contradict each other by this part (PROCESS: pump flow trip +-10 %)."""


class CoatingLine:
    """Live values of the whole line; one program, several units show their part of it."""

    def __init__(self) -> None:
        self.speed_m_min = 0.0
        self.flow_ml_min = 0.0
        self.gap_um = 150.0
        self.wet_um = 0.0
        self.areal_mg_cm2 = 0.0
        self.dry_um = 0.0
        self.tension_n = STANDBY_N
        self.tension_target_n = STANDBY_N
        self.zones_degc = [ROOM_DEGC, ROOM_DEGC, ROOM_DEGC]
        self.zone_targets_degc = (ROOM_DEGC, ROOM_DEGC, ROOM_DEGC)
        self.solvent_feed_g_min = 0.0
        self.solvent_g_min = 0.0
        self.exhaust_m3_h = 200.0
        self.loop_oxygen_pct = 1.0
        self.encoder_m = 0.0
        self.threaded_m = 0.0
        self.is_threaded = False

    def tick(self) -> None:
        """Advance web, tension, zone temperatures and vapour."""
        self.tension_n += (self.tension_target_n - self.tension_n) * (TICK_S / TENSION_TAU_S)
        zones = self.zones_degc
        for index, target in enumerate(self.zone_targets_degc):
            zones[index] += (target - zones[index]) * (TICK_S / ZONE_TAU_S)
        self.solvent_g_min += (self.solvent_feed_g_min - self.solvent_g_min) * (TICK_S / VAPOUR_TAU_S)
        if self.speed_m_min:
            self.encoder_m += self.speed_m_min * TICK_S / 60.0

    def lel_pct(self, zone: int) -> float:
        """Give the solvent vapour of a zone (0..2) in %LEL, a third of the exhaust passing each zone (PROCESS M14)."""
        air_m3_min = max(1.0, self.exhaust_m3_h) / 180.0
        return 100.0 * self.solvent_g_min * ZONE_SHARE[zone] / air_m3_min / XYLENE_LEL_G_M3

    def interlocks(self) -> frozenset[str]:
        """I11 vapour (25 % in one zone or 40 % in two), I12 exhaust, I13 loop oxygen, I14 web break."""
        found: set[str] = set()
        lel = [self.lel_pct(zone) for zone in range(3)]
        if max(lel) >= 25.0:
            found.add("I11_DRYER_LEL")
        if self.exhaust_m3_h < 100.0:
            found.add("I12_EXHAUST_FLOW")
        if self.loop_oxygen_pct > 8.0:
            found.add("I13_DRYER_OXYGEN")
        if self.tension_n < 10.0:
            found.add("I14_WEB_BREAK")
        return frozenset(found)

    def heat(self, sp: Setpoints) -> None:
        """Bring dryer zones, gap and tension to their set-points."""
        self.zone_targets_degc = (sp["zone1_temp"], sp["zone2_temp"], sp["zone3_temp"])
        self.gap_um, self.tension_target_n = sp["gap"], sp["tension"]

    def stop_pump(self) -> None:
        """Stop the pump and retract the die."""
        self.flow_ml_min = self.solvent_feed_g_min = self.wet_um = 0.0

    def shut_down(self) -> None:
        """Stop pump and web, let the dryer cool, tension to standby."""
        self.stop_pump()
        self.speed_m_min = 0.0
        self.zone_targets_degc = (ROOM_DEGC, ROOM_DEGC, ROOM_DEGC)
        self.tension_target_n = STANDBY_N


class LinePart:
    """The part of the line that one unit shows; only the unit that owns the line advances it."""

    def __init__(
        self, line: CoatingLine, show: Callable[[CoatingLine, Jitter], Mapping[str, float]], jitter: Jitter, owner: bool
    ) -> None:
        self._line = line
        self._show = show
        self._jitter = jitter
        self._owner = owner

    def tick(self) -> None:
        """Advance the line when this part owns it."""
        if self._owner:
            self._line.tick()

    def tags(self) -> Mapping[str, float]:
        """Give this part's values."""
        return self._show(self._line, self._jitter)

    def interlocks(self) -> frozenset[str]:
        """Give the line's interlocks."""
        return self._line.interlocks()


def coating_head(name: str, seed: int, line: CoatingLine, holdings: Holdings) -> Unit:
    """Build the unit that runs the line's phases and shows die and pump."""

    def check(sp: Setpoints) -> bool:
        wet_um = sp["flow"] / (sp["speed"] * COATED_WIDTH_M)
        fits = abs(wet_um / sp["wet_thickness"] - 1.0) <= WET_PLAY
        return fits and sp["start_speed"] <= sp["speed"] and sp["gap"] > wet_um

    def coat(sp: Setpoints, readings: Readings) -> PhaseRun:
        return Coating(line, holdings, sp, readings, COATED_WIDTH_M)

    phases = {
        "THREAD": PhaseKind(begin=lambda sp, readings: _thread(line, sp, readings)),
        "COAT": PhaseKind(begin=coat, check=check),
    }
    return Unit(name, seed, LinePart(line, _die_tags, Jitter(seed, name), owner=True), phases)


def dryer(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the unit that shows the dryer."""
    return Unit(name, seed, LinePart(line, _dryer_tags, Jitter(seed, name), owner=False), {})


def unwinder(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the unit that shows the unwinder."""
    return Unit(name, seed, LinePart(line, _unwinder_tags, Jitter(seed, name), owner=False), {})


def rewinder(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the unit that shows the rewinder."""
    return Unit(name, seed, LinePart(line, _rewinder_tags, Jitter(seed, name), owner=False), {})


def dry_gauge(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the gauge after the dryer."""
    return Unit(name, seed, LinePart(line, _gauge_tags, Jitter(seed, name), owner=False), {})


def vision(name: str, seed: int, line: CoatingLine) -> Unit:
    """Build the web inspection."""
    return Unit(name, seed, LinePart(line, _vision_tags, Jitter(seed, name), owner=False), {})


def _thread(line: CoatingLine, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        line.tension_target_n = sp["tension"]
        line.speed_m_min = sp["leader"] / (THREAD_S / 60.0) if step == 10 else 0.0

    def rest() -> None:
        line.speed_m_min = 0.0

    def finish(sp: Setpoints) -> Outcome:
        line.threaded_m += sp["leader"]
        line.is_threaded = True
        line.encoder_m = 0.0
        return Outcome(reports={"threaded_length": sp["leader"]})

    return TimedPhase(
        sp=sp,
        report_names=("threaded_length",),
        plan=lambda sp: ((10, THREAD_S), (20, ZERO_S)),
        drive=drive,
        rest_drives=rest,
        finish=finish,
    )


def _die_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    noise, running = jitter.around, line.flow_ml_min > 0.0
    return {
        "PUMP_FLOW": noise(line.flow_ml_min, 0.05) if running else 0.0,
        "GAP": noise(line.gap_um, 0.5),
        "WEB_SPEED": noise(line.speed_m_min, 0.002) if line.speed_m_min else 0.0,
        "VISC_INLINE": noise(0.8, 0.01),
        "T_SLURRY": noise(25.0, 0.1),
        "P_DIE": noise(0.6, 0.01) if running else 0.0,
        "VAC_BOX": noise(-1.0, 0.05) if running else 0.0,
        "WET_THK": noise(line.wet_um, 0.3) if running else 0.0,
    }


def _dryer_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    noise, zones = jitter.around, line.zones_degc
    return {
        "TZ1": noise(zones[0], 0.2),
        "TZ2": noise(zones[1], 0.2),
        "TZ3": noise(zones[2], 0.2),
        "V_AIR1": noise(3.0, 0.05),
        "V_AIR2": noise(5.0, 0.05),
        "V_AIR3": noise(5.0, 0.05),
        "EXH_FLOW": noise(line.exhaust_m3_h, 1.0),
        "LEL1": line.lel_pct(0),
        "LEL2": line.lel_pct(1),
        "LEL3": line.lel_pct(2),
        "O2_LOOP": noise(line.loop_oxygen_pct, 0.02),
        "T_WEB": noise(ROOM_DEGC + 0.38 * (zones[2] - ROOM_DEGC), 0.2),
        "COND_T": noise(-10.0, 0.2),
        "SOLV_RECOV": 0.06 * line.solvent_g_min,
    }


def _unwinder_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    left_m = max(0.0, 2000.0 - line.encoder_m)
    return {"TENSION_UW": jitter.around(line.tension_n, 0.5), "DIA": _diameter_mm(left_m), "SPLICE": 0.0}


def _rewinder_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    # Taper: the rewinder lets tension go by up to 20 % as the roll grows.
    taper = 1.0 - 0.2 * min(1.0, line.encoder_m / 2000.0)
    return {
        "TENSION_RW": jitter.around(line.tension_n * taper, 0.5),
        "DIA": _diameter_mm(line.encoder_m),
        "EDGE_POS": jitter.around(0.0, 0.2),
        "ENC_POS": min(10000.0, line.encoder_m),
    }


def _gauge_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    noise = jitter.around
    areal = noise(line.areal_mg_cm2, 0.01) if line.areal_mg_cm2 else 0.0
    return {"AREAL_MASS": areal, "THK": noise(line.dry_um, 0.2) if line.dry_um else 0.0, "POS_CD": noise(150.0, 125.0)}


def _vision_tags(line: CoatingLine, jitter: Jitter) -> Mapping[str, float]:
    return {"PINHOLE_CNT": 0.0}


def _diameter_mm(length_m: float) -> float:
    # Area of the wound web: pi/4 (D^2 - core^2) = length x thickness.
    return float((CORE_MM**2 + 4.0 / 3.14159265 * length_m * 1000.0 * WEB_MM) ** 0.5)
