"""The procedure of a batch with its states, as lines and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mes.batches import BatchView
from mes.cli.written import plain
from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order
from mes.model.progress import derived_state
from mes.model.steps import PhaseStep

SKIPPED = "skipped"


def tree_lines(view: BatchView) -> Iterator[str]:
    """Give a line for every element: its state, then its name, set in by how deep it stands."""
    rows = [
        *(row for child in view.state.tree.root.children for row in _rows(view, child, "  ")),
        *_exceptions(view, view.state.tree.root, "  "),
    ]
    wide = max((len(state) for state, _ in rows), default=0)
    yield from (f"  {state:<{wide}}{text}" for state, text in rows)


def _state(view: BatchView, element: Element) -> str:
    return SKIPPED if element.path in view.state.skipped else derived_state(view.state, element).value


def _rows(view: BatchView, element: Element, indent: str) -> Iterator[tuple[str, str]]:
    yield _state(view, element), indent + _title(view, element) + _marks(view, element)
    if isinstance(element, Group):
        for child in element.children:
            yield from _rows(view, child, indent + "  ")
        yield from _exceptions(view, element, indent + "  ")


def _exceptions(view: BatchView, group: Group, indent: str) -> Iterator[tuple[str, str]]:
    for block in group.exceptions:
        times = view.state.raises.get(block.path, 0)
        raised = block.path in view.state.raised
        state = "raised" if raised else "was raised" if times else "-"
        yield state, f"{indent}if needed: {block.name} (raised {times} of at most {block.at_most} times)"
        if raised:
            for child in block.steps.children:
                yield from _rows(view, child, indent + "  ")


def _title(view: BatchView, element: Element) -> str:
    if isinstance(element, Group):
        return _group(view, element)
    if isinstance(element, PhaseStep) and element.name != element.phase_class:
        return f"{element.name} ({element.phase_class})"
    return element.name


def _group(view: BatchView, group: Group) -> str:
    if group.is_repeated:
        # The first round is not recorded: it begins like everything else.
        number = max(view.state.rounds.get(group.path, 1), 1)
        return f"{group.name}: round {number} of at most {group.at_most}, until {group.until}"
    if group.order is Order.CHOICE:
        return f"{group.name}: one of"
    if group.when:
        return f"{group.name}: when {group.when}"
    if group.level is Level.BLOCK:
        words = "in parallel" if group.order is Order.PARALLEL else "in sequence"
        return words if group.name.startswith(group.order.value) else f"{group.name}: {words}"
    if group.unit:
        return f"{group.name} on {group.unit}"
    return f"{group.name} on a {group.wanted.unit_class}" if group.wanted is not None else group.name


def _marks(view: BatchView, element: Element) -> str:
    state, path = view.state, element.path
    marks = [str(state.modes[path])] if path in state.modes else []
    marks += ["breakpoint"] if path in state.breakpoints else []
    if path in state.local:
        given = state.local[path]
        marks.append(f"{given.command} by {given.by}: {given.because}")
    return f"  [{'; '.join(marks)}]" if marks else ""


def element_document(view: BatchView, element: Element) -> dict[str, Any]:
    """Give an element with everything below it as JSON."""
    state = view.state
    found: dict[str, Any] = {
        "kind": element.level.value if isinstance(element, Group) else element.kind,
        "name": element.name,
        "path": element.path,
        "state": derived_state(state, element).value,
        "skipped": element.path in state.skipped,
    }
    if isinstance(element, Group):
        found["order"] = element.order.value
        if element.is_repeated:
            found |= {"round": max(state.rounds.get(element.path, 1), 1), "at_most": element.at_most}
        if element.order is Order.CHOICE:
            found["chosen"] = state.choices.get(element.path, "")
        found["children"] = [element_document(view, child) for child in element.children]
        found["exceptions"] = [_block(view, block) for block in element.exceptions]
    if isinstance(element, Group | PhaseStep):
        found["unit"] = element.unit
    return found


def _block(view: BatchView, block: ExceptionBlock) -> dict[str, Any]:
    return {
        "name": block.name,
        "path": block.path,
        "raised": block.path in view.state.raised,
        "times": view.state.raises.get(block.path, 0),
        "at_most": block.at_most,
        "then": plain(block.then),
        "steps": element_document(view, block.steps),
    }
