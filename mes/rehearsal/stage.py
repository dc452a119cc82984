"""The stage of a dry run: the PLCs that a recipe needs, simulated in a process of their own, and an engine for them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from mes.app import Plant, opened, running
from mes.model.equipment import ProcessCell
from mes.model.procedure import Group, walk
from mes.model.recipe import ControlRecipe
from mes.model.steps import HoldingStep, PhaseStep
from mes.plc.tagmap import TagMap
from mes.recipes.proof.stated import stated, tags_of
from mes.simulated.carrier import Carrier
from mes.simulated.control import PlantControl
from mes.simulated.installation import free_url, write_configuration
from mes.simulated.plcs import PlcNotStarted, running_plant

MARK = "# Written by `mes recipe dry-run`"
"""First line of the configuration of a dry run."""

HEARTBEAT_TIMEOUT_S = 60
"""Wall seconds of silence after which the PLCs hold: in a dry run nothing is at stake, and the machine may be busy."""

LINKED_WITHIN_S = 30.0
_LOOK_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A running simulated plant with its engine, the way to what the plant knows of itself, and who carries lots."""

    plant: Plant
    control: PlantControl
    carrier: Carrier | None = None


def needed_maps(control: ControlRecipe, cell: ProcessCell, maps: Sequence[TagMap]) -> Sequence[TagMap]:
    """Give the maps of the PLCs whose units or tags a bound recipe names."""
    units = {*_units(control.procedure), *_tagged(control.procedure, cell)}
    plcs = {cell.units[unit].plc for unit in units if unit in cell.units}
    return [tag_map for tag_map in maps if tag_map.name in plcs]


def _units(procedure: Group) -> Iterator[str]:
    for element in walk(procedure):
        match element:
            case Group():
                yield from (element.unit, *element.uses)
                yield from element.wanted.candidates if element.wanted else ()
            case PhaseStep():
                yield element.unit
            case HoldingStep():
                yield from element.units


def _tagged(procedure: Group, cell: ProcessCell) -> Iterator[str]:
    for one in stated(procedure):
        yield from (cell.tags[tag].unit for tag in tags_of(one.text) if tag in cell.tags)


@asynccontextmanager
async def staged(
    folder: Path, maps: Sequence[TagMap], *, speed: float, seed: int, by_hand: bool
) -> AsyncIterator[Stage]:
    """Run the simulated plant of these maps and an engine with books of its own in a folder, until the block ends.

    `by_hand` says that material is carried to the units in containers; without, they have what they need. Raises
    `PlcNotStarted`, and what the engine raises.
    """
    copied = await asyncio.to_thread(_copy, folder / "maps", maps)
    listen = {tag_map.name: free_url(tag_map.url) for tag_map in maps}
    supply = "hand" if by_hand else "raw"
    async with running_plant(copied, speed=speed, seed=seed, logs=folder, listen=listen, supply=supply) as shop:
        config = write_configuration(folder, shop.plcs, mark=MARK, speed=speed, heartbeat_timeout_s=HEARTBEAT_TIMEOUT_S)
        control = PlantControl(url=shop.control)
        with opened(config) as database:
            async with running(config, database) as plant, asyncio.TaskGroup() as beside:
                await _linked(plant)
                carrying = Carrier(control, plant.lots, plant.cell, takes=False)
                hands = beside.create_task(carrying.run()) if by_hand else None
                try:
                    yield Stage(plant=plant, control=control, carrier=carrying if by_hand else None)
                finally:
                    if hands is not None:
                        hands.cancel()


def _copy(folder: Path, maps: Sequence[TagMap]) -> dict[str, Path]:
    folder.mkdir(exist_ok=True)
    copied = {}
    for tag_map in maps:
        # Maps from anywhere may have the same file name; those of one plant have names of their own.
        copied[tag_map.name] = folder / f"{tag_map.name.lower()}.toml"
        shutil.copyfile(tag_map.path, copied[tag_map.name])
    return copied


async def _linked(plant: Plant) -> None:
    """Wait until every PLC is there: the first seconds of a connection are no part of the process."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + LINKED_WITHIN_S
    while True:
        missing = {name: link.status().why for name, link in plant.links.items() if not link.status().usable}
        if not missing:
            return
        if loop.time() > deadline_s:
            told = "; ".join(f"{name}: {why}" for name, why in missing.items())
            raise PlcNotStarted(f"the simulated plant was not connected within {LINKED_WITHIN_S:g} s: {told}")
        await asyncio.sleep(_LOOK_S)
