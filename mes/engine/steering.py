"""What a person steers: modes, confirmations, breakpoints, skip, repeat, active step, values, places in the queue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from mes.engine.changing import set_value
from mes.engine.draft import Draft
from mes.engine.exceptions import blocked_by, go_to
from mes.engine.gatekeeping import stands_before
from mes.engine.reentry import pass_over, reenter, under_way
from mes.model.equipment import EquipmentPhase
from mes.model.execution import is_below
from mes.model.procedure import Element, Group, Order
from mes.model.progress import derived_state
from mes.model.states import FINAL, CommandRefused, ProceduralState
from mes.model.steering import BreakpointChange, Confirmation, Mode, ModeChange, QueueChange, RankChange
from mes.model.steps import HoldingStep
from mes.model.verbs import WITH_REASON, Verb

S = ProceduralState


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """A person steers the batch. What `name` and `value` mean is said at each `Verb`.

    `equipment` is the equipment phase of the element at the path, `running` whether its slot takes new parameters now,
    `rank` the place in the queue that was asked for.
    """

    verb: Verb
    by: str
    because: str = ""
    path: str = ""
    name: str = ""
    value: str = ""
    equipment: EquipmentPhase | None = None
    running: bool = False
    rank: Decimal = Decimal(0)


def steer(draft: Draft, wanted: Steered) -> None:
    """Do what a person wants; raises `CommandRefused` that says what is possible. Nothing has changed then."""
    if draft.state.ended:
        raise CommandRefused(f"batch {draft.state.batch_no} has ended; nothing can be steered any more")
    if wanted.verb in WITH_REASON and not wanted.because.strip():
        raise CommandRefused(f"{wanted.verb} needs a reason, which the record keeps")
    _VERBS[wanted.verb](draft, wanted)


def element_at(draft: Draft, path: str) -> Element:
    """Give the element at a path; raises `CommandRefused` that names the nearest ones."""
    found = draft.state.tree.elements.get(path)
    if found is None:
        ends = [known for known in draft.state.tree.elements if known.endswith("/" + path)]
        near = ends or get_close_matches(path, draft.state.tree.elements, n=3)
        hint = f"; did you mean {' or '.join(repr(one) for one in near)}?" if near else ""
        raise CommandRefused(f"batch {draft.state.batch_no} has no element {path!r}{hint}")
    return found


def _mode(draft: Draft, wanted: Steered) -> None:
    element_at(draft, wanted.path)
    try:
        mode = Mode(wanted.value)
    except ValueError:
        known = ", ".join(Mode)
        raise CommandRefused(f"{wanted.value!r} is no mode; modes are {known}") from None
    draft.record(ModeChange(path=wanted.path, mode=mode, by=wanted.by, because=wanted.because))


def _confirm(draft: Draft, wanted: Steered) -> None:
    element = element_at(draft, wanted.path)
    if draft.state.state_of(wanted.path) is not S.IDLE or stands_before(draft.state, element) is None:
        raise CommandRefused(f"{wanted.path} is {draft.state.state_of(wanted.path)} and waits for no confirmation")
    draft.record(Confirmation(path=wanted.path, by=wanted.by, because=wanted.because))


def _break(draft: Draft, wanted: Steered) -> None:
    element = element_at(draft, wanted.path)
    if wanted.path == "" or derived_state(draft.state, element) is not S.IDLE:
        state = derived_state(draft.state, element)
        raise CommandRefused(f"a breakpoint stands before something that has not begun; {wanted.path!r} is {state}")
    _set_breakpoint(draft, wanted, active=True)


def _clear(draft: Draft, wanted: Steered) -> None:
    if wanted.path not in draft.state.breakpoints:
        known = ", ".join(sorted(draft.state.breakpoints)) or "none"
        raise CommandRefused(f"there is no breakpoint before {wanted.path!r}; breakpoints: {known}")
    _set_breakpoint(draft, wanted, active=False)


def _set_breakpoint(draft: Draft, wanted: Steered, *, active: bool) -> None:
    draft.record(BreakpointChange(path=wanted.path, active=active, by=wanted.by, because=wanted.because))


def _skip(draft: Draft, wanted: Steered) -> None:
    element = element_at(draft, wanted.path)
    busy = under_way(draft, wanted.path)
    if wanted.path == "" or derived_state(draft.state, element) is S.COMPLETE:
        raise CommandRefused(f"{wanted.path or 'the whole batch'} cannot be skipped: stop the batch, or choose a step")
    if busy:
        raise CommandRefused(f"{_listed(busy)} is under way in its PLC; stop it first, then skip it")
    kept = _kept_by_skipping(draft, wanted.path)
    if kept:
        raise CommandRefused(f"{wanted.path} gives back {', '.join(kept)}, which would stay with the batch; run it")
    pass_over(draft, wanted.path, by=wanted.by, because=wanted.because)


def _kept_by_skipping(draft: Draft, path: str) -> tuple[str, ...]:
    """Give the units that an element releases and that are acquired outside it: skipped, nobody would release them."""
    steps = [
        step for one, step in draft.state.tree.elements.items() if isinstance(step, HoldingStep) and is_below(one, path)
    ]
    acquired = {unit for step in steps if not step.release for unit in step.units}
    return tuple(unit for step in steps if step.release for unit in step.units if unit not in acquired)


def _repeat(draft: Draft, wanted: Steered) -> None:
    element = element_at(draft, wanted.path)
    state = derived_state(draft.state, element)
    if state not in FINAL or wanted.path == "":
        raise CommandRefused(f"{wanted.path!r} is {state}; only what has ended can be repeated")
    parent = _parent(draft, wanted.path)
    _refuse_ended(draft, parent)
    if parent.order is Order.SEQUENCE:
        _go(draft, parent, wanted)
    else:
        reenter(draft, wanted.path, include=True, by=wanted.by, because=wanted.because)


def _go_to(draft: Draft, wanted: Steered) -> None:
    element_at(draft, wanted.path)
    parent = _parent(draft, wanted.path)
    _refuse_ended(draft, parent)
    if parent.order is not Order.SEQUENCE:
        raise CommandRefused(
            f"{wanted.path!r} stands in a {parent.order}; only a step of a sequence can be made active"
        )
    _go(draft, parent, wanted)


def _go(draft: Draft, parent: Group, wanted: Steered) -> None:
    busy = blocked_by(draft, parent)
    if busy:
        raise CommandRefused(f"{_listed(busy)} is under way in its PLC; stop it first, then change the active step")
    go_to(draft, parent, wanted.path, by=wanted.by, because=wanted.because)


def _parent(draft: Draft, path: str) -> Group:
    for element in draft.state.tree.elements.values():
        if isinstance(element, Group) and any(child.path == path for child in element.children):
            return element
    raise CommandRefused(f"{path!r} stands in no sequence; choose a step of the procedure")


def _refuse_ended(draft: Draft, parent: Group) -> None:
    state = draft.state.state_of(parent.path)
    if state in FINAL | {S.IDLE}:
        where = parent.path or "the batch"
        raise CommandRefused(f"{where} is {state}; a step can only be made active while what it stands in is under way")


def _listed(paths: tuple[str, ...]) -> str:
    return " and ".join(paths)


def _rank(draft: Draft, wanted: Steered) -> None:
    if wanted.path not in draft.state.requests:
        known = ", ".join(draft.state.requests) or "none"
        raise CommandRefused(f"{wanted.path!r} has no request in the queue; requests of this batch: {known}")
    draft.record(RankChange(path=wanted.path, rank=wanted.rank, by=wanted.by, because=wanted.because))


def _queue(draft: Draft, wanted: Steered) -> None:
    if draft.state.state is not S.IDLE:
        raise CommandRefused(f"batch {draft.state.batch_no} is {draft.state.state}; only an idle batch can be queued")
    if wanted.name == draft.state.batch_no:
        raise CommandRefused(f"batch {draft.state.batch_no} cannot start after itself")
    try:
        priority = int(wanted.value or 0)
    except ValueError:
        raise CommandRefused(f"priority {wanted.value!r} is no whole number; the higher goes first") from None
    fact = QueueChange(
        queued=True, by=wanted.by, because=wanted.because, priority=priority, rank=wanted.rank, after=wanted.name
    )
    draft.record(fact)


def _unqueue(draft: Draft, wanted: Steered) -> None:
    if draft.state.queue is None or not draft.state.queue.queued:
        raise CommandRefused(f"batch {draft.state.batch_no} is not in the queue")
    draft.record(QueueChange(queued=False, by=wanted.by, because=wanted.because))


def _set(draft: Draft, wanted: Steered) -> None:
    element = element_at(draft, wanted.path)
    set_value(
        draft,
        element,
        wanted.name,
        wanted.value,
        equipment=wanted.equipment,
        running=wanted.running,
        by=wanted.by,
        because=wanted.because,
    )


_VERBS: Mapping[Verb, Callable[[Draft, Steered], None]] = {
    Verb.MODE: _mode,
    Verb.CONFIRM: _confirm,
    Verb.BREAK: _break,
    Verb.CLEAR: _clear,
    Verb.SKIP: _skip,
    Verb.REPEAT: _repeat,
    Verb.GO_TO: _go_to,
    Verb.SET: _set,
    Verb.RANK: _rank,
    Verb.QUEUE: _queue,
    Verb.UNQUEUE: _unqueue,
}
