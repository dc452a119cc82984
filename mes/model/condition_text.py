"""The text of a condition and the tree it stands for; what it means at a moment is in `mes.model.condition`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from mes.model.quantity import Quantity, UomError, comparable, convert, parse_quantity

OPERATORS = ("<", "<=", ">", ">=", "==", "!=")
KEYWORDS = ("and", "or", "not", "for")
LONGEST_FOR = timedelta(days=366)
DEEPEST = 50

_GRAMMAR = Lark.open_from_package("mes.model", "condition.lark", parser="lalr", lexer="basic")
_WORDS = {
    "TAG": "a tag",
    "QUANTITY": "a quantity such as '540 degC'",
    "OPERATOR": f"an operator ({' '.join(OPERATORS)})",
    "LPAR": "'('",
    "RPAR": "')'",
    "$END": "the end",
}
_FIXES = {
    "=": "write '==' for equal",
    "=>": "write '>='",
    "=<": "write '<='",
    "\N{GREATER-THAN OR EQUAL TO}": "write '>='",
    "\N{LESS-THAN OR EQUAL TO}": "write '<='",
    "\N{NOT EQUAL TO}": "write '!='",
    "&": "write 'and'",
    "|": "write 'or'",
    "!": "write 'not'",
    "\N{DEGREE SIGN}": "write 'degC' for degrees Celsius",
    ",": "write a point in a number, and 'and' between comparisons",
}


class ConditionError(ValueError):
    """A text that is no condition; the message names the place, what was found and how to mend it.

    `column` counts the characters of the text from 1.
    """

    def __init__(self, problem: str, *, text: str, column: int) -> None:
        super().__init__(f"column {column} of the condition {text!r}: {problem}")
        self.column = column


@dataclass(frozen=True, slots=True)
class Comparison:
    """A tag against a quantity or another tag; a `str` is the name of a tag."""

    left: str | Quantity
    operator: str
    right: str | Quantity

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


def _comparisons(node: Node) -> Iterator[Comparison]:
    match node:
        case Comparison():
            yield node
        case Negation(inner) | Lasting(inner):
            yield from _comparisons(inner)
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from _comparisons(part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition over tags; `str` of it is a text that reads back as the same condition."""

    root: Node

    @property
    def tags(self) -> frozenset[str]:
        """The names of the tags it looks at."""
        sides = (side for found in _comparisons(self.root) for side in (found.left, found.right))
        return frozenset(side for side in sides if isinstance(side, str))

    def check(self, uoms: Mapping[str, str]) -> list[str]:
        """Give what is wrong with it in a plant whose tags have these units of measure; empty when nothing is."""
        problems = [unknown_tag(tag, uoms) for tag in sorted(self.tags) if tag not in uoms]
        for comparison in _comparisons(self.root):
            problem = misfit(comparison, uoms)
            if problem and problem not in problems:
                problems.append(problem)
        return problems

    def __str__(self) -> str:
        return str(self.root)


def unknown_tag(tag: str, uoms: Mapping[str, str]) -> str:
    """Say that there is no such tag, and which one may have been meant."""
    by_lower = {known.lower(): known for known in uoms}
    near = get_close_matches(tag.lower(), by_lower, n=1)
    return f"there is no tag {tag!r}" + (f"; did you mean {by_lower[near[0]]!r}?" if near else "")


def misfit(comparison: Comparison, uoms: Mapping[str, str]) -> str:
    """Say how the units of measure of the two sides do not fit together; empty when they do or a tag is unknown."""
    first, second = (_uom(side, uoms) for side in (comparison.left, comparison.right))
    if not first or not second:
        return ""
    for side, other in ((comparison.left, second), (comparison.right, first)):
        if isinstance(side, Quantity) and side.uom == "1" and other != "1":
            return f"{str(comparison)!r}: {side} needs a unit of measure; write '{side} {other}'"
    if not comparable(first, second):
        return f"{str(comparison)!r}: {first!r} and {second!r} measure different things and cannot be compared"
    return ""


def _uom(side: str | Quantity, uoms: Mapping[str, str]) -> str:
    return uoms.get(side, "") if isinstance(side, str) else side.uom


