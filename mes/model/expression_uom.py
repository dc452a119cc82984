"""The unit of measure of an expression, found before anything runs, and what does not fit together in it.

A temperature in degC is a point on a scale with a zero of its own: two of them have a difference (in K), no sum and no
multiple. `%`, `vol%`, `ppm` and `1` are shares of a whole; a bare `1` beside a share is the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mes.model.expression import Arithmetic, Call, Expression, Negative, Operand, Term
from mes.model.quantity import Quantity, UomError, comparable, has_own_zero
from mes.model.uom_algebra import product_uom

UomOf = Callable[[Operand], str]
"""Gives the unit of measure of an operand; empty when it is not known here; a `LookupError` says what is wrong."""

_NEAREST = (("time", "h"), ("amount in kg", "kg"), ("length", "m"), ("volume", "mL"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """In what an expression is measured: `uom`, empty when it is not known or when there are `problems`.

    `is_difference` marks the difference of two temperatures, which is in K and never comparable with degC.
    """

    uom: str = ""
    is_difference: bool = False
    problems: tuple[str, ...] = ()


def uom_of(expression: Expression | Term, uom_of_operand: UomOf) -> Measure:
    """Give the unit of measure of an expression from those of its operands, or what is wrong with it in words."""
    term = expression.root if isinstance(expression, Expression) else expression
    try:
        return _measure(term, uom_of_operand)
    except UomError as error:
        return Measure(problems=(str(error),))


def misfits(expression: Expression | Term, wanted: str, uom_of_operand: UomOf) -> list[str]:
    """Say why the value of an expression cannot be given in the unit of measure `wanted`; empty when it can."""
    term = expression.root if isinstance(expression, Expression) else expression
    found = uom_of(term, uom_of_operand)
    if found.problems or not found.uom or not wanted:
        return list(found.problems)
    if _is_bare(term) and wanted != "1":
        return [f"{term} needs a unit of measure; write '{term} {wanted}'"]
    try:
        if not comparable(found.uom, wanted):
            return [f"{str(term)!r} is in {found.uom}, {wanted} is wanted{_nearest(found.uom, wanted)}"]
        if found.is_difference and has_own_zero(wanted):
            return [f"{str(term)!r} is a difference in K, {wanted} is wanted; add it to a temperature in {wanted}"]
    except UomError as error:
        return [str(error)]
    return []


def pair_problem(left: Term, right: Term, uom_of_operand: UomOf) -> str:
    """Say how two terms that stand beside each other cannot be compared; empty when they can or one is not known."""
    first, second = uom_of(left, uom_of_operand), uom_of(right, uom_of_operand)
    if not first.uom or not second.uom:
        return ""
    for term, other in ((left, second), (right, first)):
        if _is_bare(term) and other.uom != "1":
            return f"{term} needs a unit of measure; write '{term} {other.uom}'"
    if not comparable(first.uom, second.uom):
        return f"{first.uom!r} and {second.uom!r} measure different things and cannot be compared"
    for term, one, other in ((left, first, second), (right, second, first)):
        if one.is_difference and has_own_zero(other.uom):
            return f"{str(term)!r} is a difference in K and cannot be compared with {other.uom}; write K"
    return ""


def _measure(term: Term, uom_of_operand: UomOf) -> Measure:
    match term:
        case Quantity():
            return Measure(uom=term.uom)
        case Arithmetic():
            return _arithmetic(term, uom_of_operand)
        case Negative(inner):
            return _without_zero(term, _measure(inner, uom_of_operand))
        case Call("abs", (inner,)):
            return _without_zero(term, _measure(inner, uom_of_operand))
        case Call(_, terms):
            return _choice(term, terms, uom_of_operand)
        case _:
            return _operand(term, uom_of_operand)


def _operand(operand: Operand, uom_of_operand: UomOf) -> Measure:
    try:
        return Measure(uom=uom_of_operand(operand))
    except LookupError as error:
        return Measure(problems=(str(error.args[0]) if error.args else f"{operand} is not known",))


def _unknown(*parts: Measure) -> Measure:
    problems = dict.fromkeys(problem for part in parts for problem in part.problems)
    return Measure(problems=tuple(problems))


def _without_zero(term: Term, inner: Measure) -> Measure:
    if inner.uom and has_own_zero(inner.uom):
        return Measure(problems=(f"{str(term)!r}: a temperature in {inner.uom} has no opposite and no size; use K",))
    return inner


def _choice(term: Term, terms: tuple[Term, ...], uom_of_operand: UomOf) -> Measure:
    found = [_measure(each, uom_of_operand) for each in terms]
    if not all(each.uom for each in found):
        return _unknown(*found)
    problems = [pair_problem(terms[0], other, uom_of_operand) for other in terms[1:]]
    if any(problems):
        return Measure(problems=tuple(f"{str(term)!r}: {problem}" for problem in problems if problem))
    return Measure(uom=found[0].uom, is_difference=any(each.is_difference for each in found))


def _arithmetic(term: Arithmetic, uom_of_operand: UomOf) -> Measure:
    left, right = _measure(term.left, uom_of_operand), _measure(term.right, uom_of_operand)
    if not left.uom or not right.uom:
        return _unknown(left, right)
    try:
        found = _scaled(term, left, right) if term.operator in "*/" else _summed(term, left, right)
    except UomError as error:
        return Measure(problems=(f"{str(term)!r}: {error}",))
    return found


def _scaled(term: Arithmetic, left: Measure, right: Measure) -> Measure:
    for side, measure in ((term.left, left), (term.right, right)):
        if has_own_zero(measure.uom):
            verb = "multiplied" if term.operator == "*" else "divided"
            raise UomError(
                f"{str(side)!r} is in {measure.uom} and cannot be {verb}, for its zero is not nothing; use a "
                "difference of two temperatures or K"
            )
    uom = product_uom(left.uom, right.uom, term.operator).uom
    return Measure(uom=uom, is_difference=(left.is_difference or right.is_difference) and comparable(uom, "K"))


def _summed(term: Arithmetic, left: Measure, right: Measure) -> Measure:
    verb = "added" if term.operator == "+" else "subtracted"
    if not comparable(left.uom, right.uom):
        raise UomError(f"{str(term.left)!r} is in {left.uom}, {str(term.right)!r} in {right.uom}: cannot be {verb}")
    for side, other in ((term.left, right), (term.right, left)):
        if _is_bare(side) and other.uom != "1" and not _is_whole(side):
            raise UomError(f"{side} needs a unit of measure; write '{side} {other.uom}'")
    zeros = has_own_zero(left.uom), has_own_zero(right.uom)
    match term.operator, zeros:
        case "-", (True, True):
            return Measure(uom="K", is_difference=True)
        case "+", (True, True):
            raise UomError(f"two temperatures in {left.uom} cannot be added; add a difference in K")
        case "-", (False, True):
            raise UomError(f"a temperature in {right.uom} cannot be subtracted from {left.uom}; write both in one unit")
        case "+", (False, True):
            return right
        case _, (True, False):
            return left
    subtracted = term.operator == "-" and comparable(left.uom, "K")
    return Measure(uom=left.uom, is_difference=subtracted or left.is_difference or right.is_difference)


def _is_bare(term: Term) -> bool:
    return isinstance(term, Quantity) and term.uom == "1"


def _is_whole(term: Term) -> bool:
    return isinstance(term, Quantity) and term.value == 1


def _nearest(found: str, wanted: str) -> str:
    if has_own_zero(found) or has_own_zero(wanted):
        return ""
    for word, uom in _NEAREST:
        for operator, verb in (("*", "multiply"), ("/", "divide")):
            if comparable(product_uom(found, uom, operator).uom, wanted):
                return f"; {verb} by a {word}?"
    return ""
