"""The simulated units of the pilot plant, built by name."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from plc_sim.plant import UnitModel
from plc_sim.units import (
    calender,
    coating_line,
    furnace,
    glovebox,
    mill,
    mixer,
    packer,
    powder_finish,
    slitter,
    slurry_filter,
    utilities,
    vacuum,
    weighing,
)
from plc_sim.units.coating_line import CoatingLine
from plc_sim.units.holdings import Holdings
from plc_sim.units.utilities import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """What the units of one PLC share: seed, material on its way, the coating line, the utilities."""

    seed: int
    holdings: Holdings = field(default_factory=Holdings)
    line: CoatingLine = field(default_factory=CoatingLine)
    site: Site = field(default_factory=Site)


UNITS: dict[str, Callable[[str, Plant], UnitModel]] = {
    "WS-111": lambda name, plant: weighing.weigh_station(name, plant.seed, plant.holdings),
    "BM-201": lambda name, plant: mill.ball_mill(name, plant.seed, plant.holdings),
    "FU-301": lambda name, plant: furnace.furnace(name, plant.seed, plant.holdings),
    "JM-401": lambda name, plant: powder_finish.jet_mill(name, plant.seed, plant.holdings),
    "SV-402": lambda name, plant: powder_finish.sieve(name, plant.seed, plant.holdings),
    "VD-403": lambda name, plant: vacuum.powder_dryer(name, plant.seed, plant.holdings),
    "PK-501": lambda name, plant: packer.packer(name, plant.seed, plant.holdings),
    "MX-601": lambda name, plant: mixer.mixer(name, plant.seed, plant.holdings),
    "FL-603": lambda name, plant: slurry_filter.slurry_filter(name, plant.seed, plant.holdings),
    "CT-701": lambda name, plant: coating_line.coating_head(name, plant.seed, plant.line, plant.holdings),
    "DR-702": lambda name, plant: coating_line.dryer(name, plant.seed, plant.line),
    "UW-701": lambda name, plant: coating_line.unwinder(name, plant.seed, plant.line),
    "RW-901": lambda name, plant: coating_line.rewinder(name, plant.seed, plant.line),
    "GA-711": lambda name, plant: coating_line.dry_gauge(name, plant.seed, plant.line),
    "VI-712": lambda name, plant: coating_line.vision(name, plant.seed, plant.line),
    "CA-801": lambda name, plant: calender.calender(name, plant.seed, plant.holdings),
    "GA-810": lambda name, plant: calender.film_gauge(name, plant.seed, plant.holdings),
    "RD-851": lambda name, plant: vacuum.roll_dryer(name, plant.seed, plant.holdings),
    "SL-902": lambda name, plant: slitter.slitter(name, plant.seed, plant.holdings),
    "GB-101": lambda name, plant: glovebox.glovebox(name, plant.seed, plant.site),
    "GB-102": lambda name, plant: glovebox.glovebox(name, plant.seed, plant.site),
    "GB-103": lambda name, plant: glovebox.glovebox(name, plant.seed, plant.site),
    "DRM-001": lambda name, plant: utilities.dry_room(name, plant.seed, plant.site),
    "GD-004": lambda name, plant: utilities.gas_detection(name, plant.seed, plant.site),
    "SCR-002": lambda name, plant: utilities.scrubber(name, plant.seed, plant.site),
    "AR-003": lambda name, plant: utilities.argon_supply(name, plant.seed, plant.site),
}
"""How to build each unit of the plant."""


def build(plc_name: str, unit_names: Sequence[str], seed: int) -> dict[str, UnitModel]:
    """Build the units of one PLC, with material passing between them and nothing shared with other PLCs.

    Raises ValueError, naming the PLC, for a unit that the simulated plant does not have.
    """
    plant = Plant(seed=seed)
    built: dict[str, UnitModel] = {}
    for name in unit_names:
        make = UNITS.get(name)
        if make is None:
            near = difflib.get_close_matches(name, UNITS, n=1)
            hint = f"the nearest one is {near[0]}" if near else f"it has {', '.join(sorted(UNITS))}"
            raise ValueError(f"PLC {plc_name}: the simulated plant has no unit {name}; {hint}")
        built[name] = make(name, plant)
    return built