def parse_condition(text: str) -> Condition:
    """Read a condition such as `FU-301.TC_CORE >= 540 degC for 2 min and not FU-301.O2_EXH > 50 ppm`.

    Raises `ConditionError`. Whether the tags exist and their units fit is asked of `Condition.check`.
    """
    try:
        tree = _GRAMMAR.parse(text)
    except UnexpectedToken as error:
        raise _misplaced(text, error) from None
    except UnexpectedCharacters as error:
        raise _unreadable(text, error) from None
    return Condition(root=_node(tree, text, 0))


def _node(tree: Tree[Token], text: str, depth: int) -> Node:
    if depth > DEEPEST:
        raise ConditionError(f"nested more than {DEEPEST} levels deep; split it", text=text, column=1)
    parts = [_node(child, text, depth + 1) for child in tree.children if isinstance(child, Tree)]
    tokens = [child for child in tree.children if isinstance(child, Token)]
    match tree.data:
        case "any_of":
            return AnyOf(tuple(parts))
        case "all_of":
            return AllOf(tuple(parts))
        case "negation":
            return Negation(parts[0])
        case "lasting":
            return Lasting(parts[0], _duration(tokens[0], text))
        case _:
            return _comparison(tokens, text)


def _comparison(tokens: list[Token], text: str) -> Comparison:
    left, operator, right = tokens
    if left.type == right.type == "QUANTITY":
        problem = f"'{left} {operator} {right}' compares two numbers; one side must be a tag"
        raise ConditionError(problem, text=text, column=_column(left))
    return Comparison(_operand(left, text), str(operator), _operand(right, text))


def _operand(token: Token, text: str) -> str | Quantity:
    return str(token) if token.type == "TAG" else _quantity(token, text)


def _quantity(token: Token, text: str) -> Quantity:
    try:
        return parse_quantity(token)
    except UomError as error:
        raise ConditionError(str(error), text=text, column=_column(token)) from None


def _duration(token: Token, text: str) -> Quantity:
    duration = _quantity(token, text)
    if not comparable(duration.uom, "s"):
        problem = f"'for {duration}' is no duration; write a time such as 'for 30 s', 'for 2 min' or 'for 5 h'"
        raise ConditionError(problem, text=text, column=_column(token))
    longest = LONGEST_FOR.total_seconds()
    if not 0 < convert(float(duration.value), duration.uom, "s") <= longest:
        problem = f"'for {duration}' must be longer than 0 s and at most {LONGEST_FOR.days * 24} h"
        raise ConditionError(problem, text=text, column=_column(token))
    return duration


def _column(token: Token) -> int:
    return (token.start_pos or 0) + 1


def _misplaced(text: str, error: UnexpectedToken) -> ConditionError:
    token = error.token
    expected = " or ".join(sorted(_WORDS.get(name, f"'{name.lower()}'") for name in error.accepts))
    at_end = token.type == "$END"
    column = len(text.rstrip()) + 1 if at_end else _column(token)
    found = "it ends" if at_end else f"found {str(token)!r}"
    fix = _fix_of(token, text[: column - 1])
    return ConditionError(f"{found} where {expected} is expected{fix}", text=text, column=column)


def _fix_of(found: Token, before: str) -> str:
    if found == ">" and before.endswith("<"):
        return "; write '!='"
    if found.type == "OPERATOR":
        return "; a comparison has one operator: join two comparisons with 'and'"
    if found.type != "TAG":
        return ""
    word = found.lower()
    near = {"in": ["for"], "during": ["for"]}.get(word) or get_close_matches(word, KEYWORDS, n=1, cutoff=0.5)
    return (
        f"; did you mean {near[0]!r}?"
        if near
        else "; join comparisons with 'and' or 'or'; names and units of measure have no spaces"
    )


def _unreadable(text: str, error: UnexpectedCharacters) -> ConditionError:
    # The lexer's own position in the text is not typed; line and column count from 1.
    position = sum(len(line) + 1 for line in text.split("\n")[: error.line - 1]) + error.column - 1
    found = text[position]
    fix = _FIXES.get(text[position : position + 2]) or _FIXES.get(found, "")
    operators = f"operators are {' '.join(OPERATORS)}, words are {' '.join(KEYWORDS)}"
    return ConditionError(f"{found!r} means nothing here; {fix or operators}", text=text, column=position + 1)
