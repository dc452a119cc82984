"""The phases of the solution reactor: CHARGE_SOLVENT, REACT, FILTER, DISTIL, DISCHARGE."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.units.inlet import CLEANED_OUT
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.present import Presented
from plc_sim.units.reactor import VESSEL_L, Reactor
from plc_sim.units.reactor_charge import Brew
from plc_sim.units.reactor_distil import Distilling
from plc_sim.units.site import Site
from plc_sim.units.tempered import TemperedPhase
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

OUT_OF_TOLERANCE, MASS_MISMATCH, VESSEL_FULL, FILTER_CLOGGED = 20, 25, 30, 40
PUMP_G_S = 20.0
FINE_S = 120.0
TOLERANCE_USED = 0.4
"""Part of the tolerance that careful dosing uses up."""
FULL_SHARE = 0.8
"""Part of the vessel that may be filled."""
FILTER_G_MIN = 1000.0
CLEAN_BAR, CAKE_BAR = 0.2, 4.0
"""Pressure drop of a clean 5 um filter, and what a charge that is all residue would add, bar (design defaults)."""
HELD_BACK = 0.9
"""Part of the undissolved solids that a 5 um filter holds back (design default)."""
REACTOR_YIELD = 0.98
TO_FURNACE, TO_DRYER = 301, 403


def reactor(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a solution reactor; it takes solvent from the container at it, powder as weighed for the mill."""
    holdings.crossing = True
    vessel = Reactor(Jitter(seed, name), holdings, site)
    brew = Brew(holdings, name, vessel)
    return Unit(
        name,
        seed,
        vessel,
        {
            "CHARGE_SOLVENT": PhaseKind(
                begin=lambda sp, readings: Presented(_charge(brew, vessel, sp, readings), holdings, name, returns=True)
            ),
            "REACT": PhaseKind(begin=lambda sp, readings: _react(brew, vessel, sp, readings)),
            "FILTER": PhaseKind(begin=lambda sp, readings: _filter(brew, vessel, sp, readings)),
            "DISTIL": PhaseKind(begin=lambda sp, readings: Distilling(brew, vessel, sp, readings)),
            "DISCHARGE": PhaseKind(
                begin=lambda sp, readings: _discharge(brew, vessel, holdings, sp, readings),
                check=lambda sp: round(sp["destination"]) in (TO_FURNACE, TO_DRYER),
            ),
        },
        site,
    )


def _charge(brew: Brew, vessel: Reactor, sp: Setpoints, readings: Readings) -> PhaseRun:
    charged = [0.0]

    def ready(sp: Setpoints) -> int:
        # A litre of the solvents at hand weighs 0.8 to 0.9 kg.
        return VESSEL_FULL if vessel.volume_l + sp["target"] / 850.0 > FULL_SHARE * VESSEL_L else 0

    def finish(sp: Setpoints) -> Outcome:
        aim_g = sp["target"] * (1.0 + readings.varied("dosed", 0.0, TOLERANCE_USED * sp["tolerance"] / 100.0))
        if aim_g > charged[0]:
            charged[0] += brew.draw(aim_g - charged[0])
        net_g = readings.weighed("net_weight", charged[0])
        off = abs(net_g - sp["target"]) > sp["tolerance"] / 100.0 * sp["target"]
        return Outcome(reports={"net_weight": net_g}, fail_code=OUT_OF_TOLERANCE if off else 0)

    return TimedPhase(
        sp=sp,
        report_names=("net_weight",),
        plan=lambda sp: ((10, 60.0), (20, FINE_S + sp["target"] / PUMP_G_S)),
        ready=ready,
        again=readings.again,
        abandon=brew.give_up,
        finish=finish,
    )


