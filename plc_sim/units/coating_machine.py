"""The coating line as a machine: die, pump, web drive, tension, dryer, and the interlocks that stop them (I11-I14)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from plc_sim.physics.slurry import SLURRY, Rheology
from plc_sim.physics.web import CARRIER_EA_N, SpanTension
from plc_sim.plant import TICK_S
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.site import NONE
from plc_sim.units.unit import Setpoints
from plc_sim.units.web_dryer import SOUND_M3_H, SOUND_OXYGEN_PCT, WebDryer

STANDBY_N = 40.0
SPAN_M = 8.0
"""Web between unwinder and pull roll (design default)."""
WOUND_N = 40.0
"""Tension with which the carrier was wound on its roll, N."""
DANCER_TAU_S = 10.0
"""Time in which the dancer of the unwinder makes good a wrong tension (design default)."""
DRIVE_LAG = 0.02
"""Part of a change of web speed that the unwinder makes one tick later (design default: its drive lags 20 ms)."""
HIGHEST_N = 200.0
"""Where the tension rolls' load cells end."""
BREAK_N, TIGHT_N = 10.0, 15.0
LEL_TRIP_PCT, LEL_HIGH_PCT, LEL_CLEAR_PCT = 25.0, 40.0, 20.0
LEL_CLEAR_S = 60.0
LEL_HIGH_VOTES = 2
EXHAUST_TRIP_M3_H, EXHAUST_CLEAR_M3_H = 100.0, SOUND_M3_H
OXYGEN_TRIP_PCT, OXYGEN_CLEAR_PCT = 8.0, SOUND_OXYGEN_PCT
PUMP_PERIOD_S, SWING_PERIOD_S = 60.0, 20.0
SETTLED_N = 1e-9
DISTURBANCES = {
    "CT-701": frozenset({"stuck-valve", "pump-fluctuation", "web-break"}),
    "UW-701": frozenset({"web-break", "tension-swing"}),
    "RW-901": frozenset({"web-break", "tension-swing"}),
    "DR-702": frozenset(
        {"damper-unproven", "exhaust-failure", "heater-failure", "oxygen-ingress", "zone-sensor-failure"}
    ),
}
"""Physical faults by the unit at which they happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an instrument sees of the film under it: areal mass (mg/cm2), thickness (um), pinholes (1/m2)."""

    areal_mg_cm2: float = 0.0
    thickness_um: float = 0.0
    pinholes_m2: float = 0.0


BARE_WEB = Seen()


def _bare(path_m: float) -> Seen:
    return BARE_WEB


