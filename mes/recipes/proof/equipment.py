"""Whether the equipment is there that a recipe asks for: units, phases, parameters, reports, shared units."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mes.model.equipment import EquipmentPhase
from mes.model.lots import Role
from mes.model.procedure import Element, Group, Level, Order, walk
from mes.model.steps import HoldingStep, PhaseStep
from mes.recipes.amounts import fits
from mes.recipes.candidates import candidates
from mes.recipes.problem import nearest
from mes.recipes.proof.case import Case


def prove_equipment(case: Case) -> None:
    """Find units, phases, parameters and reports that do not exist, and what two branches want at the same time."""
    for element in walk(case.master.procedure):
        match element:
            case Group():
                _group(case, element)
            case HoldingStep():
                _shared_units(case, element, element.units, "release" if element.release else "acquire")
            case PhaseStep():
                _phase(case, element)
            case _:
                pass


def _group(case: Case, group: Group) -> None:
    _shared_units(case, group, group.uses, "uses")
    if group.level is Level.UNIT_PROCEDURE:
        _unit_procedure(case, group)
    if group.order is Order.PARALLEL:
        _branches(case, group)


def _shared_units(case: Case, at: Group | HoldingStep, units: tuple[str, ...], word: str) -> None:
    for unit in units:
        if unit not in case.cell.units:
            case.tell(at, f"{word}: there is no unit {unit!r} in this process cell{nearest(unit, case.cell.units)}")
    for unit in sorted({unit for unit in units if units.count(unit) > 1}):
        case.tell(at, f"{word}: {unit} is here twice; write it once")


def _unit_procedure(case: Case, group: Group) -> None:
    if group.wanted is not None:
        problem = candidates(group, group.wanted, case.cell).problem
        if problem:
            case.tell(group, problem)
        return
    if group.unit not in case.cell.units:
        case.tell(group, f"there is no unit {group.unit!r} in this process cell{nearest(group.unit, case.cell.units)}")
    for step in walk(group):
        if isinstance(step, PhaseStep) and step.unit != group.unit:
            message = f"{step.path} runs on {step.unit}; a unit procedure has phases of its own unit {group.unit} only"
            case.tell(group, message)


def _branches(case: Case, group: Group) -> None:
    def units(branch: Element) -> Iterator[str]:
        yield from (found.unit for found in walk(branch) if isinstance(found, Group) and found.unit)

    def slots(branch: Element) -> Iterator[str]:
        for step in walk(branch):
            if isinstance(step, PhaseStep):
                yield from (phase.slot for phase in case.phases_of(step))

    if any(True for branch in group.children for _ in units(branch)):
        message = "the unit {0} is wanted by two parallel branches ({1} and {2}); put them in sequence"
        _tell_shared(case, group, units, message)
    elif not any(isinstance(found, Group) and found.wanted for found in walk(group)):
        message = "the slot {0} runs one phase at a time, but {1} and {2} are parallel; put them in sequence"
        _tell_shared(case, group, slots, message)


def _tell_shared(case: Case, group: Group, wanted: Callable[[Element], Iterator[str]], message: str) -> None:
    owners: dict[str, str] = {}
    for branch in group.children:
        for name in sorted(set(wanted(branch))):
            if name in owners:
                case.tell(group, message.format(name, repr(owners[name]), repr(branch.name)))
            owners[name] = branch.name


def _phase(case: Case, step: PhaseStep) -> None:
    found = case.phases_of(step)
    if not found:
        if step.unit in case.cell.units:
            classes = [known.phase_class for known in case.cell.phases_of(step.unit)]
            case.tell(step, f"unit {step.unit} has no phase {step.phase_class!r}{nearest(step.phase_class, classes)}")
        return
    phase = found[0]
    given = {parameter.name for parameter in step.parameters}
    for spec in phase.parameters:
        if spec.name not in given and spec.default is None:
            message = (
                f"parameter {spec.name!r} ({spec.uom}) of {step.phase_class} is missing and has no default; add it"
            )
            case.tell(step, message)
    _reports(case, step, phase)


def _reports(case: Case, step: PhaseStep, phase: EquipmentPhase) -> None:
    def uom_of(name: str) -> str:
        report = phase.report(name)
        if report is None:
            known = nearest(name, (spec.name for spec in phase.reports)) or "; it has none"
            case.tell(step, f"{step.phase_class} has no report {name!r}{known}")
        return "" if report is None else report.uom

    inputs = case.master.inputs
    for consumption in step.consumes:
        uom = uom_of(consumption.report) if consumption.report else ""
        wanted = inputs[consumption.input].uom if consumption.input in inputs else uom
        if uom and not fits(uom, wanted):
            message = (
                f"report {consumption.report!r} is in {uom}, but input {consumption.input!r} is measured in {wanted}"
            )
            case.tell(step, message)
    for production in step.produces:
        uom = uom_of(production.report)
        mass = uom_of(production.mass_report) if production.mass_report else ""
        if mass and not fits(mass, "g"):
            message = f"mass of {production.output!r}: report {production.mass_report!r} is in {mass}, which is no mass"
            case.tell(step, message)
        if not uom or fits(uom, "g"):
            continue
        if production.role is Role.LOSS:
            case.tell(step, f"loss {production.output!r}: report {production.report!r} is in {uom}, which is no mass")
        elif not production.mass_report:
            message = f"{production.output!r} is made in {uom}; add 'mass:' with the report of its mass for the balance"
            case.tell(step, message)
