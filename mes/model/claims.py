"""What a procedure claims of the equipment, as a program of acquiring and releasing units; nothing else is left of it.

A program is a term that is used up from the front: what has happened is no longer in it. So the program of a running
batch is that of its procedure without what is done, and two batches that stand at the same place have equal programs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from mes.model.acquired import unburdened
from mes.model.procedure import Bind, Element, ExceptionBlock, Group, Level, Order, Then, phases, walk
from mes.model.steps import HoldingStep, PhaseStep


@dataclass(frozen=True, slots=True)
class Want:
    """One unit of `candidates` is wanted, to be held under `label`."""

    label: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Acquire:
    """Acquire everything of `wants` at once, or wait; `path` is the element that wants it."""

    path: str
    wants: tuple[Want, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """Give back what is held under these labels."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Meet:
    """Wait until `parties` branches of the batch are here."""

    name: str
    parties: int


@dataclass(frozen=True, slots=True)
class End:
    """Give back everything: the batch is over."""


@dataclass(frozen=True, slots=True)
class Series:
    """One part after the other; an empty one is done."""

    parts: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class Parallel:
    """All parts at the same time, done when all are."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Any one of the parts."""

    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """`body`, which may at any moment be interrupted once: by one of `returns`, after which it goes on where it was, or
    by one of `leaves`, which stands in its place once the body has given back what it holds under `labels`.
    """

    body: Term
    returns: tuple[Term, ...] = ()
    leaves: tuple[Term, ...] = ()
    labels: tuple[str, ...] = ()


Term = Acquire | Release | Meet | End | Series | Parallel | OneOf | Guard
DONE = Series()
ACQUIRED = "acquired by a step: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What a batch has yet to acquire and release, and the units it holds now: pairs of label and unit."""

    steps: Term
    held: tuple[tuple[str, str], ...] = ()


def program_of(
    procedure: Group, done: Callable[[str], bool] | None = None, holding: Mapping[str, tuple[str, ...]] | None = None
) -> Program:
    """Give the program of a procedure, or what remains of it for a batch that runs.

    `done` says of a path whether that element needs nothing more (complete, or skipped); an element of a repetition is
    not done when the round it is in has yet to run it. `holding` gives the units held, by the path of what acquired
    them: a unit procedure or operation with its own and its shared units, or an acquire step. A unit that is not named
    but wanted by class may be any of its `candidates`.
    """
    procedure = unburdened(procedure)
    held = holding or {}
    is_done = done or _nothing
    builder = _Builder(is_done, held, _parties(procedure, is_done), _parties(procedure, _nothing))
    steps = series(builder.term(procedure))
    acquired = {step.path for step in _holding_steps(procedure)}
    pairs = ((label_of(unit) if path in acquired else path, unit) for path, units in held.items() for unit in units)
    return Program(steps=steps, held=tuple(sorted(pairs)))


def label_of(unit: str) -> str:
    """Give the label under which an acquire step holds a unit: the release names the unit, not the step."""
    return f"{ACQUIRED}{unit}"


def series(*parts: Term) -> Term:
    """Give the parts one after the other, without the empty ones."""
    flat: list[Term] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, Series) else (part,))
    return flat[0] if len(flat) == 1 else Series(tuple(flat))


def parallel(*parts: Term) -> Term:
    """Give the parts at the same time, without the empty ones."""
    left = tuple(part for part in parts if part != DONE)
    return Parallel(left) if len(left) > 1 else left[0] if left else DONE


def one_of(*parts: Term) -> Term:
    """Give a choice; equal parts count once."""
    left = tuple(dict.fromkeys(parts))
    return OneOf(left) if len(left) > 1 else left[0] if left else DONE


def parts_of(term: Term) -> Iterator[Term]:
    """Give the term and everything in it."""
    yield term
    match term:
        case Series(parts) | Parallel(parts) | OneOf(parts):
            inner: tuple[Term, ...] = parts
        case Guard(body, returns, leaves):
            inner = (body, *returns, *leaves)
        case _:
            return
    for part in inner:
        yield from parts_of(part)


def acquires(term: Term) -> bool:
    """Say whether anything in the term is acquired or met."""
    return any(isinstance(part, Acquire | Meet) for part in parts_of(term))


def _nothing(_: str) -> bool:
    return False


def _holding_steps(procedure: Group) -> Iterator[HoldingStep]:
    return (step for step in walk(procedure) if isinstance(step, HoldingStep))


def _parties(procedure: Group, done: Callable[[str], bool]) -> Mapping[str, int]:
    """Count the phases of each sync, without those that have met already: then one of them is done."""
    steps = [step for step in phases(procedure) if step.sync]
    met = {step.sync for step in steps if done(step.path)}
    return Counter(step.sync for step in steps if step.sync not in met)


