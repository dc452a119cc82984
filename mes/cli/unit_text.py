"""A unit as people read it, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mes.cli.wait_text import wait_lines
from mes.cli.written import pairs, plain, time_text
from mes.units import UnitView

CELLS = ("unit", "class", "standing", "used by", "waiting")
"""Headings of the list of units."""


def cells_of(view: UnitView) -> Sequence[str]:
    """Give a unit as a line of the list."""
    return (
        view.unit.name,
        view.unit.unit_class,
        view.standing,
        ", ".join(use.batch_no for use in view.used_by),
        ", ".join(one.batch_no for one in view.queue),
    )


def document(view: UnitView) -> dict[str, Any]:
    """Give a unit as JSON."""
    unit = view.unit
    return {
        "unit": unit.name,
        "class": unit.unit_class,
        "plc": unit.plc,
        "title": plain(unit.title),
        "users": unit.users,
        "properties": plain(unit.properties),
        "in_service": view.in_service,
        "clean": view.clean,
        "by": view.change.by if view.change else "",
        "because": view.change.because if view.change else "",
        "since": plain(view.changed_at),
        "used_by": plain(view.used_by),
        "queue": queue_document(view),
    }


def queue_document(view: UnitView) -> list[dict[str, Any]]:
    """Give the queue of a unit as JSON."""
    return [plain(one) for one in view.queue]


def as_text(view: UnitView) -> str:
    """Give a unit as lines."""
    unit, change = view.unit, view.change
    named = {
        "class": unit.unit_class,
        "PLC": unit.plc,
        "standing": view.standing,
        "said": f"{change.because} ({change.by}, {time_text(view.changed_at)})" if change else "",
        "users": f"up to {unit.users} batches at once" if unit.users > 1 else "",
        "properties": ", ".join(f"{name} {value}" for name, value in unit.properties.items()),
        "used by": ", ".join(f"{use.batch_no} ({use.path or use.name})" for use in view.used_by),
    }
    return f"Unit {unit.name}: {unit.title.get('en', '')}\n{pairs(named)}\n\n{queue_text(view)}"


def queue_text(view: UnitView) -> str:
    """Give the queue of a unit as lines."""
    if not view.queue:
        return f"nobody waits for {view.unit.name}"
    return "\n".join([f"Queue of {view.unit.name}", *_places(view)])


def _places(view: UnitView) -> Iterator[str]:
    for one in view.queue:
        yield f"  {one.position}  {one.batch_no}  {one.path or one.name}"
        if one.wait is not None:
            yield from (f"       {line}" for line in wait_lines(one.wait))
