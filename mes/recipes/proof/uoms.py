"""Units of measure of everything an expression or condition takes its value from."""

from __future__ import annotations

from collections.abc import Callable

from mes.model.expression import Operand
from mes.model.naming import asked
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import GateStep, PhaseStep, PromptStep
from mes.recipes.problem import nearest
from mes.recipes.proof.case import Case

LOT_UOM = {"assay": "1"}
"""Properties of a lot whose unit of measure is known before there is a lot."""


def uom_of_operand(case: Case) -> Callable[[Operand], str]:
    """Give the function that tells the unit of measure of a tag or reference, empty where only a lot can tell it.

    It raises a `LookupError` that says in words what there is not.
    """

    def uom(operand: Operand) -> str:
        if isinstance(operand, Reference):
            return uom_of_reference(case, operand)
        tag = case.cell.tags.get(operand)
        return "" if tag is None else tag.uom

    return uom


def uom_of_reference(case: Case, reference: Reference) -> str:
    """Give the unit of measure of a reference, empty where it is not known before a batch runs.

    Raises a `LookupError` that says in words what there is not.
    """
    master, name = case.master, reference.name
    match reference.kind:
        case ReferenceKind.SIZE:
            return master.size.uom
        case ReferenceKind.FORMULA if name in master.formula:
            return master.formula[name].default.uom
        case ReferenceKind.INPUT if name in master.inputs:
            return master.inputs[name].uom
        case ReferenceKind.LOT if name in master.inputs:
            return master.inputs[name].uom if reference.item == "quantity" else LOT_UOM.get(reference.item, "")
        case ReferenceKind.FORMULA | ReferenceKind.INPUT | ReferenceKind.LOT:
            return ""  # the reader has told that there is none
        case _:
            return _uom_of_step(case, reference)


def _uom_of_step(case: Case, reference: Reference) -> str:
    steps = asked(case.master.procedure, reference.kind, reference.name)
    match steps:
        case (PhaseStep() as step,):
            return _uom_of_report(case, step, reference)
        case (GateStep() as gate,):
            return next((result.uom for result in gate.results if result.name == reference.item), "")
        case (PromptStep() as prompt,):
            return prompt.uom
        case _:
            return ""  # the reader has told that the name means nothing, several steps, or no number


def _uom_of_report(case: Case, step: PhaseStep, reference: Reference) -> str:
    for phase in case.phases_of(step):
        report = phase.report(reference.item)
        if report is not None:
            return report.uom
        known = nearest(reference.item, (spec.name for spec in phase.reports)) or "; it has none"
        raise LookupError(f"{reference}: {step.phase_class} has no report {reference.item!r}{known}")
    return ""
