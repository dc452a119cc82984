"""The value of an expression at a moment: known exactly, or unknown with the reason in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context

from mes.model.expression import Arithmetic, Call, Expression, Negative, Operand, Term, operands
from mes.model.expression_uom import misfits
from mes.model.quantity import Quantity, UomError, has_own_zero
from mes.model.uom_algebra import EXACT, divided, multiplied

_ROUNDED = Context(prec=15)


@dataclass(frozen=True, slots=True)
class Known:
    """The value of an expression."""

    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no value now; `why` says in words what is missing or wrong."""

    why: str


def value_of(
    expression: Expression | Term, operand: Callable[[Operand], Quantity | Unknown], uom: str = ""
) -> Known | Unknown:
    """Give the value of an expression, converted to `uom` where one is named.

    `operand` gives the value of a tag or reference. A missing operand, units of measure that do not fit, a division by
    zero and a number beyond all sense make it unknown, never an error.
    """
    term = expression.root if isinstance(expression, Expression) else expression
    found, missing = _found(term, operand)
    if missing:
        return Unknown("; ".join(missing))
    problems = misfits(term, uom, lambda each: found[each].uom)
    if problems:
        return Unknown("; ".join(problems))
    return _worked_out(term, found, uom)


def fitting_value(term: Term, operand: Callable[[Operand], Quantity | Unknown]) -> Known | Unknown:
    """Give the value of a term whose units were found to fit, as `value_of` does but without looking at them again."""
    found, missing = _found(term, operand)
    return Unknown("; ".join(missing)) if missing else _worked_out(term, found, "")


def _found(
    term: Term, operand: Callable[[Operand], Quantity | Unknown]
) -> tuple[dict[Operand, Quantity], dict[str, None]]:
    found: dict[Operand, Quantity] = {}
    missing: dict[str, None] = {}
    for each in operands(term):
        value = operand(each)
        if isinstance(value, Unknown):
            missing[value.why] = None
        else:
            found[each] = value
    return found, missing


def _worked_out(term: Term, found: Mapping[Operand, Quantity], uom: str) -> Known | Unknown:
    try:
        quantity = _rounded(amount_of(term, found))
        return Known(quantity.to(uom) if uom else quantity)
    except ZeroDivisionError:
        return Unknown(f"{str(term)!r} divides by zero")
    except (ArithmeticError, UomError) as error:  # beyond the largest decimal; units were checked above
        return Unknown(f"{str(term)!r} has no value ({str(error) or type(error).__name__})")


def amount_of(term: Term, values: Mapping[Operand, Quantity]) -> Quantity:
    """Give the amount of a term whose units were found to fit; raises `ZeroDivisionError` and `ArithmeticError`."""
    match term:
        case Quantity():
            return term
        case Arithmetic(left, operator, right):
            return _calculated(amount_of(left, values), operator, amount_of(right, values))
        case Negative(inner):
            found = amount_of(inner, values)
            return Quantity(-found.value, found.uom)
        case Call("abs", (inner,)):
            found = amount_of(inner, values)
            return Quantity(abs(found.value), found.uom)
        case Call(function, terms):
            return _chosen(function, [amount_of(each, values) for each in terms])
        case _:
            return values[term]


def _rounded(quantity: Quantity) -> Quantity:
    # All digits full means that some were lost, as in 1 kg / 3: then as many are given as are surely right.
    if len(quantity.value.as_tuple().digits) < EXACT.prec:
        return quantity
    return Quantity(_ROUNDED.plus(quantity.value).normalize(), quantity.uom)


def _chosen(function: str, amounts: list[Quantity]) -> Quantity:
    first, *others = amounts
    chosen = min if function == "min" else max
    return Quantity(chosen(first.value, *(other.to(first.uom).value for other in others)), first.uom)


def _calculated(left: Quantity, operator: str, right: Quantity) -> Quantity:
    if operator == "*":
        return multiplied(left, right)
    if operator == "/":
        return divided(left, right)
    value = right.value if operator == "+" else -right.value
    zeros = has_own_zero(left.uom), has_own_zero(right.uom)
    match zeros:
        case (False, False):
            signed = Quantity(value, right.uom).to(left.uom)
            return Quantity(EXACT.add(left.value, signed.value), left.uom)
        case (True, True):
            return Quantity(EXACT.subtract(left.to("K").value, right.to("K").value), "K")
        case (True, False):
            return _shifted(left, Quantity(value, right.uom))
        case _:
            return _shifted(right, left)


def _shifted(point: Quantity, difference: Quantity) -> Quantity:
    kelvin = EXACT.add(point.to("K").value, difference.to("K").value)
    return Quantity(kelvin, "K").to(point.uom)
