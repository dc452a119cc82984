"""Planetary mixer with disperser: dosing, binder solution, kneading, dispersing, degassing."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.holdings import Holdings
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.mixer_stir import Stirring
from plc_sim.units.timed import Outcome, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit
from plc_sim.units.weighing import OUT_OF_TOLERANCE, dose_plan, dosed_g

JACKET_DEGC = 22.0
BOWL_TAU_S = 15.0 * 60.0
KNEAD_RISE_K, KNEAD_RPM = 8.0, 30.0
DISPERSE_RISE_K, DISPERSE_RPM = 11.0, 1500.0
"""Rise of the bowl over its jacket at rated speeds, K; it goes with speed squared."""
DOSING_G_S = 2.0
PUMP_TAU_S = 60.0
ATMOSPHERE_MBAR = 985.0
SOLUTION_PA_S, SLURRY_PA_S = 0.35, 0.80
"""Viscosity of a 10 % binder solution, and of the slurry at 100 1/s (PROCESS M11)."""
FULL_SOLUTION_MIN = 240.0
"""Time scale of dissolving at 40 degC, min."""


class Bowl:
    """Drives (rpm), temperature (degC), pressure (mbar) and torque (%) of the mixer."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.planetary_rpm = 0.0
        self.disperser_rpm = 0.0
        self.bowl_degc = JACKET_DEGC
        self.jacket_degc = JACKET_DEGC
        self.pressure_mbar = ATMOSPHERE_MBAR
        self.pressure_target_mbar = ATMOSPHERE_MBAR
        self.torque_pct = 0.0
        self.head_oxygen_pct = 0.2

    def tick(self) -> None:
        """Heat by stirring, cool by the jacket, pump or vent."""
        rise = 0.0
        if self.planetary_rpm:
            rise = KNEAD_RISE_K * (self.planetary_rpm / KNEAD_RPM) ** 2 * self.torque_pct / 60.0
        if self.disperser_rpm:
            rise += DISPERSE_RISE_K * (self.disperser_rpm / DISPERSE_RPM) ** 2
        self.bowl_degc += (self.jacket_degc + rise - self.bowl_degc) * (TICK_S / BOWL_TAU_S)
        self.pressure_mbar += (self.pressure_target_mbar - self.pressure_mbar) * (TICK_S / PUMP_TAU_S)

    def tags(self) -> Mapping[str, float]:
        """Give drives, temperature, pressure and torque."""
        noise = self._jitter.around
        return {
            "RPM_PLAN": noise(self.planetary_rpm, 0.1) if self.planetary_rpm else 0.0,
            "RPM_DISP": noise(self.disperser_rpm, 2.0) if self.disperser_rpm else 0.0,
            "T_SL": noise(self.bowl_degc, 0.1),
            "VAC": noise(self.pressure_mbar, 0.5),
            "TORQUE": min(100.0, noise(self.torque_pct, 0.5)) if self.torque_pct else 0.0,
            "O2_HEAD": noise(self.head_oxygen_pct, 0.02),
        }

    def interlocks(self) -> frozenset[str]:
        """Slurry above 45 degC, or more than 5 % oxygen over it."""
        found: set[str] = set()
        if self.bowl_degc > 45.0:
            found.add("MX_SLURRY_TEMPERATURE")
        if self.head_oxygen_pct > 5.0:
            found.add("MX_HEAD_OXYGEN")
        return frozenset(found)

    def stop(self) -> None:
        """Stop both drives."""
        self.planetary_rpm = self.disperser_rpm = self.torque_pct = 0.0

    def settle(self) -> None:
        """Stop the drives, vent, jacket back to its rest temperature."""
        self.stop()
        self.jacket_degc, self.pressure_target_mbar = JACKET_DEGC, ATMOSPHERE_MBAR


