"""Whether phase parameters stay inside the limits of the equipment at every batch size and formula value.

An expression is calculated at every corner of the ranges of what it takes its value from. Where none of these stands
in it twice and it divides by nothing that can be zero, it goes up or down in each of them, so the corners are its ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from itertools import product

from mes.model.equipment import ParameterSpec
from mes.model.expression import Arithmetic, Call, Negative, Operand, Term, operands
from mes.model.expression_text import ExpressionError, parse_expression
from mes.model.expression_uom import misfits
from mes.model.expression_value import Known, Unknown, value_of
from mes.model.procedure import phases
from mes.model.quantity import Quantity, UomError
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import Parameter, ParameterUpdate, PhaseStep, Source
from mes.recipes.amounts import fit
from mes.recipes.problem import nearest
from mes.recipes.proof.case import Case, place_of
from mes.recipes.proof.ranges import range_of
from mes.recipes.proof.stated import given
from mes.recipes.proof.uoms import uom_of_operand
from mes.recipes.values import amount_at, extremes

MOST_CORNERS = 1024
"""Of more combinations of limits than this an expression is not calculated here."""


def prove_values(case: Case) -> None:
    """Find parameters that do not exist, do not fit in their unit of measure, or can be beyond a limit."""
    for step in phases(case.master.procedure):
        for parameter, update in given(step):
            _parameter(case, step, parameter, update)


def _parameter(case: Case, step: PhaseStep, parameter: Parameter, update: ParameterUpdate | None) -> None:
    line = place_of(step, update)
    for phase in case.phases_of(step):
        spec = phase.parameter(parameter.name)
        if spec is None:
            known = nearest(parameter.name, (one.name for one in phase.parameters)) or "; it has none"
            case.tell(step, f"{step.phase_class} has no parameter {parameter.name!r}{known}", line)
            return
        if parameter.source is Source.EXPRESSION:
            message = _Expression(case, step, parameter, spec).problem()
        else:
            message = _plain(case, parameter, spec)
        if message:
            on = f" on {phase.unit}" if len(case.phases_of(step)) > 1 else ""
            case.tell(step, f"{parameter.name}: {message}{on}", line)
            return


def _plain(case: Case, parameter: Parameter, spec: ParameterSpec) -> str:
    origin = {
        Source.FORMULA: f" (limit of ${parameter.reference})",
        Source.BATCH_SIZE: " (limit of the batch size)",
        Source.INPUT: f" (need of {parameter.reference} at a limit of the batch size)",
    }.get(parameter.source, "")
    for value in extremes(case.master, parameter):
        try:
            problem = _beyond(value, spec, origin)
        except UomError as error:
            return str(error)
        if problem:
            return problem
    return ""


def _beyond(value: Quantity, spec: ParameterSpec, origin: str) -> str:
    low, high = (Quantity(Decimal(repr(limit)), spec.uom) for limit in (spec.minimum, spec.maximum))
    if low.value <= fit(value, spec.uom).value <= high.value:
        return ""
    return f"{value}{origin} is outside what the equipment allows, {low} to {high}"


class _Expression:
    def __init__(self, case: Case, step: PhaseStep, parameter: Parameter, spec: ParameterSpec) -> None:
        self.case = case
        self.step = step
        self.parameter = parameter
        self.spec = spec

    def problem(self) -> str:
        """Say what is wrong with the expression; what cannot be known yet becomes a doubt."""
        try:
            term = parse_expression(self.parameter.reference).root
        except ExpressionError as error:
            return str(error)
        wrong = misfits(term, self.spec.uom, uom_of_operand(self.case))
        if wrong:
            return "; ".join(wrong)
        names = list(dict.fromkeys(operands(term)))
        ranges = {name: _ends(self.case, name) for name in names}
        open_ones = [str(name) for name, found in ranges.items() if found is None]
        if open_ones:
            return self.doubt(f"{', '.join(open_ones)} is known only when a batch runs")
        ends = {name: found for name, found in ranges.items() if found is not None}
        if 2 ** len(ends) > MOST_CORNERS:
            return self.doubt("it takes its value from too much to calculate every combination")
        beyond = self.beyond(term, ends)
        if beyond:
            # What a phase reports lies somewhere between the ends of its range, and mostly far from them.
            reported = any(isinstance(name, Reference) and name.kind is ReferenceKind.REPORT for name in names)
            return self.doubt(f"it can be beyond them: {beyond}") if reported else beyond
        if not self.is_monotone(term, ends):
            return self.doubt("it may have its ends between the limits of its parts")
        if any(_is_corrected(self.case, name) for name in names):
            return self.doubt("the assay of the lot is known only then")
        return ""

    def beyond(self, term: Term, ends: Mapping[Operand, tuple[Quantity, Quantity]]) -> str:
        """Say at which corner the expression has no value, or one that the equipment does not allow."""
        sized = [name for name in ends if _follows_size(name)]
        for chosen in product((0, 1), repeat=len(ends)):
            index = dict(zip(ends, chosen, strict=True))
            if len({index[name] for name in sized}) > 1:
                continue  # the size and the need for an input have their limits together
            values = {name: ends[name][index[name]] for name in ends}
            found = value_of(term, lambda operand, at=values: at[operand], self.spec.uom)  # type: ignore[misc]
            at = ", ".join(f"{name} = {value}" for name, value in values.items())
            if isinstance(found, Unknown):
                return f"{found.why}, at {at}"
            problem = _beyond(found.quantity, self.spec, f" = {term} at {at}")
            if problem:
                return problem
        return ""

    def is_monotone(self, term: Term, ends: Mapping[Operand, tuple[Quantity, Quantity]]) -> bool:
        """Say whether the corners are the ends of the expression."""
        counts = Counter("size" if _follows_size(operand) else str(operand) for operand in operands(term))
        return max(counts.values(), default=0) < 2 and not _bends(term, ends)

    def doubt(self, why: str) -> str:
        text = f"the limits of {self.parameter.name} = {self.parameter.reference} are looked at when it starts: {why}"
        self.case.doubt(self.step, text)
        return ""


def _ends(case: Case, operand: Operand) -> tuple[Quantity, Quantity] | None:
    """Give the limits of a reference; of a corrected input those of the pure substance."""
    if not isinstance(operand, Reference):
        return None
    if operand.kind is ReferenceKind.INPUT and operand.name in case.master.inputs:
        size, needed = case.master.size, case.master.inputs[operand.name]
        return amount_at(needed, size.minimum), amount_at(needed, size.maximum)
    return range_of(case, operand)


def _follows_size(operand: Operand) -> bool:
    return isinstance(operand, Reference) and operand.kind in (ReferenceKind.SIZE, ReferenceKind.INPUT)


def _is_corrected(case: Case, operand: Operand) -> bool:
    if not isinstance(operand, Reference) or operand.kind is not ReferenceKind.INPUT:
        return False
    return operand.name in case.master.inputs and case.master.inputs[operand.name].assay_corrected


def _bends(term: Term, ends: Mapping[Operand, tuple[Quantity, Quantity]]) -> bool:
    """Say whether a term divides by what may be zero or takes the size of something, so that it can turn round."""
    match term:
        case Arithmetic(left, operator, right):
            if _bends(left, ends) or _bends(right, ends):
                return True
            return operator == "/" and _may_be_zero(right, ends)
        case Negative(inner):
            return _bends(inner, ends)
        case Call(function, terms):
            return function == "abs" or any(_bends(each, ends) for each in terms)
        case _:
            return False


def _may_be_zero(term: Term, ends: Mapping[Operand, tuple[Quantity, Quantity]]) -> bool:
    names = list(dict.fromkeys(operands(term)))
    signs = set()
    for chosen in product((0, 1), repeat=len(names)):
        values = {name: ends[name][end] for name, end in zip(names, chosen, strict=True)}
        found = value_of(term, lambda operand, at=values: at[operand])  # type: ignore[misc]
        if not isinstance(found, Known) or found.quantity.value == 0:
            return True
        signs.add(found.quantity.value > 0)
    return len(signs) > 1
