"""What the engine costs: a scan in which nothing happens, a change of state, changing tags, and how late scans are."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from rig.late import PERIOD_S, empty_loop, feed, for_a_while, late_ms
from rig.running import (
    MemoryBooks,
    Steps,
    StillPlc,
    batches_of,
    begun,
    branch,
    cell_of,
    equipment_of,
    on_file,
    running,
)
from rig.telling import Line, end_in_order, machine, parser_of, percentile, spread, tell

from mes.clock import ProcessClock
from mes.engine.cell import Cell
from mes.model.phase import PhaseStatus
from mes.model.reading import Quality, Reading
from mes.model.states import ProceduralState
from mes.model.steps import WaitStep

PHASES = (10, 100, 1_000, 5_000)
TAGS, CONDITIONS = 500, 10
GOAL, LATE_GOAL = 5.0, 2.0
WARM_UP = 20
PARTS = 3
S = ProceduralState
Change = tuple[str, ProceduralState, ProceduralState]


def main() -> int:
    """Measure and print; 0 when every measurement could be made."""
    parser = parser_of(__doc__ or "")
    parser.add_argument("--phases", type=int, action="append", metavar="N", help=f"running phases (default {PHASES})")
    parser.add_argument("--rounds", type=int, default=200, metavar="N", help="scans of each kind (default 200)")
    parser.add_argument("--seconds", type=float, default=15.0, metavar="S", help="of each loop at 10 Hz (default 15)")
    arguments = parser.parse_args()
    end_in_order()
    lines = asyncio.run(measured(arguments))
    tell(
        "Engine: cost of scans and changes, lateness of scans",
        lines,
        reference="plain Python over the same link and books (ask for commands, compare every status and reading with "
        "the last one; a change is one JSON row in a SQLite file as durable as the journal); an empty loop at 10 Hz. "
        "Same run, taking turns",
        on=machine(),
        settings={"rounds": arguments.rounds, "seconds": arguments.seconds},
        as_json=arguments.json,
    )
    return 0


async def measured(arguments: argparse.Namespace) -> list[Line]:
    """Give all lines."""
    counts = arguments.phases or PHASES
    lines = []
    for count in counts:
        plant = await Plant.of(count)
        lines += [await plant.quiet(arguments.rounds), await plant.changes(min(arguments.rounds, count))]
    lines.append(await tick(arguments.rounds))
    lines.append(await lateness(min(max(counts), 1_000), arguments.seconds))
    return lines


@dataclass(slots=True)
class Plain:
    """What a plain program does with the statuses of running phases: compare, and note what has changed."""

    plc: StillPlc
    books: MemoryBooks
    slots: Sequence[str]
    seen: dict[str, PhaseStatus] = field(default_factory=dict)

    async def scan(self) -> list[Change]:
        """Give what has changed: slot, state before, state after."""
        changed: list[Change] = []
        if await self.books.pending_commands() or not self.plc.status().fresh:
            return changed
        for slot in self.slots:
            now = self.plc.phase(slot)
            if not now.fresh:
                continue
            before = self.seen.get(slot)
            if before is None or now.state is not before.state:
                changed.append((slot, now.state if before is None else before.state, now.state))
            self.seen[slot] = now
        return changed


@dataclass(slots=True)
class Plant:
    """So many running phases, an engine that has them, and the plain program beside it."""

    count: int
    plc: StillPlc
    cell: Cell
    books: MemoryBooks
    clock: Steps
    plain: Plain

    @classmethod
    async def of(cls, count: int) -> Plant:
        plc, clock = StillPlc(), Steps()
        slots = [f"U-{number}.PH" for number in range(count)]
        plc.statuses = {slot: running(number + 1) for number, slot in enumerate(slots)}
        books = MemoryBooks(batches_of(count))
        cell = await cell_of(equipment_of(count), plc, books, clock)
        plant = cls(count, plc, cell, books, clock, Plain(plc, books, slots))
        await plant.settle()
        await plant.plain.scan()
        return plant

    async def settle(self) -> None:
        """Scan until there is nothing to decide any more."""
        before = -1
        while before != self.cell.steps:
            before = self.cell.steps
            await self.scan()

    async def scan(self) -> None:
        self.clock.s += PERIOD_S
        await self.cell.scan()

    async def quiet(self, rounds: int) -> Line:
        """Measure scans in which nothing happens; one in ten has what is done once a second."""
        engine, plain = await in_turn(rounds, self.scan, self.plain.scan)
        return line_of(f"scan of {self.count} running phases, nothing happens", engine, plain)

    async def changes(self, rounds: int) -> Line:
        """Measure scans in which one phase is about to complete, which is durable before the scan ends."""
        async with on_file(self.books) as folder:
            plain_books = plain_file(folder)
            engine, plain = [], []
            plant = self
            for number in range(rounds + WARM_UP):
                if number and number % self.count == 0:
                    # Every phase completes once: go on with others, in the same file.
                    plant = await Plant.of(self.count)
                    plant.books.file = self.books.file
                plant.change(plant.plain.slots[number % self.count])
                costs = await timed_us(plant.scan), await timed_us(plant.noting(plain_books))
                await plant.settle()
                if number >= WARM_UP:
                    engine.append(costs[0])
                    plain.append(costs[1])
            plain_books.close()
        return line_of(f"change of state of one of {self.count} running phases, durable", engine, plain)

    def noting(self, books: sqlite3.Connection) -> Callable[[], Awaitable[object]]:
        """Give the plain scan that makes durable what has changed."""

        async def scan() -> None:
            for slot, before, after in await self.plain.scan():
                body = json.dumps({"slot": slot, "before": before, "after": after, "at": time.perf_counter()})
                books.execute("INSERT INTO journal (body) VALUES (?)", (body,))
            books.commit()

        return scan

    def change(self, slot: str) -> None:
        """Let a phase come to its end at its PLC."""
        now = self.plc.statuses[slot]
        self.plc.statuses[slot] = replace(now, state=S.COMPLETING, state_changes=now.state_changes + 1)


def plain_file(folder: Path) -> sqlite3.Connection:
    """Give the file of the plain program, as durable as the journal."""
    books = sqlite3.connect(folder / "plain.db")
    books.execute("PRAGMA journal_mode=WAL")
    books.execute("PRAGMA synchronous=FULL")
    books.execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, body TEXT)")
    return books


async def timed_us(work: Callable[[], Awaitable[object]]) -> float:
    """Give the microseconds that a piece of work takes."""
    began_s = time.perf_counter()
    await work()
    return 1e6 * (time.perf_counter() - began_s)


async def in_turn(
    rounds: int, engine: Callable[[], Awaitable[object]], plain: Callable[[], Awaitable[object]]
) -> tuple[list[float], list[float]]:
    """Give the microseconds of both ways, taking turns."""
    costs: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + WARM_UP):
        both = await timed_us(engine), await timed_us(plain)
        if number >= WARM_UP:
            costs[0].append(both[0])
            costs[1].append(both[1])
    return costs


def line_of(what: str, engine: Sequence[float], plain: Sequence[float]) -> Line:
    """Give the line of a cost in microseconds; the goal is about the mean, in which all has its share."""
    measured, reference = spread(engine), spread(plain)
    ratio = measured["mean"] / reference["mean"]
    return Line(
        what=what,
        measured={f"{name}_us": value for name, value in measured.items()},
        reference={f"{name}_us": value for name, value in reference.items()},
        ratio={"mean": round(ratio, 2), "p50": round(measured["p50"] / reference["p50"], 2)},
        goal=f"mean <= {GOAL:g}",
        met=ratio <= GOAL,
    )


async def tick(rounds: int) -> Line:
    """Measure a scan in which many tags have new values and some conditions hang on them."""
    equipment = equipment_of(CONDITIONS, TAGS)
    tags = list(equipment.tags)
    facts = {f"B-{number}": list(begun([branch(number, [waiting(number, tags)])])) for number in range(CONDITIONS)}
    plc, clock = StillPlc(), Steps()
    plc.statuses = {phase.slot: PhaseStatus(state=S.IDLE) for phase in equipment.phases.values()}
    cell = await cell_of(equipment, plc, MemoryBooks(facts), clock)
    readings: list[dict[str, Reading]] = [
        {
            tag: Reading(value=20.0 + turn + place / TAGS, quality=Quality.GOOD, received_s=0.0)
            for place, tag in enumerate(tags)
        }
        for turn in range(2)
    ]
    seen: dict[str, float | int | None] = {}
    turns = {"engine": 0, "plain": 0}

    async def engine() -> None:
        turns["engine"] += 1
        plc.readings.update(readings[turns["engine"] % 2])
        clock.s += PERIOD_S
        await cell.scan()

    async def plain() -> list[bool]:
        turns["plain"] += 1
        plc.readings.update(readings[turns["plain"] % 2])
        for tag in tags:
            reading = plc.reading(tag)
            if reading.is_good and reading.value != seen.get(tag):
                seen[tag] = reading.value
        return [(seen[tags[3 * one]] or 0) >= 900 and (seen[tags[3 * one + 1]] or 0) < 5 for one in range(CONDITIONS)]

    return line_of(f"scan with {TAGS} changed tags and {CONDITIONS} conditions", *await in_turn(rounds, engine, plain))


def waiting(number: int, tags: Sequence[str]) -> WaitStep:
    """Give a step that waits for a condition over two tags, one of them for a while."""
    until = f"{tags[3 * number]} >= 900 degC for 2 min and {tags[3 * number + 1]} < 5 degC"
    return WaitStep(path=f"{number}/Op/Wait", name="Wait", until=until, within_s=1_000_000)


async def lateness(count: int, seconds: float) -> Line:
    """Measure how late the scans of running phases begin, whose statuses are read anew once a second."""
    plant = await Plant.of(count)
    books = MemoryBooks(batches_of(count))
    cell = await cell_of(equipment_of(count), plant.plc, books, ProcessClock())
    feeding = asyncio.create_task(feed(plant.plc))
    engine: list[float] = []
    empty: list[float] = []
    try:
        for _ in range(PARTS):
            books.asked_s.clear()
            await for_a_while(cell.run(), seconds / PARTS)
            engine += late_ms(books.asked_s)
            begins_s: list[float] = []
            await for_a_while(empty_loop(begins_s), seconds / PARTS)
            empty += late_ms(begins_s)
    finally:
        feeding.cancel()
    measured, reference = (
        {f"p{one}_ms": round(percentile(late, one), 3) for one in (50, 99)} for late in (engine, empty)
    )
    ratio = measured["p99_ms"] / reference["p99_ms"]
    return Line(
        what=f"lateness of the scans of {count} active phases at 10 Hz",
        measured=measured,
        reference=reference,
        ratio={"p99": round(ratio, 2)},
        goal=f"p99 <= {LATE_GOAL:g}",
        met=ratio <= LATE_GOAL,
    )


if __name__ == "__main__":
    sys.exit(main())
