"""Which registers are read and written together: contiguous areas, as large as one Modbus request may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mes.plc.tagmap import TagAddress

READ_LIMIT = 125
"""Registers in one FC3 request."""

WRITE_LIMIT = 123
"""Registers in one FC16 request; pymodbus does not check it."""


@dataclass(frozen=True, slots=True)
class Area:
    """Registers that follow each other without a gap, and the tags in them in the order of their addresses."""

    register: int
    count: int
    tags: tuple[TagAddress, ...]

    def describe(self) -> str:
        """Name the registers and the first and last tag."""
        names = self.tags[0].name if len(self.tags) == 1 else f"{self.tags[0].name} .. {self.tags[-1].name}"
        return f"registers {self.register}..{self.register + self.count - 1} ({names})"


def _areas(tags: Sequence[TagAddress], limit: int) -> list[Area]:
    runs: list[list[TagAddress]] = []
    for tag in tags:
        run = runs[-1] if runs else None
        if run and tag.register == run[-1].end and tag.end - run[0].register <= limit:
            run.append(tag)
        else:
            runs.append([tag])
    return [Area(run[0].register, run[-1].end - run[0].register, tuple(run)) for run in runs]


def read_areas(tags: Sequence[TagAddress]) -> tuple[Area, ...]:
    """Give the areas to read, in the order in which the first tag of each was asked for.

    Registers that were not asked for are never read: on a PLC they may not exist, and the whole block would be refused.
    """
    asked = {tag.name: place for place, tag in reversed(list(enumerate(tags)))}
    areas = _areas(sorted({tag.name: tag for tag in tags}.values(), key=lambda tag: tag.register), READ_LIMIT)
    return tuple(sorted(areas, key=lambda area: min(asked[tag.name] for tag in area.tags)))


def write_areas(tags: Sequence[TagAddress]) -> tuple[Area, ...]:
    """Give the areas to write, keeping the order given: only tags that follow each other in it are joined."""
    return tuple(_areas(tags, WRITE_LIMIT))
