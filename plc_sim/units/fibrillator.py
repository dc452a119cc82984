"""Heated kneader that draws PTFE to fibrils in electrolyte powder: CHARGE, MIX cold, FIBRILLATE warm, DISCHARGE."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.ledger import ELECTROLYTE, PTFE
from plc_sim.material.mixture import binder_share, is_electrolyte, stirred
from plc_sim.material.parcel import FINISHED, Parcel, together
from plc_sim.physics.fibrillation import fibrillated, torque_pct
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import CLEANED_OUT, TEST_CHARGE_G
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.kneader import Kneader
from plc_sim.units.nominal import fill_slurry
from plc_sim.units.present import Presented
from plc_sim.units.site import Site
from plc_sim.units.tempered import TemperedPhase
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

OUT_OF_TOLERANCE, TROUGH_FULL = 20, 30
DOSING_G_S, FINE_S, CONFIRM_S = 2.0, 240.0, 120.0
TOLERANCE_USED = 0.4
"""Part of the tolerance that careful dosing uses up."""
TROUGH_G = 3000.0
MIXING_TURNS = 60.0
"""Turns after which 37 % of the unevenness is left (design default)."""
FIBRILLATOR_YIELD = 0.99


class Trough:
    """The content of one fibrillator: doses as they come in, one parcel once they are mixed."""

    def __init__(self, name: str, holdings: Holdings, kneader: Kneader) -> None:
        self._name = name
        self._holdings = holdings
        self._kneader = kneader

    @property
    def mass_g(self) -> float:
        """Everything in the trough, g."""
        return sum(parcel.mass_g for parcel in self._holdings.trough.all())

    def dose(self, grams: float, powder: OpenPowder) -> float:
        """Draw a dose; gives what the container had of it, g. Without a label the first is powder, the next PTFE."""
        first = self._holdings.trough.first() is None
        material, condition = (ELECTROLYTE, FINISHED) if first else (PTFE, None)
        drawn = self._holdings.draw(self._name, grams, material, condition)
        if drawn.mass_g > 0.0:
            self._holdings.trough.put(powder.settled(drawn))
            self.changed()
        return drawn.mass_g

    def brings_powder(self) -> bool:
        """Say whether the next dose is powder, by its label or, without one, by the order."""
        standing = self._holdings.station(self._name).standing
        if standing is None:
            return self._holdings.trough.first() is None
        return any(is_electrolyte(self._holdings.ledger.material_of(lot)) for lot in standing.contents.parts)

    def has_content(self) -> bool:
        """Say whether anything is in it; a plant that runs dry has a test charge."""
        if fill_slurry(self._holdings, self._holdings.trough, self._name, TEST_CHARGE_G):
            self.changed()
        return self._holdings.trough.first() is not None

    def mix(self) -> Parcel:
        """Make one parcel of it, which stays."""
        whole = stirred(self._holdings.trough.take_all(), self._holdings.ledger)
        self._holdings.trough.put(whole)
        return whole

    def binder(self) -> float:
        """Give the mass share of binder, 0..1."""
        return binder_share(together(one.parts for one in self._holdings.trough.all()), self._holdings.ledger)

    def shear(self, duration_s: float, degc: float, speed_rpm: float) -> float:
        """Draw fibrils for a time (s) at a temperature and speed; gives the fibrillated share."""
        whole = self.mix()
        share = fibrillated(whole.condition.fibrillated, duration_s, degc=degc, speed_rpm=speed_rpm)
        condition = replace(whole.condition, fibrillated=share)
        self._holdings.trough.replace(replace(whole, condition=condition))
        return share

    def fibrils(self) -> float:
        """Give the fibrillated share so far, 0..1."""
        held = self._holdings.trough.first()
        return held.condition.fibrillated if held is not None else 0.0

    def take(self) -> Parcel:
        """Take everything out."""
        whole = self.mix()
        self._holdings.trough.take_all()
        self.changed()
        return whole

    def give_up(self) -> None:
        """Set the content aside."""
        self._holdings.give_up(self._holdings.trough.take_all())
        self.changed()

    def changed(self) -> None:
        """Weigh the trough anew."""
        self._kneader.mass_g = self.mass_g


def fibrillator(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a fibrillator that takes powder and PTFE from the container at it and gives a dough."""
    kneader = Kneader(Jitter(seed, name))
    trough = Trough(name, holdings, kneader)
    return Unit(
        name,
        seed,
        kneader,
        {
            "CHARGE": PhaseKind(
                begin=lambda sp, readings: Presented(
                    _charge(trough, OpenPowder(site, name), sp, readings), holdings, name, returns=True
                )
            ),
            "MIX": PhaseKind(begin=lambda sp, readings: _mix(trough, kneader, sp, readings)),
            "FIBRILLATE": PhaseKind(begin=lambda sp, readings: _fibrillate(trough, kneader, sp, readings)),
            "DISCHARGE": PhaseKind(
                begin=lambda sp, readings: _discharge(trough, holdings, OpenPowder(site, name), sp, readings)
            ),
        },
        site,
    )


