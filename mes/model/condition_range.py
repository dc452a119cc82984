"""Whether a condition can be true at all, told from the ranges of its tags before anything runs.

Only comparisons of one tag with one quantity are reasoned about; of everything else nothing is claimed, so what is
claimed holds for every history of readings within the ranges.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from mes.model.condition_text import Condition
from mes.model.condition_tree import AllOf, AnyOf, Comparison, Lasting, Negation, Node, misfit
from mes.model.condition_words import OPPOSITE, sides
from mes.model.quantity import Quantity, measured

Ranges = Mapping[str, tuple[float, float]]
"""Lowest and highest value of each tag, in the unit of measure of the tag."""

_NOWHERE, _EVERYWHERE = Decimal("-Infinity"), Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class _Edge:
    """One end of a span; `said` is the comparison that puts it there, empty when the range does."""

    value: Decimal
    is_open: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    """The values a tag may have; both ends belong to it unless they are open."""

    low: _Edge
    high: _Edge

    @property
    def is_empty(self) -> bool:
        if self.low.value == self.high.value:
            return self.low.is_open or self.high.is_open
        return self.low.value > self.high.value

    def within(self, other: _Span) -> _Span:
        low = max(self.low, other.low, key=lambda edge: (edge.value, edge.is_open))
        high = min(self.high, other.high, key=lambda edge: (edge.value, not edge.is_open))
        return _Span(low, high)

    def with_all(self, other: _Span, said: str) -> _Span:
        low = min(self.low, other.low, key=lambda edge: (edge.value, edge.is_open))
        high = max(self.high, other.high, key=lambda edge: (edge.value, not edge.is_open))
        return _Span(_resaid(low, said), _resaid(high, said))


def _resaid(edge: _Edge, said: str) -> _Edge:
    return replace(edge, said=said) if edge.said else edge


@dataclass(frozen=True, slots=True)
class _Impossible:
    why: str


_Found = dict[str, _Span] | _Impossible
"""What values tags must have for a part to be true (a tag without an entry: any), or why it never is."""


def never_true(condition: Condition, ranges: Ranges, uoms: Mapping[str, str]) -> str:
    """Say which comparisons keep a condition from ever being true; empty when it may be, as far as ranges tell.

    `uoms` are the units of measure of the tags.
    """
    found = _Reasoning(ranges, uoms, always=False).when(condition.root, wanted=True)
    return found.why if isinstance(found, _Impossible) else ""


def always_true(condition: Condition, ranges: Ranges, uoms: Mapping[str, str]) -> str:
    """Say which comparisons make a condition true (or unknown) whatever the plant does; empty when it may be false."""
    found = _Reasoning(ranges, uoms, always=True).when(condition.root, wanted=False)
    return found.why if isinstance(found, _Impossible) else ""


@dataclass(frozen=True, slots=True)
class _Reasoning:
    ranges: Ranges
    uoms: Mapping[str, str]
    always: bool

    def when(self, node: Node, *, wanted: bool) -> _Found:
        match node:
            case Comparison():
                return self._comparison(node, wanted=wanted)
            case Negation(inner):
                return self.when(inner, wanted=not wanted)
            case Lasting(inner):
                # Whatever holds without end was once not yet full, so the opposite is always possible.
                return self.when(inner, wanted=True) if wanted else {}
            case AllOf(parts) if wanted:
                return self._every(parts, wanted=wanted)
            case AnyOf(parts) if not wanted:
                return self._every(parts, wanted=wanted)
            case AllOf(parts) | AnyOf(parts):
                return self._some(node, parts, wanted=wanted)

    def _every(self, parts: tuple[Node, ...], *, wanted: bool) -> _Found:
        spans: dict[str, _Span] = {}
        for part in parts:
            found = self.when(part, wanted=wanted)
            if isinstance(found, _Impossible):
                return found
            for tag, span in found.items():
                spans[tag] = span.within(spans[tag]) if tag in spans else span
                if spans[tag].is_empty:
                    return _Impossible(self._exclusion(spans[tag]))
        return spans

    def _some(self, node: Node, parts: tuple[Node, ...], *, wanted: bool) -> _Found:
        found = [self.when(part, wanted=wanted) for part in parts]
        possible = [each for each in found if not isinstance(each, _Impossible)]
        if not possible:
            return _Impossible("; ".join(dict.fromkeys(each.why for each in found if isinstance(each, _Impossible))))
        first, *others = possible
        if not others:
            return first
        said = self._said(node, wanted=wanted)
        for other in others:
            first = {tag: span.with_all(other[tag], said) for tag, span in first.items() if tag in other}
        return first

    def _comparison(self, node: Comparison, *, wanted: bool) -> _Found:
        tag, operator, limit = sides(node)
        if not isinstance(tag, str) or not isinstance(limit, Quantity) or not self.uoms.get(tag):
            return {}
        if misfit(node, lambda operand: self.uoms[str(operand)]):
            return {}
        operator = operator if wanted else OPPOSITE[operator]
        range_ = self._range(tag)
        edge = _Edge(limit.to(self.uoms[tag]).value, operator in {"<", ">"}, self._said(node, wanted=wanted))
        if operator == "!=":
            missed = range_.low.value == range_.high.value == edge.value
            return _Impossible(self._beyond(node, tag, wanted=wanted)) if missed else {tag: range_}
        low = edge if operator in {">", ">=", "=="} else _Edge(_NOWHERE)
        high = edge if operator in {"<", "<=", "=="} else _Edge(_EVERYWHERE)
        span = _Span(low, high).within(range_)
        return _Impossible(self._beyond(node, tag, wanted=wanted)) if span.is_empty else {tag: span}

    def _range(self, tag: str) -> _Span:
        low, high = self.ranges.get(tag, (-math.inf, math.inf))
        if not low <= high:
            return _Span(_Edge(_NOWHERE), _Edge(_EVERYWHERE))
        # A REAL at the end of its range may be rounded past it when it is cut to seven digits.
        lowest = min(Decimal(low), measured(low, "1").value)
        highest = max(Decimal(high), measured(high, "1").value)
        return _Span(_Edge(lowest), _Edge(highest))

    def _beyond(self, node: Comparison, tag: str, *, wanted: bool) -> str:
        low, high = self.ranges[tag]
        claim = "can never be true" if wanted else "is always true"
        return f"{str(node)!r} {claim}: {tag} goes from {low:.7g} to {high:.7g} {self.uoms[tag]}"

    def _exclusion(self, span: _Span) -> str:
        first, second = span.low.said, span.high.said
        if self.always:
            return f"one of {first!r} and {second!r} is always true"
        return f"{first!r} and {second!r} exclude each other"

    def _said(self, node: Node, *, wanted: bool) -> str:
        return str(node) if wanted is not self.always else str(Negation(node))
