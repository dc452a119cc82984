"""Which conditions of a batch matter now: those of what is under way, and of the phases that come next in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mes.engine.draft import condition_key
from mes.model.execution import BatchState
from mes.model.procedure import Element, Group, Order
from mes.model.progress import derived_state, goes
from mes.model.states import FINAL, ProceduralState
from mes.model.steps import PhaseStep, WaitStep

S = ProceduralState


@dataclass(frozen=True, slots=True)
class Live:
    """A condition that matters now: its key, the element it belongs to, and its text.

    With `has_turn` it is waited for as long as it matters, else only while the element waits.
    """

    key: str
    path: str
    text: str
    has_turn: bool = True


def live_conditions(state: BatchState) -> Iterator[Live]:
    """Give the conditions of a batch that matter now; none while nothing of it may go forward.

    That of a phase matters before its turn, from when the group it stands in is under way or next to begin: a `for` in
    it counts meanwhile.
    """
    if state.going and state.state not in FINAL:
        yield from _of_group(state, state.tree.root)


def _of_group(state: BatchState, group: Group) -> Iterator[Live]:
    """Give those of a group that is under way, or that is next."""
    if group.path in state.skipped or not goes(state, group.path):
        return
    begun = state.state_of(group.path) is S.RUNNING
    for block in group.exceptions if begun else ():
        if block.path in state.raised:
            yield from _of_group(state, block.steps)
        elif block.when:
            yield Live(condition_key(block.path, "when"), block.path, block.when)
    if group.order is Order.CHOICE:
        yield from _of_choice(state, group)
        return
    if begun and group.is_repeated and group.path not in state.choices:
        yield Live(condition_key(group.path, "until"), group.path, group.until)
    next_is_found = False
    for child in group.children:
        if isinstance(child, Group):
            if not next_is_found and derived_state(state, child) is not S.COMPLETE:
                yield from _of_group(state, child)
        else:
            yield from _of_step(state, child)
        if group.order is Order.SEQUENCE and not next_is_found:
            next_is_found = derived_state(state, child) is not S.COMPLETE


def _of_choice(state: BatchState, group: Group) -> Iterator[Live]:
    taken = state.choices.get(group.path)
    for branch in group.children:
        if not isinstance(branch, Group):
            continue
        if taken is None and branch.when:
            yield Live(condition_key(branch.path, "when"), group.path, branch.when)
        elif branch.path == taken:
            yield from _of_group(state, branch)


def _of_step(state: BatchState, step: Element) -> Iterator[Live]:
    now = state.state_of(step.path)
    if step.path in state.skipped or not goes(state, step.path):
        return
    match step:
        case PhaseStep():
            # What did not end may be repeated, and then it begins from idle.
            if now in {S.IDLE, S.STOPPED, S.ABORTED} and step.requires:
                yield Live(condition_key(step.path, "requires"), step.path, step.requires, has_turn=False)
            execution = state.executions.get(step.path)
            turn = 1 if execution is None else execution.updates + 1
            if now is S.RUNNING and turn <= len(step.updates):
                yield Live(condition_key(step.path, f"update {turn}"), step.path, step.updates[turn - 1].when)
        case WaitStep() if step.until and now is S.RUNNING:
            yield Live(condition_key(step.path, "wait"), step.path, step.until)
        case _:
            return
