"""Arbitration: who gets which unit now, by the order of the queue and never in a way that could lock batches up.

All that one request wants is given at once or not at all. A request that cannot be served yet keeps its place: what it
wants and is free is kept for it from those behind it that hold nothing yet. Whoever holds something may have it all the
same, for nobody must wait for a batch that itself stands in the queue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from mes.engine.draft import Grant
from mes.model.procedure import Choose
from mes.model.waiting import Wait, WaitKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A request for units of one batch: one of `candidates` (in the order the recipe prefers) and all of `uses`.

    `holding` says that the batch has units already, `takes_dirty` that a dirty unit will do, `picked` which unit a
    person has chosen.
    """

    batch_no: str
    path: str
    candidates: tuple[str, ...]
    uses: tuple[str, ...]
    rank: Decimal
    priority: int = 0
    choose: Choose = Choose.PREFERRED
    holding: bool = False
    takes_dirty: bool = False
    picked: str = ""


def in_order(claim: Claim) -> tuple[int, Decimal, str, str]:
    """Give the place of a claim in the queue, for sorting."""
    return (-claim.priority, claim.rank, claim.batch_no, claim.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """Whether a unit may be given away: in service, clean, how many may use it at once, and since when it is free."""

    in_service: bool = True
    clean: bool = True
    users: int = 1
    because: str = ""
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arbitrated:
    """Grants and reasons to wait, by (batch number, path)."""

    grants: Mapping[tuple[str, str], Grant] = field(default_factory=dict)
    waits: Mapping[tuple[str, str], Wait] = field(default_factory=dict)


def arbitrate(claims: Sequence[Claim], owners: Mapping[str, Sequence[str]], units: Mapping[str, Fitness]) -> Arbitrated:
    """Decide about all claims of a cell at once.

    `owners` are the batches that have each unit (a shared one may have several), `units` how each unit is.
    """
    taken = {unit: list(batches) for unit, batches in owners.items()}
    grants: dict[tuple[str, str], Grant] = {}
    waits: dict[tuple[str, str], Wait] = {}
    kept: dict[str, list[str]] = {}
    before: list[Claim] = []
    for claim in sorted(claims, key=in_order):
        look = _Look(claim=claim, taken=taken, units=units, kept=kept, before=before)
        found = look.decide()
        if isinstance(found, Grant):
            grants[claim.batch_no, claim.path] = found
            for unit in (*((found.unit,) if found.unit else ()), *found.uses):
                taken.setdefault(unit, []).append(claim.batch_no)
        else:
            waits[claim.batch_no, claim.path] = found
            for unit in look.to_be_kept():
                kept.setdefault(unit, []).append(claim.batch_no)
            before.append(claim)
    return Arbitrated(grants=grants, waits=waits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    claim: Claim
    taken: Mapping[str, Sequence[str]]
    units: Mapping[str, Fitness]
    kept: Mapping[str, Sequence[str]]
    before: Sequence[Claim]

    def decide(self) -> Grant | Wait:
        candidates = self.claim.candidates
        if self._is_for_a_person():
            fit = [unit for unit in candidates if not self._unfit(unit)]
            if not fit:
                return self._wait(candidates)
            if self.claim.picked not in candidates:
                return self._ask(fit)
            candidates = (self.claim.picked,)
        free = [unit for unit in candidates if not self.why_not(unit)]
        missing = [*(() if free else candidates), *(unit for unit in self.claim.uses if self.why_not(unit))]
        if missing:
            return self._wait(missing)
        return Grant(unit=self._best(free) if free else "", uses=self.claim.uses)

    def _is_for_a_person(self) -> bool:
        return self.claim.choose is Choose.OPERATOR and len(self.claim.candidates) > 1

    def to_be_kept(self) -> Sequence[str]:
        """Give the free units that a claim which waits keeps from those behind it."""
        free = [unit for unit in self.claim.candidates if not self.why_not(unit)]
        own = [self.claim.picked if self.claim.picked in free else self._best(free)] if free else []
        return [*own, *(unit for unit in self.claim.uses if not self.why_not(unit))]

    def _best(self, free: Sequence[str]) -> str:
        if self.claim.choose is Choose.LONGEST_IDLE:
            never = datetime.min.replace(tzinfo=UTC)
            return min(free, key=lambda unit: self._fitness(unit).idle_since or never)
        return free[0]

    def _fitness(self, unit: str) -> Fitness:
        return self.units.get(unit, Fitness())

    def _unfit(self, unit: str) -> str:
        fitness = self._fitness(unit)
        if not fitness.in_service:
            return f"{unit} is out of service{_reason(fitness)}"
        if not fitness.clean and not self.claim.takes_dirty and unit in self.claim.candidates:
            return f"{unit} is dirty{_reason(fitness)}"
        return ""

    def why_not(self, unit: str) -> str:
        """Say why a unit cannot be given to this claim now; empty when it can."""
        if unfit := self._unfit(unit):
            return unfit
        users, places = self.taken.get(unit, ()), self._fitness(unit).users
        if len(users) >= places:
            return f"unit {unit} is in use by {_who(users, self.claim.batch_no)}"
        before = [batch for batch in self.kept.get(unit, ()) if batch != self.claim.batch_no]
        if not self.claim.holding and len(users) + len(before) >= places:
            return f"{unit} is kept for batch {before[0]}, which is before it in the queue"
        return ""

    def _wait(self, missing: Sequence[str]) -> Wait:
        reasons = [self.why_not(unit) for unit in missing]
        owners = {user for unit in missing for user in self.taken.get(unit, ())}
        wanted = set(missing)
        before = sum(1 for claim in self.before if wanted.intersection((*claim.candidates, *claim.uses)))
        return Wait(
            kind=WaitKind.UNIT,
            text="; ".join(dict.fromkeys(reason for reason in reasons if reason)),
            units=tuple(missing),
            owners=tuple(sorted(owners)),
            position=before + 1,
        )

    def _ask(self, fit: Sequence[str]) -> Wait:
        text = f"a person: choose one of {', '.join(fit)}"
        return Wait(kind=WaitKind.PERSON, text=text, units=tuple(fit), prompt_id=f"unit:{self.claim.path}")


def _reason(fitness: Fitness) -> str:
    return f" ({fitness.because})" if fitness.because else ""


def _who(users: Sequence[str], me: str) -> str:
    return " and ".join("this batch" if user == me else f"batch {user}" for user in dict.fromkeys(users))
