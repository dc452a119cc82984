"""How the groups of a procedure are drawn: frames, branches, choices, loops, and the exception blocks beside them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order, Then
from mes.recipes.chart_compose import GAP, PAD, beside, framed, looped, stacked, with_aside
from mes.recipes.chart_marks import Box, BoxKind, Mark, Sketch, Symbol, down
from mes.recipes.chart_sight import Sight, Words, given_name, set_text
from mes.recipes.chart_steps import folded, step_sketch, tooltip, transition, unit_lines
from mes.recipes.chart_words import say

_HEADER_WIDTH = 240.0
_ASIDE_WIDTH = 200.0
_BESIDE_BOLT = 16.0
_FRAMED = frozenset({Level.UNIT_PROCEDURE, Level.OPERATION})


def sketch_of(element: Element, sight: Sight) -> Sketch:
    """Draw an element with everything in it that is not folded."""
    if not isinstance(element, Group):
        return step_sketch(element, sight)
    if element.level in _FRAMED and not sight.is_open(element):
        return folded(element, sight)
    body = body_of(element, sight)
    if element.level in _FRAMED:
        body = framed(body, set_text(_header(element, sight), _HEADER_WIDTH, x=0, middle=False), _frame(element, sight))
    elif element.exceptions:
        body = framed(body, set_text([], 0, x=0), _guard(element, sight))
    return with_aside(body, exceptions_of(element, sight)) if element.exceptions else body


def body_of(group: Group, sight: Sight) -> Sketch:
    """Draw the children of a group in their order, without a frame."""
    children = [sketch_of(child, sight) for child in group.children if not _is_branch_of(group, child)]
    if group.order is Order.CHOICE:
        children = [_branch(child, sight) for child in group.children if isinstance(child, Group)]
    if group.order is Order.SEQUENCE:
        body = stacked(children)
    else:
        body = beside(
            children,
            path=group.path if group.level is Level.BLOCK and not group.is_repeated else "",
            tooltip=tooltip(group, sight),
            look=sight.look(group.path) if group.level is Level.BLOCK else "",
            double=group.order is Order.PARALLEL,
        )
    if group.is_repeated:
        body = looped(body, _ending(group, sight))
    if group.level is not Level.BLOCK or group.when or not _is_marked(group):
        return body
    caption: list[Words] = [(given_name(group.name), "unit")]
    # What a repetition waits for stands at its end, where it is decided.
    caption += () if group.is_repeated else sight.wait_lines(group)
    return _captioned(body, caption)


def _is_marked(group: Group) -> bool:
    return group.is_repeated or group.order is not Order.SEQUENCE


def _is_branch_of(group: Group, child: Element) -> bool:
    return group.order is Order.CHOICE and isinstance(child, Group)


def _branch(branch: Group, sight: Sight) -> Sketch:
    """Draw a branch of a choice: its condition, then what is done."""
    condition = branch.when or say(sight.language, "otherwise")
    first = transition(branch, [(condition, "dim")], sight)
    parts = [first, sketch_of(replace(branch, when=""), sight)] if branch.children else [first]
    return stacked(parts)


def _ending(group: Group, sight: Sight) -> Sketch:
    language = sight.language
    lines: list[Words] = [
        (say(language, "until", condition=group.until), "unit"),
        (say(language, "again", n=group.at_most), "dim"),
    ]
    if group.path in sight.rounds:
        lines.append((say(language, "round", n=sight.rounds[group.path], most=group.at_most), "state"))
    lines += sight.state_line(group.path)
    # A repeated unit procedure or operation is its frame already.
    return transition(group, lines, sight, path=group.path if group.level is Level.BLOCK else "")


def _captioned(body: Sketch, caption: Iterable[Words]) -> Sketch:
    """Put the name of a block and what it waits for above it, beside the flow."""
    said = set_text(caption, _HEADER_WIDTH, x=8, middle=False)
    if not said.texts:
        return body
    marks: tuple[Mark, ...] = (down(0, 0, said.height), *said.texts)
    return stacked([Sketch(left=1, right=8 + said.width, height=said.height, marks=marks), body], gap=0)


def _header(group: Group, sight: Sight) -> Iterable[Words]:
    yield group.name, "name"
    yield from unit_lines(group, sight)
    yield from sight.state_line(group.path)
    yield from sight.wait_lines(group)


def _frame(group: Group, sight: Sight) -> Box:
    return Box(
        kind=BoxKind.CONTAINER,
        x=0,
        y=0,
        width=0,
        height=0,
        path=group.path,
        look=sight.look(group.path),
        tooltip=tooltip(group, sight),
        corner="−",
    )


def _guard(group: Group, sight: Sight) -> Box:
    """Give the dotted frame around a block that exceptions guard; a plain sequence has no other mark."""
    path = "" if _is_marked(group) or group.when else group.path
    return Box(kind=BoxKind.GUARD, x=0, y=0, width=0, height=0, path=path, tooltip=tooltip(group, sight))


def exceptions_of(group: Group, sight: Sight) -> list[Sketch]:
    """Draw the exception blocks of a group."""
    return [_exception(block, sight) for block in group.exceptions]


def _exception(block: ExceptionBlock, sight: Sight) -> Sketch:
    language = sight.language
    if block.when:
        trigger = say(language, "on_condition", condition=block.when)
    else:
        any_ = block.failure == "any"
        trigger = say(language, "on_any_failure") if any_ else say(language, "on_failure", name=block.failure)
    outcome = [(say(language, block.then.value, target=block.target), "unit")]
    if block.then is not Then.END:
        outcome.append((say(language, "times", n=block.at_most), "dim"))
    above: list[Words] = [(block.name, "name"), (trigger, "dim")]
    above += [*sight.state_line(block.steps.path), *sight.wait_lines(block.steps)]
    is_open = sight.is_open(block) and bool(block.steps.children)
    header = set_text(above if is_open else [*above, *outcome], _ASIDE_WIDTH, x=_BESIDE_BOLT, middle=False)
    footer = set_text(outcome if is_open else [], _ASIDE_WIDTH, x=_BESIDE_BOLT, middle=False)
    box = Box(
        kind=BoxKind.EXCEPTION,
        x=0,
        y=0,
        width=0,
        height=0,
        path=block.path,
        look=sight.look(block.steps.path),
        tooltip=tooltip(block, sight),
        corner="" if is_open or not block.steps.children else "+",
    )
    steps = body_of(block.steps, sight) if is_open else Sketch(left=0, right=0, height=0, marks=())
    # The outcome is words below the steps, not flow.
    body = replace(steps, height=steps.height + GAP / 2 + footer.height) if is_open else steps
    drawn = framed(body, replace(header, width=max(header.width, footer.width) + _BESIDE_BOLT), box, flows=False)
    foot = drawn.height - PAD - footer.height
    marks = (*drawn.marks, Symbol(kind="bolt", x=8 - drawn.left, y=8))
    return replace(drawn, marks=(*marks, *(text.moved(10 - drawn.left, foot) for text in footer.texts)))
