"""Play a recipe through: a stage for it, its material, one batch worked on to its end, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from mes.app import Plant
from mes.model.balance import MassBalance, mass_balance
from mes.model.events import StateCommand
from mes.model.execution import BatchState
from mes.model.procedure import phases
from mes.model.progress import activity, progress
from mes.model.quantity import Quantity
from mes.model.recipe import Balance, ControlRecipe, MasterRecipe
from mes.model.states import Command, ProceduralState
from mes.plc.tagmap import TagMap, process_cell
from mes.recipes.binding import bind
from mes.recipes.library import find_recipe
from mes.recipes.reader import read_recipe
from mes.recipes.schedule import Leg, Schedule, Spans, critical_path, expected_schedule
from mes.rehearsal.deliveries import deliveries
from mes.rehearsal.findings import AmountLine, Event, UnitUse, amount_lines, events_of, spans_of, unit_uses
from mes.rehearsal.operator import BY, Stuck, work_through
from mes.rehearsal.script import written
from mes.rehearsal.stage import Stage, needed_maps, staged
from mes.store.journal import Entry, entries_of

WALL_S = 40.0
"""Wall seconds that a dry run aims at: what engine and links take of each step then stays small beside the step."""
STEP_S = 0.3
"""Wall seconds that engine and links need from one step to the next, about."""
SLOWEST, FASTEST = 500.0, 4000.0
"""Process seconds by wall second that are chosen: a plant of many units falls behind its heartbeat beyond that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A dry run as a person wants it. `speed` None is chosen by the length of the recipe; `results` are texts such as
    `QC.purity=99 %`, `answers` such as `Check the premix=yes`."""

    recipe: str
    recipe_folder: Path | None = None
    size: Quantity | None = None
    formula: Mapping[str, Quantity] = field(default_factory=dict)
    speed: float | None = None
    seed: int = 1
    results: Sequence[str] = ()
    answers: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How far a dry run is: what is active, steps done and all, process seconds since the start, and the speed."""

    doing: str
    done: int
    steps: int
    elapsed_s: float
    expected_s: float
    speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What came of a dry run; times in process seconds from the start of the batch, `wall_s` in wall seconds.

    `kept_up` is the share of the wanted speed that the simulated plant reached. `stuck` says what kept the batch from
    its end, `balance_tolerance` by which share the recipe lets its mass balance be off.
    """

    batch_no: str
    control: ControlRecipe
    state: BatchState
    because: str
    expected: Schedule
    actual: Spans
    critical: Sequence[Leg]
    units: Sequence[UnitUse]
    amounts: Sequence[AmountLine]
    balance: MassBalance
    events: Sequence[Event]
    process_s: float
    wall_s: float
    speed: float
    kept_up: float
    plcs: Sequence[str]
    stuck: Stuck | None = None
    balance_tolerance: Decimal = Balance().tolerance

    @property
    def resolution_s(self) -> float:
        """How fine its times are, in process seconds."""
        return self.speed * STEP_S

    @property
    def balance_closes(self) -> bool:
        """True when the mass balance of the batch is off by no more than the recipe allows."""
        closure = self.balance.closure_percent
        return closure is None or abs(closure) <= 100 * self.balance_tolerance

    @property
    def completed(self) -> bool:
        """True when the batch came to its end as the recipe wants it."""
        return self.state.state is ProceduralState.COMPLETE and self.stuck is None


def chosen_speed(expected_s: float) -> float:
    """Give process seconds by wall second for a recipe that is expected to take so many process seconds."""
    return min(max(expected_s / WALL_S, SLOWEST), FASTEST)


async def rehearse(wish: Wish, maps: Sequence[TagMap], folder: Path, say: Callable[[Moment], None]) -> Rehearsal:
    """Run one batch of a recipe on a simulated plant of its own, with everything it writes in `folder`.

    `maps` are the tag maps there are; the PLCs that the recipe does not need are left out. Raises `RecipeError`,
    `CommandRefused` for results and answers that cannot be, `PlcNotStarted` and `PlantRefused`.
    """
    path = await asyncio.to_thread(find_recipe, wish.recipe, wish.recipe_folder)
    master = await asyncio.to_thread(read_recipe, path)
    cell = process_cell(maps)
    control = bind(master, cell, wish.size, wish.formula)
    script = written(control.procedure, wish.results, wish.answers)
    expected_s = expected_schedule(control.procedure).total_s
    speed = wish.speed or chosen_speed(expected_s)
    used = needed_maps(control, cell, maps)
    by_hand = any(step.scan for step in phases(control.procedure))
    loop = asyncio.get_running_loop()
    async with staged(folder, used, speed=speed, seed=wish.seed, by_hand=by_hand) as stage:
        plant = stage.plant
        batch_no = await _created(plant, path.absolute(), control, wish)
        began_s, plant_s, began = loop.time(), await stage.control.process_time_s(), plant.cell.now()

        def look(state: BatchState, now: datetime) -> None:
            done, steps = progress(state)
            elapsed_s = (now - began).total_seconds()
            doing = activity(state) or str(state.state)
            say(Moment(doing=doing, done=done, steps=steps, elapsed_s=elapsed_s, expected_s=expected_s, speed=speed))

        await plant.batches.start(batch_no, by=BY, because="dry run")
        stuck = await work_through(plant, batch_no, script, look, stage.carrier)
        wall_s = loop.time() - began_s
        kept_up = (await stage.control.process_time_s() - plant_s) / (wall_s * speed)
        view = await plant.batches.show(batch_no)
        entries = await plant.database.read(lambda connection: entries_of(connection, batch_no))
        return _told(stage, master, view.state, entries, stuck, wall_s=wall_s, speed=speed, kept_up=kept_up)


async def _created(plant: Plant, path: Path, control: ControlRecipe, wish: Wish) -> str:
    """Receive what the batch needs and create it from those lots."""
    lots = {}
    for coming in deliveries(control):
        row = await plant.lots.receive(
            coming.material, coming.quantity, by=BY, assay=coming.assay, supplier="dry run", new_material=True
        )
        lots[coming.input] = row.lot.lot_no
    new = await plant.batches.create(
        str(path), by=BY, size=wish.size, formula=wish.formula, lots=lots, because="dry run"
    )
    return new.batch_no


def _told(
    stage: Stage,
    master: MasterRecipe,
    state: BatchState,
    entries: Sequence[Entry],
    stuck: Stuck | None,
    *,
    wall_s: float,
    speed: float,
    kept_up: float,
) -> Rehearsal:
    began = next(
        (
            entry.at
            for entry in entries
            if isinstance(entry.fact, StateCommand) and not entry.path and entry.fact.command is Command.START
        ),
        entries[0].at,
    )
    actual = spans_of(entries, began)
    root = state.tree.root
    balance = mass_balance(entry.fact for entry in entries)
    rounds = {path: count for path, count in state.rounds.items() if count}
    return Rehearsal(
        batch_no=state.batch_no,
        control=state.control,
        state=state,
        because=state.because,
        expected=expected_schedule(root, rounds),
        actual=actual,
        critical=critical_path(root, actual),
        units=unit_uses(entries),
        amounts=amount_lines(state.control, master.balance, entries, balance),
        balance=balance,
        events=events_of(entries, began),
        process_s=(entries[-1].at - began).total_seconds(),
        wall_s=wall_s,
        speed=speed,
        kept_up=kept_up,
        plcs=tuple(stage.plant.links),
        stuck=stuck,
        balance_tolerance=(master.balance or Balance()).tolerance,
    )
