"""Play the demonstration: maps handed over, PLCs started, the cell run, the operator at work, the outcome told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mes import records
from mes.app import Plant, opened, running
from mes.batches import BatchView, NewBatch
from mes.clock import wall_now
from mes.config import user_folder
from mes.demo.operator import BatchEnded, Operator
from mes.genealogy import FORMATS, Trace, trace
from mes.plc.tagfile import read_map
from mes.simulated.carrier import Carrier
from mes.simulated.control import PlantControl
from mes.simulated.installation import free_url, write_configuration
from mes.simulated.plcs import hand_over_maps, running_plant

_LINES = ("SY", "FM", "UT")
"""The PLCs in the order in which material goes through them, utilities last; the page shows them so."""

DEFAULT_SPEED = 1000.0
"""Process seconds per wall second: both lots in about five minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the person who starts the demonstration may choose. `beside` runs along with the
    plant: the page, a printer of progress."""

    speed: float = DEFAULT_SPEED
    seed: int = 1
    once: bool = False
    data: Path | None = None
    port: int = 8080
    beside: Sequence[Callable[[Plant], Coroutine[Any, Any, None]]] = ()
    say: Callable[[str], None] = print


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one round made: the batches and the film rolls, for people (`text`) and programs (`document`)."""

    document: dict[str, Any]
    text: str


async def play(options: Options) -> Result:
    """Play the demonstration and give the result of the first round; without `once` it goes on until cancelled.

    Raises `DemoFailed`, `PlcNotStarted`, and what the rooms raise for a data folder that cannot be used.
    """
    began = asyncio.get_running_loop().time()
    folder = (options.data or user_folder() / "demo" / f"{wall_now():%Y%m%d-%H%M%S}").absolute()
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with _plant(options, folder) as (plant, carrier):
        operator = Operator(plant.batches, plant.lots, plant.cell, carrier)
        await operator.clear_left_over()
        result = await _first(options, plant, operator, carrier)
        result.document.update(
            speed=options.speed,
            data=str(folder),
            wall_s=round(asyncio.get_running_loop().time() - began, 1),
        )
        if options.once:
            return result
        options.say(result.text)
        options.say("The lines go on making lots; end with Ctrl-C.")
        await _go_on(operator, options.say)
    return result


@asynccontextmanager
async def _plant(options: Options, folder: Path) -> AsyncIterator[tuple[Plant, Carrier]]:
    handed = {read_map(path).name: path for path in await hand_over_maps(folder / "maps")}
    maps = {name: handed[name] for name in _LINES}
    listen = {name: free_url(read_map(path).url) for name, path in maps.items()}
    options.say(f"data folder {folder}; starting the plant with {len(maps)} PLCs at speed {options.speed:g} ...")
    async with running_plant(
        maps, speed=options.speed, seed=options.seed, logs=folder, listen=listen, supply="hand"
    ) as shop:
        mark = "# Written by `mes demo`"
        config = write_configuration(folder, shop.plcs, mark=mark, speed=options.speed, page_port=options.port)
        options.say(f"simulated plant: pid {shop.pid}, control API at {shop.control}")
        for plc in shop.plcs:
            options.say(f"PLC {plc.name} at {plc.url}")
        with opened(config) as database:
            async with running(config, database) as plant, asyncio.TaskGroup() as beside:
                carrier = Carrier(PlantControl(url=shop.control), plant.lots, plant.cell)
                extras = [beside.create_task(carrier.run(), name="carrier")]
                extras += [beside.create_task(extra(plant)) for extra in options.beside]
                yield plant, carrier
                for extra in extras:
                    extra.cancel()


async def _first(options: Options, plant: Plant, operator: Operator, carrier: Carrier) -> Result:
    """Make the first lots. Where people look on, one of them may stop a batch: then another is begun."""
    while True:
        try:
            return await _round(plant, operator, carrier)
        except BatchEnded as ended:
            if options.once:
                raise
            options.say(f"{ended}; the next one is begun")


async def _round(plant: Plant, operator: Operator, carrier: Carrier) -> Result:
    """Make one lot of powder and the film it allows, and compare the genealogy with what the plant knows."""
    powder = await _powder(operator)
    film = await operator.run(await operator.film(operator.product_of(powder)))
    rolls = operator.products_of(film)
    inside = {roll: await carrier.inside(film.row.batch_no, roll) for roll in rolls}
    return await asyncio.to_thread(_told, plant, [powder.row.batch_no, film.row.batch_no], inside)


async def _powder(operator: Operator) -> BatchView:
    await operator.receive_deliveries()
    return await operator.run(await operator.synthesis())


async def _go_on(operator: Operator, say: Callable[[str], None]) -> None:
    """Both lines at once: while one lot of powder is cast, the next one is made. A batch that a person ends, ends."""
    powder = await _next_powder(operator, say)
    while True:
        await operator.receive_deliveries()
        film = await operator.film(operator.product_of(powder))
        async with asyncio.TaskGroup() as lines:
            lines.create_task(_film(operator, film, say))
            making = lines.create_task(_next_powder(operator, say))
        powder = making.result()


async def _next_powder(operator: Operator, say: Callable[[str], None]) -> BatchView:
    while True:
        try:
            return await _powder(operator)
        except BatchEnded as ended:
            say(f"{ended}; the next one is begun")


async def _film(operator: Operator, film: NewBatch, say: Callable[[str], None]) -> None:
    try:
        await operator.run(film)
    except BatchEnded as ended:
        say(str(ended))


def _told(plant: Plant, batch_nos: Sequence[str], inside: Mapping[str, set[str]]) -> Result:
    """Tell of the batches and of the rolls; `inside` are the received lots that the plant knows to be in each roll."""
    whole = [records.record(plant.database, batch_no) for batch_no in batch_nos]
    traces = [trace(plant.database, roll) for roll in inside]
    agreements = [_agreement(found, inside[found.lot_no]) for found in traces]
    document = {
        "batches": [_summary(record) for record in whole],
        "film_rolls": list(inside),
        "traces": [json.loads(FORMATS["json"](found)) for found in traces],
        "truth": agreements,
    }
    lines = [
        f"batch {record['batch_no']} {record['recipe']['id']}: {record['state']}, "
        f"mass balance {record['mass_balance']['closure_percent']} %"
        for record in whole
    ]
    lines += [
        f"film roll {one['roll']}: {len(one['right'])} received lots traced, {len(one['missing'])} missing and "
        f"{len(one['invented'])} invented against what the simulated plant put in"
        for one in agreements
    ]
    lines += [f"\nfilm roll {found.lot_no}, backward:\n{FORMATS['table'](found)}" for found in traces[:1]]
    return Result(document=document, text="\n".join(lines))


def _agreement(found: Trace, inside: set[str]) -> dict[str, Any]:
    """Compare the received lots of a genealogy with those that are in the roll."""
    recorded = {lot.lot_no for lot in found.lots if lot.batch_no is None and lot.depth}
    return {
        "roll": found.lot_no,
        "right": sorted(recorded & inside),
        "missing": sorted(inside - recorded),
        "invented": sorted(recorded - inside),
    }


def _summary(record: dict[str, Any]) -> dict[str, Any]:
    names = ("batch_no", "recipe", "product", "size", "state", "started_at", "ended_at", "mass_balance")
    return {name: record[name] for name in names}