def mixer(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a mixer whose contents the filter takes."""
    bowl = Bowl(Jitter(seed, name))
    return Unit(
        name,
        seed,
        bowl,
        {
            "DOSE": PhaseKind(begin=lambda sp, readings: _dose(bowl, holdings, sp, readings)),
            "DISSOLVE": PhaseKind(begin=lambda sp, readings: _dissolve(bowl, holdings, sp, readings)),
            "KNEAD": PhaseKind(begin=lambda sp, readings: _knead(bowl, holdings, sp, readings)),
            "DISPERSE": PhaseKind(begin=lambda sp, readings: _disperse(bowl, holdings, sp, readings)),
            "DEGAS": PhaseKind(begin=lambda sp, readings: _degas(bowl, holdings, sp, readings)),
        },
    )


def _dose(bowl: Bowl, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def finish(sp: Setpoints) -> Outcome:
        true_g = dosed_g(sp, readings)
        net_g = readings.weighed("net_weight", true_g)
        too_far = abs(net_g - sp["target"]) > sp["tolerance"] / 100.0 * sp["target"] + 0.05
        if too_far:
            return Outcome(reports={"net_weight": net_g}, fail_code=OUT_OF_TOLERANCE)
        holdings.mixer.charge(true_g)
        return Outcome(reports={"net_weight": net_g})

    return TimedPhase(
        sp=sp,
        report_names=("net_weight",),
        plan=dose_plan(DOSING_G_S),
        finish=finish,
        rest_drives=bowl.stop,
        again=readings.again,
        abandon=holdings.empty_mixer,
    )


def _dissolve(bowl: Bowl, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        bowl.jacket_degc = sp["temperature"] if step != 30 else JACKET_DEGC
        bowl.planetary_rpm, bowl.torque_pct = sp["speed"], 10.0

    def finish(sp: Setpoints) -> Outcome:
        holdings.mixer.dissolved = True
        bowl.settle()
        # A shorter or colder stir leaves lumps, which read as a thicker solution.
        lumps = FULL_SOLUTION_MIN / sp["duration"] * (40.0 / sp["temperature"])
        return Outcome(reports={"viscosity": readings.measured("viscosity", SOLUTION_PA_S * (1.0 + 0.1 * lumps), 0.02)})

    return TimedPhase(
        sp=sp,
        report_names=("viscosity",),
        plan=lambda sp: ((10, 1800.0), (20, 60.0 * sp["duration"]), (30, 2700.0)),
        ready=lambda sp: 0 if holdings.mixer.mass_g else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=bowl.stop,
        abandon=holdings.empty_mixer,
        finish=finish,
    )


def _knead(bowl: Bowl, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def torque_pct(sp: Setpoints, fraction: float) -> float:
        # The paste stiffens while it wets, peaks at a third of the time and comes down to its plateau.
        plateau = 50.0 * math.sqrt(60.0 / sp["solution_fraction"]) * math.pow(sp["speed"] / KNEAD_RPM, 0.3)
        shape = 0.6 + 1.8 * fraction if fraction < 1.0 / 3.0 else 1.2 - 0.3 * (fraction - 1.0 / 3.0)
        return min(98.0, plateau * shape)

    def drive(sp: Setpoints, fraction: float) -> None:
        bowl.planetary_rpm, bowl.torque_pct = sp["speed"], torque_pct(sp, fraction)

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        holdings.mixer.kneaded = True
        peak = readings.measured("peak_torque", torque_pct(sp, 1.0 / 3.0), 0.01)
        return {"peak_torque": min(100.0, peak), "peak_temp": peak_degc}

    return Stirring(
        bowl,
        sp,
        ready=lambda: holdings.mixer.has_powder,
        drive=drive,
        finish=finish,
        abandon=holdings.empty_mixer,
        names=("peak_torque", "peak_temp"),
    )


def _disperse(bowl: Bowl, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, fraction: float) -> None:
        bowl.planetary_rpm, bowl.torque_pct = 10.0, 25.0
        bowl.disperser_rpm = sp["speed"]

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        # Agglomerates of 40 um break down towards the particles' own 6 um.
        work = sp["duration"] * sp["speed"] / DISPERSE_RPM
        fineness = 6.0 + 34.0 * math.exp(-work / 35.0)
        return {"fineness": readings.measured("fineness", fineness, 0.02), "peak_temp": peak_degc}

    return Stirring(
        bowl,
        sp,
        ready=lambda: holdings.mixer.has_powder,
        drive=drive,
        finish=finish,
        abandon=holdings.empty_mixer,
        names=("fineness", "peak_temp"),
    )


def _degas(bowl: Bowl, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        bowl.pressure_target_mbar = sp["pressure"] if step != 30 else ATMOSPHERE_MBAR
        bowl.planetary_rpm, bowl.torque_pct = 10.0, 20.0

    def finish(sp: Setpoints) -> Outcome:
        bowl.settle()
        # Gas bubbles left in the slurry thicken it.
        bubbles = 0.1 * sp["pressure"] / 50.0 * 20.0 / (20.0 + sp["duration"])
        viscosity = readings.measured("viscosity", SLURRY_PA_S * (1.0 + bubbles - 0.05), 0.02)
        return Outcome(reports={"viscosity": viscosity})

    return TimedPhase(
        sp=sp,
        report_names=("viscosity",),
        plan=lambda sp: ((10, 300.0), (20, 60.0 * sp["duration"]), (30, 240.0)),
        ready=lambda sp: 0 if holdings.mixer.mass_g else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=bowl.stop,
        abandon=holdings.empty_mixer,
        finish=finish,
    )
