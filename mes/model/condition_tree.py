"""What a condition is made of: comparisons of two terms, joined with and, or, not and for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from mes.model.expression import Term
from mes.model.expression_uom import UomOf, pair_problem, uom_of
from mes.model.quantity import Quantity, convert


@dataclass(frozen=True, slots=True)
class Comparison:
    """A term against another; a `str` is the name of a tag."""

    left: Term
    operator: str
    right: Term

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


@dataclass(frozen=True, slots=True)
class Negation:
    """True when `inner` is false."""

    inner: Node

    def __str__(self) -> str:
        return f"not {_in_brackets(self.inner, AllOf, AnyOf)}"


@dataclass(frozen=True, slots=True)
class Lasting:
    """True when `inner` has been true without interruption for `duration` of process time."""

    inner: Node
    duration: Quantity

    @property
    def lasts(self) -> timedelta:
        """The duration as a time span."""
        return timedelta(seconds=convert(float(self.duration.value), self.duration.uom, "s"))

    def __str__(self) -> str:
        return f"{_in_brackets(self.inner, AllOf, AnyOf, Negation, Lasting)} for {self.duration}"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " and ".join(_in_brackets(part, AllOf, AnyOf) for part in self.parts)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when one part or more is."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " or ".join(_in_brackets(part, AnyOf) for part in self.parts)


Node = Comparison | Negation | Lasting | AllOf | AnyOf


def _in_brackets(node: Node, *kinds: type[Node]) -> str:
    return f"({node})" if isinstance(node, kinds) else str(node)


def comparisons(node: Node) -> Iterator[Comparison]:
    """Give the comparisons of a condition in the order of the text."""
    match node:
        case Comparison():
            yield node
        case Negation(inner) | Lasting(inner):
            yield from comparisons(inner)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from comparisons(part)


def misfit(comparison: Comparison, uom_of_operand: UomOf) -> str:
    """Say how the units of measure of a comparison do not fit; empty when they do or one is not known here."""
    left, right = comparison.left, comparison.right
    problems = [*uom_of(left, uom_of_operand).problems, *uom_of(right, uom_of_operand).problems]
    problem = "; ".join(dict.fromkeys(problems)) or pair_problem(left, right, uom_of_operand)
    return f"{str(comparison)!r}: {problem}" if problem else ""
