"""Blown film line: the extruder's HEAT_UP, BLOW and PURGE."""

from __future__ import annotations

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Parcel
from plc_sim.physics.blown_film import output_kg_s
from plc_sim.units.barrel import HeatingUp
from plc_sim.units.film_blower_blow import MELT_COLD, Blowing, film_can_be_drawn
from plc_sim.units.film_blower_dryer import PELLETS
from plc_sim.units.film_blower_feed import Receiving
from plc_sim.units.film_blower_machine import FilmBlower
from plc_sim.units.hopper import kilograms
from plc_sim.units.inlet import Inlet, powder_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.site import Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import PhaseKind, PhaseRun, Setpoints, Unit

DRAIN_HOPPER, RUN_OUT = 10, 20
PURGED, LEFT_OVER = "purged", "left in the hopper"
RUN_OUT_TURNS = 3.0
"""The screw is run for three times what it holds before the die runs empty."""


def film_blower(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a blown film line that takes dried pellets and gives rolls of film."""
    machine = FilmBlower(holdings, Jitter(seed, name))
    hopper = powder_inlet(holdings, name, holdings.dried_pellets, holdings.film_hopper, PELLETS.condition)
    phases = {
        "HEAT_UP": PhaseKind(begin=lambda sp, readings: HeatingUp(machine.barrel, sp, machine.off)),
        "RECEIVE": PhaseKind(begin=lambda sp, readings: Receiving(machine, hopper, readings)),
        "BLOW": PhaseKind(
            begin=lambda sp, readings: Blowing(machine, holdings, hopper, sp, readings), check=film_can_be_drawn
        ),
        "PURGE": PhaseKind(begin=lambda sp, readings: _purge(machine, holdings, hopper, sp, readings)),
    }
    return Unit(name, seed, machine, phases, site)


def _purge(
    machine: FilmBlower, holdings: Holdings, hopper: Inlet[Parcel], sp: Setpoints, readings: Readings
) -> PhaseRun:
    def ready(sp: Setpoints) -> int:
        if is_dry(holdings) and machine.barrel.setpoint_degc is None:
            machine.barrel.settle_at(165.0)
        return MELT_COLD if machine.screw.filled_ml and not machine.barrel.can_turn else 0

    def plan(sp: Setpoints) -> Plan:
        held_g = machine.screw.filled_ml
        return (
            (DRAIN_HOPPER, 120.0),
            (RUN_OUT, 60.0 + RUN_OUT_TURNS * held_g / (1000.0 * output_kg_s(sp["screw_speed"]))),
        )

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        if step == RUN_OUT and not machine.interlocks():
            machine.run(sp["screw_speed"], 0.0, 1.0, 0.0)

    def finish(sp: Setpoints) -> Outcome:
        left = hopper.empty() if hopper.inside is not None else Parcel(parts={})
        purged = machine.screw.drain() or Parcel(parts={})
        holdings.lose(left, LEFT_OVER)
        holdings.lose(purged, PURGED)
        machine.hopper_g = 0.0
        machine.off()
        reports = {
            "purged_mass": kilograms(readings, "purged_mass", purged.mass_g),
            "rest_mass": kilograms(readings, "rest_mass", left.mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("purged_mass", "rest_mass"),
        plan=plan,
        ready=ready,
        drive=drive,
        rest_drives=machine.stop,
        finish=finish,
    )
