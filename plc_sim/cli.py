"""Command line of the simulated plant."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from plc_sim.faults.page import faults_page
from plc_sim.headless import run_headless
from plc_sim.opcua import security as opcua_security
from plc_sim.plan import SUPPLIES, UsageError, planned
from plc_sim.serve import serve

SHIPPED_MAPS = Path(__file__).parent / "maps"
SEED = 1
EXIT_BAD_INPUT = 2
COMMANDS = {"opcua-user": "plc_sim.opcua.users", "validate": "plc_sim.validation.command"}
"""Commands beside serving: the module whose main(arguments) gives the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve the given PLCs until told to end, or carry out a command; 0 on a clean end, 2 on bad input."""
    parent = os.getppid()  # taken first: the parent may be gone by the time the servers are open
    words = sys.argv[1:] if argv is None else list(argv)
    if words and words[0] in COMMANDS:
        return int(importlib.import_module(COMMANDS[words[0]]).main(words[1:]))
    arguments = _parser().parse_args(words)
    try:
        if arguments.export_maps is not None:
            _export(arguments.export_maps)
            return 0
        if arguments.list_faults:
            sys.stdout.write(faults_page())
            return 0
        service = planned(arguments, parent if arguments.exit_with_parent else None)
        if arguments.headless is not None:
            run_headless(service, arguments.headless, arguments.play)
            return 0
        if arguments.play is not None:
            raise UsageError("--play needs --headless TIME: with servers the MES says what runs")
    except (UsageError, OSError, ValueError) as error:
        return _refuse(error)
    try:
        asyncio.run(serve(service))
    except OSError as error:
        return _refuse(error)
    except KeyboardInterrupt:  # where the event loop cannot take SIGINT (Windows)
        pass
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plc_sim",
        description="Simulated pilot plant: serves PLCs described by tag maps over Modbus TCP and OPC UA.",
        epilog=f"Other commands, each with its own --help: {', '.join(COMMANDS)}.",
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
        help="Python module whose build_plant(plcs, seed, supply) or build(plc_name, unit_names, seed) gives the unit"
        " models (default plc_sim.units)",
    )
    parser.add_argument("--supply", choices=SUPPLIES, default="raw", help="what the stores hold at the start")
    parser.add_argument(
        "--headless",
        metavar="TIME",
        help="run the plant for this process time (such as 12h) without servers, as fast as it goes, and exit",
    )
    parser.add_argument(
        "--play", type=Path, metavar="FILE", help="with --headless: what runs when (plc_sim/play/both_lines.toml)"
    )
    _add_fault_options(parser)
    opcua_security.add_options(parser)
    return parser


def _add_fault_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("faults and truth")
    group.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="FAULT",
        help='a fault: "NAME [TARGET] [at=TIME] [for=TIME] [PARAMETER=NUMBER]", e.g. "link-down SY at=10min for=60s"',
    )
    group.add_argument(
        "--scenario", action="append", default=[], type=Path, metavar="FILE", help="faults from a TOML file"
    )
    group.add_argument("--list-faults", action="store_true", help="print every fault there is, and exit")
    group.add_argument(
        "--control", metavar="[HOST:]PORT", help="serve the control API here, on loopback (port 0: a free one)"
    )
    group.add_argument("--truth", type=Path, metavar="FILE", help="write the truth about the material here at the end")


def _export(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for source in sorted(SHIPPED_MAPS.glob("*.toml")):
        sys.stdout.write(f"{shutil.copyfile(source, directory / source.name)}\n")


def _refuse(error: Exception) -> int:
    sys.stderr.write(f"plc_sim: {' '.join(str(error).split())}\n")
    return EXIT_BAD_INPUT
