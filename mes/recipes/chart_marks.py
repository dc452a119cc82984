"""What a chart is made of: boxes, lines, symbols and texts, and a sketch that holds some of them.

All lengths are px. A sketch stands on an axis: it is entered at (0, 0), left at (0, `height`), and reaches `left` and
`right` of the axis. So sketches are put under or beside each other without knowing what they hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

Point = tuple[float, float]


class BoxKind(StrEnum):
    """What a box stands for; CONTAINER, GUARD and EXCEPTION hold others, BAR is a branching, NOTE text below a box."""

    STEP = "step"
    TRANSITION = "transition"
    GATE = "gate"
    HOLDING = "holding"
    BAR = "bar"
    NOTE = "note"
    CONTAINER = "container"
    GUARD = "guard"
    EXCEPTION = "exception"


HOLDS_OTHERS = frozenset({BoxKind.CONTAINER, BoxKind.GUARD, BoxKind.EXCEPTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle for one element: its `path` ("" for none), state look, tooltip and corner sign.

    The sign is "+" where something is folded, "−" where it is open, "=" on the double line of a parallel, or "".
    """

    kind: BoxKind
    x: float
    y: float
    width: float
    height: float
    path: str = ""
    look: str = ""
    tooltip: str = ""
    corner: str = ""

    def moved(self, dx: float, dy: float) -> Box:
        """Give the same at another place."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through `points`; `look` is "" for the flow, "loop", "sync", "transfer", "jump", "thick" or "faint"."""

    points: tuple[Point, ...]
    look: str = ""
    arrow: bool = False

    def moved(self, dx: float, dy: float) -> Line:
        """Give the same at another place."""
        return replace(self, points=tuple((x + dx, y + dy) for x, y in self.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A small drawing with its upper left corner at (x, y): begin, end, person, acquire, release, diamond or bolt."""

    kind: str
    x: float
    y: float
    look: str = ""

    def moved(self, dx: float, dy: float) -> Symbol:
        """Give the same at another place."""
        return replace(self, x=self.x + dx, y=self.y + dy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of text with its baseline at y; `look` is name, unit, dim, state or wait."""

    x: float
    y: float
    text: str
    look: str
    middle: bool = False

    def moved(self, dx: float, dy: float) -> Text:
        """Give the same at another place."""
        return replace(self, x=self.x + dx, y=self.y + dy)


Mark = Box | Line | Symbol | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Marks on an axis at x = 0, from y = 0 to `height`."""

    left: float
    right: float
    height: float
    marks: tuple[Mark, ...]


def at(sketch: Sketch, dx: float, dy: float) -> Iterable[Mark]:
    """Give the marks of a sketch whose axis begins at (dx, dy)."""
    return (mark.moved(dx, dy) for mark in sketch.marks)


def down(x: float, start: float, end: float, look: str = "") -> Line:
    """Give a piece of a vertical line."""
    return Line(points=((x, start), (x, end)), look=look)
