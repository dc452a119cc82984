"""What the open batches claim of the units, and what the arbitration makes of it as long as nothing changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from mes.engine.arbitration import Arbitrated, Claim, Fitness, arbitrate, in_order
from mes.engine.draft import Grant
from mes.engine.gatekeeping import stands_before
from mes.engine.prompting import response_of
from mes.model.execution import BatchState
from mes.model.procedure import Choose, Group
from mes.model.progress import goes
from mes.model.states import CommandRefused
from mes.model.waiting import Wait

T = TypeVar("T")


def unit_wish(path: str) -> str:
    """Give the wish of an element whose unit a person chooses."""
    return f"unit:{path}"


def claims_of(state: BatchState) -> Iterator[Claim]:
    """Give the requests of a batch. What rests keeps its place in the queue, but keeps nobody from going on."""
    priority = 0 if state.queue is None else state.queue.priority
    for path, request in state.requests.items():
        element = state.tree.elements[path]
        wanted = element.wanted if isinstance(element, Group) else None
        yield Claim(
            batch_no=state.batch_no,
            path=path,
            candidates=request.candidates,
            uses=request.uses,
            rank=request.rank,
            priority=priority,
            choose=Choose.PREFERRED if wanted is None else wanted.choose,
            holding=bool(state.holdings),
            takes_dirty=isinstance(element, Group) and element.takes_dirty,
            picked=_picked(state, path),
        )


def _picked(state: BatchState, path: str) -> str:
    response = response_of(state, unit_wish(path))
    return "" if response is None else response.value


def owners_of(batches: Iterable[BatchState]) -> dict[str, list[str]]:
    """Give the batches that have each unit."""
    owners: dict[str, list[str]] = {}
    for state in batches:
        for units in state.holdings.values():
            for unit in units:
                owners.setdefault(unit, []).append(state.batch_no)
    return owners


@dataclass(slots=True)
class Claims:
    """The arbitration of one cell: decided anew only when a claim, a unit or who has it has changed."""

    stale: bool = True
    arbitrated: Arbitrated = field(default_factory=Arbitrated)
    _rank: Decimal = Decimal(0)
    _grants: dict[str, dict[str, Grant]] = field(default_factory=dict)
    _waits: dict[str, dict[str, Wait]] = field(default_factory=dict)

    def changed(self, before: BatchState | None, after: BatchState) -> None:
        """Take notice of a new state of a batch."""
        for request in after.requests.values():
            self._rank = max(self._rank, request.rank)
        if self.stale or (before is not None and not _differ(before, after)):
            return
        self.stale = True

    def next_rank(self) -> Decimal:
        """Give the place of a request made now: behind every one there is."""
        return self._rank + 1

    def look(self, batches: Mapping[str, BatchState], units: Mapping[str, Fitness]) -> frozenset[str]:
        """Arbitrate if anything has changed; give the batches for which the outcome is another than before."""
        if not self.stale:
            return frozenset()
        self.stale = False
        claims = [claim for state in batches.values() if state.requests for claim in claims_of(state)]
        going = [claim for claim in claims if _has_its_turn(batches[claim.batch_no], claim.path)]
        self.arbitrated = arbitrate(going, owners_of(batches.values()), units)
        grants, waits = _by_batch(self.arbitrated.grants), _by_batch(self.arbitrated.waits)
        touched = {
            number
            for number in {*self._grants, *self._waits, *grants, *waits}
            if self._grants.get(number) != grants.get(number) or self._waits.get(number) != waits.get(number)
        }
        self._grants, self._waits = grants, waits
        return frozenset(touched)

    def grants(self, batch_no: str) -> Mapping[str, Grant]:
        """Give what the requests of a batch get, by path."""
        return self._grants.get(batch_no, {})

    def waits(self, batch_no: str) -> Mapping[str, Wait]:
        """Give why requests of a batch wait, by path."""
        return self._waits.get(batch_no, {})


def _has_its_turn(state: BatchState, path: str) -> bool:
    return goes(state, path) and stands_before(state, state.tree.elements[path]) is None


def _differ(before: BatchState, after: BatchState) -> bool:
    # Folding replaces only the mapping that a fact concerns, so identity tells what has changed.
    return (
        before.requests is not after.requests
        or before.holdings is not after.holdings
        or before.queue is not after.queue
        or before.command is not after.command
        or (
            bool(after.requests)
            and (
                before.responses is not after.responses
                or before.modes is not after.modes
                or before.confirmed is not after.confirmed
                or before.breakpoints is not after.breakpoints
                or before.asked is not after.asked
                or before.local is not after.local
                or before.raised is not after.raised
            )
        )
    )


def _by_batch(found: Mapping[tuple[str, str], T]) -> dict[str, dict[str, T]]:
    sorted_out: dict[str, dict[str, T]] = {}
    for (batch_no, path), value in found.items():
        sorted_out.setdefault(batch_no, {})[path] = value
    return sorted_out


def rank_at(batches: Iterable[BatchState], state: BatchState, path: str, unit: str, place: int) -> Decimal:
    """Give the rank with which a request comes to a place in the queue of a unit (1: first).

    Without a `unit` the queue is that of all requests that want any of the same units. Raises `CommandRefused` for a
    request or a place that is not there, and where a priority decides and no rank can.
    """
    mine = next((claim for claim in claims_of(state) if claim.path == path), None)
    if mine is None:
        waiting = ", ".join(repr(one) for one in state.requests) or "none"
        raise CommandRefused(f"{path!r} of batch {state.batch_no} waits for no unit; waiting elements: {waiting}")
    wanted = {unit} if unit else {*mine.candidates, *mine.uses}
    others = [
        claim
        for other in batches
        for claim in claims_of(other)
        if wanted.intersection((*claim.candidates, *claim.uses))
        and (claim.batch_no, claim.path) != (mine.batch_no, mine.path)
    ]
    queue = sorted(others, key=in_order)
    if not 1 <= place <= len(queue) + 1:
        raise CommandRefused(
            f"the queue for {' or '.join(sorted(wanted))} has places 1 to {len(queue) + 1}, not {place}"
        )
    before = queue[place - 2] if place > 1 else None
    after = queue[place - 1] if place <= len(queue) else None
    if before is not None and before.priority < mine.priority:
        raise _prior(place, before, mine)
    if after is not None and after.priority > mine.priority:
        raise _prior(place, after, mine)
    ranks = [one.rank if one is not None and one.priority == mine.priority else None for one in (before, after)]
    return rank_between(*ranks)


def _prior(place: int, other: Claim, mine: Claim) -> CommandRefused:
    return CommandRefused(
        f"place {place} is not possible: batch {other.batch_no} has priority {other.priority}, batch {mine.batch_no} "
        f"{mine.priority}, and the higher priority always comes first"
    )


def rank_between(before: Decimal | None, after: Decimal | None) -> Decimal:
    """Give a rank between two, or beyond the only one there is."""
    if before is None:
        return Decimal(1) if after is None else after - 1
    return before + 1 if after is None else (before + after) / 2
