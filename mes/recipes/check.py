"""Static checks of a master recipe against the equipment of a process cell; nothing is started or written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from mes.model.condition import ConditionError, parse_condition
from mes.model.equipment import EquipmentPhase, ParameterSpec, ProcessCell
from mes.model.lots import Role
from mes.model.procedure import Element, Group, Level, MasterRecipe, Order, Parameter, PhaseStep, Source, walk
from mes.model.quantity import Quantity, UomError
from mes.recipes.amounts import fit, fits
from mes.recipes.flow import flow_problems
from mes.recipes.problem import Problem, nearest
from mes.recipes.values import extremes

Note = Callable[[str], None]


def check(master: MasterRecipe, cell: ProcessCell) -> list[Problem]:
    """Give everything that keeps a recipe from being run in this process cell, in the order of the text.

    Units, phases, parameters, reports and tags must exist (else the nearest name is told), units of measure fit, values
    at the limits of size and formula stay inside the limits of the equipment, material is scanned or made before it is
    used, and parallel branches never want the same unit or slot.
    """
    found = flow_problems(master)
    uoms = {name: tag.uom for name, tag in cell.tags.items()}
    for element in walk(master.procedure):

        def note(message: str, at: Element = element) -> None:
            found.append(Problem(master.file, at.line, f"{at.path}: {message}" if at.path else message))

        if isinstance(element, Group):
            _check_group(element, cell, note)
        elif isinstance(element, PhaseStep):
            _check_condition(element, uoms, note)
            _check_phase(master, element, cell, note)
    return sorted(set(found))


def _check_group(group: Group, cell: ProcessCell, note: Note) -> None:
    if group.level is Level.UNIT_PROCEDURE and group.unit not in cell.units:
        note(f"there is no unit {group.unit!r} in this process cell{nearest(group.unit, cell.units)}")
    if group.level is Level.UNIT_PROCEDURE:
        for step in walk(group):
            if isinstance(step, PhaseStep) and step.unit != group.unit:
                note(f"{step.path} runs on {step.unit}; a unit procedure has phases of its own unit {group.unit} only")
    if group.order is not Order.PARALLEL:
        return
    _tell_shared(
        group, _units_of, note, "the unit {0} is wanted by two parallel branches ({1} and {2}); put them in sequence"
    )

    def slots(branch: Element) -> Iterator[str]:
        for step in walk(branch):
            if isinstance(step, PhaseStep):
                phase = cell.phases.get((step.unit, step.phase_class))
                yield from () if phase is None else (phase.slot,)

    if not any(True for branch in group.children for _ in _units_of(branch)):
        _tell_shared(
            group,
            slots,
            note,
            "the slot {0} runs one phase at a time, but {1} and {2} are parallel; put them in sequence",
        )


def _units_of(branch: Element) -> Iterator[str]:
    yield from (found.unit for found in walk(branch) if isinstance(found, Group) and found.unit)


def _tell_shared(group: Group, wanted: Callable[[Element], Iterator[str]], note: Note, message: str) -> None:
    owners: dict[str, str] = {}
    for branch in group.children:
        for name in sorted(set(wanted(branch))):
            if name in owners:
                note(message.format(name, repr(owners[name]), repr(branch.name)))
            owners[name] = branch.name


def _check_condition(step: PhaseStep, uoms: Mapping[str, str], note: Note) -> None:
    if not step.requires:
        return
    try:
        condition = parse_condition(step.requires)
    except ConditionError as error:
        note(f"requires: {error}")
        return
    for problem in condition.check(uoms):
        note(f"requires: {problem}")


def _check_phase(master: MasterRecipe, step: PhaseStep, cell: ProcessCell, note: Note) -> None:
    if step.unit not in cell.units:
        return
    phase = cell.phases.get((step.unit, step.phase_class))
    if phase is None:
        classes = [known.phase_class for known in cell.phases_of(step.unit)]
        note(f"unit {step.unit} has no phase {step.phase_class!r}{nearest(step.phase_class, classes)}")
        return
    given = {parameter.name for parameter in step.parameters}
    for spec in phase.parameters:
        if spec.name not in given and spec.default is None:
            note(f"parameter {spec.name!r} ({spec.uom}) of {step.phase_class} is missing and has no default; add it")
    for parameter in step.parameters:
        wanted = phase.parameter(parameter.name)
        if wanted is None:
            known = nearest(parameter.name, (spec.name for spec in phase.parameters)) or "; it has none"
            note(f"{step.phase_class} has no parameter {parameter.name!r}{known}")
        else:
            _check_value(master, parameter, wanted, note)
    _check_reports(master, step, phase, note)


def _check_value(master: MasterRecipe, parameter: Parameter, spec: ParameterSpec, note: Note) -> None:
    for value in extremes(master, parameter):
        origin = {
            Source.VALUE: "",
            Source.FORMULA: f" (limit of ${parameter.reference})",
            Source.BATCH_SIZE: " (limit of the batch size)",
            Source.INPUT: f" (need of {parameter.reference} at a limit of the batch size)",
        }[parameter.source]
        try:
            amount = fit(value, spec.uom).value
        except UomError as error:
            note(f"{parameter.name}: {error}")
            return
        if not _decimal(spec.minimum) <= amount <= _decimal(spec.maximum):
            allowed = f"{Quantity(_decimal(spec.minimum), spec.uom)} to {Quantity(_decimal(spec.maximum), spec.uom)}"
            note(f"{parameter.name}: {value}{origin} is outside what the equipment allows, {allowed}")


def _decimal(limit: float) -> Decimal:
    return Decimal(repr(limit))


def _check_reports(master: MasterRecipe, step: PhaseStep, phase: EquipmentPhase, note: Note) -> None:
    def uom_of(name: str) -> str:
        report = phase.report(name)
        if report is None:
            known = nearest(name, (spec.name for spec in phase.reports)) or "; it has none"
            note(f"{step.phase_class} has no report {name!r}{known}")
        return "" if report is None else report.uom

    for consumption in step.consumes:
        uom = uom_of(consumption.report) if consumption.report else ""
        wanted = master.inputs[consumption.input].uom if consumption.input in master.inputs else uom
        if uom and not fits(uom, wanted):
            note(f"report {consumption.report!r} is in {uom}, but input {consumption.input!r} is measured in {wanted}")
    for production in step.produces:
        uom = uom_of(production.report)
        mass = uom_of(production.mass_report) if production.mass_report else ""
        if mass and not fits(mass, "g"):
            note(f"mass of {production.output!r}: report {production.mass_report!r} is in {mass}, which is no mass")
        if not uom or fits(uom, "g"):
            continue
        if production.role is Role.LOSS:
            note(f"loss {production.output!r}: report {production.report!r} is in {uom}, which is no mass")
        elif not production.mass_report:
            note(f"{production.output!r} is made in {uom}; add 'mass:' with the report of its mass for the balance")
