"""Whether everything ends: loops are bounded, whatever is waited for has a limit, exceptions can be raised and end."""

from __future__ import annotations

from mes.model.procedure import Element, ExceptionBlock, Group, walk
from mes.model.steps import PhaseStep, WaitStep
from mes.recipes.problem import nearest
from mes.recipes.proof.case import Case

ANY_FAILURE = "any"


def prove_limits(case: Case) -> None:
    """Find loops without a bound, waits without a limit, and exceptions that nothing raises."""
    for element in walk(case.master.procedure):
        match element:
            case Group():
                _group(case, element)
            case PhaseStep() if element.requires and element.requires_within_s < 1:
                case.tell(element, "requires is waited for without a limit; write requires_within of a second or more")
            case WaitStep() if element.until and element.within_s < 1:
                case.tell(element, f"waits for {element.until!r} without a limit; write within of a second or more")
            case WaitStep() if not element.until and element.duration_s < 1:
                case.tell(element, "waits for nothing; write a condition or a time of a second or more")
            case _:
                pass


def _group(case: Case, group: Group) -> None:
    if group.is_repeated and group.at_most < 1:
        case.tell(group, f"at_most is {group.at_most}, so the loop is not bounded; write how often it is run at most")
    for block in group.exceptions:
        if block.at_most < 1:
            message = f"at_most is {block.at_most}; write how often it is raised before the batch is held, once or more"
            case.tell(block, message)
        if block.failure:
            _failure(case, group, block)
    _repeated_blocks(case, group)


def _failure(case: Case, group: Group, block: ExceptionBlock) -> None:
    steps = [step for step in _guarded(group) if isinstance(step, PhaseStep)]
    if not steps:
        case.tell(block, f"failure: {group.path or 'the procedure'} has no phase that could fail; use 'when'")
        return
    slots = {phase.slot for step in steps for phase in case.phases_of(step)}
    names = sorted({name for slot in slots for name in case.cell.failures.get(slot, ())})
    if block.failure != ANY_FAILURE and slots and block.failure not in names:
        known = nearest(block.failure, [*names, ANY_FAILURE])
        case.tell(block, f"failure: no phase here can fail with {block.failure!r}{known}")


def _guarded(group: Group) -> list[Element]:
    return [found for child in group.children for found in walk(child)]


def _repeated_blocks(case: Case, group: Group) -> None:
    taken: dict[tuple[str, str], str] = {}
    for block in group.exceptions:
        key = (block.when, block.failure)
        earlier = taken.get(key) or (taken.get(("", ANY_FAILURE)) if block.failure else None)
        if earlier:
            what = block.failure or block.when
            message = f"{earlier!r} before it is raised by {what!r} already, so this one never is; remove it"
            case.tell(block, message if key in taken else f"{message}, or put it first")
        taken.setdefault(key, block.name)
