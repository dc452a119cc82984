"""Exception blocks: raise them, bring to rest what they interrupt, and go on as they say when their steps are done."""

from __future__ import annotations

from mes.engine.draft import ENGINE, Draft, PlantView, condition_key
from mes.engine.reentry import pass_over, reenter, rests, under_way
from mes.model.execution import is_below
from mes.model.procedure import ExceptionBlock, Group, Then
from mes.model.progress import derived_state, goes
from mes.model.states import FINAL, Command, ProceduralState
from mes.model.steering import ExceptionEnded, ExceptionRaised
from mes.model.steps import PhaseStep
from mes.model.waiting import WaitKind

S = ProceduralState

ANY = "any"
_RESTS = FINAL | {S.IDLE, S.HELD, S.PAUSED}


def raise_exceptions(draft: Draft, view: PlantView) -> None:
    """Raise the exception blocks whose condition is TRUE while the group they stand on runs."""
    for path, (guarded, block) in draft.state.tree.blocks.items():
        if not block.when or draft.state.state_of(guarded) is not S.RUNNING or not goes(draft.state, guarded):
            continue
        stands = view.permissives.get(condition_key(path, "when"))
        if stands is not None and stands.is_true and _free(draft, guarded):
            _raise(draft, block, guarded, stands.why, "")


def raise_for_failure(draft: Draft, phase: PhaseStep, failure: str, why: str) -> bool:
    """Raise the nearest exception block that stands for the failure of a phase; False when there is none."""
    found = [
        (guarded, block)
        for guarded, block in draft.state.tree.blocks.values()
        if block.failure
        and block.failure in {failure, ANY}
        and is_below(phase.path, guarded)
        and not is_below(phase.path, block.path)
        and _free(draft, guarded)
        and goes(draft.state, guarded)
    ]
    if not found:
        return False
    # Of blocks on one group the first that was written stands before the others: `max` keeps it.
    guarded, block = max(found, key=lambda one: len(one[0]))
    return _raise(draft, block, guarded, why, phase.path)


def _free(draft: Draft, guarded: str) -> bool:
    return not any(draft.state.tree.blocks[path][0] == guarded for path in draft.state.raised)


def _raise(draft: Draft, block: ExceptionBlock, guarded: str, why: str, failed: str) -> bool:
    times = draft.state.raises.get(block.path, 0)
    if times >= block.at_most:
        draft.hold(f"{block.name} was raised {times} times, which is the most its recipe allows: {why}", guarded)
        return failed == ""
    if draft.state.state_of(block.path) is not S.IDLE:
        reenter(draft, block.path, include=True, by=ENGINE, because=why)
    draft.record(ExceptionRaised(path=block.path, because=why, failed=failed))
    return True


def proceed(draft: Draft, block: ExceptionBlock, group: Group) -> bool:
    """Say whether the steps of a raised block have their turn; end the block when they are done."""
    states = _RESTS if block.then is Then.RETURN else FINAL | {S.IDLE}
    moving = [
        phase.path
        for phase in draft.state.tree.phases
        if is_below(phase.path, group.path)
        and not is_below(phase.path, block.path)
        and not rests(draft, phase.path, states=states)
    ]
    if moving:
        draft.wait(block.path, WaitKind.EXCEPTION, f"{', '.join(moving)} to come to rest")
        return False
    if derived_state(draft.state, block.steps) is S.COMPLETE:
        _end(draft, block, group)
        return False
    return True


def _end(draft: Draft, block: ExceptionBlock, group: Group) -> None:
    draft.record(ExceptionEnded(path=block.path, then=block.then))
    match block.then:
        case Then.RETURN:
            _run_again(draft, block, group)
        case Then.JUMP:
            go_to(draft, group, block.target, by=ENGINE, because=f"{block.name}: jump to {block.target}")
        case Then.END:
            draft.command_batch(Command.STOP, by=ENGINE, because=f"{block.name} ends the batch")


def _run_again(draft: Draft, block: ExceptionBlock, group: Group) -> None:
    """A phase that failed so far that it ended is run again from its beginning; a held one is only restarted."""
    for phase in draft.state.tree.phases:
        ended = draft.state.state_of(phase.path) in {S.STOPPED, S.ABORTED}
        if _is_for_a_person(draft, phase.path):
            continue
        if ended and is_below(phase.path, group.path) and not is_below(phase.path, block.path):
            reenter(draft, phase.path, include=True, by=ENGINE, because=f"{block.name} is over")


def _is_for_a_person(draft: Draft, path: str) -> bool:
    """Say whether a person has ended a phase or is being asked about it already: an exception decides nothing then."""
    return not goes(draft.state, path) or draft.state.asked.get(f"repeat:{path}", "") in draft.state.prompts


def go_to(draft: Draft, group: Group, target: str, *, by: str, because: str) -> None:
    """Make a child the active one of a sequence: what stands before it is passed over, it and the rest begin anew.

    Nothing of the sequence may be under way in a PLC.
    """
    passed = True
    for child in group.children:
        if child.path == target:
            passed = False
        if passed and derived_state(draft.state, child) is not S.COMPLETE:
            pass_over(draft, child.path, by=by, because=because)
        elif not passed:
            reenter(draft, child.path, include=True, by=by, because=because)


def blocked_by(draft: Draft, group: Group) -> tuple[str, ...]:
    """Give the phases of a group that are under way, so that its active step cannot be changed."""
    return tuple(path for child in group.children for path in under_way(draft, child.path))
