"""The MILL phase: milling with rests until the accumulated on-time is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from plc_sim.material.parcel import Condition, Parcel
from plc_sim.physics.milling import MILL, Breakage, conversion
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.inlet import Inlet
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

MILL_ON, MILL_OFF, COOL_JAR = 10, 20, 30
COOL_START_DEGC = 25.0
"""A cold jar's temperature; every run counts its peak from here."""
WARM_DEGC = 30.0
"""A jar warmer than this cools down before the run begins."""
COOL_BAND_K = 5.0


class Drive(Protocol):
    """What the phase needs of the mill."""

    speed_rpm: float
    jar_degc: float

    def power_kw_kg(self) -> float:
        """Give the specific power going into the powder now."""
        ...


def milled(before: Condition, energy_kwh_kg: float) -> Condition:
    """Give what milling with an energy (kWh/kg) makes of powder: conversion (M6), size and damaged crystals (M7)."""
    breakage = Breakage(before.d50_um)
    breakage.step(3600.0 * energy_kwh_kg / MILL.rated_kw_kg, MILL.rated_kw_kg)
    return replace(
        before,
        conversion=1.0 - (1.0 - before.conversion) * (1.0 - conversion(energy_kwh_kg)),
        overmill_kwh_kg=before.overmill_kwh_kg + energy_kwh_kg * before.crystal,
        d50_um=breakage.d50_um,
    )


class Milling:
    """One run of MILL: on for `on_time`, off for `off_time`, `run_time` of milling in all; it waits for a hot jar."""

    def __init__(self, drive: Drive, jar: Inlet[Parcel], sp: Setpoints, abandon: Callable[[], None]) -> None:
        self._drive = drive
        self._jar = jar
        self._sp = sp
        self._abandon = abandon
        self._begun = False
        self._done = False
        self._step = MILL_ON
        self._on_s = self._off_s = self._run_s = self._wall_s = 0.0
        self._energy_kwh_kg = 0.0
        self._peak_degc = COOL_START_DEGC

    def run(self) -> PhaseProgress:
        """Mill, rest or wait for one tick."""
        if self._done:
            return PhaseProgress(step=self._step, done=True)
        if not self._begun:
            fail_code = self._begin()
            if fail_code or not self._begun:
                return PhaseProgress(step=COOL_JAR, fail_code=fail_code)
        self._count()
        if self._run_s >= self._sp["run_time"] * 3600.0 - 0.5:
            self._drive.speed_rpm = 0.0
            self._done = True
            charge = self._jar.inside
            if charge is not None:
                self._jar.change(replace(charge, condition=milled(charge.condition, self._energy_kwh_kg)))
        else:
            self._choose()
            self._drive.speed_rpm = self._sp["speed"] if self._step == MILL_ON else 0.0
        return PhaseProgress(step=self._step, done=self._done)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """The mill stops within a tick."""
        self._drive.speed_rpm = 0.0
        return True

    def resume(self) -> None:
        """Turn again where the cycle stood."""
        if self._begun and not self._done and self._step == MILL_ON:
            self._drive.speed_rpm = self._sp["speed"]

    def end(self) -> None:
        """Stop turning; powder that was not milled to the end is given up."""
        self._drive.speed_rpm = 0.0
        if self._begun and not self._done:
            self._abandon()

    def reports(self) -> Mapping[str, float]:
        """Give on-time and time of the cycle (h), energy (kWh/kg) and the hottest jar (degC)."""
        return {
            "run_time": self._run_s / 3600.0,
            "wall_time": self._wall_s / 3600.0,
            "specific_energy": self._energy_kwh_kg,
            "peak_jar_temp": self._peak_degc,
        }

    def _begin(self) -> int:
        if not self._jar.fill_dry():
            return NOTHING_TO_PROCESS
        if self._drive.jar_degc <= WARM_DEGC:
            self._drive.jar_degc = COOL_START_DEGC
            self._drive.speed_rpm = self._sp["speed"]
            self._begun = True
        return 0

    def _count(self) -> None:
        self._wall_s += TICK_S
        self._peak_degc = max(self._peak_degc, self._drive.jar_degc)
        if self._step == MILL_ON:
            self._on_s += TICK_S
            self._run_s += TICK_S
            self._energy_kwh_kg += self._drive.power_kw_kg() * TICK_S / 3600.0
        elif self._step == MILL_OFF:
            self._off_s += TICK_S

    def _choose(self) -> None:
        hot = self._sp["jar_temp_max"]
        if self._drive.jar_degc >= hot:
            self._step = COOL_JAR
        elif self._step == COOL_JAR and self._drive.jar_degc > hot - COOL_BAND_K:
            return
        elif self._step == COOL_JAR:
            self._step = MILL_ON
        elif self._step == MILL_ON and self._on_s >= self._sp["on_time"] * 60.0 and self._sp["off_time"] > 0.0:
            self._step, self._on_s = MILL_OFF, 0.0
        elif self._step == MILL_OFF and self._off_s >= self._sp["off_time"] * 60.0:
            self._step, self._off_s = MILL_ON, 0.0
