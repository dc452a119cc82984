"""Whether branches that meet can meet, and whether the steps of an exception can run where it is raised."""

from __future__ import annotations

from collections.abc import Iterator

from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order, Then, phases, walk
from mes.model.steps import PhaseStep
from mes.recipes.proof.case import Case


def prove_links(case: Case) -> None:
    """Find phases that could wait for a partner that never comes, and exception steps that need what is held."""
    root = case.master.procedure
    ways = dict(_ways(root, ()))
    meetings: dict[str, list[PhaseStep]] = {}
    for step in phases(root):
        if step.sync:
            meetings.setdefault(step.sync, []).append(step)
    for name, steps in meetings.items():
        for index, step in enumerate(steps):
            for other in steps[index + 1 :]:
                _pair(case, name, (step, ways[step.path]), (other, ways[other.path]))
        if any(step.transfer for step in steps):
            _transfer(case, name, steps)
    for element in walk(root):
        if isinstance(element, Group):
            for block in element.exceptions:
                _slots(case, element, block)


def _ways(element: Element, above: tuple[Group, ...]) -> Iterator[tuple[str, tuple[Group, ...]]]:
    """Give for each path the groups above it, the outermost first; the steps of an exception stand below its block."""
    yield element.path, above
    if isinstance(element, Group):
        for child in element.children:
            yield from _ways(child, (*above, element))
        for block in element.exceptions:
            yield from _ways(block.steps, (*above, element))


def _pair(
    case: Case, name: str, first: tuple[PhaseStep, tuple[Group, ...]], second: tuple[PhaseStep, tuple[Group, ...]]
) -> None:
    (step, way), (other, other_way) = first, second
    shared = [group for group, same in zip(way, other_way, strict=False) if group is same]
    split = shared[-1]
    if split.order is not Order.PARALLEL:
        word = {Order.SEQUENCE: "one after the other", Order.CHOICE: "in two branches of a choose"}[split.order]
        case.tell(
            other, f"sync {name!r} is met at {step.path!r} too, but the two are {word}; put them in parallel branches"
        )
        return
    for phase, partner, below in ((step, other, way), (other, step, other_way)):
        inside = next(
            (group for group in below[len(shared) :] if group.order is Order.CHOICE or group.is_repeated), None
        )
        if inside is None:
            continue
        word = "choose" if inside.order is Order.CHOICE else "repeat"
        case.tell(
            phase,
            f"sync {name!r} stands in the {word} {inside.path!r} and its partner {partner.path!r} does not, so one of "
            f"them can wait for ever; put the {word} around both",
        )


def _transfer(case: Case, name: str, steps: list[PhaseStep]) -> None:
    """A transfer between two units of one class needs two of that class."""
    given = [case.units.get(step.path, ()) for step in steps]
    if len(given) == 2 and len(given[0]) == 1 and given[0] == given[1]:
        case.tell(steps[1], f"transfer {name!r} is from {given[0][0]} to itself, for no other unit will do")


def _slots(case: Case, group: Group, block: ExceptionBlock) -> None:
    """A phase that is interrupted keeps its slot as long as the exception returns to it; one that failed does not."""
    if block.then is not Then.RETURN:
        return
    _units(case, group, block)
    beside = any(isinstance(found, Group) and found.order is Order.PARALLEL for found in walk(group))
    if block.failure and not beside:
        return
    held: dict[str, str] = {}
    for child in group.children:
        for step in phases(child):
            for phase in case.phases_of(step):
                held.setdefault(phase.slot, step.path)
    for step in phases(block.steps):
        slot = next((phase.slot for phase in case.phases_of(step) if phase.slot in held), None)
        if slot is not None:
            case.tell(
                step,
                f"runs in the slot {slot} that {held[slot]!r} keeps while the exception is served and returned from; "
                "use 'then: {jump: ...}' or a phase of another unit",
            )


def _units(case: Case, group: Group, block: ExceptionBlock) -> None:
    owned = {
        unit: found.path
        for child in group.children
        for found in walk(child)
        if isinstance(found, Group) and found.level is Level.UNIT_PROCEDURE
        for unit in case.units.get(found.path, ())[:1]
        if found.wanted is None
    }
    for found in walk(block.steps):
        if isinstance(found, Group) and found.unit in owned:
            case.tell(
                found,
                f"wants the unit {found.unit}, which {owned[found.unit]!r} keeps when it is interrupted; use "
                "'then: {jump: ...}', or put the exception on that unit procedure",
            )
