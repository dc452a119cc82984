"""How programs of claims go on: which moves a batch can make next, and which it makes whatever the others do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from mes.model.claims import (
    DONE,
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
    Want,
    parallel,
    parts_of,
    series,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A branch is chosen, or an exception is raised."""


Action = Acquire | Release | Meet | End | Choice


@dataclass(frozen=True, slots=True)
class _Front:
    """One action that can come next and the term after it; `bound` when an exception might come before it."""

    action: Action
    after: Term
    bound: bool = False
    drops: tuple[str, ...] = ()


Move = tuple[tuple[str, ...], Program]
"""The units that are acquired at once (none: nothing can prevent it), and the program after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What a program can do next. `alone`: the moves of others need not be tried before these.

    What only gives back, and the alternatives of a choice, stand alone: other moves, of this batch and of others, come
    to the same before and after them, unless an exception can come before them.
    """

    moves: tuple[Move, ...]
    alone: bool = False


def moves_of(program: Program) -> Moves:
    """Give every move of a program, as if all units were free."""
    fronts = list(_fronts(program.steps))
    for front in fronts:
        if not front.bound and isinstance(front.action, Release | End):
            return Moves(moves=(((), _given_back(program, front)),), alone=True)
    for alternatives in _open_choices(program.steps):
        return Moves(moves=tuple(((), replace(program, steps=after)) for after in alternatives), alone=True)
    met = [replace(program, steps=_passed(program.steps, name)) for name in _met(program.steps)]
    if met and not any(isinstance(part, Guard) for part in parts_of(program.steps)):
        return Moves(moves=(((), met[0]),), alone=True)
    found: list[Move] = [((), after) for after in met]
    for front in fronts:
        match front.action:
            case Acquire(_, wants):
                ways = (units for units in product(*(want.candidates for want in wants)))
                found += [
                    (units, _acquired(program, wants, front.after, units))
                    for units in ways
                    if len(set(units)) == len(units)
                ]
            case Release() | End() | Choice():
                found.append(((), _given_back(program, front)))
            case Meet():
                pass
    return Moves(moves=tuple(found))


def waits(program: Program) -> list[Acquire | Meet]:
    """Give everything that stands at the front and waits for others."""
    fronts = (front.action for front in _fronts(program.steps))
    return [action for action in fronts if isinstance(action, Acquire | Meet)]


def _fronts(term: Term) -> Iterator[_Front]:
    match term:
        case Acquire() | Release() | End() | Meet():
            yield _Front(term, DONE)
        case Series(parts):
            for front in _fronts(parts[0]) if parts else ():
                yield replace(front, after=series(front.after, *parts[1:]))
        case Parallel(parts):
            for index, part in enumerate(parts):
                for front in _fronts(part):
                    yield replace(front, after=parallel(*parts[:index], front.after, *parts[index + 1 :]))
        case OneOf(parts):
            yield from (_Front(Choice(), part) for part in parts)
        case Guard():
            yield from _guard_fronts(term)


def _guard_fronts(guard: Guard) -> Iterator[_Front]:
    for front in _fronts(guard.body):
        yield replace(front, after=_still(guard, front.after), bound=True)
    for handler in guard.returns:
        body = series(handler, guard.body)
        yield _Front(Choice(), _still(replace(guard, returns=()), body), bound=True)
    for leave in guard.leaves:
        yield _Front(Choice(), leave, bound=True, drops=guard.labels)


def _still(guard: Guard, body: Term) -> Term:
    if body == DONE or not (guard.returns or guard.leaves):
        return body
    return replace(guard, body=body)


def _open_choices(term: Term) -> Iterator[list[Term]]:
    """Give the alternatives of the first choice that no exception can come before."""
    match term:
        case OneOf(parts):
            yield list(parts)
        case Series(parts) if parts:
            for found in _open_choices(parts[0]):
                yield [series(after, *parts[1:]) for after in found]
        case Parallel(parts):
            for index, part in enumerate(parts):
                for found in _open_choices(part):
                    yield [parallel(*parts[:index], after, *parts[index + 1 :]) for after in found]
        case _:
            return


def _met(term: Term) -> Iterator[str]:
    """Give the names whose parties are all there."""
    there = Counter(front.action for front in _fronts(term) if isinstance(front.action, Meet))
    yield from (meet.name for meet, count in there.items() if count >= meet.parties)


def _passed(term: Term, name: str) -> Term:
    match term:
        case Meet():
            return DONE if term.name == name else term
        case Series(parts) if parts:
            return series(_passed(parts[0], name), *parts[1:])
        case Parallel(parts):
            return parallel(*(_passed(part, name) for part in parts))
        case Guard(body):
            return _still(term, _passed(body, name))
        case _:
            return term


def _acquired(program: Program, wants: tuple[Want, ...], after: Term, units: tuple[str, ...]) -> Program:
    pairs = [(want.label, unit) for want, unit in zip(wants, units, strict=True)]
    return Program(steps=after, held=tuple(sorted((*program.held, *pairs))))


def _given_back(program: Program, front: _Front) -> Program:
    match front.action:
        case End():
            return Program(steps=DONE)
        case Release(labels):
            dropped: tuple[str, ...] = labels
        case _:
            dropped = front.drops
    if not dropped:
        return replace(program, steps=front.after)
    return Program(steps=front.after, held=tuple(pair for pair in program.held if pair[0] not in dropped))
