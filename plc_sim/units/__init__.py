"""The simulated units of the pilot plant, built by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from plc_sim.material.hand import Hands
from plc_sim.material.holdings import Holdings as Material
from plc_sim.material.holdings import Supply
from plc_sim.plant import BuiltPlant, UnitModel
from plc_sim.units import (
    blender,
    calender,
    calender_phase,
    carboniser,
    carboniser_oxidiser,
    coating_line,
    fibrillator,
    film_blower,
    film_blower_dryer,
    foam_moulder,
    foam_moulder_gas,
    furnace,
    glovebox,
    jet_mill,
    mill,
    mixer_phases,
    packer,
    reactor_phases,
    room,
    sheet_calender,
    sieve,
    slitter,
    slurry_filter,
    utilities,
    vacuum,
    weighing,
)
from plc_sim.units.calender import GaugedFilm
from plc_sim.units.carboniser_oxidiser import Flue
from plc_sim.units.coating_machine import CoatingLine
from plc_sim.units.foam_moulder_gas import GasFlow
from plc_sim.units.mixer_charge import Stage
from plc_sim.units.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What all units of the plant share: seed, material on its way, the coating line, the utilities."""

    seed: int
    material: Material = field(default_factory=Material)
    mix: Stage = field(default_factory=Stage)
    line: CoatingLine = field(default_factory=CoatingLine)
    pressed: GaugedFilm = field(default_factory=GaugedFilm)
    site: Site = field(default_factory=Site)
    flue: Flue = field(default_factory=Flue)
    gas: GasFlow = field(default_factory=GasFlow)


UNITS: dict[str, Callable[[str, Plant], UnitModel]] = {
    "WS-111": lambda name, plant: weighing.weigh_station(name, plant.seed, plant.material, plant.site),
    "BM-201": lambda name, plant: mill.ball_mill(name, plant.seed, plant.material, plant.site),
    "FU-301": lambda name, plant: furnace.furnace(name, plant.seed, plant.material, plant.site),
    "JM-401": lambda name, plant: jet_mill.jet_mill(name, plant.seed, plant.material, plant.site),
    "SV-402": lambda name, plant: sieve.sieve(name, plant.seed, plant.material, plant.site),
    "VD-403": lambda name, plant: vacuum.powder_dryer(name, plant.seed, plant.material, plant.site),
    "PK-501": lambda name, plant: packer.packer(name, plant.seed, plant.material, plant.site),
    "MX-601": lambda name, plant: mixer_phases.mixer(name, plant.seed, plant.material, plant.mix, plant.site),
    "FL-603": lambda name, plant: slurry_filter.slurry_filter(name, plant.seed, plant.material, plant.mix, plant.site),
    "CT-701": lambda name, plant: coating_line.coating_head(name, plant.seed, plant.line, plant.material, plant.site),
    "DR-702": lambda name, plant: coating_line.dryer(name, plant.seed, plant.line),
    "UW-701": lambda name, plant: coating_line.unwinder(name, plant.seed, plant.line),
    "RW-901": lambda name, plant: coating_line.rewinder(name, plant.seed, plant.line),
    "GA-711": lambda name, plant: coating_line.dry_gauge(name, plant.seed, plant.line),
    "VI-712": lambda name, plant: coating_line.vision(name, plant.seed, plant.line),
    "CA-801": lambda name, plant: calender_phase.calender(name, plant.seed, plant.material, plant.pressed, plant.site),
    "GA-810": lambda name, plant: calender.film_gauge(name, plant.seed, plant.pressed),
    "RD-851": lambda name, plant: vacuum.roll_dryer(name, plant.seed, plant.material, plant.site),
    "SL-902": lambda name, plant: slitter.slitter(name, plant.seed, plant.material, plant.site),
    "GB-101": lambda name, plant: glovebox.glovebox(name, plant.seed, plant.site),
    "GB-102": lambda name, plant: glovebox.glovebox(name, plant.seed, plant.site),
    "GB-103": lambda name, plant: glovebox.glovebox(name, plant.seed, plant.site),
    "DRM-001": lambda name, plant: room.dry_room(name, plant.seed, plant.site),
    "GD-004": lambda name, plant: room.gas_detection(name, plant.seed, plant.site),
    "SCR-002": lambda name, plant: utilities.scrubber(name, plant.seed, plant.site),
    "AR-003": lambda name, plant: utilities.argon_supply(name, plant.seed, plant.site),
    "BM-202": lambda name, plant: mill.ball_mill(name, plant.seed, plant.material, plant.site),
    "BL-211": lambda name, plant: blender.blender(name, plant.seed, plant.material, plant.site),
    "RX-251": lambda name, plant: reactor_phases.reactor(name, plant.seed, plant.material, plant.site),
    "DM-651": lambda name, plant: fibrillator.fibrillator(name, plant.seed, plant.material, plant.site),
    "SH-652": lambda name, plant: sheet_calender.sheet_calender(name, plant.seed, plant.material, plant.site),
    "BC-101": lambda name, plant: carboniser.carboniser(name, plant.seed, plant.material, plant.flue, plant.site),
    "TO-102": lambda name, plant: carboniser_oxidiser.thermal_oxidiser(name, plant.seed, plant.flue, plant.site),
    "HD-202": lambda name, plant: film_blower_dryer.pellet_dryer(name, plant.seed, plant.material, plant.site),
    "FB-201": lambda name, plant: film_blower.film_blower(name, plant.seed, plant.material, plant.site),
    "GD-302": lambda name, plant: foam_moulder_gas.gas_dosing(name, plant.seed, plant.material, plant.gas, plant.site),
    "IM-301": lambda name, plant: foam_moulder.foam_moulder(name, plant.seed, plant.material, plant.gas, plant.site),
}
"""How to build each unit of the plant."""


def build_plant(plcs: Mapping[str, Sequence[str]], seed: int, supply: str = "raw") -> BuiltPlant:
    """Build one plant under several PLCs, each with its units: one seed, one material, one line, one site.

    `supply` says what the stores hold before anything was received. Raises ValueError, naming the PLC, for a unit that
    the simulated plant does not have.
    """
    plant = Plant(seed=seed, material=Material(supply=Supply(supply)))
    return BuiltPlant(
        material=Hands(plant.material),
        units={
            plc_name: {name: _maker(plc_name, name)(name, plant) for name in unit_names}
            for plc_name, unit_names in plcs.items()
        },
    )


def build(plc_name: str, unit_names: Sequence[str], seed: int) -> dict[str, UnitModel]:
    """Build the units of one PLC with a plant of its own; raises ValueError as `build_plant` does."""
    return dict(build_plant({plc_name: unit_names}, seed).units[plc_name])


def _maker(plc_name: str, name: str) -> Callable[[str, Plant], UnitModel]:
    make = UNITS.get(name)
    if make is None:
        near = difflib.get_close_matches(name, UNITS, n=1)
        hint = f"the nearest one is {near[0]}" if near else f"it has {', '.join(sorted(UNITS))}"
        raise ValueError(f"PLC {plc_name}: the simulated plant has no unit {name}; {hint}")
    return make
