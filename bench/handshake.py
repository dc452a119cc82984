"""From the decision to start a phase until its acknowledgement is known: through `mes`, journal included, and bare."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rig.plant import LISTEN, ServedPlc, served_plc
from rig.telling import Line, end_in_order, machine, parser_of, spread, tell
from rig.timed import Marks, TimedEngine, timed_engine

GOAL = 1.5
SPEED = 20.0
UNIT, SLOT, PHASE_CLASS = "WS-111", "WS-111.PH", "WEIGH"
SETPOINTS = (100.0, 0.5)
RECIPE = f"""\
recipe: B1
version: "1.0"
title: {{en: A phase to be started}}
product: Salt weighed
batch_size: {{default: 1 kg, minimum: 1 kg, maximum: 1 kg}}
inputs:
  salt: {{material: Salt, per: 100 g}}
outputs:
  weighed: {{material: Salt weighed}}
procedure:
  - unit_procedure: Weigh
    unit: {UNIT}
    operations:
      - operation: Weigh
        phases:
          - phase: {PHASE_CLASS}
            name: Measured
            parameters: {{target: {SETPOINTS[0]:g} g, tolerance: {SETPOINTS[1]:g} %}}
          - phase: {PHASE_CLASS}
            name: Never reached
            scan: [salt]
            parameters: {{target: $input.salt}}
            consume: [{{input: salt, report: net_weight}}]
            produce: [{{output: weighed, report: net_weight, from: [salt]}}]
"""
"""Every batch is aborted as soon as the start of its first phase is recorded."""

BARE = Path(__file__).parent / "rig" / "bare.py"
FIRST_BARE_EXEC = 3_000_000_000


def main() -> int:
    """Measure and print; 0 when every start was accepted."""
    parser = parser_of(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=60, metavar="N", help="starts each way (default 60)")
    parser.add_argument("--protocol", choices=sorted(LISTEN), action="append", help="only this one (default: both)")
    parser.add_argument(
        "--scan-ms", type=int, default=0, metavar="N", help="another PLC scan time than the map's (0: the map's)"
    )
    arguments = parser.parse_args()
    end_in_order()
    lines = [line for one in arguments.protocol or sorted(LISTEN) for line in asyncio.run(measured(one, arguments))]
    tell(
        "Start to acknowledge: the engine's decision, its commit to SQLite, the handshake, the answer (ms)",
        lines,
        reference="a process with raw pymodbus or raw asyncua that does the same writes and reads in the same slot of "
        "the same PLC process; same run, taking turns; the heartbeat and the watch of mes go on all the time",
        on=machine("pymodbus", "asyncua", "sqlalchemy"),
        settings={"rounds": arguments.rounds, "seed": arguments.seed, "scan_ms": arguments.scan_ms or "of the map"},
        as_json=arguments.json,
    )
    return 0


async def measured(protocol: str, arguments: argparse.Namespace) -> list[Line]:
    """Measure one protocol: a start through mes and a bare one in turn."""
    dice = random.Random(arguments.seed)
    marks: list[Marks] = []
    bare_ms: list[float] = []
    async with served_plc(protocol, speed=SPEED, seed=arguments.seed, scan_ms=arguments.scan_ms) as plc:
        recipe = plc.folder / "B1.yaml"
        recipe.write_text(RECIPE, encoding="utf-8")
        async with (
            timed_engine(plc, recipe=str(recipe), slot=SLOT, speed=SPEED, seed=arguments.seed) as engine,
            bare_driver(plc) as bare,
        ):
            # The first round of each pays for imports and caches.
            for turn in range(arguments.rounds + 1):
                through_mes = await engine.one_round()
                by_hand = await _ask(bare, await _order(engine, plc, turn, dice.uniform(0.0, engine.scan_s)))
                if turn:
                    marks.append(through_mes)
                    bare_ms.append(by_hand)
    return [_line(protocol, marks, bare_ms)]


async def _order(engine: TimedEngine, plc: ServedPlc, turn: int, pause_s: float) -> dict[str, Any]:
    await engine.at_rest()
    phases = plc.tag_map.slots[SLOT].phases.values()
    return {
        "exec_id": FIRST_BARE_EXEC + turn,
        "boot_id": engine.link.status().boot_id,
        "epoch": engine.cell.epoch,
        "phase_number": next(phase.number for phase in phases if phase.phase_class == PHASE_CLASS),
        "pause_s": pause_s,
    }


def _line(protocol: str, marks: list[Marks], bare_ms: list[float]) -> Line:
    through = spread([1000 * (one.acknowledged_s - one.decided_s) for one in marks])
    journal = spread([1000 * (one.durable_s - one.decided_s) for one in marks])
    recorded = spread([1000 * (one.recorded_s - one.decided_s) for one in marks])
    bare = spread(bare_ms)
    ratio = {name: round(through[name] / bare[name], 3) for name in through}
    return Line(
        what=f"{protocol}: start of {PHASE_CLASS} on {UNIT}, {len(marks)} rounds each",
        measured=through,
        reference=bare,
        also={
            "of which decision and commit": journal,
            "until the answer is in the journal as well": recorded,
        },
        ratio=ratio,
        goal=f"<= {GOAL} at p50 and at p95",
        met=ratio["p50"] <= GOAL and ratio["p95"] <= GOAL,
    )


@asynccontextmanager
async def bare_driver(plc: ServedPlc) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the bare driver as a process of its own, so that it shares no event loop with the engine."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(BARE), "--map", str(plc.tag_map.path), "--url", plc.url, "--slot", SLOT),
        *(f"--setpoint={value!r}" for value in SETPOINTS),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        await _line_of(process)
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _ask(process: asyncio.subprocess.Process, order: dict[str, Any]) -> float:
    if process.stdin is None:
        raise SystemExit("the bare driver takes no orders")
    process.stdin.write(f"{json.dumps(order)}\n".encode())
    await process.stdin.drain()
    return float(json.loads(await _line_of(process))["ms"])


async def _line_of(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None:
        raise SystemExit("the bare driver says nothing")
    async with asyncio.timeout(60):
        line = await process.stdout.readline()
    if not line:
        raise SystemExit(f"the bare driver has ended with {await process.wait()}")
    return line


if __name__ == "__main__":
    sys.exit(main())