def _charge(trough: Trough, powder: OpenPowder, sp: Setpoints, readings: Readings) -> PhaseRun:
    charged = [0.0]

    def plan(sp: Setpoints) -> Plan:
        return ((10, 60.0), (20, FINE_S + sp["target"] / DOSING_G_S), (30, CONFIRM_S))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        if step == 20 and trough.brings_powder():
            powder.lie(sp["target"] * fraction)

    def finish(sp: Setpoints) -> Outcome:
        aim_g = sp["target"] * (1.0 + readings.varied("dosed", 0.0, TOLERANCE_USED * sp["tolerance"] / 100.0))
        if aim_g > charged[0]:
            charged[0] += trough.dose(aim_g - charged[0], powder)
        net_g = readings.weighed("net_weight", charged[0])
        off = abs(net_g - sp["target"]) > sp["tolerance"] / 100.0 * sp["target"] + 0.05
        return Outcome(reports={"net_weight": net_g}, fail_code=OUT_OF_TOLERANCE if off else 0)

    return TimedPhase(
        sp=sp,
        report_names=("net_weight",),
        plan=plan,
        ready=lambda sp: TROUGH_FULL if trough.mass_g + sp["target"] > TROUGH_G else 0,
        drive=drive,
        again=readings.again,
        abandon=trough.give_up,
        finish=finish,
    )


def _mix(trough: Trough, kneader: Kneader, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, fraction: float) -> None:
        kneader.turn(sp["speed"], torque_pct(trough.fibrils(), trough.binder()))

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        # What is mixed above the transition of PTFE already draws fibrils, before the powder is even.
        share = trough.shear(60.0 * sp["duration"], peak_degc, sp["speed"])
        even = -math.expm1(-sp["speed"] * sp["duration"] / MIXING_TURNS) * (1.0 - share)
        return {
            "homogeneity": min(100.0, readings.measured("homogeneity", 100.0 * even, 0.005)),
            "peak_temp": peak_degc,
        }

    return TemperedPhase(
        vessel=kneader,
        sp=sp,
        report_names=("homogeneity", "peak_temp"),
        aim_degc=lambda sp: sp["temperature"],
        seconds=lambda sp: 60.0 * sp["duration"],
        ready=lambda sp: 0 if trough.has_content() else NOTHING_TO_PROCESS,
        drive=drive,
        finish=finish,
        abandon=trough.give_up,
    )


def _fibrillate(trough: Trough, kneader: Kneader, sp: Setpoints, readings: Readings) -> PhaseRun:
    binder: list[float] = []

    def torque(sp: Setpoints, fraction: float) -> float:
        if not binder:
            binder.append(trough.binder())
        worked_s = 60.0 * sp["duration"] * fraction
        now = fibrillated(trough.fibrils(), worked_s, degc=sp["temperature"], speed_rpm=sp["speed"])
        return torque_pct(now, binder[0])

    def drive(sp: Setpoints, fraction: float) -> None:
        kneader.turn(sp["speed"], torque(sp, fraction))

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        peak = torque(sp, 1.0)
        share = trough.shear(60.0 * sp["duration"], sp["temperature"], sp["speed"])
        return {
            "peak_torque": min(100.0, readings.measured("peak_torque", peak, 0.01)),
            "fibrillation": min(100.0, readings.measured("fibrillation", 100.0 * share, 0.01)),
            "peak_temp": peak_degc,
        }

    return TemperedPhase(
        vessel=kneader,
        sp=sp,
        report_names=("peak_torque", "fibrillation", "peak_temp"),
        aim_degc=lambda sp: sp["temperature"],
        seconds=lambda sp: 60.0 * sp["duration"],
        ready=lambda sp: 0 if trough.has_content() else NOTHING_TO_PROCESS,
        drive=drive,
        finish=finish,
        abandon=trough.give_up,
    )


def _discharge(trough: Trough, holdings: Holdings, powder: OpenPowder, sp: Setpoints, readings: Readings) -> PhaseRun:
    def finish(sp: Setpoints) -> Outcome:
        out, left = powder.settled(trough.take()).split(readings.varied("yield", FIBRILLATOR_YIELD, 0.002))
        holdings.lose(left, CLEANED_OUT)
        holdings.dough.put(out)
        reports = {
            "discharged_mass": readings.weighed("discharged_mass", out.mass_g),
            "loss": readings.weighed("loss", left.mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("discharged_mass", "loss"),
        plan=lambda sp: ((10, 60.0), (20, 60.0 * sp["time"])),
        ready=lambda sp: 0 if trough.has_content() else NOTHING_TO_PROCESS,
        drive=lambda sp, step, fraction: powder.lie(trough.mass_g),
        abandon=trough.give_up,
        finish=finish,
    )
