"""From the command line to what is served: maps, plant, PLCs, faults."""

from __future__ import annotations

import argparse
import difflib
import importlib
import math
import sys
from collections.abc import Sequence

from plc_sim.cell import Cell
from plc_sim.control.address import ControlAddress
from plc_sim.faults.order import order_from_line
from plc_sim.faults.scenario import read_scenario
from plc_sim.listen import Listen
from plc_sim.mapfile import read_map
from plc_sim.memory import RetainFile
from plc_sim.opcua.security import security_of, unknown_folders
from plc_sim.plant import BuiltPlant
from plc_sim.scan import SimulatedPlc
from plc_sim.serve import Service
from plc_sim.tagmap import TagMap

SUPPLIES = ("raw", "hand", "dry")


class UsageError(ValueError):
    """What the user asked for cannot be done; the message is one line."""


def planned(arguments: argparse.Namespace, parent: int | None) -> Service:
    """Give what the arguments ask to serve; raises UsageError, ValueError or OSError with one readable line."""
    if not arguments.map:
        raise UsageError("no tag map given; use --map FILE (the shipped ones: --export-maps DIR)")
    if not math.isfinite(arguments.speed) or arguments.speed <= 0:
        raise UsageError(f"--speed {arguments.speed:g} must be a number above 0")
    if not 0 <= arguments.boot_id <= 0xFFFF:
        raise UsageError(f"--boot-id {arguments.boot_id} must be 1..65535 (0: a new one)")
    maps = [read_map(path) for path in arguments.map]
    names = [tag_map.name for tag_map in maps]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"--map: PLC {name} is given {names.count(name)} times")
    control = ControlAddress.parse(arguments.control) if arguments.control is not None else None
    overrides = _overrides(arguments.listen, names)
    retain = RetainFile(arguments.retain) if arguments.retain is not None else None
    plant = _plant(arguments, maps)
    if arguments.truth is not None:
        if plant.material is None:
            raise UsageError(f"--truth: the plant of {arguments.plant} does not follow its material")
        # Said now: at the end, when it is written, there would be nothing left to put right.
        if arguments.truth.is_dir() or not arguments.truth.absolute().parent.is_dir():
            raise UsageError(f"--truth {arguments.truth}: give a file in a folder that is there")
    cell = Cell((_plc(tag_map, plant, arguments, retain) for tag_map in maps), arguments.speed)
    _add_faults(cell, arguments)
    security = security_of(arguments)
    if security is not None:
        for line in unknown_folders(security, maps):
            sys.stderr.write(f"plc_sim: warning: --opcua-users: {line}\n")
    return Service(
        cell=cell,
        listen={
            tag_map.name: overrides.get(tag_map.name) or Listen.parse(tag_map.url, f"{tag_map.name}: url")
            for tag_map in maps
        },
        retain=retain,
        control=control,
        material=plant.material,
        truth=arguments.truth,
        parent=parent,
        security=security,
    )


def _overrides(options: Sequence[str], names: Sequence[str]) -> dict[str, Listen]:
    overrides: dict[str, Listen] = {}
    for option in options:
        name, equals, url = option.partition("=")
        if not equals:
            raise UsageError(f"--listen {option!r} must be NAME=URL, e.g. {names[0]}=modbus://127.0.0.1:0")
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UsageError(f"--listen {option!r}: no PLC named {name!r} is served (served: {', '.join(names)}){hint}")
        if name in overrides:
            raise UsageError(f"--listen: PLC {name} is given twice")
        overrides[name] = Listen.parse(url, f"--listen {name}")
    return overrides


def _plant(arguments: argparse.Namespace, maps: Sequence[TagMap]) -> BuiltPlant:
    """Build one plant under all PLCs; a module that knows only `build` gives each PLC a plant of its own."""
    try:
        module = importlib.import_module(arguments.plant)
    except (ImportError, TypeError, ValueError) as error:  # the last two: a name that can be none
        raise UsageError(f"--plant {arguments.plant!r} is no module: {error}") from error
    plcs = {tag_map.name: tag_map.units for tag_map in maps}
    try:
        if hasattr(module, "build_plant"):
            plant = module.build_plant(plcs, arguments.seed, arguments.supply)
            return BuiltPlant(units=plant.units, material=plant.material)
        return BuiltPlant(units={name: module.build(name, units, arguments.seed) for name, units in plcs.items()})
    except (AttributeError, LookupError) as error:
        raise UsageError(f"{arguments.plant} has no plant for {', '.join(plcs)}: {error}") from error


def _plc(tag_map: TagMap, plant: BuiltPlant, arguments: argparse.Namespace, retain: RetainFile | None) -> SimulatedPlc:
    memory = retain.load(tag_map.name) if retain is not None else None
    return SimulatedPlc(
        tag_map,
        plant.units[tag_map.name],
        speed=arguments.speed,
        seed=arguments.seed,
        # Without servers there is no client to take it for another start, and the same run shows the same tags.
        boot_id=arguments.boot_id or (0 if arguments.headless is None else 1),
        memory=memory,
    )


def _add_faults(cell: Cell, arguments: argparse.Namespace) -> None:
    for line in arguments.fault:
        try:
            cell.add_fault(order_from_line(line))
        except ValueError as error:
            raise UsageError(f"--fault: {error}") from error
    for path in arguments.scenario:
        for number, order in enumerate(read_scenario(path), start=1):
            try:
                cell.add_fault(order)
            except ValueError as error:
                raise UsageError(f"{path}: [[fault]] {number}: {error}") from error
