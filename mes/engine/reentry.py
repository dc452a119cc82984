"""Begin a part of the procedure anew: its states go back to idle by the life table, its decisions are forgotten."""

from __future__ import annotations

from mes.engine.allocation import release
from mes.engine.draft import Draft
from mes.model.execution import is_below
from mes.model.states import FINAL, Command, ProceduralState
from mes.model.steering import Reentry, Skip
from mes.model.steps import HoldingStep

S = ProceduralState


def reenter(draft: Draft, path: str, *, include: bool, by: str, because: str, turn: int = 0) -> None:
    """Let the element at `path` (with `include` itself) and everything below it begin anew.

    Nothing of it may be under way in a PLC; `under_way` tells. `turn` is the round of a repetition.
    """
    below = [one for one in draft.state.tree.elements if is_below(one, path) and (include or one != path)]
    for one in reversed(below):
        step = draft.state.tree.elements[one]
        if isinstance(step, HoldingStep) and not step.release:
            release(draft, step)
        state = draft.state.state_of(one)
        if state in FINAL:
            draft.change(one, S.IDLE, because)
        elif state is not S.IDLE:
            # A prompt, a wait or a group that was left behind: it ends before it may begin again.
            draft.change(one, S.STOPPED, because)
            draft.change(one, S.IDLE, because)
    draft.record(Reentry(path=path, by=by, because=because, round=turn))


def pass_over(draft: Draft, path: str, *, by: str, because: str) -> None:
    """Let the procedure go on as if an element were complete; nobody needs to answer what it has asked."""
    if any(is_below(prompt.path, path) for prompt in draft.state.prompts.values()):
        reenter(draft, path, include=True, by=by, because=because)
    for one in reversed(tuple(draft.state.tree.elements)):
        # What has begun and was left behind does not stay so in the record.
        if is_below(one, path) and draft.state.state_of(one) not in FINAL | {S.IDLE}:
            draft.change(one, S.STOPPED, because)
    for one, element in draft.state.tree.elements.items():
        # What would have been given back on the way is given back, and nothing stays behind.
        if is_below(one, path) and isinstance(element, HoldingStep):
            release(draft, element)
    draft.record(Skip(path=path, by=by, because=because))


def under_way(draft: Draft, path: str) -> tuple[str, ...]:
    """Give the phases at and below an element that have not come to their end, or have a command in flight."""
    return tuple(
        phase.path for phase in draft.state.tree.phases if is_below(phase.path, path) and not rests(draft, phase.path)
    )


def rests(draft: Draft, path: str, *, states: frozenset[ProceduralState] = FINAL | {S.IDLE}) -> bool:
    """Say whether a phase is in one of these states with no command in flight; a reset after its end is none."""
    execution = draft.state.executions.get(path)
    in_flight = execution is not None and execution.pending not in {None, Command.RESET}
    return draft.state.state_of(path) in states and not in_flight
