"""The phases of the mixer: DOSE, DISSOLVE, KNEAD, DISPERSE, DEGAS."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.mixer import ATMOSPHERE_MBAR, DISPERSE_RPM, JACKET_DEGC, KNEAD_RPM, Bowl
from plc_sim.units.mixer_charge import COARSE_UM, Charge, Stage
from plc_sim.units.mixer_stir import Stirring
from plc_sim.units.present import Presented
from plc_sim.units.site import Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit
from plc_sim.units.weighing import FULL_SCALE_G

OUT_OF_TOLERANCE = 20
DISPENSE = 20
DOSING_G_S = 2.0
FINE_DOSING_S = 240.0
"""Time of the last few grams, s."""
TOLERANCE_USED = 0.4
"""Part of the tolerance that careful dosing uses up."""
SOLUTION_PA_S = 0.35
"""Viscosity of a 10 % binder solution."""
SHEAR_1_S = 100.0
"""Shear rate at which viscosities are told, 1/s."""
NOMINAL_PA_S = 0.85
FULL_SOLUTION_MIN = 240.0
"""Time scale of dissolving at 40 degC, min."""
FINEST_PER_D50, WORK_MIN = 2.0, 35.0
"""D90 of a slurry without agglomerates by the median size of its powder (design default: 6 um for 3 um)."""
COARSEST_UM = 500.0
"""End of the grind gauge, um."""


class Dosing:
    """One DOSE: what is drawn goes into the bowl at once, so that a dose that fell short is made up, not lost."""

    def __init__(self, bowl: Bowl, charge: Charge, powder: OpenPowder, readings: Readings) -> None:
        self._bowl = bowl
        self._charge = charge
        self._powder = powder
        self._readings = readings
        self._in_g = 0.0

    def plan(self, sp: Setpoints) -> Plan:
        """Give tare, dispensing and confirmation, in seconds."""
        return ((10, 60.0), (DISPENSE, FINE_DOSING_S + sp["target"] / DOSING_G_S), (30, 120.0))

    def drive(self, sp: Setpoints, step: int, fraction: float) -> None:
        """Powder lies open while it is poured."""
        if step == DISPENSE and self._charge.brings_powder():
            self._powder.lie(sp["target"] * fraction)

    def finish(self, sp: Setpoints) -> Outcome:
        """Draw what the balance asks for; the balance may read too much."""
        drift_g = self._bowl.faults.get("scale-drift", 0.0)
        aim_g = sp["target"] * (1.0 + self._readings.varied("dosed", 0.0, TOLERANCE_USED * sp["tolerance"] / 100.0))
        missing_g = aim_g - drift_g - self._in_g
        if missing_g > 0.0:
            self._in_g += self._charge.dose(missing_g, self._powder)
        net_g = min(FULL_SCALE_G, self._readings.weighed("net_weight", self._in_g + drift_g))
        too_far = abs(net_g - sp["target"]) > sp["tolerance"] / 100.0 * sp["target"] + 0.05
        return Outcome(reports={"net_weight": net_g}, fail_code=OUT_OF_TOLERANCE if too_far else 0)


def mixer(name: str, seed: int, holdings: Holdings, stage: Stage, site: Site) -> Unit:
    """Build a mixer; the filter that empties it shares its stage."""
    bowl, charge = Bowl(Jitter(seed, name), stage), Charge(holdings, name, stage)
    return Unit(
        name,
        seed,
        bowl,
        {
            "DOSE": PhaseKind(begin=lambda sp, readings: _dose(name, bowl, charge, holdings, site, sp, readings)),
            "DISSOLVE": PhaseKind(begin=lambda sp, readings: _dissolve(bowl, charge, sp, readings)),
            "KNEAD": PhaseKind(begin=lambda sp, readings: _knead(bowl, charge, sp, readings)),
            "DISPERSE": PhaseKind(begin=lambda sp, readings: _disperse(bowl, charge, sp, readings)),
            "DEGAS": PhaseKind(begin=lambda sp, readings: _degas(bowl, charge, sp, readings)),
        },
        site,
    )


def _give_up(bowl: Bowl, charge: Charge) -> None:
    bowl.settle()
    charge.give_up()


def _dose(
    name: str, bowl: Bowl, charge: Charge, holdings: Holdings, site: Site, sp: Setpoints, readings: Readings
) -> PhaseRun:
    dosing = Dosing(bowl, charge, OpenPowder(site, name), readings)
    run = TimedPhase(
        sp=sp,
        report_names=("net_weight",),
        plan=dosing.plan,
        drive=dosing.drive,
        finish=dosing.finish,
        rest_drives=bowl.stop,
        again=readings.again,
        abandon=charge.give_up,
    )
    return Presented(run, holdings, name, returns=True)


def _dissolve(bowl: Bowl, charge: Charge, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        bowl.jacket_degc = sp["temperature"] if step != 30 else JACKET_DEGC
        bowl.planetary_rpm, bowl.torque_pct = sp["speed"], 10.0

    def finish(sp: Setpoints) -> Outcome:
        if not charge.is_ready():
            return Outcome(reports={"viscosity": 0.0}, fail_code=NOTHING_TO_PROCESS)
        charge.dissolve()
        bowl.settle()
        # A shorter or colder stir leaves lumps, which read as a thicker solution.
        lumps = FULL_SOLUTION_MIN / sp["duration"] * (40.0 / sp["temperature"])
        return Outcome(reports={"viscosity": readings.measured("viscosity", SOLUTION_PA_S * (1.0 + 0.1 * lumps), 0.02)})

    return TimedPhase(
        sp=sp,
        report_names=("viscosity",),
        plan=lambda sp: ((10, 1800.0), (20, 60.0 * sp["duration"]), (30, 2700.0)),
        ready=lambda sp: 0 if charge.is_ready() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=bowl.stop,
        abandon=lambda: _give_up(bowl, charge),
        finish=finish,
    )


def _knead(bowl: Bowl, charge: Charge, sp: Setpoints, readings: Readings) -> PhaseRun:
    def torque_pct(sp: Setpoints, fraction: float) -> float:
        # The paste stiffens while it wets, peaks at a third of the time and comes down to its plateau. It is packed
        # closer than a suspension can flow, so that M11 has no value for it: a design default.
        plateau = 50.0 * math.sqrt(60.0 / sp["solution_fraction"]) * math.pow(sp["speed"] / KNEAD_RPM, 0.3)
        shape = 0.6 + 1.8 * fraction if fraction < 1.0 / 3.0 else 1.2 - 0.3 * (fraction - 1.0 / 3.0)
        return min(98.0, plateau * shape)

    def drive(sp: Setpoints, fraction: float) -> None:
        bowl.planetary_rpm, bowl.torque_pct = sp["speed"], torque_pct(sp, fraction)

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        charge.stir()
        charge.stage.kneaded = True
        peak = readings.measured("peak_torque", torque_pct(sp, 1.0 / 3.0), 0.01)
        return {"peak_torque": min(100.0, peak), "peak_temp": peak_degc}

    return Stirring(
        bowl,
        sp,
        ready=charge.has_powder,
        drive=drive,
        finish=finish,
        abandon=charge.give_up,
        names=("peak_torque", "peak_temp"),
    )


def _disperse(bowl: Bowl, charge: Charge, sp: Setpoints, readings: Readings) -> PhaseRun:
    torque: list[float] = []

    def drive(sp: Setpoints, fraction: float) -> None:
        if not torque:
            torque.append(min(98.0, 25.0 * charge.rheology().viscosity_pa_s(SHEAR_1_S) / NOMINAL_PA_S))
        bowl.planetary_rpm, bowl.torque_pct = 10.0, torque[0]
        bowl.disperser_rpm = sp["speed"]

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        charge.stir()
        # Agglomerates break down towards the size of the particles themselves; hard lumps stay whatever the work.
        work = sp["duration"] * sp["speed"] / DISPERSE_RPM
        finest_um = FINEST_PER_D50 * charge.particle_um()
        fineness = finest_um + max(0.0, COARSE_UM - finest_um) * math.exp(-work / WORK_MIN)
        charge.stage.fineness_um = max(fineness, bowl.faults.get("agglomerate", 0.0))
        fineness = min(COARSEST_UM, readings.measured("fineness", charge.stage.fineness_um, 0.02))
        return {"fineness": fineness, "peak_temp": peak_degc}

    return Stirring(
        bowl,
        sp,
        ready=charge.has_powder,
        drive=drive,
        finish=finish,
        abandon=charge.give_up,
        names=("fineness", "peak_temp"),
    )


def _degas(bowl: Bowl, charge: Charge, sp: Setpoints, readings: Readings) -> PhaseRun:
    lowest_mbar = [ATMOSPHERE_MBAR]

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        lowest_mbar[0] = min(lowest_mbar[0], bowl.pressure_mbar)
        bowl.pressure_target_mbar = sp["pressure"] if step != 30 else ATMOSPHERE_MBAR
        bowl.planetary_rpm, bowl.torque_pct = 10.0, 20.0

    def finish(sp: Setpoints) -> Outcome:
        bowl.settle()
        if not charge.is_ready():
            return Outcome(reports={"viscosity": 0.0}, fail_code=NOTHING_TO_PROCESS)
        charge.stage.finished = True
        # Gas bubbles left in the slurry thicken it.
        reached = sp["pressure"] if lowest_mbar[0] < 1.5 * sp["pressure"] + 10.0 else lowest_mbar[0]
        bubbles = 0.1 * reached / 50.0 * 20.0 / (20.0 + sp["duration"])
        thick = charge.rheology().viscosity_pa_s(SHEAR_1_S) * (0.95 + bubbles)
        return Outcome(reports={"viscosity": readings.measured("viscosity", thick, 0.02)})

    return TimedPhase(
        sp=sp,
        report_names=("viscosity",),
        plan=lambda sp: ((10, 300.0), (20, 60.0 * sp["duration"]), (30, 240.0)),
        ready=lambda sp: 0 if charge.is_ready() else NOTHING_TO_PROCESS,
        drive=drive,
        rest_drives=bowl.stop,
        abandon=lambda: _give_up(bowl, charge),
        finish=finish,
    )