def _react(brew: Brew, vessel: Reactor, sp: Setpoints, readings: Readings) -> PhaseRun:
    added_g = [0.0]

    def ready(sp: Setpoints) -> int:
        brew.fill_dry()
        if not brew.solvent_g:
            return NOTHING_TO_PROCESS
        if sp["expected_mass"]:
            powder = brew.add(sp["expected_mass"])
            if powder is None:
                return MASS_MISMATCH
            added_g[0] = powder.mass_g
            brew.put(powder)
        if not brew.solids_g:
            return NOTHING_TO_PROCESS
        brew.stir()
        return 0

    def drive(sp: Setpoints, fraction: float) -> None:
        vessel.speed_rpm = sp["speed"]

    def finish(sp: Setpoints, peak_degc: float) -> Mapping[str, float]:
        brew.react(3600.0 * sp["duration"], sp["temperature"], sp["speed"])
        return {
            "added_mass": readings.weighed("added_mass", added_g[0]) if added_g[0] else 0.0,
            "conversion": min(100.0, readings.measured("conversion", 100.0 * brew.conversion, 0.005)),
            "peak_temp": peak_degc,
        }

    return TemperedPhase(
        vessel=vessel,
        sp=sp,
        report_names=("added_mass", "conversion", "peak_temp"),
        aim_degc=lambda sp: sp["temperature"],
        seconds=lambda sp: 3600.0 * sp["duration"],
        ready=ready,
        drive=drive,
        finish=finish,
        abandon=brew.give_up,
    )


def _filter(brew: Brew, vessel: Reactor, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        brew.fill_dry()
        if brew.solids_g and not brew.is_whole():
            brew.stir()
        return 0 if brew.is_whole() else NOTHING_TO_PROCESS

    def drop_bar(sp: Setpoints) -> float:
        solids = brew.solids_g / brew.mass_g if brew.mass_g else 0.0
        residue = (1.0 - brew.conversion) * solids
        clogged = vessel.faults.get("filter-clogged", 1.0)
        return (CLEAN_BAR + 10.0 * CAKE_BAR * residue) * (5.0 / sp["mesh"]) * clogged

    def finish(sp: Setpoints) -> Outcome:
        drop = drop_bar(sp)
        if drop > sp["dp_max"]:
            reports = {"filtered_mass": 0.0, "residue_mass": 0.0, "peak_dp": min(10.0, drop)}
            return Outcome(reports=reports, fail_code=FILTER_CLOGGED)
        caught = min(1.0, HELD_BACK * (5.0 / sp["mesh"]) ** 0.2) * (1.0 - brew.conversion)
        residue_g = brew.hold_back(caught)
        reports = {
            "filtered_mass": readings.weighed("filtered_mass", brew.mass_g),
            "residue_mass": readings.weighed("residue_mass", residue_g),
            "peak_dp": readings.measured("peak_dp", drop, 0.01),
        }
        return Outcome(reports=reports)

    def plan(sp: Setpoints) -> Plan:
        return ((10, 300.0), (20, max(1.0, 60.0 * brew.mass_g / FILTER_G_MIN)))

    return TimedPhase(
        sp=sp,
        report_names=("filtered_mass", "residue_mass", "peak_dp"),
        plan=plan,
        ready=ready,
        again=readings.again,
        abandon=brew.give_up,
        finish=finish,
    )


def _discharge(brew: Brew, vessel: Reactor, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        brew.fill_dry()
        if brew.solids_g and not brew.is_whole():
            brew.stir()
        return 0 if brew.is_whole() else NOTHING_TO_PROCESS

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        vessel.speed_rpm = 30.0 if step == 20 else 0.0

    def finish(sp: Setpoints) -> Outcome:
        out, left = brew.take().split(readings.varied("yield", REACTOR_YIELD, 0.002))
        holdings.lose(left, CLEANED_OUT)
        place = holdings.tray if round(sp["destination"]) == TO_FURNACE else holdings.sieved
        place.put(out)
        reports = {
            "discharged_mass": readings.weighed("discharged_mass", out.mass_g),
            "loss": readings.weighed("loss", left.mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("discharged_mass", "loss"),
        plan=lambda sp: ((10, 300.0), (20, 900.0), (30, 120.0)),
        ready=ready,
        drive=drive,
        rest_drives=vessel.stop,
        abandon=brew.give_up,
        finish=finish,
    )
