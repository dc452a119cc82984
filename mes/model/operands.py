"""What the references of an expression stand for in a batch: size, formula, lots, what earlier steps have brought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from mes.model.execution import BatchState, LotInUse
from mes.model.expression import Operand
from mes.model.expression_value import Unknown
from mes.model.lots import assay_corrected
from mes.model.quantity import Quantity, UomError, parse_quantity
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import PromptStep

T = TypeVar("T")


def operand_of(state: BatchState) -> Callable[[Operand], Quantity | Unknown]:
    """Give how the references of the batch's expressions are looked up; a tag is none of them."""

    def looked_up(operand: Operand) -> Quantity | Unknown:
        if isinstance(operand, str):
            return Unknown(f"{operand} is a tag, which is no value of the batch")
        return _LOOKUPS[operand.kind](state, operand)

    return looked_up


def _size(state: BatchState, reference: Reference) -> Quantity | Unknown:
    return state.control.size


def _formula(state: BatchState, reference: Reference) -> Quantity | Unknown:
    value = state.formula.get(reference.name)
    return Unknown(f"{reference} has no value yet") if value is None else value


def _input(state: BatchState, reference: Reference) -> Quantity | Unknown:
    """The need for an input; of the pure substance until its lot is known."""
    needed = state.control.inputs.get(reference.name)
    if needed is None or needed.amount is None:
        return Unknown(f"nothing is known of input {reference.name}")
    lot = state.lots.get(reference.name)
    assay = None if lot is None else lot.properties.get("assay")
    if needed.assay_corrected and assay is None:
        return Unknown(f"no lot of {reference.name} is known yet")
    return needed.amount if assay is None or not needed.assay_corrected else assay_corrected(needed.amount, assay.value)


def _lot(state: BatchState, reference: Reference) -> Quantity | Unknown:
    lot = state.lots.get(reference.name)
    if lot is None:
        return Unknown(f"no lot of {reference.name} is known yet")
    value = lot.quantity if reference.item == "quantity" else lot.properties.get(reference.item)
    return Unknown(f"lot {lot.lot_no} of {reference.name} has no {reference.item}") if value is None else value


def _report(state: BatchState, reference: Reference) -> Quantity | Unknown:
    return _item(_named(state.reports, reference.name), reference, "has not reported")


def _result(state: BatchState, reference: Reference) -> Quantity | Unknown:
    return _item(_named(state.results, reference.name), reference, "has no results")


def _answer(state: BatchState, reference: Reference) -> Quantity | Unknown:
    prompts = {path: step for path, step in state.tree.elements.items() if isinstance(step, PromptStep)}
    step = _named(prompts, reference.name)
    response = None if step is None else state.responses.get(state.asked.get(step.path, ""))
    if step is None or response is None:
        return Unknown(f"{reference.name!r} is not answered yet")
    try:
        given = parse_quantity(response.value)
        return Quantity(given.value, step.uom) if given.uom == "1" else given.to(step.uom)
    except UomError as error:
        return Unknown(f"{reference.name!r}: {error}")


def _item(found: Mapping[str, Quantity] | None, reference: Reference, missing: str) -> Quantity | Unknown:
    if found is None or reference.item not in found:
        return Unknown(f"{reference.name!r} {missing}{'' if found is None else ' ' + reference.item} yet")
    return found[reference.item]


def _named(found: Mapping[str, T], name: str) -> T | None:
    """Give what belongs to the element of that name, which is its path or the end of it."""
    if name in found:
        return found[name]
    return next((value for path, value in found.items() if path.endswith("/" + name)), None)


_LOOKUPS: Mapping[ReferenceKind, Callable[[BatchState, Reference], Quantity | Unknown]] = {
    ReferenceKind.SIZE: _size,
    ReferenceKind.FORMULA: _formula,
    ReferenceKind.INPUT: _input,
    ReferenceKind.LOT: _lot,
    ReferenceKind.REPORT: _report,
    ReferenceKind.RESULT: _result,
    ReferenceKind.ANSWER: _answer,
}


def held_of(state: BatchState, name: str) -> tuple[LotInUse, ...]:
    """Give the lots of an input or output that the batch draws from, the oldest first."""
    last = state.lots.get(name)
    return (*state.earlier.get(name, ()), *((last,) if last is not None else ()))