class CoatingLine:
    """Live values of the whole line; one program, several units show their part of it.

    The interlocks act on the machine itself: vapour (I11) stops the pump and draws the die back, at its second level it
    also takes heat and web away; low exhaust (I12) and oxygen in the loop (I13) take the heat away, I13 the web too; a
    broken web (I14) stops everything.
    """

    def __init__(self) -> None:
        self.dryer = WebDryer()
        self.time_s = 0.0
        self.speed_m_min = 0.0
        self.flow_ml_min = 0.0
        self.gap_um = 150.0
        self.wet_um = 0.0
        self.streaks = 0.0
        self.viscosity_pa_s = 0.85
        self.rheology: Rheology = SLURRY
        self.look: Callable[[float], Seen] = _bare
        self.tension_n = STANDBY_N
        self.tension_target_n = STANDBY_N
        self._span = SpanTension(SPAN_M, STANDBY_N)
        self._pulled_m_min = 0.0
        self.encoder_m = 0.0
        self.splice_m = -math.inf
        self.zeroed_s = 0.0
        self.faults: dict[str, float] = {}
        self._at: dict[str, dict[str, float]] = {}
        self.lel = Latch("I11_DRYER_LEL", Reset.KEY, LEL_CLEAR_S)
        self.lel_high = Latch("I11_DRYER_LEL_HIGH", Reset.KEY, LEL_CLEAR_S)
        self.exhaust = Latch("I12_EXHAUST_FLOW")
        self.oxygen = Latch("I13_DRYER_OXYGEN", Reset.ACK)
        self.web = Latch("I14_WEB_BREAK", Reset.ACK)
        self._latches = (self.lel, self.lel_high, self.exhaust, self.oxygen, self.web)
        self._held = NONE
        self._stuck_ml_min = 0.0

    def tick(self) -> None:
        """Advance web, tension and dryer, then let the interlocks act."""
        self.time_s += TICK_S
        away = self.tension_target_n - self.tension_n
        if away > SETTLED_N or away < -SETTLED_N or self.speed_m_min != self._pulled_m_min or self.faults:
            self._pull()
        elif not self._held and self.dryer.is_still():
            if self.speed_m_min:
                self.encoder_m += self.speed_m_min * TICK_S / 60.0
            return
        self.dryer.tick()
        if self.speed_m_min:
            self.encoder_m += self.speed_m_min * TICK_S / 60.0
        self._watch()

    def relaxed_m(self, length_m: float) -> float:
        """Give the length of carrier without tension that a length of the tight web is (M20), m."""
        return length_m / (1.0 + self.tension_n / CARRIER_EA_N)

    def interlocks(self) -> frozenset[str]:
        """I11 vapour (25 % in one zone, 40 % in two), I12 exhaust, I13 loop oxygen, I14 web break."""
        return self._held

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset at the panel; raises ValueError with the reason when it does not let go."""
        release(self._latches, interlock, key=key)
        self._held = holding(self._latches)
        self.dryer.purge(self.lel.tripped or self.lel_high.tripped or self.oxygen.tripped)

    def heat(self, sp: Setpoints) -> None:
        """Bring dryer zones, gap and tension to their set-points."""
        self.dryer.heat((sp["zone1_temp"], sp["zone2_temp"], sp["zone3_temp"]))
        self.gap_um, self.tension_target_n = sp["gap"], sp["tension"]

    def pumped_ml_min(self, asked_ml_min: float) -> float:
        """Give what the pump delivers when a flow is asked of it, mL/min."""
        if not self.faults:
            return asked_ml_min
        if "stuck-valve" in self.faults:
            return self._stuck_ml_min
        swing = self.faults.get("pump-fluctuation", 0.0) / 100.0
        return asked_ml_min * (1.0 + swing * math.sin(2.0 * math.pi * self.time_s / PUMP_PERIOD_S))

    def stop_pump(self) -> None:
        """Stop the pump and retract the die."""
        self.flow_ml_min = self.pumped_ml_min(0.0)
        self.wet_um = self.streaks = 0.0
        self.dryer.run_dry()

    def shut_down(self) -> None:
        """Stop pump and web, let the dryer cool, tension to standby."""
        self.stop_pump()
        self.speed_m_min = 0.0
        self.dryer.heaters_off()
        self.tension_target_n = STANDBY_N

    def disturb(self, fault: str, amount: float, unit: str) -> None:
        """Begin a fault at a unit of the line, or change its amount; the same one may be at several units."""
        if fault == "stuck-valve" and fault not in self.faults:
            self._stuck_ml_min = self.flow_ml_min
        self._at.setdefault(fault, {})[unit] = amount
        self.faults[fault] = amount
        self._set_dryer(fault, amount)

    def recover(self, fault: str, unit: str) -> None:
        """End a fault at a unit; a web that is broken nowhere any more is spliced and threaded again."""
        left = self._at.get(fault, {})
        if left.pop(unit, None) is None:
            return
        if left:
            self.faults[fault] = next(iter(left.values()))
        else:
            del self.faults[fault]
            self._set_dryer(fault, None)

    def _set_dryer(self, fault: str, amount: float | None) -> None:
        dryer = self.dryer
        if fault == "heater-failure":
            dryer.cold_zone = round(amount or 0.0)
        elif fault == "zone-sensor-failure":
            dryer.broken_sensor = round(amount or 0.0)
        elif fault == "oxygen-ingress":
            dryer.oxygen_leak_pct = amount
        elif fault == "exhaust-failure":
            dryer.least_exhaust_m3_h = amount
        dryer.wake()

    def _pull(self) -> None:
        """Draw the web through its span (M20): the unwinder runs slower than the web by what makes the tension."""
        span, speed, aim, faults = self._span, self.speed_m_min, self.tension_target_n, self.faults
        if faults and "web-break" in faults:
            self.tension_n = span.tension_n = 0.0
            self._pulled_m_min = speed
            return
        draw = speed * (aim - WOUND_N) / (CARRIER_EA_N - WOUND_N)
        draw += (aim - span.tension_n) * 60.0 * SPAN_M / (CARRIER_EA_N * DANCER_TAU_S)
        draw += DRIVE_LAG * (speed - self._pulled_m_min)
        self._pulled_m_min = speed
        tension = span.step(TICK_S, speed - draw, speed, WOUND_N)
        swing = faults.get("tension-swing", 0.0) if faults else 0.0
        if swing:
            tension += swing * math.sin(2.0 * math.pi * self.time_s / SWING_PERIOD_S)
        self.tension_n = min(HIGHEST_N, max(0.0, tension))

    def _watch(self) -> None:
        dryer = self.dryer
        worst = dryer.highest_lel_pct()
        below = worst < LEL_CLEAR_PCT
        unproven = bool(self.faults) and "damper-unproven" in self.faults
        if not self._held and below and self.tension_n > TIGHT_N and dryer.is_sound() and not unproven:
            return
        lel = self.lel.watch(worst >= LEL_TRIP_PCT, below)
        high = self.lel_high.watch(worst >= LEL_HIGH_PCT and dryer.zones_above(LEL_HIGH_PCT) >= LEL_HIGH_VOTES, below)
        low = dryer.exhaust_m3_h < EXHAUST_TRIP_M3_H
        exhaust = self.exhaust.watch(low or unproven, dryer.exhaust_m3_h > EXHAUST_CLEAR_M3_H)
        oxygen = self.oxygen.watch(dryer.loop_oxygen_pct > OXYGEN_TRIP_PCT, dryer.loop_oxygen_pct < OXYGEN_CLEAR_PCT)
        web = self.web.watch(self.tension_n < BREAK_N, self.tension_n > TIGHT_N)
        if not (lel or high or exhaust or oxygen or web):
            if self._held:
                self._held = NONE
                dryer.purge(False)
            return
        self._held = holding(self._latches)
        dryer.purge(lel or high or oxygen)
        if lel or high or oxygen or web:
            self.stop_pump()
        if high or oxygen or web:
            self.speed_m_min = 0.0
        if high or exhaust or oxygen or web:
            dryer.heaters_off()
