"""How sketches of a chart are put together: below each other, side by side, in a loop, in a frame."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from mes.recipes.chart_marks import Box, BoxKind, Line, Mark, Sketch, Text, at, down
from mes.recipes.chart_sight import Paragraph

GAP = 16.0
BRANCH_GAP = 22.0
LOOP = 16.0
PAD = 12.0
OVERHANG = 14.0
BAR = 5.0
SIDE = 26.0


def stacked(sketches: Sequence[Sketch], *, gap: float = GAP) -> Sketch:
    """Put sketches below each other on one axis, joined by the flow; of none comes a short piece of flow."""
    if not sketches:
        return Sketch(left=1, right=1, height=gap, marks=(down(0, 0, gap),))
    sketches = _flush(sketches)
    marks: list[Mark] = []
    y = 0.0
    for place, sketch in enumerate(sketches):
        if place:
            marks.append(down(0, y, y + gap))
            y += gap
        marks += at(sketch, 0, y)
        y += sketch.height
    left, right = max(one.left for one in sketches), max(one.right for one in sketches)
    return Sketch(left=left, right=right, height=y, marks=tuple(marks))


def _flush(sketches: Sequence[Sketch]) -> Sequence[Sketch]:
    """Make the frames among sketches that stand below each other end at the same sides."""
    frames = [frame for one in sketches if (frame := _frame_of(one)) is not None]
    if len(frames) < 2:
        return sketches
    left, right = max(-frame.x for frame in frames), max(frame.x + frame.width for frame in frames)
    return [_widened(one, frame, left, right) if (frame := _frame_of(one)) else one for one in sketches]


def _frame_of(sketch: Sketch) -> Box | None:
    first = sketch.marks[0] if sketch.marks else None
    # What has something at its right stays as it is there.
    alone = isinstance(first, Box) and first.kind is BoxKind.CONTAINER and first.x + first.width == sketch.right
    return first if isinstance(first, Box) and alone else None


def _widened(sketch: Sketch, frame: Box, left: float, right: float) -> Sketch:
    header = tuple(takewhile(lambda mark: isinstance(mark, Text), sketch.marks[1:]))
    moved = (text.moved(-left - frame.x, 0) for text in header)
    wider = replace(frame, x=-left, width=left + right)
    marks = (wider, *moved, *sketch.marks[1 + len(header) :])
    return replace(sketch, left=max(left, sketch.left), right=right, marks=marks)


def beside(sketches: Sequence[Sketch], *, path: str, tooltip: str, look: str, double: bool) -> Sketch:
    """Put branches side by side between two bars: double lines for a parallel, single ones for a choice."""
    axes = [0.0]
    for before, after in pairwise(sketches):
        axes.append(axes[-1] + before.right + BRANCH_GAP + after.left)
    centre = axes[-1] / 2
    axes = [axis - centre for axis in axes]
    first, last = axes[0] - OVERHANG, axes[-1] + OVERHANG
    # A single line is drawn in the middle of its bar: the flow reaches into it.
    into = 0.0 if double else BAR / 2
    top = GAP / 2 + BAR
    bottom = top + GAP / 2 + max((one.height for one in sketches), default=0.0) + GAP / 2
    bar = Box(
        kind=BoxKind.BAR,
        x=first,
        y=top - BAR,
        width=last - first,
        height=BAR,
        path=path,
        tooltip=tooltip,
        look=look,
        corner="=" if double else "",
    )
    join = Box(kind=BoxKind.BAR, x=first, y=bottom, width=last - first, height=BAR, corner=bar.corner, look=look)
    height = bottom + BAR + GAP / 2
    marks: list[Mark] = [down(0, 0, top - BAR + into), bar, join, down(0, bottom + BAR - into, height)]
    for axis, one in zip(axes, sketches, strict=False):
        marks.append(down(axis, top - into, top + GAP / 2))
        marks += at(one, axis, top + GAP / 2)
        marks.append(down(axis, top + GAP / 2 + one.height, bottom + into))
    sides = list(zip(axes, sketches, strict=False))
    left = max([-first, *(one.left - axis for axis, one in sides)])
    right = max([last, *(one.right + axis for axis, one in sides)])
    return Sketch(left=left, right=right, height=height, marks=tuple(marks))


def looped(body: Sketch, ending: Sketch) -> Sketch:
    """Put a way back around `body`: it is taken before `ending`, the transition that leaves the loop."""
    begin, end = GAP / 2, GAP + body.height + GAP / 2
    height = GAP + body.height + GAP + ending.height
    side = -max(body.left, OVERHANG) - LOOP
    marks: list[Mark] = [
        down(0, 0, GAP),
        *at(body, 0, GAP),
        down(0, GAP + body.height, 2 * GAP + body.height),
        *at(ending, 0, 2 * GAP + body.height),
        Line(points=((0, end), (side, end), (side, begin), (0, begin)), look="loop", arrow=True),
    ]
    left = max(-side + 2, ending.left)
    return Sketch(left=left, right=max(body.right, ending.right), height=height, marks=tuple(marks))


def framed(body: Sketch, header: Paragraph, box: Box, *, flows: bool = True) -> Sketch:
    """Put a frame with a header around a sketch; `box` says which frame, its place and size are set here.

    The flow goes through the frame, unless it does not `flows`.
    """
    head = header.height + (PAD if header.texts else 0.0)
    half = header.width / 2 + PAD + (9 if box.corner else 0)
    left, right = max(body.left + PAD, half), max(body.right + PAD, half)
    height = head + PAD / 2 + body.height + PAD
    frame = Box(
        kind=box.kind,
        x=-left,
        y=0,
        width=left + right,
        height=height,
        path=box.path,
        look=box.look,
        tooltip=box.tooltip,
        corner=box.corner,
    )
    texts = (text.moved(-left + 10, 6) for text in header.texts)
    joints = (down(0, head, head + PAD / 2), down(0, head + PAD / 2 + body.height, height)) if flows else ()
    marks = (frame, *texts, *joints, *at(body, 0, head + PAD / 2))
    return Sketch(left=left, right=right, height=height, marks=marks)


def with_aside(body: Sketch, asides: Iterable[Sketch], *, joined: bool = True) -> Sketch:
    """Put sketches to the right of another one, below each other, joined to it by a faint line."""
    x, y = body.right + SIDE, 0.0
    marks, right = list(body.marks), body.right
    for one in asides:
        if joined:
            # The line ends where the frame of the aside begins, level with its name.
            level = min(y + 14, body.height)
            elbow = x - SIDE / 2
            marks.append(Line(points=((body.right, level), (elbow, level), (elbow, y + 14), (x, y + 14)), look="faint"))
        marks += at(one, x + one.left, y)
        right = max(right, x + one.left + one.right)
        y += one.height + GAP / 2
    height = max(body.height, y - GAP / 2)
    marks.append(down(0, body.height, height))
    return Sketch(left=body.left, right=right + 2, height=height, marks=tuple(marks))
