"""Links of a chart that cross its structure: phases that start together, transfers between units, jumps."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping

from mes.model.procedure import Element, ExceptionBlock, Group, Then
from mes.model.steps import PhaseStep
from mes.recipes.chart_marks import Box, BoxKind, Line, Mark

_ELBOW = 18.0
"""Between the frames that an element may stand in, which are 12 px apart."""

_JUMP_ELBOW = 7.0
_SHOWN = frozenset({BoxKind.STEP, BoxKind.CONTAINER, BoxKind.TRANSITION, BoxKind.GATE, BoxKind.HOLDING, BoxKind.BAR})


def links_of(procedure: Group, marks: Iterable[Mark]) -> Iterator[Line]:
    """Give the links of a procedure whose marks are in their places; what is folded is linked by what it is in."""
    boxes = {mark.path: mark for mark in marks if isinstance(mark, Box) and mark.path}
    seen: dict[str, list[tuple[Box, bool]]] = {}
    for step, shown in _phases(procedure, boxes, None):
        if step.sync and shown is not None:
            seen.setdefault(step.sync, []).append((shown, step.transfer))
    for found in seen.values():
        yield from _together(found)
    yield from _jumps(procedure, boxes)


def _phases(element: Element, boxes: Mapping[str, Box], above: Box | None) -> Iterator[tuple[PhaseStep, Box | None]]:
    box = boxes.get(element.path)
    here = box if box is not None and box.kind in {BoxKind.STEP, BoxKind.CONTAINER} else above
    if isinstance(element, PhaseStep):
        yield element, here
    if isinstance(element, Group):
        for child in element.children:
            yield from _phases(child, boxes, here)
        for block in element.exceptions:
            yield from _phases(block.steps, boxes, boxes.get(block.path, here))


def _together(found: list[tuple[Box, bool]]) -> Iterator[Line]:
    """Join what begins together from left to right; a transfer has an arrow from the first to the second."""
    if len(found) == 2 and found[0][1]:
        (source, _), (target, _) = found
        if source is not target:
            yield Line(points=_way(source, target), look="transfer", arrow=True)
        return
    ordered = sorted({box.path: box for box, _ in found}.values(), key=lambda box: (box.x, box.y))
    for one, other in itertools.pairwise(ordered):
        yield Line(points=_way(one, other), look="sync")


def _way(source: Box, target: Box) -> tuple[tuple[float, float], ...]:
    """Give a way from side to side with one step in the gap before the one further right."""
    from_y, to_y = source.y + source.height / 2, target.y + target.height / 2
    if source.x <= target.x:
        start, end, elbow = source.x + source.width, target.x, target.x - _ELBOW
    else:
        start, end, elbow = source.x, target.x + target.width, source.x - _ELBOW
    return (start, from_y), (elbow, from_y), (elbow, to_y), (end, to_y)


def _jumps(element: Element, boxes: Mapping[str, Box]) -> Iterator[Line]:
    if not isinstance(element, Group):
        return
    for block in element.exceptions:
        yield from _jump(element, block, boxes)
        yield from _jumps(block.steps, boxes)
    for child in element.children:
        yield from _jumps(child, boxes)


def _jump(group: Group, block: ExceptionBlock, boxes: Mapping[str, Box]) -> Iterator[Line]:
    target = next((boxes.get(child.path) for child in group.children if child.name == block.target), None)
    source = boxes.get(block.path)
    if block.then is not Then.JUMP or source is None or target is None or target.kind not in _SHOWN:
        return
    # Near the top of its target, where no transfer arrives.
    start, end = source.y + source.height - 14, target.y + 9
    elbow, right = source.x - _JUMP_ELBOW, target.x + target.width
    yield Line(points=((source.x, start), (elbow, start), (elbow, end), (right, end)), look="jump", arrow=True)
