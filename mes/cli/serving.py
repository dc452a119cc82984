"""The engine with what runs beside it: the page, and the lines on a terminal."""

from __future__ import annotations

import asyncio

from mes.app import Plant, running
from mes.cli.written import tell
from mes.config import Config
from mes.demo.progress import show_links, show_progress
from mes.store.database import Database
from mes.ui.serve import serve as serve_page


async def engine_until_cancelled(
    config: Config, database: Database, *, address: tuple[str, int] | None, progress: bool
) -> None:
    """Run the engine until cancelled. `address` is where the page is served (None: nowhere)."""
    async with running(config, database) as plant, asyncio.TaskGroup() as beside:
        tell(f"engine of process cell {config.cell.name} runs; end it with Ctrl-C")
        beside.create_task(show_links(plant, tell))
        if progress:
            beside.create_task(show_progress(plant, tell))
        if address is not None:
            beside.create_task(page(plant, *address))


async def page(plant: Plant, host: str, port: int) -> None:
    """Serve the page until cancelled, and tell its address."""
    await serve_page(plant, host=host, port=port, ready=lambda url: tell(f"page: {url}"))


async def progress_lines(plant: Plant) -> None:
    """Tell how far each batch is until cancelled."""
    await show_progress(plant, tell)
