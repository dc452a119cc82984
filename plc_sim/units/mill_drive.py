"""The ball mill itself: drive, jar temperature and pressure, energy put in, and the interlock that stops it."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.physics.first_order import Lag
from plc_sim.physics.milling import MILL, specific_power_kw_kg
from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, holding, release
from plc_sim.units.site import NONE

AMBIENT_DEGC = 25.0
JAR_TAU_S = 40.0 * 60.0
JAR_RISE_K = 33.0
"""Rise of the jar over ambient when milling without rest at rated power, K (design default)."""
STILL_AIR = 0.3
"""Part of the cooling that still air gives; the fan gives the rest."""
FILL_BAR = 0.05
"""Argon pressure in a sealed jar at ambient temperature, bar(g)."""
LOCK_S = 3600.0
"""The interlock locks the mill this long to let the jar cool."""
HOT_DEGC, OVER_BAR, SHAKING_MM_S = 75.0, 0.5, 11.0
COOL_DEGC = 60.0
REST_K = 1e-3
"""A jar this close to ambient has nothing left to cool."""


class MillDrive:
    """The mill's drive and jar: speed (rpm), jar temperature (degC) and pressure (bar(g)), energy put in (kWh/kg).

    I10 stops the drive whatever is commanded.
    """

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.speed_rpm = 0.0
        self.fill_bar = FILL_BAR
        self.run_h = 0.0
        self.energy_kwh_kg = 0.0
        self.uncleaned_pct = 0.0
        self._jar = Lag(JAR_TAU_S, AMBIENT_DEGC)
        self._cooling = 1.0
        self._shaking_mm_s = 0.0
        self._latch = Latch("I10_MILL_JAR", Reset.ACK, LOCK_S)

    @property
    def jar_degc(self) -> float:
        """Jar temperature, degC."""
        return self._jar.value

    @jar_degc.setter
    def jar_degc(self, degc: float) -> None:
        self._jar.value = degc

    def tick(self) -> None:
        """Heat or cool the jar, count the milling and stop it when it must not go on."""
        power, jar = 0.0, self._jar
        if self.speed_rpm:
            power = specific_power_kw_kg(self.speed_rpm)
            self.run_h += TICK_S / 3600.0
            self.energy_kwh_kg += power * TICK_S / 3600.0
        elif not self._latch.tripped and abs(jar.value - AMBIENT_DEGC) < REST_K:
            return
        jar.step(AMBIENT_DEGC + JAR_RISE_K * power / MILL.rated_kw_kg / self._cooling, TICK_S)
        bar = self._pressure_bar()
        cause = jar.value > HOT_DEGC or bar > OVER_BAR or self._vibration() > SHAKING_MM_S
        if cause or self._latch.tripped:
            self._latch.watch(cause, jar.value < COOL_DEGC)
            self.speed_rpm = 0.0

    def tags(self) -> Mapping[str, float]:
        """Give drive and jar values."""
        noise, part = self.jitter.around, self.speed_rpm / MILL.rated_rpm
        turning = self.speed_rpm > 0.0
        return {
            "SPEED": self.jitter.within(self.speed_rpm, 1.0, 0.0, 650.0) if turning else 0.0,
            "T_JAR": min(120.0, noise(self.jar_degc, 0.1)),
            "P_JAR": max(0.0, noise(self._pressure_bar(), 0.001)),
            "T_RUN_ACC": min(100.0, self.run_h),
            "E_SPEC": min(30.0, self.energy_kwh_kg),
            "VIB": self.jitter.within(self._vibration(), 0.1, 0.0, 50.0) if turning else 0.0,
            "TORQUE": noise(30.0 + 25.0 * part, 0.5) if turning else 0.0,
            "CURRENT": noise(6.0 + 18.0 * part**2, 0.2) if turning else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """I10: jar hot, over pressure or shaking; it locks for an hour and stays until it is acknowledged."""
        return holding((self._latch,)) if self._latch.tripped else NONE

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset I10 at the panel."""
        release((self._latch,), interlock, key=key)

    def disturbances(self) -> frozenset[str]:
        """Cooling can fail, the mill can shake, and the jar can be left uncleaned."""
        return frozenset({"cooling-failure", "vibration", "uncleaned"})

    def disturb(self, fault: str, amount: float) -> None:
        """Leave a part of the fan's cooling, shake by mm/s more, or keep a percentage of every charge."""
        if fault == "cooling-failure":
            self._set_cooling(amount)
        elif fault == "vibration":
            self._shaking_mm_s = amount
        else:
            self.uncleaned_pct = amount

    def recover(self, fault: str) -> None:
        """Cool, turn or clean as it should be."""
        self.disturb(fault, 1.0 if fault == "cooling-failure" else 0.0)

    def stop(self) -> None:
        """Stop turning."""
        self.speed_rpm = 0.0

    def begin_count(self) -> None:
        """Begin a new charge: hours and energy from zero."""
        self.run_h = self.energy_kwh_kg = 0.0

    def power_kw_kg(self) -> float:
        """Give the specific power going into the powder now."""
        return specific_power_kw_kg(self.speed_rpm) if self.speed_rpm else 0.0

    def _set_cooling(self, part: float) -> None:
        self._cooling = STILL_AIR + (1.0 - STILL_AIR) * part
        self._jar.tau_s = JAR_TAU_S / self._cooling

    def _pressure_bar(self) -> float:
        # Sealed gas: absolute pressure goes with absolute temperature.
        return (self.fill_bar + 1.013) * (self._jar.value + 273.15) / (AMBIENT_DEGC + 273.15) - 1.013

    def _vibration(self) -> float:
        return 3.0 * self.speed_rpm / MILL.rated_rpm + self._shaking_mm_s if self.speed_rpm else 0.0
