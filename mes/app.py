"""The composition root: the only place that knows every room and puts them together from a configuration."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime

from mes.batches import Batches
from mes.clock import ProcessClock, wall_now
from mes.config import Config
from mes.engine.cell import Cell
from mes.lots import Lots
from mes.model.equipment import ProcessCell
from mes.plc.drivers import port_opener
from mes.plc.supervise import SupervisedPlc
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap, TagMapError, process_cell
from mes.store.database import Database
from mes.store.dialect import file_of
from mes.store.engine_store import CellStore
from mes.store.journal import last_at
from mes.store.versions import upgrade
from mes.units import Units


def read_maps(config: Config) -> tuple[TagMap, ...]:
    """Read the tag maps of the configuration; raises `TagMapError` with the errors of all of them."""
    maps: list[TagMap] = []
    errors: list[str] = []
    for plc in config.plc:
        try:
            maps.append(read_map(config.map_path(plc)))
        except TagMapError as error:
            errors += error.errors
    if errors:
        raise TagMapError(errors)
    return tuple(maps)


def read_equipment(config: Config) -> ProcessCell:
    """Give the equipment of the configured process cell; raises `TagMapError`."""
    return process_cell(read_maps(config))


@contextmanager
def opened(config: Config) -> Iterator[Database]:
    """Open the database of the configuration; a new SQLite file is made when there is none yet. Raises `StoreError`."""
    path = file_of(config.database_url)
    if path is not None and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        upgrade(config.database_url)
    with Database(config.database_url) as database:
        yield database


def time_of(database: Database) -> Callable[[], datetime]:
    """Give process time for a program without an engine: the wall, but never before the last entry of the journal."""

    def now() -> datetime:
        last = database.read_now(last_at)
        wall = wall_now()
        return wall if last is None else max(wall, last)

    return now


def verbs(
    config: Config, database: Database, equipment: ProcessCell, now: Callable[[], datetime]
) -> tuple[Batches, Lots]:
    """Give the verbs on batches and lots of the configured process cell."""
    cell, folder = config.cell.name, config.recipe_folder
    batches = Batches(database=database, cell=cell, equipment=equipment, now=now, recipe_folder=folder)
    return batches, Lots(database=database, cell=cell, now=now, recipe_folder=folder)


def unit_verbs(config: Config, database: Database, equipment: ProcessCell, now: Callable[[], datetime]) -> Units:
    """Give the verbs on the units of the configured process cell."""
    return Units(database=database, cell=config.cell.name, equipment=equipment, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """A running process cell: its engine, its PLC links, and the verbs in the same process time."""

    config: Config
    database: Database
    equipment: ProcessCell
    maps: Sequence[TagMap]
    links: Mapping[str, SupervisedPlc]
    cell: Cell
    batches: Batches
    lots: Lots
    units: Units


@asynccontextmanager
async def running(config: Config, database: Database) -> AsyncIterator[Plant]:
    """Run the engine of the configured cell until the block ends.

    Raises `TagMapError`, or `LeaseLost` when another engine drives the cell. When the engine ends by itself (lease
    lost, an error) the block is cancelled and that error is raised.
    """
    maps = read_maps(config)
    equipment = process_cell(maps)
    wake = asyncio.Event()
    clock = ProcessClock(speed=config.cell.speed, not_before=await database.read(last_at))
    links = {
        tag_map.name: SupervisedPlc(
            tag_map,
            url=plc.url,
            open_port=port_opener(config, plc),
            mes_timeout_s=plc.heartbeat_timeout_s,
        )
        for tag_map, plc in zip(maps, config.plc, strict=True)
    }
    for link in links.values():
        # One bell for all PLCs: the engine scans when any of them has something new.
        link.changed = wake
    cell = Cell(
        name=config.cell.name,
        owner=f"{socket.gethostname()}:{os.getpid()}",
        store=CellStore(database, wall=wall_now),
        links=links,
        equipment=equipment,
        clock=clock,
        wake=wake,
    )
    batches, lots = verbs(config, database, equipment, clock.now)
    await cell.begin()
    async with asyncio.TaskGroup() as group:
        under_way = [group.create_task(link.supervise()) for link in links.values()]
        under_way.append(group.create_task(cell.run()))
        try:
            yield Plant(
                config=config,
                database=database,
                equipment=equipment,
                maps=maps,
                links=links,
                cell=cell,
                batches=batches,
                lots=lots,
                units=unit_verbs(config, database, equipment, clock.now),
            )
        finally:
            for one in under_way:
                one.cancel()
