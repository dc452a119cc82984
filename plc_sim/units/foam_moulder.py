"""Micro-foam injection moulding: LOAD, HEAT_UP, MOULD and PURGE of the machine."""

from __future__ import annotations

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.units.barrel import HeatingUp
from plc_sim.units.foam_moulder_gas import GasDosing, GasFlow
from plc_sim.units.foam_moulder_machine import FoamMoulder
from plc_sim.units.foam_moulder_shots import BARREL_COLD, Moulding
from plc_sim.units.hopper import Supplied, fill_dry, gathered, kilograms, loading
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.site import Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import PhaseKind, PhaseRun, Setpoints, Unit

POLYPROPYLENE = Supplied(material="Polypropylene", condition=Condition(d50_um=3000.0))
GAS_UNIT = "GD-302"
LOADING_G_S = 50.0
DRAIN_HOPPER, PURGE_SHOTS = 10, 20
PURGED, LEFT_OVER = "purged", "left in the hopper"
TEST_DEGC = 230.0
SHOT_S = 20.0
TEST_SPARE_G = 1000.0


def foam_moulder(name: str, seed: int, holdings: Holdings, flow: GasFlow, site: Site) -> Unit:
    """Build an injection machine that takes pellets at its own hopper and gas from the dosing unit `GAS_UNIT`."""
    dosing = GasDosing(GAS_UNIT, seed, holdings, flow)
    machine = FoamMoulder(holdings, dosing, Jitter(seed, name))

    def show(mass_g: float) -> None:
        machine.hopper_g = mass_g

    def load(sp: Setpoints, readings: Readings) -> PhaseRun:
        return loading(holdings, name, holdings.mould_hopper, POLYPROPYLENE, LOADING_G_S, show, sp, readings)

    def mould(sp: Setpoints, readings: Readings) -> PhaseRun:
        if is_dry(holdings):
            dosing.fill_dry()
            machine.barrel.settle_at(machine.barrel.setpoint_degc or TEST_DEGC)
            fill_dry(
                holdings, name, holdings.mould_hopper, POLYPROPYLENE, sp["shots"] * sp["shot_volume"] + TEST_SPARE_G
            )
        return Moulding(machine, holdings, sp, readings)

    phases = {
        "LOAD": PhaseKind(begin=load),
        "HEAT_UP": PhaseKind(begin=lambda sp, readings: HeatingUp(machine.barrel, sp, machine.off)),
        "MOULD": PhaseKind(begin=mould),
        "PURGE": PhaseKind(begin=lambda sp, readings: _purge(machine, holdings, sp, readings)),
    }
    return Unit(name, seed, machine, phases, site)


def _purge(machine: FoamMoulder, holdings: Holdings, sp: Setpoints, readings: Readings) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        if is_dry(holdings) and machine.barrel.setpoint_degc is None:
            machine.barrel.settle_at(TEST_DEGC)
        return BARREL_COLD if machine.melt.filled_ml and not machine.barrel.can_turn else 0

    def plan(sp: Setpoints) -> Plan:
        return ((DRAIN_HOPPER, 60.0), (PURGE_SHOTS, SHOT_S * sp["purge_shots"]))

    def finish(sp: Setpoints) -> Outcome:
        left = gathered(holdings.mould_hopper)
        held = machine.melt.drain() or Parcel(parts={})
        holdings.lose(left, LEFT_OVER)
        holdings.lose(held, PURGED)
        machine.hopper_g = machine.dose = machine.part_g = 0.0
        machine.off()
        reports = {
            "purged_mass": kilograms(readings, "purged_mass", held.mass_g),
            "rest_mass": kilograms(readings, "rest_mass", left.mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("purged_mass", "rest_mass"),
        plan=plan,
        ready=ready,
        rest_drives=machine.stop,
        finish=finish,
    )
