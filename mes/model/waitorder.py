"""In which order units are waited for while others are held: where it goes in no circle there is no deadlock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mes.model.claims import (
    Acquire,
    End,
    Guard,
    Meet,
    OneOf,
    Parallel,
    Program,
    Release,
    Series,
    Term,
    one_of,
    parallel,
    parts_of,
    series,
)

MEETING = "sync "
Held = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Edge:
    """What a batch waits for (`wants`, at `path`) while `holds` depends on it."""

    batch: str
    path: str


Order = Mapping[tuple[str, str], Edge]
"""For each pair (what is held, what is waited for meanwhile) one place where that is so."""


def wait_order(programs: Mapping[str, Program]) -> Order:
    """Give which unit is waited for while which is held. A meeting of branches is waited for like a unit.

    More pairs than can occur are possible, never fewer: every deadlock is a circle in it.
    """
    walker = _Walker()
    for batch, program in programs.items():
        walker.batch = batch
        walker.walk(program.steps, frozenset(program.held), ())
    return walker.edges


def circle(order: Order) -> tuple[tuple[str, str], ...]:
    """Give the pairs of one shortest circle, each beginning where the one before ends; nothing when there is none."""
    found: list[tuple[tuple[str, str], ...]] = []
    for start in sorted({first for first, _ in order}):
        queue: list[str] = [start]
        paths: dict[str, tuple[tuple[str, str], ...]] = {start: ()}
        for name in queue:
            for pair in sorted(pair for pair in order if pair[0] == name):
                if pair[1] == start:
                    found.append((*paths[name], pair))
                elif pair[1] not in paths:
                    paths[pair[1]] = (*paths[name], pair)
                    queue.append(pair[1])
    return min(found, key=len, default=())


def circular(order: Order) -> frozenset[str]:
    """Give everything that lies on a circle."""
    after: dict[str, set[str]] = {}
    for first, second in order:
        after.setdefault(first, set()).add(second)
    return frozenset(name for name in after if name in _reached(after, name))


def _reached(after: Mapping[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(after.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting.extend(after.get(name, ()))
    return reached


def only(program: Program, names: Iterable[str]) -> Program:
    """Give the program without the claims that concern none of `names`, and without those that nobody waits behind.

    Nobody waits behind a claim of a batch that holds nothing else before and wants nothing until it gives back again,
    unless branches of the batch wait for each other.
    """
    steps = _only(program.steps, frozenset(names))
    waited_for = program.held or any(isinstance(part, Meet) for part in parts_of(steps))
    return replace(program, steps=steps if waited_for else _without_short_claims(steps))


def _without_short_claims(term: Term) -> Term:
    match term:
        case Series(parts):
            kept: list[Term] = []
            left = list(parts)
            while left:
                part = left.pop(0)
                if isinstance(part, Acquire):
                    labels = {want.label for want in part.wants}
                    if left and isinstance(left[0], Release) and labels <= set(left[0].labels):
                        left.pop(0)
                        continue
                    return series(*kept, part, *left)  # from here on something is held
                kept.append(_without_short_claims(part))
            return series(*kept)
        case Parallel(parts):
            return parallel(*(_without_short_claims(part) for part in parts))
        case OneOf(parts):
            return one_of(*(_without_short_claims(part) for part in parts))
        case _:
            return term


def _only(term: Term, names: frozenset[str]) -> Term:
    match term:
        case Acquire(path, wants):
            kept = tuple(want for want in wants if names.intersection(want.candidates))
            return Acquire(path, kept) if kept else Series()
        case Series(parts):
            return series(*(_only(part, names) for part in parts))
        case Parallel(parts):
            return parallel(*(_only(part, names) for part in parts))
        case OneOf(parts):
            return one_of(*(_only(part, names) for part in parts))
        case Guard():
            returns = tuple(part for part in (_only(part, names) for part in term.returns) if part != Series())
            leaves = tuple(_only(part, names) for part in term.leaves)
            body = _only(term.body, names)
            kept_guard = Guard(body, returns, leaves, term.labels)
            return kept_guard if body != Series() and (returns or leaves) else body
        case _:
            return term


@dataclass(slots=True)
class _Walker:
    batch: str = ""
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def add(self, holds: Iterable[str], wants: Iterable[str], path: str) -> None:
        targets = tuple(wants)
        for first in holds:
            for second in targets:
                self.edges.setdefault((first, second), Edge(self.batch, path))

    def walk(self, term: Term, held: Held, before: tuple[Term, ...], *, within: bool = False) -> Held:
        """Follow a term; `before` is what comes before it in its branch, `within` whether it is in a branch at all."""
        match term:
            case Acquire(path, wants):
                self.add(_units(held), _names(term), path)
                pairs = {(want.label, unit) for want in wants for unit in want.candidates}
                return held | pairs
            case Meet():
                self.add(_units(held), _names(term), meeting(term.name))
                for earlier in before:
                    for part in parts_of(earlier):
                        self.add(_names(term), _names(part), meeting(term.name))
                return held
            case Release(labels):
                return frozenset(pair for pair in held if pair[0] not in labels)
            case End():
                return frozenset()
            case Series(parts):
                for part in parts:
                    held = self.walk(part, held, before, within=within)
                    before = (*before, part) if within else ()
                return held
            case Parallel(parts):
                return self.branches(parts, held, before)
            case OneOf(parts):
                return frozenset().union(*(self.walk(part, held, before, within=within) for part in parts))
            case Guard():
                return self.guard(term, held, before, within=within)

    def branches(self, parts: tuple[Term, ...], held: Held, before: tuple[Term, ...]) -> Held:
        # What one branch gives back it alone holds; the rest is held until the last branch has ended.
        given = [_released(part) for part in parts]
        everywhere = frozenset(pair for pair in held if not any(pair[0] in labels for labels in given))
        after: Held = everywhere
        for part, labels in zip(parts, given, strict=True):
            own = frozenset(pair for pair in held if pair[0] in labels)
            after |= self.walk(part, everywhere | own, before, within=True)
        return after

    def guard(self, guard: Guard, held: Held, before: tuple[Term, ...], *, within: bool) -> Held:
        after = self.walk(guard.body, held, before, within=within)
        inner = [part for part in parts_of(guard.body) if isinstance(part, Acquire | Meet)]
        inside = {name for part in inner for name in _names(part)}
        for handler in guard.returns:
            self.walk(handler, held, before, within=within)
            for part in parts_of(handler):
                self.add((*inside, *_units(held)), _names(part), part.path if isinstance(part, Acquire) else "")
        kept = frozenset(pair for pair in held if pair[0] not in guard.labels)
        for leave in guard.leaves:
            after |= self.walk(leave, kept, before, within=within)
        return after


def meeting(name: str) -> str:
    """Give the words for a meeting of branches, which stand where a unit could stand."""
    return f"{MEETING}{name!r}"


def _names(term: Term) -> tuple[str, ...]:
    match term:
        case Acquire(_, wants):
            return tuple(unit for want in wants for unit in want.candidates)
        case Meet(name):
            return (meeting(name),)
        case _:
            return ()


def _units(held: Held) -> tuple[str, ...]:
    return tuple(sorted({unit for _, unit in held}))


def _released(term: Term) -> frozenset[str]:
    return frozenset(label for part in parts_of(term) if isinstance(part, Release) for label in part.labels)
