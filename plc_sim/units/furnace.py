"""Annealing furnace: three heated zones, the powder core, gas, and the filling and emptying of the saggar."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.furnace_charge import Charging
from plc_sim.units.furnace_heat import Annealing, Cooling
from plc_sim.units.furnace_zone import AMBIENT_DEGC, Zone
from plc_sim.units.holdings import Holdings, Powder
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.timed import Outcome, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

CORE_TAU_S = 25.0 * 60.0
"""Lag of the powder core behind the zones, R^2/(5.783 a) with R 50 mm, k 0.2 W/mK (PROCESS M2)."""
COLD_DEGC = 60.0
"""Below this the furnace counts as cold, and the door may open."""
PURGE_NL_MIN = 5.0
PURGE_MBAR = 30.0
RETORT_NL = 30.0
OXYGEN_FLOOR_PPM = 8.0
ANNEAL_YIELD = 0.99
DOOR_LOCKED = 40


class Furnace:
    """Zones, core (degC) and gas of the retort: pressure (mbar(g)), argon (NL/min), oxygen (ppm)."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.zones = (Zone(), Zone(), Zone())
        self.core_degc = AMBIENT_DEGC
        self.setpoint_degc: float | None = None
        self.ramp_degc_min = 0.0
        self.argon_nl_min = PURGE_NL_MIN
        self.pressure_target_mbar = PURGE_MBAR
        self.pressure_mbar = PURGE_MBAR
        self.oxygen_ppm = OXYGEN_FLOOR_PPM
        self.charging = False
        self.closed = True

    @property
    def mean_degc(self) -> float:
        """Mean zone temperature, degC."""
        first, second, third = self.zones
        return (first.degc + second.degc + third.degc) / 3.0

    def tick(self) -> None:
        """Advance zones, core and gas."""
        first, second, third = self.zones
        low, mid, high = first.degc, second.degc, third.degc
        setpoint, rate = self.setpoint_degc, self.ramp_degc_min
        first.tick(setpoint, rate, mid)
        second.tick(setpoint, rate, 0.5 * (low + high))
        third.tick(setpoint, rate, mid)
        self.core_degc += ((low + mid + high) / 3.0 - self.core_degc) * (TICK_S / CORE_TAU_S)
        self.pressure_mbar += (self.pressure_target_mbar - self.pressure_mbar) * (TICK_S / 60.0)
        if not self.charging:
            washed = TICK_S * self.argon_nl_min / (60.0 * RETORT_NL)
            self.oxygen_ppm += (OXYGEN_FLOOR_PPM - self.oxygen_ppm) * washed

    def tags(self) -> Mapping[str, float]:
        """Give temperatures, heaters and gas."""
        noise, zones = self._jitter.around, self.zones
        hot = self.mean_degc > 300.0
        return {
            "TZ1": noise(zones[0].degc, 0.2),
            "TZ2": noise(zones[1].degc, 0.2),
            "TZ3": noise(zones[2].degc, 0.2),
            "TC_CORE": noise(self.core_degc, 0.2),
            "RAMP_SP": abs(self.ramp_degc_min),
            "HEATER_OUT1": zones[0].output_pct,
            "HEATER_OUT2": zones[1].output_pct,
            "HEATER_OUT3": zones[2].output_pct,
            "P_RETORT": noise(self.pressure_mbar, 0.3),
            "AR_FLOW": noise(self.argon_nl_min, 0.02),
            "O2_EXH": noise(self.oxygen_ppm, 0.5),
            "H2S_EXH": noise(3.0 if hot else 0.5, 0.3),
            "T_TRAP": noise(20.0 if hot else 15.0, 0.2),
            "DOOR_LOCK": 1.0 if self.is_hot() or self.setpoint_degc is not None else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """I5 retort pressure, I6 zones too hot or 60 K apart, I7 oxygen in a retort that is not being filled."""
        found: set[str] = set()
        if self.pressure_mbar > 200.0 or self.pressure_mbar < 2.0:
            found.add("I5_RETORT_PRESSURE")
        temperatures = [zone.degc for zone in self.zones]
        if max(temperatures) > 620.0 or max(temperatures) - min(temperatures) > 60.0:
            found.add("I6_OVERTEMPERATURE")
        if self.oxygen_ppm > 50.0 and not self.charging:
            found.add("I7_RETORT_OXYGEN")
        return frozenset(found)

    def is_hot(self) -> bool:
        """Whether core or zones are too hot to open the door."""
        return self.core_degc > COLD_DEGC or self.mean_degc > COLD_DEGC

    def settle_at(self, degc: float) -> None:
        """Put zones and core at one steady temperature: where a run's count begins."""
        for zone in self.zones:
            zone.settle_at(degc)
        self.core_degc = degc

    def heat_to(self, setpoint_degc: float, ramp_degc_min: float) -> None:
        """Control the zones on a set-point that moves at a rate."""
        self.setpoint_degc, self.ramp_degc_min = setpoint_degc, ramp_degc_min

    def heaters_off(self) -> None:
        """Take the heating power away."""
        self.setpoint_degc, self.ramp_degc_min = None, 0.0

    def gas_to_standby(self) -> None:
        """Trickle argon at a small overpressure."""
        self.argon_nl_min, self.pressure_target_mbar = PURGE_NL_MIN, PURGE_MBAR


def furnace(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a batch retort that takes the tray and gives annealed powder."""
    equipment = Furnace(Jitter(seed, name))

    def charge(sp: Setpoints, readings: Readings) -> PhaseRun:
        return Charging(equipment, holdings, sp, readings)

    return Unit(
        name,
        seed,
        equipment,
        {
            "CHARGE": PhaseKind(begin=charge),
            "ANNEAL": PhaseKind(
                begin=lambda sp, readings: Annealing(equipment, holdings, sp),
                check=lambda sp: sp["count_above"] < sp["soak_temp"],
            ),
            "COOL": PhaseKind(begin=lambda sp, readings: Cooling(equipment, holdings, sp)),
            "DISCHARGE": PhaseKind(begin=lambda sp, readings: _discharge(equipment, holdings, sp, readings)),
        },
    )


def _discharge(equipment: Furnace, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        if equipment.is_hot():
            return DOOR_LOCKED
        return 0 if holdings.saggar.first() else NOTHING_TO_PROCESS

    def finish(sp: Setpoints) -> Outcome:
        charged_g = holdings.saggar.take().mass_g
        out_g = charged_g * readings.varied("yield", ANNEAL_YIELD, 0.002)
        holdings.annealed.put(Powder(mass_g=out_g))
        reports = {
            "discharged_mass": readings.weighed("discharged_mass", out_g),
            "loss": readings.weighed("loss", charged_g - out_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("discharged_mass", "loss"),
        plan=lambda sp: ((10, 300.0), (20, 1200.0), (30, 300.0)),
        ready=ready,
        finish=finish,
        abandon=lambda: holdings.give_up(holdings.saggar.take_all()),
    )
