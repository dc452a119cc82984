"""Links between elements of a procedure: jumps of exception blocks, and phases that start together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mes.model.procedure import Group, Order, index, phases
from mes.model.steps import PhaseStep
from mes.recipes.notes import Notes
from mes.recipes.problem import nearest
from mes.recipes.strict_yaml import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A jump as it is written: from an exception block on the group `path` to its item `name`.

    `block` is parallel or choice where the exception block stands on one of these.
    """

    place: Place
    path: str
    name: str
    block: str


def judge_jumps(notes: Notes, root: Group, jumps: Iterable[Jump]) -> None:
    """Note every jump that does not go to an item of the very sequence that its exception block guards."""
    elements = index(root)
    for jump in jumps:
        group = elements[jump.path]
        if jump.block or not isinstance(group, Group):
            message = f"a jump to {jump.name!r} out of a {jump.block} is not possible, for its items have no order"
            notes.add(jump.place, f"{message}; put the exception on the sequence around it, or use return or end")
            continue
        names = [child.name for child in group.children]
        if jump.name in names:
            continue
        there = "the items of its sequence are " + ", ".join(repr(name) for name in names)
        elsewhere = next((path for path in elements if f"/{path}".endswith(f"/{jump.name}")), None)
        if elsewhere is None:
            notes.add(jump.place, f"jump to {jump.name!r}, which is nowhere{nearest(jump.name, names)}; {there}")
        else:
            notes.add(jump.place, f"jump {_into(root, group.path, elsewhere)}; {there}")


def _into(root: Group, path: str, target: str) -> str:
    """Say where the wrong target of a jump stands, as seen from the sequence `path`."""
    elements = index(root)
    parts = target.split("/")
    for length in range(len(parts) - 1, 0, -1):
        around = elements.get("/".join(parts[:length]))
        if around is None or around.path == path or path.startswith(f"{around.path}/"):
            break
        if isinstance(around, Group) and around.order is not Order.SEQUENCE:
            word = "parallel" if around.order is Order.PARALLEL else "choose"
            return f"into a branch of a {word}: {parts[-1]!r} stands in {around.path!r}"
    parent = "/".join(parts[:-1])
    if parent.startswith(f"{path}/" if path else ""):
        return f"into another level: {parts[-1]!r} stands in {parent!r}"
    return f"out of its sequence: {parts[-1]!r} stands in {parent or 'the procedure'!r}"


def judge_syncs(notes: Notes, root: Group) -> None:
    """Note every name of a sync or transfer that has not the phases it needs."""
    synced: dict[str, list[PhaseStep]] = {}
    for step in phases(root):
        if step.sync:
            synced.setdefault(step.sync, []).append(step)
    for name, steps in synced.items():
        first, transfers = steps[0], sum(step.transfer for step in steps)
        others = f"; other names are {', '.join(repr(one) for one in synced if one != name)}" if len(synced) > 1 else ""
        if 0 < transfers < len(steps):
            notes.tell(first.line, f"{name!r} is a transfer in one phase and a sync in another; make them the same")
        elif transfers and len(steps) != 2:
            notes.tell(first.line, f"transfer {name!r} is of {len(steps)} phase(s), it needs exactly two{others}")
        elif transfers and first.unit and first.unit == steps[1].unit:
            notes.tell(first.line, f"transfer {name!r} is from {first.unit} to itself; it needs two units")
        elif len(steps) < 2:
            notes.tell(first.line, f"sync {name!r} is of one phase only, which would wait for nobody{others}")
