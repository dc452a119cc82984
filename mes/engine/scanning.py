"""Which lot a phase has scanned: one for an input, or one of its own for each of several charges of it."""

from __future__ import annotations

from mes.engine.prompting import response_of
from mes.model.execution import BatchState
from mes.model.parameter_value import references
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import Parameter, PhaseStep, Source


def charge_of(phase: PhaseStep, name: str) -> Parameter | None:
    """Give the parameter by which a phase takes a part of the need for an input; None when it takes it as a whole."""
    need = Reference(kind=ReferenceKind.INPUT, name=name)
    return next(
        (one for one in phase.parameters if one.source is Source.EXPRESSION and need in references(one)),
        None,
    )


def scan_wish(phase: PhaseStep, name: str) -> str:
    """Give the wish of a phase for the lot of an input: every charge may be of another lot."""
    return f"scan:{name}" if charge_of(phase, name) is None else f"scan:{name}@{phase.path}"


def is_scanned(state: BatchState, phase: PhaseStep, name: str) -> bool:
    """Say whether a phase has its lot of an input."""
    if name not in state.lots:
        return False
    return charge_of(phase, name) is None or response_of(state, scan_wish(phase, name)) is not None


def scanned_lot(state: BatchState, phase: PhaseStep, name: str) -> str:
    """Give the number of the lot that this very phase has scanned for an input, empty when it has not."""
    response = response_of(state, scan_wish(phase, name))
    return response.value if response is not None and response.path == phase.path else ""
