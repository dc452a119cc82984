"""The procedure of a recipe: procedure > unit procedures > operations > phases, structured so that it is sound.

There are no free links: elements follow each other, run side by side, are chosen between or repeated, and an exception
block stands on the group it guards. So what can be reached, what is allocated and what ends can be read off the tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from mes.model.steps import PhaseStep, Step


class Level(StrEnum):
    """Where an element stands in the procedure; `block` is a parallel, sequence, choice, branch or repetition in it."""

    PROCEDURE = "procedure"
    UNIT_PROCEDURE = "unit procedure"
    OPERATION = "operation"
    BLOCK = "block"


class Order(StrEnum):
    """How the children of an element follow each other; of a choice exactly one is run."""

    SEQUENCE = "sequence"
    PARALLEL = "parallel"
    CHOICE = "choice"


class Choose(StrEnum):
    """How one unit of a class is chosen when several are free."""

    PREFERRED = "preferred"
    LONGEST_IDLE = "longest idle"
    OPERATOR = "operator"


class Bind(StrEnum):
    """When a unit of a class is chosen: as the batch starts, or when a unit procedure begins and takes a free one."""

    START = "start"
    FIRST_USE = "first use"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWanted:
    """A unit by its class. `where` is a comparison over properties of the unit; `candidates` are known once bound."""

    unit_class: str
    choose: Choose = Choose.PREFERRED
    bind: Bind = Bind.FIRST_USE
    prefer: tuple[str, ...] = ()
    where: str = ""
    candidates: tuple[str, ...] = ()


class Cleanliness(StrEnum):
    """How a unit procedure leaves its unit."""

    CLEAN = "clean"
    DIRTY = "dirty"


class Then(StrEnum):
    """How the procedure goes on after the steps of an exception block."""

    RETURN = "return"
    JUMP = "jump"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionBlock:
    """What is done when something goes wrong while the group runs that it stands on.

    It is raised by the condition `when`, or by a phase of the group that fails with `failure` (the name in the tag map,
    or "any"). With RETURN the active phases of the group are held, the steps run, and the group goes on where it was;
    with JUMP and END they are stopped first, and then the group goes on at its child `target`, or the batch is stopped.
    More than `at_most` times it is not raised: the batch is held.
    """

    path: str
    name: str
    steps: Group
    then: Then
    when: str = ""
    failure: str = ""
    target: str = ""
    at_most: int = 3
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A procedure, unit procedure, operation or block with its children in sequence, in parallel, or one of them.

    A unit procedure names its `unit`, or `wanted` a class of which one is chosen: it is allocated before the first
    child and released after the last, together with the shared units of `uses`; `leaves` says that it makes the unit
    dirty or clean, and only what `takes_dirty` may have a dirty one. A repetition runs its children until
    the condition `until` is TRUE at their end, `at_most` times. A branch of a choice is taken when its `when` is TRUE;
    an empty one when all before it are FALSE.
    """

    path: str
    name: str
    level: Level
    order: Order
    children: tuple[Element, ...]
    unit: str = ""
    wanted: UnitWanted | None = None
    uses: tuple[str, ...] = ()
    leaves: Cleanliness | None = None
    takes_dirty: bool = False
    when: str = ""
    until: str = ""
    at_most: int = 1
    exceptions: tuple[ExceptionBlock, ...] = ()
    line: int = 0
    kind: Literal["group"] = "group"

    @property
    def is_repeated(self) -> bool:
        """True for a repetition."""
        return bool(self.until)


Element = Group | Step


def walk(element: Element) -> Iterator[Element]:
    """Give the element and everything below it, parents before children, in recipe order; exception steps come last."""
    yield element
    if isinstance(element, Group):
        for child in element.children:
            yield from walk(child)
        for block in element.exceptions:
            yield from walk(block.steps)


def phases(element: Element) -> Iterator[PhaseStep]:
    """Give the equipment phases at and below the element in recipe order."""
    return (found for found in walk(element) if isinstance(found, PhaseStep))


def index(element: Element) -> Mapping[str, Element]:
    """Give everything at and below the element by path."""
    return {found.path: found for found in walk(element)}
