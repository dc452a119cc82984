"""Units for elements: ask for them, take what the arbitration gives, give them back when the element has ended."""

from __future__ import annotations

from decimal import Decimal

from mes.engine.draft import ENGINE, Draft, Grant, PlantView
from mes.engine.prompting import ask
from mes.model.events import Allocation, Deallocation
from mes.model.execution import is_below
from mes.model.procedure import Bind, Cleanliness, Element, Group, Order
from mes.model.progress import derived_state, is_passed
from mes.model.states import FINAL, ProceduralState
from mes.model.steering import UnitChange, UnitRequest
from mes.model.steps import AnswerKind, HoldingStep
from mes.model.waiting import WaitKind

_LEFT = FINAL | {ProceduralState.IDLE}


def allocated(draft: Draft, view: PlantView, group: Group) -> bool:
    """Say whether a group has the units it needs; ask for them, and take them when they are given."""
    candidates: tuple[str, ...] = (group.unit,) if group.unit else ()
    if group.wanted is not None and not (group.unit and group.wanted.bind is Bind.START):
        # A unit that was free in an earlier round need not be the one of this round.
        candidates = group.wanted.candidates
    # What the batch has acquired for longer than this group need not be asked for.
    acquired = _acquired(draft, group)
    if group.wanted is None:
        candidates = tuple(unit for unit in candidates if unit not in acquired)
    uses = tuple(unit for unit in group.uses if unit not in acquired)
    return _given(draft, view, group.path, candidates, uses)


def acquire(draft: Draft, view: PlantView, step: HoldingStep) -> bool:
    """Say whether the units of an acquire step are the batch's; ask for them, and take them when they are given."""
    return _given(draft, view, step.path, (), step.units)


def _acquired(draft: Draft, group: Group) -> frozenset[str]:
    elements = draft.state.tree.elements
    held = (
        units
        for path, units in draft.state.holdings.items()
        if isinstance(elements.get(path), HoldingStep) and not _beside(draft, path, group.path)
    )
    return frozenset(unit for units in held for unit in units)


def _beside(draft: Draft, one: str, other: str) -> bool:
    """Say whether two elements stand in different branches of a parallel: what one has may go while the other runs."""
    both = (element for path, element in draft.state.tree.elements.items() if is_below(one, path))
    nearest = max((above for above in both if is_below(other, above.path)), key=lambda above: len(above.path))
    return isinstance(nearest, Group) and nearest.order is Order.PARALLEL


def _given(draft: Draft, view: PlantView, path: str, candidates: tuple[str, ...], uses: tuple[str, ...]) -> bool:
    if (not candidates and not uses) or path in draft.state.holdings:
        return True
    request = draft.state.requests.get(path)
    if request is None:
        # Requests of one step stand in the queue in the order of the recipe.
        before = sum(1 for fact in draft.facts if isinstance(fact, UnitRequest))
        rank = view.rank + Decimal(before) / 1000
        draft.record(UnitRequest(path=path, candidates=candidates, uses=uses, rank=rank))
        draft.wait(path, WaitKind.UNIT, f"{' or '.join(candidates) or ', '.join(uses)} to be given to this batch")
        return False
    grant = view.grants.get(path)
    if grant is None:
        _waits(draft, view, path)
        return False
    _take(draft, path, grant)
    return True


def _take(draft: Draft, path: str, grant: Grant) -> None:
    if grant.unit:
        draft.record(Allocation(path=path, unit=grant.unit))
    for unit in grant.uses:
        draft.record(Allocation(path=path, unit=unit, shared=True))


def _waits(draft: Draft, view: PlantView, path: str) -> None:
    wait = view.queue.get(path)
    if wait is None:
        draft.wait(path, WaitKind.UNIT, "the arbitration to look at its request for a unit")
    elif wait.kind is WaitKind.PERSON:
        name = path.rsplit("/", 1)[-1]
        text = {"en": f"{name}: choose a unit", "zh": f"{name}：请选择设备"}
        ask(
            draft,
            path,
            wait.prompt_id,
            text,
            AnswerKind.CHOICE,
            choices=wait.units,
            said=f"choose one of {', '.join(wait.units)}",
        )
    else:
        draft.waiting[path] = wait


def release(draft: Draft, step: HoldingStep) -> None:
    """Give back what earlier acquire steps took of the units of a release step, or what an acquire step itself has."""
    elements = draft.state.tree.elements
    for path, units in draft.state.holdings.items():
        if path == step.path or (step.release and isinstance(elements.get(path), HoldingStep)):
            for unit in units:
                if unit in step.units:
                    draft.record(Deallocation(path=path, unit=unit))


def release_units(draft: Draft) -> None:
    """Give back the units of every group that has ended or is to begin anew, and all of them when the batch has."""
    known: dict[str, ProceduralState] = {}
    root_ended = derived_state(draft.state, draft.state.tree.root, known) in FINAL
    for path in list(draft.state.holdings):
        element = draft.state.tree.elements[path]
        if isinstance(element, HoldingStep):
            top, ended = "", root_ended
        else:
            over = derived_state(draft.state, element, known) in _LEFT or is_passed(draft.state, path)
            top, ended = path, root_ended or over
        if ended and not _in_flight(draft, top):
            _give_back(draft, path, element)


def still_held(draft: Draft, top: Group) -> tuple[str, ...]:
    """Give the units that groups below an element have not given back yet."""
    elements = draft.state.tree.elements
    return tuple(
        unit
        for path, units in draft.state.holdings.items()
        if path != top.path and is_below(path, top.path) and isinstance(elements[path], Group)
        for unit in units
    )


def _in_flight(draft: Draft, top: str) -> bool:
    executions = draft.state.executions.items()
    return any(execution.pending is not None and is_below(path, top) for path, execution in executions)


def _give_back(draft: Draft, path: str, element: Element) -> None:
    for unit in draft.state.holdings[path]:
        draft.record(Deallocation(path=path, unit=unit))
        if isinstance(element, Group) and element.leaves is not None and unit == element.unit:
            _left(draft, element, element.leaves)


def _left(draft: Draft, group: Group, leaves: Cleanliness) -> None:
    clean = leaves is Cleanliness.CLEAN
    # A cleaning that did not come to its end has cleaned nothing.
    if not clean or draft.state.state_of(group.path) is ProceduralState.COMPLETE:
        because = f"left {leaves} by {group.name} of batch {draft.state.batch_no}"
        draft.units.append(UnitChange(unit=group.unit, by=ENGINE, because=because, clean=clean))
