"""Between which ends everything lies that an expression or condition takes its value from."""

from __future__ import annotations

from decimal import Decimal

from mes.model.expression import Operand
from mes.model.naming import asked
from mes.model.quantity import Quantity
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import AnswerKind, GateStep, PhaseStep, PromptStep
from mes.recipes.proof.case import Case
from mes.recipes.values import amount_at

Range = tuple[Quantity, Quantity]
"""The lower and upper end, inclusive."""


def range_of(case: Case, operand: Operand) -> Range | None:
    """Give the ends of a tag or reference, None where they are not known before a batch runs."""
    if isinstance(operand, str):
        tag = case.cell.tags.get(operand)
        return None if tag is None else _between(tag.low, tag.high, tag.uom)
    master, name = case.master, operand.name
    size = master.size
    match operand.kind:
        case ReferenceKind.SIZE:
            return Quantity(size.minimum, size.uom), Quantity(size.maximum, size.uom)
        case ReferenceKind.FORMULA if name in master.formula:
            return master.formula[name].minimum, master.formula[name].maximum
        case ReferenceKind.INPUT if name in master.inputs and not master.inputs[name].assay_corrected:
            needed = master.inputs[name]
            return amount_at(needed, size.minimum), amount_at(needed, size.maximum)
        case ReferenceKind.REPORT | ReferenceKind.RESULT | ReferenceKind.ANSWER:
            return _range_of_step(case, operand)
        case _:
            return None


def _range_of_step(case: Case, reference: Reference) -> Range | None:
    match asked(case.master.procedure, reference.kind, reference.name):
        case (PhaseStep() as step,):
            specs = [phase.report(reference.item) for phase in case.phases_of(step)]
            known = [spec for spec in specs if spec is not None]
            if not known or len(known) < len(specs) or len({spec.uom for spec in known}) > 1:
                return None
            low, high = min(spec.minimum for spec in known), max(spec.maximum for spec in known)
            return _between(low, high, known[0].uom)
        case (GateStep() as gate,):
            result = next((one for one in gate.results if one.name == reference.item), None)
            return (
                None if result is None else (Quantity(result.minimum, result.uom), Quantity(result.maximum, result.uom))
            )
        case (PromptStep(answer=AnswerKind.NUMBER) as prompt,):
            if prompt.minimum is None or prompt.maximum is None:
                return None
            return Quantity(prompt.minimum, prompt.uom), Quantity(prompt.maximum, prompt.uom)
        case _:
            return None


def _between(low: float, high: float, uom: str) -> Range:
    return Quantity(Decimal(repr(low)), uom), Quantity(Decimal(repr(high)), uom)
