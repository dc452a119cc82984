"""The procedure function chart of a recipe or a batch, after the notation of ISA-88.02 (IEC 61512-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mes.model.procedure import Group, Order
from mes.model.states import ProceduralState
from mes.recipes.chart_blocks import body_of, exceptions_of, sketch_of
from mes.recipes.chart_compose import GAP, SIDE, stacked
from mes.recipes.chart_links import links_of
from mes.recipes.chart_marks import Line, Mark, Sketch, Symbol, at, down
from mes.recipes.chart_sight import Depth, Sight, set_text
from mes.recipes.chart_svg import svg_of
from mes.recipes.chart_words import say

MARGIN = 18.0
GUTTER = 34.0
COLUMN = 720.0
"""A procedure that is higher than this is broken into columns, as many as there is room for."""


def chart_svg(
    procedure: Group,
    *,
    states: Mapping[str, ProceduralState] | None = None,
    waits: Mapping[str, str] | None = None,
    rounds: Mapping[str, int] | None = None,
    language: str = "en",
    level: Depth = Depth.OPERATION,
    night: bool = False,
    heading: Sequence[str] = (),
    width_px: float = 1280.0,
) -> str:
    """Draw a procedure as an SVG document; the same input gives the same text.

    `states` by path make it the chart of a batch, `waits` say what an element waits for, `rounds` in which round a
    repetition is. `level` is the lowest level that is drawn. A long procedure is set in columns that fill `width_px`;
    a branching one may be wider than that. `heading` stands above the chart.
    """
    sight = Sight(language=language, depth=level, states=states or {}, waits=waits or {}, rounds=rounds or {})
    whole = _whole(procedure, sight, width_px - 2 * MARGIN)
    width = max(whole.left + whole.right, 320.0)
    lines = ((line, "dim" if place else "name") for place, line in enumerate(heading))
    title = set_text(lines, width, x=0, middle=False)
    top = MARGIN + (title.height + GAP if title.texts else 0.0)
    marks: list[Mark] = [text.moved(MARGIN, MARGIN - 4) for text in title.texts]
    marks += at(whole, MARGIN + whole.left, top)
    marks += links_of(procedure, marks)
    width, height = width + 2 * MARGIN, top + whole.height + MARGIN
    return svg_of(marks, width=width, height=height, label=procedure.name, night=night)


def _whole(procedure: Group, sight: Sight, room: float) -> Sketch:
    """Draw begin, procedure and end in columns, and beside them what may happen anywhere."""
    asides = exceptions_of(procedure, sight)
    aside_width = max((one.left + one.right for one in asides), default=-SIDE) + SIDE
    if procedure.order is Order.SEQUENCE and not procedure.is_repeated:
        parts = [sketch_of(child, sight) for child in procedure.children]
    else:
        parts = [body_of(procedure, sight)]
    drawn = _in_columns(parts, room - aside_width)
    return _with_anywhere(drawn, asides, sight) if asides else drawn


def _end_mark(kind: str) -> Sketch:
    return Sketch(left=15, right=15, height=22, marks=(Symbol(kind=kind, x=-15, y=0),))


def _in_columns(parts: Sequence[Sketch], room: float) -> Sketch:
    """Set the parts between begin and end in as few columns as are not too high, as far as there is room."""
    best = _columns(parts, 1)
    for count in range(2, len(parts) + 1):
        if max(column.height for column in best) <= COLUMN:
            break
        columns = _columns(parts, count)
        if sum(one.left + one.right for one in columns) + GUTTER * (count - 1) > room:
            break
        best = columns
    return _joined(best)


def _columns(parts: Sequence[Sketch], count: int) -> Sequence[Sketch]:
    runs = [list(run) for run in _split(parts, count)] if parts else [[]]
    runs[0].insert(0, _end_mark("begin"))
    runs[-1].append(_end_mark("end"))
    return [stacked(run) for run in runs]


def _split(parts: Sequence[Sketch], count: int) -> list[Sequence[Sketch]]:
    """Break a sequence into at most `count` runs so that the highest is as low as can be."""
    least, most = max(part.height for part in parts), sum(part.height + GAP for part in parts)
    while most - least > 1:
        limit = (least + most) / 2
        if len(_runs(parts, limit)) <= count:
            most = limit
        else:
            least = limit
    return _runs(parts, most)


def _runs(parts: Sequence[Sketch], limit: float) -> list[Sequence[Sketch]]:
    runs: list[list[Sketch]] = [[]]
    height = 0.0
    for part in parts:
        if runs[-1] and height + part.height > limit:
            runs.append([])
            height = 0.0
        runs[-1].append(part)
        height += part.height + GAP
    return [tuple(run) for run in runs]


def _joined(columns: Sequence[Sketch]) -> Sketch:
    """Put columns beside each other; the flow goes from the foot of one to the head of the next."""
    if len(columns) == 1:
        return columns[0]
    marks: list[Mark] = []
    foot = GAP + max(column.height for column in columns) + GAP / 2
    x = 0.0
    leaving: float | None = None
    for place, column in enumerate(columns):
        axis = x + column.left
        if leaving is not None:
            gutter = x - GUTTER / 2
            points = ((leaving, foot), (gutter, foot), (gutter, GAP / 2), (axis, GAP / 2), (axis, GAP))
            marks.append(Line(points=points, arrow=True))
        marks += at(column, axis, GAP)
        if place < len(columns) - 1:
            marks.append(down(axis, GAP + column.height, foot))
        leaving = axis
        x += column.left + column.right + GUTTER
    return Sketch(left=0, right=x - GUTTER, height=foot + GAP / 2, marks=tuple(marks))


def _with_anywhere(drawn: Sketch, asides: Sequence[Sketch], sight: Sight) -> Sketch:
    """Put the exception blocks of the whole recipe to the right, under a heading."""
    x = drawn.right + SIDE
    said = set_text([(say(sight.language, "anywhere"), "name")], 240, x=x, middle=False)
    marks: list[Mark] = [*drawn.marks, *said.texts]
    right, y = x + said.width, said.height + 6
    for one in asides:
        marks += at(one, x + one.left, y)
        right = max(right, x + one.left + one.right)
        y += one.height + GAP
    return Sketch(left=drawn.left, right=right, height=max(drawn.height, y - GAP), marks=tuple(marks))
