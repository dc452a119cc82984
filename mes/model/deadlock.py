"""Whether batches can come to wait for each other for ever, told before any of them starts.

A deadlock needs what Coffman, Elphick and Shoshani named (Computing Surveys 3 (1971) 67, doi:10.1145/356586.356588):
units of limited number, held while another is waited for, never taken away, in a cycle. So the order in which units are
waited for while others are held is looked at first; without a cycle in it there is no deadlock. Only where there is one
the states that the batches can reach are searched: exactly, but no more than a given number of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mes.model.claims import DONE, Acquire, Meet, Program
from mes.model.claimsteps import moves_of, waits
from mes.model.waitorder import MEETING, Order, circle, circular, meeting, only, wait_order

STATES = 100_000
"""States that are looked at before a search gives up (a second or so)."""

_State = tuple[tuple[str, Program], ...]
_Point = tuple[str, Acquire | Meet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One link of a deadlock: a batch holds `holds`, which others wait for, and waits for `wants` at `path`."""

    batch: str
    holds: str
    wants: str
    path: str

    def __str__(self) -> str:
        wants = f"{'waits for' if self.wants.startswith(MEETING) else 'wants'} {self.wants}"
        if not self.holds:
            return f"{self.batch} {wants}"
        return f"{self.batch} {'holds up' if self.holds.startswith(MEETING) else 'holds'} {self.holds} and {wants}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlock:
    """Batches that would wait for each other for ever; not `certain` when the search ended before that was known.

    `waiting` goes round: each holds what the one before it wants, the first what the last wants. `states` is how many
    states were looked at.
    """

    waiting: tuple[Waiting, ...]
    certain: bool = True
    states: int = 0

    def __str__(self) -> str:
        words = ", ".join(str(link) for link in self.waiting)
        return words if self.certain else f"{words} (possible: not decided within {self.states} states)"


def deadlock_before_start(
    programs: Mapping[str, Program], capacity: Mapping[str, int] | None = None, *, states: int = STATES
) -> Deadlock | None:
    """Say how batches, by their number, could come to wait for each other for ever; None when they cannot.

    `capacity` tells how many may use a unit at once; a unit that it does not name has one user. Whatever fits is taken
    to be granted: a queue decides who comes first where several could go on, never that a free unit stays free.
    A deadlock that is not `certain` must be treated as one.
    """
    order = wait_order(programs)
    names = circular(order)
    if not names:
        return None
    # Units outside of every circle only make others wait longer: without them more can happen, never less.
    reduced = {batch: only(program, names) for batch, program in programs.items()}
    users = capacity or {}
    found = find_deadlock(reduced, users, states=states)
    if found is None:
        return None
    if not found.certain:
        return replace(found, waiting=_suspected(order))
    exact = find_deadlock(programs, users, states=states)
    return exact if exact is None or exact.certain else replace(exact, waiting=found.waiting)


def find_deadlock(
    programs: Mapping[str, Program], capacity: Mapping[str, int], *, states: int = STATES
) -> Deadlock | None:
    """Search every state that the batches can reach for one in which some wait and none can go on.

    Depth first, each state once, whichever of two equal batches is where. A search that was given up comes back without
    links and not `certain`.
    """
    graph = _Graph()
    stack = [tuple(graph.number(program) for program in programs.values())]
    seen: set[tuple[int, ...]] = set()
    while stack:
        state = stack.pop()
        key = tuple(sorted(state))
        if key in seen:
            continue
        if len(seen) == states:
            return Deadlock(waiting=(), certain=False, states=states)
        seen.add(key)
        following = graph.following(state, capacity)
        if not following and any(graph.programs[number].steps != DONE for number in state):
            reached = zip(programs, (graph.programs[number] for number in state), strict=True)
            return Deadlock(waiting=_round(tuple(reached), capacity), states=len(seen))
        stack.extend(following)
    return None


