"""Command line of the simulated plant."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import importlib
import math
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plc_sim.mapfile import read_map
from plc_sim.memory import RetainFile
from plc_sim.scan import SimulatedPlc
from plc_sim.serve import Listen, Service, serve
from plc_sim.tagmap import TagMap

SHIPPED_MAPS = Path(__file__).parent / "maps"
SEED = 1
EXIT_BAD_INPUT = 2


class UsageError(ValueError):
    """What the user asked for cannot be done; the message is one line."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the given PLCs until told to end; 0 on a clean end, 2 on bad input."""
    parent = os.getppid()  # taken first: the parent may be gone by the time the servers are open
    arguments = _parser().parse_args(argv)
    try:
        if arguments.export_maps is not None:
            _export(arguments.export_maps)
            return 0
        plan = _plan(arguments)
    except (UsageError, OSError, ValueError) as error:
        return _refuse(error)
    try:
        asyncio.run(serve(plan.services, retain=plan.retain, parent=parent if arguments.exit_with_parent else None))
    except OSError as error:
        return _refuse(error)
    except KeyboardInterrupt:  # where the event loop cannot take SIGINT (Windows)
        pass
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    services: tuple[Service, ...]
    retain: RetainFile | None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plc_sim",
        description="Simulated pilot plant: serves PLCs described by tag maps over Modbus TCP and OPC UA.",
    )
    parser.add_argument("--map", nargs="+", action="extend", default=[], type=Path, metavar="FILE", help="tag maps")
    parser.add_argument("--speed", type=float, default=1.0, metavar="N", help="process time by wall time (default 1)")
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help=f"seed of the plant (default {SEED})")
    parser.add_argument(
        "--listen",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="serve PLC NAME at this URL instead of the one in its map, e.g. SY=modbus://127.0.0.1:0 (0: a free port)",
    )
    parser.add_argument("--retain", type=Path, metavar="FILE", help="keep retained values of the PLCs in this file")
    parser.add_argument("--boot-id", type=int, default=0, metavar="N", help="BootId to show (default: a new one)")
    parser.add_argument("--export-maps", type=Path, metavar="DIR", help="copy the shipped tag maps into DIR and exit")
    parser.add_argument("--exit-with-parent", action="store_true", help="end when the parent process ends")
    parser.add_argument(
        "--plant",
        default="plc_sim.units",
        metavar="MODULE",
        help="Python module whose build(plc_name, unit_names, seed) gives the unit models (default plc_sim.units)",
    )
    return parser


def _export(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for source in sorted(SHIPPED_MAPS.glob("*.toml")):
        sys.stdout.write(f"{shutil.copyfile(source, directory / source.name)}\n")


def _plan(arguments: argparse.Namespace) -> _Plan:
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
    overrides = _overrides(arguments.listen, names)
    retain = RetainFile(arguments.retain) if arguments.retain is not None else None
    services = tuple(
        Service(
            plc=_build_plc(tag_map, arguments, retain),
            listen=overrides.get(tag_map.name) or Listen.parse(tag_map.url, f"{tag_map.name}: url"),
        )
        for tag_map in maps
    )
    return _Plan(services=services, retain=retain)


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


def _build_plc(tag_map: TagMap, arguments: argparse.Namespace, retain: RetainFile | None) -> SimulatedPlc:
    try:
        plant = importlib.import_module(arguments.plant)
    except ImportError as error:
        raise UsageError(f"--plant {arguments.plant}: {error}") from error
    try:
        units = plant.build(tag_map.name, tag_map.units, arguments.seed)
    except (AttributeError, LookupError) as error:
        raise UsageError(f"{tag_map.name}: {arguments.plant} has no plant for it: {error}") from error
    memory = retain.load(tag_map.name) if retain is not None else None
    return SimulatedPlc(
        tag_map, units, speed=arguments.speed, seed=arguments.seed, boot_id=arguments.boot_id, memory=memory
    )


def _refuse(error: Exception) -> int:
    sys.stderr.write(f"plc_sim: {' '.join(str(error).split())}\n")
    return EXIT_BAD_INPUT
