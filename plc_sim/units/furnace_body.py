"""The annealing furnace itself: zones, powder core, gas, what the heat does to the powder, and its interlocks."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.physics.heat import core
from plc_sim.physics.reaction import LPSCL, Anneal, Kinetics, sulfur_released_g_kg
from plc_sim.plant import TICK_S
from plc_sim.units.furnace_zone import AMBIENT_DEGC, BROKEN_DEGC, COLD_K, HeatedZone
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.retort_gas import HEADER_BAR, RetortGas
from plc_sim.units.site import NONE, Site

COLD_DEGC = 50.0
"""Below this the furnace counts as cold, and the door may open."""
REACTS_DEGC = 150.0
"""Below this core temperature nothing in the powder changes within days."""
REACT_TICKS = 10
OXIDATION_1_PPM_MIN = 2e-7
"""Share of the phase that hot powder loses per ppm of oxygen above I7 and minute (design default)."""
HIGH_MBAR, LOW_MBAR, MAKE_UP_MBAR = 200.0, 2.0, 10.0
TRIP_DEGC, APART_K = 620.0, 60.0
OXYGEN_PPM, OXYGEN_CLEAR_PPM = 50.0, 40.0
CLEAR_S = 60.0
ZONE_FAULTS = frozenset({"heater-failure", "heater-runaway", "zone-sensor-failure"})
FAULTS = ZONE_FAULTS | {"retort-leak", "vent-blocked", "stuck-valve", "uncleaned"}


class Furnace:
    """Zones, core (degC), gas and charge of the retort.

    I5 (retort pressure) opens the vent to the scrubber, or the argon make-up when it is low; I6 (a zone too hot, its
    thermocouple broken, or zones 60 K apart) gives full argon; both, I7 (oxygen in the closed retort) and I17 (no
    scrubber) take the heating power away by a contactor of its own, which opens a welded heater circuit as well. The
    60 K of I6 are between zones: the core lags 75 K behind them in a sound ramp of 3 K/min. Without argon (I18) the
    retort is sealed.
    """

    def __init__(self, name: str, site: Site, jitter: Jitter) -> None:
        self.jitter = jitter
        self.zones = (HeatedZone(), HeatedZone(), HeatedZone())
        self.gas = RetortGas()
        self.setpoint_degc: float | None = None
        self.ramp_degc_min = 0.0
        self.charge_g = 0.0
        self.uncleaned_pct = 0.0
        self._name = name
        self._site = site
        self._core = core(AMBIENT_DEGC)
        self._anneal = Anneal(LPSCL)
        self._oxidation = 0.0
        self._until_react = 0
        self._pressure = Latch("I5_RETORT_PRESSURE", Reset.ACK, CLEAR_S)
        self._heat = Latch("I6_OVERTEMPERATURE", Reset.KEY, CLEAR_S)
        self._oxygen = Latch("I7_RETORT_OXYGEN", Reset.AUTO, CLEAR_S)
        self._latches = (self._pressure, self._heat, self._oxygen)
        self._watching = False
        self._asleep = False

    @property
    def core_degc(self) -> float:
        """Temperature of the powder core, degC."""
        return self._core.value

    @property
    def mean_degc(self) -> float:
        """Mean zone temperature, degC."""
        first, second, third = self.zones
        return (first.degc + second.degc + third.degc) / 3.0

    def tick(self) -> None:
        """Advance zones, core, powder and gas, and look after them."""
        if self._asleep:
            if self.setpoint_degc is None and not self._site.lines and self._site.argon_bar >= HEADER_BAR:
                return
            self._asleep = False
        first, second, third = self.zones
        low, mid, high = first.degc, second.degc, third.degc
        setpoint, rate, powered = self.setpoint_degc, self.ramp_degc_min, self._is_powered()
        first.tick(setpoint, rate, mid, powered)
        second.tick(setpoint, rate, 0.5 * (low + high), powered)
        third.tick(setpoint, rate, mid, powered)
        mean = (low + mid + high) / 3.0
        self._core.step(mean, TICK_S)
        if self._until_react:
            self._until_react -= 1
            if not self._until_react:
                self._until_react = REACT_TICKS
                self._react()
        self.gas.tick((mean - AMBIENT_DEGC) / 525.0, self._site.argon_bar)
        self._protect()
        if setpoint is None and first.is_cold and not self._until_react:
            self._asleep = self._is_at_rest()

    def tags(self) -> Mapping[str, float]:
        """Give temperatures, heaters and gas."""
        noise, zones, gas = self.jitter.around, self.zones, self.gas
        return {
            "TZ1": noise(zones[0].shown_degc, 0.2),
            "TZ2": noise(zones[1].shown_degc, 0.2),
            "TZ3": noise(zones[2].shown_degc, 0.2),
            "TC_CORE": noise(self._core.value, 0.2),
            "RAMP_SP": abs(self.ramp_degc_min),
            "HEATER_OUT1": zones[0].output_pct,
            "HEATER_OUT2": zones[1].output_pct,
            "HEATER_OUT3": zones[2].output_pct,
            "P_RETORT": noise(gas.pressure_mbar, 0.3),
            "AR_FLOW": min(50.0, max(0.0, noise(gas.flow_nl_min, 0.02))),
            "O2_EXH": min(1000.0, noise(gas.oxygen_ppm, 0.5)),
            "H2S_EXH": min(200.0, noise(gas.h2s_ppm, 0.3)),
            "T_TRAP": min(100.0, noise(gas.trap_degc, 0.2)),
            "DOOR_LOCK": 1.0 if self.is_hot() or self.setpoint_degc is not None or self._oxygen.tripped else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """Give I5, I6 and I7 as they hold."""
        return holding(self._latches) if self._watching else NONE

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset I5 or, with the key, I6."""
        release(self._latches, interlock, key=key)

    def disturbances(self) -> frozenset[str]:
        """Heaters, thermocouples, retort, vent and argon valve can fail, and the saggar can be left uncleaned."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault; `amount` is the zone, NL/min of air, mbar/min, percent of the charge, or unused."""
        self._asleep = False
        if fault in ZONE_FAULTS:
            self._set_zones(fault, min(3, max(1, round(amount))))
        elif fault == "retort-leak":
            self.gas.leak_nl_min = amount
        elif fault == "vent-blocked":
            self.gas.blocked_mbar_min = amount
        elif fault == "stuck-valve":
            self.gas.stuck = amount > 0.0
        else:
            self.uncleaned_pct = amount

    def recover(self, fault: str) -> None:
        """Mend a fault."""
        if fault in ZONE_FAULTS:
            self._set_zones(fault, 0)
        else:
            self.disturb(fault, 0.0)

    def is_hot(self) -> bool:
        """Whether core or zones are too hot to open the door."""
        return self._core.value > COLD_DEGC or self.mean_degc > COLD_DEGC

    def settle_at(self, degc: float) -> None:
        """Put zones and core at one steady temperature: where a run's count begins."""
        self._asleep = False
        for zone in self.zones:
            zone.settle_at(degc)
        self._core.value = degc

    def heat_to(self, setpoint_degc: float, ramp_degc_min: float) -> None:
        """Control the zones on a set-point that moves at a rate."""
        self._asleep = False
        self.setpoint_degc, self.ramp_degc_min = setpoint_degc, ramp_degc_min

    def heaters_off(self) -> None:
        """Take the heating power away."""
        self._asleep = False
        self.setpoint_degc, self.ramp_degc_min = None, 0.0

    def begin_charge(self, mass_g: float, kinetics: Kinetics = LPSCL) -> None:
        """Begin with fresh powder (g) that anneals in its own way."""
        self._asleep = False
        self.charge_g = mass_g
        self._anneal = Anneal(kinetics)
        self._oxidation = 0.0

    def react(self, on: bool) -> None:
        """Let the heat work on the charge while a phase heats or cools it, held or not.

        Between two phases it does not: how long a furnace waits there is a matter of how fast the machines are that
        run simulator and MES, not of the process.
        """
        self._until_react = REACT_TICKS if on else 0

    def outcome(self) -> tuple[float, float, float]:
        """Give what became of the charge since it went in: crystallised part, phase kept (0..1), sulfur gone (g)."""
        kept = self._anneal.phase_kept
        sulfur_g = sulfur_released_g_kg(kept) * self.charge_g / 1000.0
        return self._anneal.crystallised, kept * math.exp(-self._oxidation), sulfur_g

    def end_charge(self) -> None:
        """The saggar is empty."""
        self.charge_g = 0.0
        self.gas.sulfur_g_min = 0.0
        self.react(False)

    def _is_at_rest(self) -> bool:
        sound = not (self._watching or any(zone.welded or zone.broken_sensor for zone in self.zones))
        cold = all(zone.is_cold for zone in self.zones) and self._core.value - AMBIENT_DEGC < COLD_K
        return sound and cold and self.gas.is_at_rest()

    def _is_powered(self) -> bool:
        if self._site.lines or self.gas.sealed:
            trips = self._site.trips(self._name)
            self.gas.sealed = "I18_ARGON_SUPPLY" in trips
            if "I17_SCRUBBER" in trips:
                return False
        return not self._watching

    def _react(self) -> None:
        if not self.charge_g or self._core.value < REACTS_DEGC:
            if self.gas.sulfur_g_min:
                self.gas.sulfur_g_min = 0.0
            return
        span_s = REACT_TICKS * TICK_S
        before = self._anneal.phase_kept
        self._anneal.step(span_s, self._core.value)
        lost = before - self._anneal.phase_kept
        self.gas.sulfur_g_min = 60.0 / span_s * lost * sulfur_released_g_kg(0.0) * self.charge_g / 1000.0
        if self.gas.oxygen_ppm > OXYGEN_PPM:
            self._oxidation += OXIDATION_1_PPM_MIN * self.gas.oxygen_ppm * span_s / 60.0

    def _protect(self) -> None:
        gas, (first, second, third) = self.gas, self.zones
        low, mid, high = first.degc, second.degc, third.degc
        if first.broken_sensor or second.broken_sensor or third.broken_sensor:
            high = BROKEN_DEGC
        wrong_pressure = not LOW_MBAR <= gas.pressure_mbar <= HIGH_MBAR
        hottest = low if low > mid else mid
        hottest = high if high > hottest else hottest
        coldest = low if low < mid else mid
        coldest = high if high < coldest else coldest
        wrong_heat = hottest > TRIP_DEGC or hottest - coldest > APART_K
        wrong_gas = gas.oxygen_ppm > OXYGEN_PPM and not gas.charging
        if not (wrong_pressure or wrong_heat or wrong_gas or self._watching):
            return
        self._pressure.watch(wrong_pressure)
        self._heat.watch(wrong_heat)
        self._oxygen.watch(wrong_gas, gas.oxygen_ppm < OXYGEN_CLEAR_PPM)
        gas.full = self._heat.tripped
        gas.relief = self._pressure.tripped
        gas.make_up = self._pressure.tripped and gas.pressure_mbar < MAKE_UP_MBAR
        self._watching = any(latch.tripped for latch in self._latches)

    def _set_zones(self, fault: str, wrong: int) -> None:
        for number, zone in enumerate(self.zones, start=1):
            if fault == "heater-failure":
                zone.burnt_out = number == wrong
            elif fault == "heater-runaway":
                zone.welded = number == wrong
            else:
                zone.broken_sensor = number == wrong
