"""The text of a condition and what it is in a plant; what it means at a moment is in `mes.model.condition`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches

from lark import Token, Tree

from mes.model.condition_plan import Plan
from mes.model.condition_tree import AllOf, AnyOf, Comparison, Lasting, Negation, Node, comparisons, misfit
from mes.model.expression import Operand, operands
from mes.model.expression_text import DEEPEST, ExpressionError, Source, column_of, quantity_of, term_of
from mes.model.quantity import PLANT_UOMS, Quantity, comparable, convert
from mes.model.reference import Reference

LONGEST_FOR = timedelta(days=366)


class ConditionError(ExpressionError):
    """A text that is no condition; the message names the place, what was found and how to mend it.

    `column` counts the characters of the text from 1.
    """

    kind = "condition"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition over tags and references; `str` of it is a text that reads back as the same condition.

    `tag_order` and `reference_order` give what it looks at in the order of the text; `plans` keeps how it is judged for
    each set of units of measure it has met.
    """

    root: Node
    tag_order: tuple[str, ...] = field(init=False, compare=False, repr=False)
    reference_order: tuple[Reference, ...] = field(init=False, compare=False, repr=False)
    plans: dict[tuple[str, ...], Plan] = field(init=False, compare=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        sides = (side for found in comparisons(self.root) for side in (found.left, found.right))
        found = dict.fromkeys(operand for side in sides for operand in operands(side))
        object.__setattr__(self, "tag_order", tuple(each for each in found if isinstance(each, str)))
        object.__setattr__(self, "reference_order", tuple(each for each in found if isinstance(each, Reference)))

    @property
    def tags(self) -> frozenset[str]:
        """The names of the tags it looks at."""
        return frozenset(self.tag_order)

    @property
    def references(self) -> frozenset[Reference]:
        """The references it takes values from."""
        return frozenset(self.reference_order)

    def check(
        self, uoms: Mapping[str, str], uom_of_reference: Callable[[Reference], str] = lambda reference: ""
    ) -> list[str]:
        """Give what is wrong with it in a plant whose tags have these units of measure; empty when nothing is.

        `uom_of_reference` gives the unit of measure of a reference, empty when it is not known before it runs; a
        `LookupError` says in words that there is no such thing.
        """

        def uom_of_operand(operand: Operand) -> str:
            return uoms.get(operand, "") if isinstance(operand, str) else uom_of_reference(operand)

        problems = [unknown_tag(tag, uoms) for tag in sorted(self.tags) if tag not in uoms]
        for comparison in comparisons(self.root):
            problem = misfit(comparison, uom_of_operand)
            if problem and problem not in problems:
                problems.append(problem)
        return problems

    def __str__(self) -> str:
        return str(self.root)


def unknown_tag(tag: str, uoms: Mapping[str, str]) -> str:
    """Say that there is no such tag, and which one may have been meant."""
    by_lower = {known.lower(): known for known in uoms}
    for place in (at for at, sign in enumerate(tag) if sign == "-"):
        left, right = tag[:place].lower(), tag[place + 1 :].lower()
        if left in by_lower and right in by_lower:
            apart = f"{by_lower[left]} - {by_lower[right]}"
            return f"there is no tag {tag!r}; to subtract, put spaces around '-': '{apart}'"
    near = get_close_matches(tag.lower(), by_lower, n=1)
    if near:
        return f"there is no tag {tag!r}; did you mean {by_lower[near[0]]!r}?"
    if tag in PLANT_UOMS:
        return f"there is no tag {tag!r}; a unit of measure follows a number, such as '30 1/{tag}'"
    return f"there is no tag {tag!r}" + ("; to subtract, put spaces around '-'" if "-" in tag else "")


def parse_condition(text: str) -> Condition:
    """Read a condition such as `FU-301.TC_CORE >= $soak - 10 K for 2 min and not FU-301.O2_EXH > 50 ppm`.

    Raises `ConditionError`. Whether the tags exist and their units fit is asked of `Condition.check`.
    """
    source = Source(text, ConditionError)
    return Condition(root=_node(source.parsed("condition"), source, 0))


def _node(tree: Tree[Token], source: Source, depth: int) -> Node:
    if depth > DEEPEST:
        raise source.refused(f"nested more than {DEEPEST} levels deep; split it", 1)
    if tree.data == "comparison":
        return _comparison(tree, source, depth)
    parts = [_node(child, source, depth + 1) for child in tree.children if isinstance(child, Tree)]
    tokens = [child for child in tree.children if isinstance(child, Token)]
    match tree.data:
        case "any_of":
            return AnyOf(tuple(parts))
        case "all_of":
            return AllOf(tuple(parts))
        case "negation":
            return Negation(parts[0])
        case _:
            return Lasting(parts[0], _duration(tokens[0], source))


def _comparison(tree: Tree[Token], source: Source, depth: int) -> Comparison:
    left, right = (term_of(child, source, depth + 1) for child in tree.children if isinstance(child, Tree))
    operator = next(str(child) for child in tree.children if isinstance(child, Token))
    if not any(operands(left)) and not any(operands(right)):
        problem = f"'{left} {operator} {right}' compares two numbers; one side must be a tag or a reference"
        raise source.refused(problem, column_of(tree))
    return Comparison(left, operator, right)


def _duration(token: Token, source: Source) -> Quantity:
    duration = quantity_of(token, source)
    if not comparable(duration.uom, "s"):
        problem = f"'for {duration}' is no duration; write a time such as 'for 30 s', 'for 2 min' or 'for 5 h'"
        raise source.refused(problem, column_of(token))
    longest = LONGEST_FOR.total_seconds()
    if not 0 < convert(float(duration.value), duration.uom, "s") <= longest:
        problem = f"'for {duration}' must be longer than 0 s and at most {LONGEST_FOR.days * 24} h"
        raise source.refused(problem, column_of(token))
    return duration
