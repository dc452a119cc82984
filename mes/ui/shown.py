"""What the page needs of a running process cell; `mes.app.Plant` is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from mes.batches import Batches
from mes.config import Config
from mes.engine.cell import Cell
from mes.lots import Lots
from mes.model.equipment import ProcessCell
from mes.plc.port import PlcLink
from mes.plc.tagmap import TagMap
from mes.store.database import Database


class ShownPlant(Protocol):
    """A running process cell as the page sees it: what to show, and the verbs its buttons call."""

    @property
    def config(self) -> Config:
        """Name of the cell and how fast its process time runs."""
        ...

    @property
    def database(self) -> Database:
        """Where the genealogy is read."""
        ...

    @property
    def equipment(self) -> ProcessCell:
        """Units, phases and tags."""
        ...

    @property
    def maps(self) -> Sequence[TagMap]:
        """The tag maps: titles of PLCs, steps and interlocks."""
        ...

    @property
    def links(self) -> Mapping[str, PlcLink]:
        """The PLCs by name."""
        ...

    @property
    def cell(self) -> Cell:
        """The engine: its batches, what they wait for, its scan counter and clock."""
        ...

    @property
    def batches(self) -> Batches:
        """The verbs on batches."""
        ...

    @property
    def lots(self) -> Lots:
        """The verbs on lots."""
        ...
