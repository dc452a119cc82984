"""Change a value of a batch within its limits: a formula value, or a parameter of a phase, also while it runs."""

from __future__ import annotations

from difflib import get_close_matches

from mes.engine.draft import Draft
from mes.engine.prompting import number_of
from mes.engine.updates import update
from mes.model.equipment import EquipmentPhase
from mes.model.limits import Limit, beyond_limit, limit_of, range_of
from mes.model.procedure import Element
from mes.model.progress import derived_state
from mes.model.quantity import Quantity, UomError
from mes.model.states import FINAL, CommandRefused, ProceduralState
from mes.model.steering import Deviation, ParameterChange
from mes.model.steps import PhaseStep

S = ProceduralState


def set_formula(draft: Draft, name: str, value: Quantity, *, by: str, because: str) -> None:
    """Change a formula value; phases that start from now on take it. Raises `CommandRefused`."""
    parameter = draft.state.control.limits.get(name)
    if parameter is None:
        raise CommandRefused(
            f"recipe {draft.state.control.recipe_id} has no formula value {name!r}{_near(name, draft)}"
        )
    try:
        allowed, beyond = limit_of(parameter, value), beyond_limit(parameter, value)
    except UomError as error:
        raise CommandRefused(f"{name}: {error}") from None
    if allowed is Limit.HARD:
        limits = range_of(parameter, allowed)
        raise CommandRefused(f"{name} = {value} is outside its hard limits, {limits.low} to {limits.high}")
    if beyond is not None and beyond.needs_reason and not because.strip():
        raise CommandRefused(f"{beyond.text}: give the reason, which the record keeps")
    before = draft.state.formula.get(name)
    draft.record(ParameterChange(path="", name=name, value=value, by=by, because=because, before=before))
    if beyond is not None:
        text, limit = beyond.text, beyond.limit.value
        draft.record(Deviation(path="", name=name, limit=limit, text=text, by=by, because=because))


def _near(name: str, draft: Draft) -> str:
    near = get_close_matches(name, draft.state.control.limits, n=1)
    known = ", ".join(draft.state.control.limits) or "none"
    return f"; did you mean {near[0]!r}?" if near else f"; it has {known}"


def set_value(
    draft: Draft,
    element: Element,
    name: str,
    text: str,
    *,
    equipment: EquipmentPhase | None,
    running: bool,
    by: str,
    because: str,
) -> None:
    """Change a value to what a person typed; without a phase that of the formula. Raises `CommandRefused`."""
    if element.path == "":
        parameter = draft.state.control.limits.get(name)
        set_formula(
            draft, name, _typed(name, text, parameter.default.uom if parameter else "1"), by=by, because=because
        )
        return
    if not isinstance(element, PhaseStep) or equipment is None:
        raise CommandRefused(f"{element.path} is no phase whose equipment is known; only phases have parameters")
    spec = equipment.parameter(name)
    if spec is None:
        known = [known.name for known in equipment.parameters]
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
        raise CommandRefused(f"{equipment.phase_class} of {equipment.unit} has no parameter {name!r}; {hint}")
    value = _typed(name, text, spec.uom)
    if not spec.minimum <= float(value.value) <= spec.maximum:
        raise CommandRefused(
            f"{name} = {value} is outside what the equipment allows, {spec.minimum:g} to {spec.maximum:g} {spec.uom}"
        )
    _set_parameter(draft, element, name, value, running=running, by=by, because=because)


def _typed(name: str, text: str, uom: str) -> Quantity:
    try:
        return number_of(text, uom)
    except UomError as error:
        raise CommandRefused(f"{name}: {error}") from None


def _set_parameter(
    draft: Draft, phase: PhaseStep, name: str, value: Quantity, *, running: bool, by: str, because: str
) -> None:
    state = derived_state(draft.state, phase)
    execution = draft.state.executions.get(phase.path)
    if state in FINAL:
        raise CommandRefused(f"{phase.path} is {state}; repeat it, or change a phase that is still to come")
    if state is not S.IDLE and (state is not S.RUNNING or not running or execution is None or execution.pending):
        raise CommandRefused(f"{phase.path} is {state} and takes no new parameters now; try again when it runs")
    before = draft.state.overrides.get((phase.path, name))
    if execution is not None and state is S.RUNNING:
        before = execution.parameters.get(name)
    draft.record(ParameterChange(path=phase.path, name=name, value=value, by=by, because=because, before=before))
    if state is S.RUNNING:
        update(draft, phase, {name: value}, by=by, because=because)
