"""How fast the simulated plant runs without servers, both lines busy, and what each of its units costs."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rig.telling import Line, machine, parser_of, spread, tell

import plc_sim
from plc_sim.cell import Cell
from plc_sim.mapfile import read_map
from plc_sim.plant import TICK_S
from plc_sim.play.player import Player
from plc_sim.play.playfile import read_play
from plc_sim.play.script import Play
from plc_sim.scan import SimulatedPlc, run_ticks
from plc_sim.states import PhaseState
from plc_sim.tagmap import TagMap
from plc_sim.units import build_plant

FOLDER = Path(plc_sim.__file__).parent
MAPS = [FOLDER / "maps" / f"{name}.toml" for name in ("sy", "fm", "ut")]
PLAY = FOLDER / "play" / "both_lines.toml"
TARGET = 10_000.0
"""Process time by wall time that is asked for."""
BUSY_WITH = {
    "DR-702": "CT-701",
    "UW-701": "CT-701",
    "RW-901": "CT-701",
    "GA-711": "CT-701",
    "VI-712": "CT-701",
    "GA-810": "CA-801",
}
"""Units without a phase of their own, and the unit whose phases run on them too."""
HOUR_S = 3600.0


class Empty:
    """A unit and a slot in which nothing happens."""

    def tick(self) -> None:
        """Nothing happens."""


@dataclass(slots=True)
class Meter:
    """Seconds that calls of one method have taken since it was last read, and how many they were."""

    seconds: float = 0.0
    calls: int = 0

    def read(self, own_s: float = 0.0) -> float:
        """Give the seconds, less what the meter itself takes in every call, and begin anew."""
        seen = self.seconds - self.calls * own_s
        self.seconds, self.calls = 0.0, 0
        return seen


@dataclass(slots=True)
class Cost:
    """Microseconds per tick of one unit, scan by scan, its slot included: while a phase runs, and while none does."""

    idle_us: list[float] = field(default_factory=list)
    busy_us: list[float] = field(default_factory=list)


def main() -> int:
    """Measure and print."""
    parser = parser_of(__doc__ or "")
    parser.add_argument("--hours", type=int, default=48, metavar="N", help="process time of each run (default 48 h)")
    arguments = parser.parse_args()
    maps = [read_map(path) for path in MAPS]
    play = read_play(PLAY, maps)
    whole = whole_line(*new_plant(maps, play, arguments.seed), play, arguments.hours)
    lines = [whole, *cost_lines(*new_plant(maps, play, arguments.seed), play, arguments.hours)]
    tell(
        "speed of the simulated plant without servers",
        lines,
        reference="empty methods, as many and called in the same way",
        on=machine(),
        settings={"hours": arguments.hours, "seed": arguments.seed, "scan_s": play.scan_s, "tick_s": TICK_S},
        as_json=arguments.json,
    )
    return 0


def new_plant(maps: list[TagMap], play: Play, seed: int) -> tuple[Cell, Player]:
    """Give the whole plant after its power-up scan, and who plays on it."""
    built = build_plant({one.name: one.units for one in maps}, seed)
    cell = Cell(SimulatedPlc(one, built.units[one.name], seed=seed, boot_id=1) for one in maps)
    cell.advance(0)
    return cell, Player(play, cell, built.material)


def whole_line(cell: Cell, player: Player, play: Play, hours: int) -> Line:
    """Run hour by hour in turn with the empty methods; processor time, so that other programs do not count."""
    empty = Empty()
    units = [empty for plc in cell.plcs.values() for _ in plc.units]
    slots = [empty for plc in cell.plcs.values() for _ in plc.slots]
    ticks = round(HOUR_S / TICK_S)
    plant_us, empty_us, wall_s = [], [], 0.0
    for _ in range(hours):
        began, wall = time.process_time(), time.perf_counter()
        for _ in scans(cell, player, play, ticks):
            pass
        plant_us.append(1e6 * (time.process_time() - began) / ticks)
        wall_s += time.perf_counter() - wall
        began = time.process_time()
        run_ticks(units, slots, ticks)
        empty_us.append(1e6 * (time.process_time() - began) / ticks)
    measured, reference = spread(plant_us), spread(empty_us)
    speed = 1e6 * TICK_S / measured["mean"]
    return Line(
        what=f"whole plant: {len(units)} units, {len(slots)} slots, microseconds per tick",
        measured=measured,
        reference=reference,
        also={
            "speed": {
                "times_real_time": round(speed),
                "hours_per_processor_second": round(speed / HOUR_S, 3),
                "hours_per_wall_second": round(hours / wall_s, 3),
            },
            "played": {"phases_completed": player.floor.completed, "mishaps": len(player.floor.mishaps)},
        },
        ratio={name: round(measured[name] / reference[name], 3) for name in measured},
        goal=f"at least {TARGET:g} times real time",
        met=speed >= TARGET,
    )


def scans(cell: Cell, player: Player, play: Play, ticks: int) -> Iterator[int]:
    """Play on for so many ticks, scan by scan."""
    per_scan = round(play.scan_s / TICK_S)
    for _ in range(ticks // per_scan):
        player.look()
        cell.advance(per_scan)
        yield per_scan


def cost_lines(cell: Cell, player: Player, play: Play, hours: int) -> list[Line]:
    """Run once more with a meter round every method, and give the cost of each unit and the share of each part."""
    plain, empty = Empty(), Empty()
    bare = metered(empty, "tick")
    units = {name: metered(unit, "tick") for plc in cell.plcs.values() for name, unit in plc.units.items()}
    slots = {name: metered(slot, "tick") for plc in cell.plcs.values() for name, slot in plc.slots.items()}
    scan = [metered(plc, name) for plc in cell.plcs.values() for name in ("take_inputs", "publish")]
    look = metered(player, "look")
    costs = {name: Cost() for name in units}
    empty_us: list[float] = []
    parts = dict.fromkeys(("units", "phases", "scans", "play"), 0.0)
    owners = {slot.slot.unit: slot for plc in cell.plcs.values() for slot in plc.slots.values()}
    for ticks in scans(cell, player, play, round(hours * HOUR_S / TICK_S)):
        empty_s = seconds_of(plain, ticks) / ticks
        seconds_of(empty, ticks)
        meter_s = bare.read() / ticks - empty_s
        empty_us.append(1e6 * empty_s)
        for name, meter in units.items():
            unit_s = meter.read(meter_s)
            slot_s = slots[f"{name}.PH"].read(meter_s) if f"{name}.PH" in slots else 0.0
            parts["units"] += unit_s
            parts["phases"] += slot_s
            owner = owners.get(BUSY_WITH.get(name, name))
            busy = owner is not None and owner.state is PhaseState.RUNNING
            (costs[name].busy_us if busy else costs[name].idle_us).append(1e6 * (unit_s + slot_s) / ticks)
        parts["scans"] += sum(meter.read() for meter in scan)
        parts["play"] += look.read()
    return [share_line(parts), *(unit_line(name, cost, spread(empty_us)) for name, cost in costs.items())]


def seconds_of(unit: Empty, ticks: int) -> float:
    """Give the seconds that so many ticks of one unit take."""
    began = time.perf_counter()
    for _ in range(ticks):
        unit.tick()
    return time.perf_counter() - began


def metered(target: object, method: str) -> Meter:
    """Put a meter round a method of one object."""
    meter, call, clock = Meter(), getattr(target, method), time.perf_counter

    def measured(*arguments: float) -> None:
        began = clock()
        call(*arguments)
        meter.seconds += clock() - began
        meter.calls += 1

    setattr(target, method, measured)
    return meter


def share_line(parts: Mapping[str, float]) -> Line:
    """Tell which part of the time goes where."""
    whole = sum(parts.values())
    return Line(
        what="share of the time: physics of units, phases, scans (commands and tags), and the play itself",
        measured={name: round(seconds / whole, 3) for name, seconds in parts.items()},
        goal="none: told, not judged",
    )


def unit_line(name: str, cost: Cost, empty: dict[str, float]) -> Line:
    """Tell the cost of one unit with its slot; medians over scans, less what the meter itself costs."""
    seen = {"idle": cost.idle_us, "busy": cost.busy_us}
    measured = {f"{word}_us": spread(values)["p50"] for word, values in seen.items() if values}
    return Line(
        what=f"{name}, microseconds per tick",
        measured=measured,
        reference={"empty_us": empty["p50"]},
        ratio={word.removesuffix("_us"): round(us / empty["p50"], 2) for word, us in measured.items()},
        goal="none: told, not judged",
    )


if __name__ == "__main__":
    sys.exit(main())