@dataclass(frozen=True, slots=True)
class _Builder:
    done: Callable[[str], bool]
    holding: Mapping[str, tuple[str, ...]]
    parties: Mapping[str, int]
    all_parties: Mapping[str, int]

    def afresh(self) -> _Builder:
        """Give the builder of a procedure of which nothing is done."""
        return _Builder(_nothing, {}, self.all_parties, self.all_parties)

    def term(self, element: Element) -> Term:
        if element.path and self.done(element.path):
            held = isinstance(element, Group) and element.path in self.holding
            return Release((element.path,)) if held else DONE
        match element:
            case Group():
                return self.group(element)
            case HoldingStep():
                return self.step(element)
            case PhaseStep() if self.parties.get(element.sync, 0) > 1:
                return Meet(element.sync, self.parties[element.sync])
            case _:
                return DONE

    def step(self, step: HoldingStep) -> Term:
        if step.release:
            return Release(tuple(label_of(unit) for unit in step.units))
        if step.path in self.holding:
            return DONE
        return Acquire(step.path, tuple(Want(label_of(unit), (unit,)) for unit in step.units))

    def group(self, group: Group) -> Term:
        inner = self.repeated(group) if group.is_repeated else self.children(group)
        inner = self.guarded(group, inner)
        wants = wants_of(group)
        if not wants:
            return inner
        if group.path in self.holding:
            return series(inner, Release((group.path,)))
        return series(Acquire(group.path, wants), inner, Release((group.path,)))

    def children(self, group: Group) -> Term:
        match group.order:
            case Order.SEQUENCE:
                return series(*(self.term(child) for child in group.children))
            case Order.PARALLEL:
                return parallel(*(self.term(child) for child in group.children))
            case Order.CHOICE:
                entered = [child for child in group.children if self.is_entered(child)]
                return one_of(*(self.term(child) for child in entered or group.children))

    def is_entered(self, element: Element) -> bool:
        return any(self.done(found.path) or found.path in self.holding for found in walk(element))

    def repeated(self, group: Group) -> Term:
        # A round leaves what it found, so one whole round stands for all of them; the one that runs may be begun.
        rest = self.children(group)
        whole = self.afresh().children(group)
        return rest if rest == whole else series(rest, one_of(DONE, whole))

    def guarded(self, group: Group, body: Term) -> Term:
        returns: list[Term] = []
        leaves: list[Term] = []
        for block in group.exceptions:
            steps = self.afresh().term(block.steps)
            if block.then is Then.RETURN:
                returns += [steps] if acquires(steps) else []
            # To end, or to begin anew, without acquiring anything is what the batch can do without an exception too.
            elif acquires(steps) or _target(group, block) > 0:
                leaves.append(series(steps, self.after(group, block, body)))
        rest: Term
        if body == DONE:  # nothing but phases: whenever they are interrupted, the same is held
            rest = one_of(DONE, *returns, *leaves)
        elif returns or leaves:
            rest = Guard(body, tuple(returns), tuple(leaves), _labels(body, *returns, explicit=False))
        else:
            rest = body
        raised = next((block for block in group.exceptions if self.is_raised(block)), None)
        if raised is None:
            return rest
        if raised.then is Then.RETURN:
            return series(self.term(raised.steps), rest)
        stopped = Release(_labels(body, explicit=False))
        return series(stopped, self.term(raised.steps), self.after(group, raised, body))

    def after(self, group: Group, block: ExceptionBlock, body: Term) -> Term:
        """Give what follows the steps of an exception that does not return; acquire steps keep theirs until then."""
        index = _target(group, block)
        if index < 0:
            return End()
        kept = _labels(body, explicit=True)
        fresh = self.afresh()
        rest = (fresh.term(child) for child in group.children[index:])
        return series(*([Release(kept)] if kept else []), *rest)

    def is_raised(self, block: ExceptionBlock) -> bool:
        return not self.done(block.path) and self.is_entered(block.steps)


def _labels(*terms: Term, explicit: bool) -> tuple[str, ...]:
    """Give the labels of what acquire steps (`explicit`), or unit procedures and operations, hold."""
    inner = [part for term in terms for part in parts_of(term)]
    labels = {want.label for part in inner if isinstance(part, Acquire) for want in part.wants}
    labels |= {label for part in inner if isinstance(part, Release) for label in part.labels}
    return tuple(sorted(label for label in labels if label.startswith(ACQUIRED) is explicit))


def wants_of(group: Group) -> tuple[Want, ...]:
    """Give what a unit procedure or operation acquires before its first child: its unit and the shared ones."""
    named = group.unit and (group.wanted is None or group.wanted.bind is Bind.START)
    own = ((group.unit,),) if named else (group.wanted.candidates,) if group.wanted else ()
    wanted = (*(own if group.level is Level.UNIT_PROCEDURE else ()), *((unit,) for unit in group.uses))
    return tuple(Want(group.path, candidates) for candidates in wanted)


def _target(group: Group, block: ExceptionBlock) -> int:
    """Give the index of the child a block jumps to, -1 where it ends the batch."""
    if block.then is Then.END:
        return -1
    return next((index for index, child in enumerate(group.children) if child.path == block.target), 0)