@dataclass(slots=True)
class _Graph:
    """The programs that batches have come to, by number, with the moves of each: most states share them."""

    programs: list[Program] = field(default_factory=list)
    moves: list[tuple[tuple[tuple[str, ...], int], ...] | None] = field(default_factory=list)
    alone: list[bool] = field(default_factory=list)
    held: list[tuple[str, ...]] = field(default_factory=list)
    numbers: dict[Program, int] = field(default_factory=dict)

    def number(self, program: Program) -> int:
        if program not in self.numbers:
            self.numbers[program] = len(self.programs)
            self.programs.append(program)
            self.moves.append(None)
            self.alone.append(False)
            self.held.append(tuple(unit for _, unit in program.held))
        return self.numbers[program]

    def moves_of(self, number: int) -> tuple[tuple[tuple[str, ...], int], ...]:
        known = self.moves[number]
        if known is None:
            found = moves_of(self.programs[number])
            known = tuple((units, self.number(after)) for units, after in found.moves)
            self.moves[number], self.alone[number] = known, found.alone
        return known

    def following(self, state: tuple[int, ...], capacity: Mapping[str, int]) -> list[tuple[int, ...]]:
        moves = [self.moves_of(number) for number in state]
        for place, number in enumerate(state):
            if self.alone[number]:
                return [(*state[:place], after, *state[place + 1 :]) for _, after in moves[place]]
        used = Counter(unit for number in state for unit in self.held[number])
        return [
            (*state[:place], after, *state[place + 1 :])
            for place, possible in enumerate(moves)
            for units, after in possible
            if all(used[unit] < capacity.get(unit, 1) for unit in units)
        ]


def _used(state: _State) -> Counter[str]:
    return Counter(unit for _, program in state for _, unit in program.held)


def _round(state: _State, capacity: Mapping[str, int]) -> tuple[Waiting, ...]:
    """Follow from one that waits to one that holds what it waits for, until the way closes."""
    used = _used(state)
    points = [(batch, waiting) for batch, program in state for waiting in waits(program)]
    labels = {(batch, unit): label for batch, program in state for label, unit in program.held}
    way: list[tuple[_Point, str]] = []
    here: _Point | None = points[0]
    while here is not None and here not in [point for point, _ in way]:
        batch, waiting = here
        if isinstance(waiting, Meet):
            wanted = meeting(waiting.name)
            following = [point for point in points if point[0] == batch and point[1] != waiting]
        else:
            wanted = _missing(waiting, used, capacity)
            holders = [point for point in points if (point[0], wanted) in labels]
            # In a batch with several branches it is the branch that acquired the unit which does not go on.
            below = [point for point in holders if _is_below(point, labels[point[0], wanted])]
            apart = sorted((point for point in holders if point != here), key=lambda one: isinstance(one[1], Acquire))
            following = below or apart or holders
        way.append((here, wanted))
        here = following[0] if following else None
    if here is not None:
        way = way[[point for point, _ in way].index(here) :]
    links: list[Waiting] = []
    before = way[-1][1] if here is not None else ""
    for (batch, waiting), wanted in way:
        path = waiting.path if isinstance(waiting, Acquire) else ""
        links.append(Waiting(batch=batch, holds=before, wants=wanted, path=path))
        before = wanted
    return tuple(links)


def _is_below(point: _Point, path: str) -> bool:
    return isinstance(point[1], Acquire) and point[1].path.startswith(f"{path}/")


def _missing(point: Acquire, used: Counter[str], capacity: Mapping[str, int]) -> str:
    """Give the unit that keeps an element waiting: one of a want of which no candidate is free."""
    for want in point.wants:
        if all(used[unit] >= capacity.get(unit, 1) for unit in want.candidates):
            return want.candidates[0] if want.candidates else ""
    return point.wants[0].candidates[0]


def _suspected(order: Order) -> tuple[Waiting, ...]:
    return tuple(
        Waiting(batch=order[pair].batch, holds=pair[0], wants=pair[1], path=order[pair].path) for pair in circle(order)
    )
