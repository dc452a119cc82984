"""What a running plant tells while people look at a terminal: PLC links, and how far each batch is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from mes.app import Plant
from mes.batches import BatchView
from mes.model.progress import activity
from mes.ui.values import duration_text

Say = Callable[[str], None]

LOOK_S = 0.5
"""Wall seconds between two looks."""

AGAIN_S = 15.0
"""Wall seconds after which a batch is told again, though nothing has begun or ended in it."""


async def show_links(plant: Plant, say: Say) -> None:
    """Tell whenever a PLC comes up or goes down, until cancelled."""
    told: dict[str, str | None] = {}
    while True:
        for name, link in plant.links.items():
            status = link.status()
            why = None if status.usable else status.why
            up = why is None
            if name not in told or (told[name] is None) is not up:
                how = ", ".join(filter(None, (status.source, status.protection, status.why)))
                say(f"PLC {name}: connected ({how})" if up else f"PLC {name}: {why}")
                told[name] = why
        await asyncio.sleep(LOOK_S)


async def show_progress(plant: Plant, say: Say) -> None:
    """Tell of each batch what it does, how far it is and when it ends in process time, until cancelled."""
    told: dict[str, tuple[str, float]] = {}
    loop = asyncio.get_running_loop()
    while True:
        for batch_no in {*plant.cell.open_numbers(), *told}:
            view = await plant.batches.show(batch_no)
            doing = f"{view.state.state} {activity(view.state)}"
            before, at_s = told.get(batch_no, ("", 0.0))
            if doing != before or loop.time() - at_s > AGAIN_S:
                say(line_of(view))
                told[batch_no] = (doing, loop.time())
            if batch_no not in plant.cell.open_numbers() and view.state.ended:
                told.pop(batch_no, None)
        await asyncio.sleep(LOOK_S)


def line_of(view: BatchView) -> str:
    """Give one line on a batch: number, state, steps, process time, phases, what it waits for, estimated end."""
    done, whole = view.steps
    parts = [f"{view.now:%Y-%m-%d %H:%M}", f"{view.row.batch_no} {view.state.state} {done}/{whole}"]
    waiting = view.row.waiting
    # What waits is named with its reason; the rest by name.
    active = [name for name in activity(view.state).split(", ") if f"{name} waits" not in waiting]
    parts += [part for part in (", ".join(active), waiting) if part]
    if view.remaining_s:
        ends = view.now + timedelta(seconds=view.remaining_s)
        parts.append(f"{duration_text(view.remaining_s)} left, ends {ends:%Y-%m-%d %H:%M}")
    return "  ".join(parts)
