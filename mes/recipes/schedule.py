"""When each element of a procedure is expected to run, and which chain of them decides the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mes.model.procedure import Element, Group, Order, walk
from mes.model.steps import PhaseStep, WaitStep

Span = tuple[float, float]
"""Begin and end of one execution, in process seconds from the start of the batch."""

Spans = Mapping[str, Sequence[Span]]
"""The executions of elements by path, in the order they began."""

_SAME_MOMENT_S = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One execution on a critical path; `slack_s` is how long nothing on the path ran before it began."""

    path: str
    start_s: float
    end_s: float
    slack_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The spans of all elements, the end in seconds, and the chain of steps that decides it.

    `rounds` gives for each repetition how many rounds are counted and how many it may run at most.
    """

    spans: Spans
    total_s: float
    critical: tuple[Leg, ...]
    rounds: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def critical_paths(self) -> frozenset[str]:
        """The paths of the steps on the critical path."""
        return frozenset(leg.path for leg in self.critical)


def expected_schedule(procedure: Group, rounds: Mapping[str, int] | None = None) -> Schedule:
    """Give the schedule that follows from what the recipe expects when nothing is waited for that has no duration.

    A sequence adds up, a parallel lasts as long as its longest branch, a choice as long as its longest one (all
    branches are in the schedule). A repetition is counted once, or as often as `rounds` says for its path. Phases of
    one sync begin when the last of them can. Exception blocks are not expected. Units that two branches want at the
    same time are not arbitrated here.
    """
    plan = _Plan(rounds or {})
    # Each pass can move later syncs further; a chain of n syncs is settled after n passes.
    names = {element.sync for element in walk(procedure) if isinstance(element, PhaseStep) and element.sync}
    for _ in range(len(names) + 1):
        before = dict(plan.begins)
        plan.spans.clear()
        plan.counts.clear()
        total_s = plan.put(procedure, 0.0)
        if plan.begins == before:
            break
    spans = {path: tuple(found) for path, found in plan.spans.items()}
    return Schedule(spans=spans, total_s=total_s, critical=critical_path(procedure, spans), rounds=plan.counts)


class _Plan:
    def __init__(self, rounds: Mapping[str, int]) -> None:
        self.rounds = rounds
        self.spans: dict[str, list[Span]] = {}
        self.counts: dict[str, tuple[int, int]] = {}
        self.begins: dict[tuple[str, int], float] = {}
        """When the phases of a sync begin, by its name and how often it has happened before."""

    def put(self, element: Element, start_s: float) -> float:
        """Enter an element that can begin at `start_s`; gives when it ends."""
        if isinstance(element, PhaseStep) and element.sync:
            key = element.sync, len(self.spans.get(element.path, ()))
            start_s = self.begins[key] = max(start_s, self.begins.get(key, 0.0))
        spans = self.spans.setdefault(element.path, [])
        place = len(spans)
        spans.append((start_s, start_s))
        end_s = self._end(element, start_s)
        spans[place] = (start_s, end_s)
        return end_s

    def _end(self, element: Element, start_s: float) -> float:
        if isinstance(element, PhaseStep):
            return start_s + element.expected_s
        if isinstance(element, WaitStep):
            return start_s + element.duration_s
        if not isinstance(element, Group):
            return start_s
        count = min(max(self.rounds.get(element.path, 1), 1), element.at_most) if element.is_repeated else 1
        if element.is_repeated:
            self.counts[element.path] = (count, element.at_most)
        for _ in range(count):
            start_s = self._once(element, start_s)
        return start_s

    def _once(self, group: Group, start_s: float) -> float:
        if group.order is not Order.SEQUENCE:
            return max((self.put(child, start_s) for child in group.children), default=start_s)
        for child in group.children:
            start_s = self.put(child, start_s)
        return start_s


def critical_path(procedure: Group, spans: Spans) -> tuple[Leg, ...]:
    """Give the chain of steps that decided the end, first to last, from expected or from actual spans.

    It is followed backwards from the step that ended last: before a step comes the one that ended latest among those
    it had to wait for, so of each parallel the last to finish. What ran beside it in another branch is no reason,
    unless it ran on the same unit, or they are phases of one sync: then it is whatever the last of them waited for.
    Spans of groups are used where they are there, to tell the rounds of a parallel apart.
    """
    tree = _Tree(procedure)
    runs = sorted(
        (start_s, end_s, path)
        for path in tree.steps
        for start_s, end_s in spans.get(path, ())
        if end_s > start_s + _SAME_MOMENT_S
    )
    chain: list[Leg] = []
    here = max(runs, key=lambda run: run[1], default=None)
    while here is not None:
        before = max(_reasons(tree, spans, runs, here), key=lambda run: (run[1], run[0]), default=None)
        slack_s = here[0] - (0.0 if before is None else before[1])
        chain.append(Leg(path=here[2], start_s=here[0], end_s=here[1], slack_s=max(slack_s, 0.0)))
        here = before
    return tuple(reversed(chain))


_Run = tuple[float, float, str]


def _reasons(tree: _Tree, spans: Spans, runs: Sequence[_Run], run: _Run) -> Iterator[_Run]:
    partners = [run, *(other for other in runs if other[2] in tree.partners(run[2]) and _meets(other, run))]
    for earlier in runs:
        if earlier[1] > run[0] + _SAME_MOMENT_S or earlier == run:
            continue
        if any(tree.same_unit(earlier[2], one[2]) or not _beside(tree, spans, earlier, one) for one in partners):
            yield earlier


def _meets(one: _Run, other: _Run) -> bool:
    return abs(one[0] - other[0]) <= _SAME_MOMENT_S


def _beside(tree: _Tree, spans: Spans, one: _Run, other: _Run) -> bool:
    """True when two runs are in different branches of one execution of a parallel."""
    common = tree.common(one[2], other[2])
    if common is None or common.order is not Order.PARALLEL:
        return False
    begun = [start_s for start_s, _ in spans.get(common.path, ())]
    round_of = [sum(start_s <= run[0] + _SAME_MOMENT_S for start_s in begun) for run in (one, other)]
    return round_of[0] == round_of[1]


class _Tree:
    def __init__(self, procedure: Group) -> None:
        self.steps: dict[str, Element] = {}
        self._above: dict[str, tuple[Group, ...]] = {}
        self._syncs: dict[str, set[str]] = {}
        self._enter(procedure, ())

    def _enter(self, element: Element, above: tuple[Group, ...]) -> None:
        if isinstance(element, Group):
            for child in element.children:
                self._enter(child, (*above, element))
            for block in element.exceptions:
                self._enter(block.steps, (*above, element))
            return
        self.steps[element.path] = element
        self._above[element.path] = above
        if isinstance(element, PhaseStep) and element.sync:
            self._syncs.setdefault(element.sync, set()).add(element.path)

    def common(self, one: str, other: str) -> Group | None:
        """Give the lowest group that holds both."""
        shared = [a for a, b in zip(self._above[one], self._above[other], strict=False) if a is b]
        return shared[-1] if shared and one != other else None

    def same_unit(self, one: str, other: str) -> bool:
        """Say whether two different steps are phases of one unit, which runs one after the other."""
        first, second = self.steps[one], self.steps[other]
        if one == other or not (isinstance(first, PhaseStep) and isinstance(second, PhaseStep)):
            return False
        return bool(first.unit) and first.unit == second.unit

    def partners(self, path: str) -> frozenset[str]:
        """Give the phases that begin together with that one."""
        step = self.steps[path]
        names = self._syncs.get(step.sync, set()) if isinstance(step, PhaseStep) and step.sync else set()
        return frozenset(names - {path})
