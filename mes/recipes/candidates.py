"""Which units of a class can do what a unit procedure asks, and what the others lack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from mes.model.condition import ConditionMemory, Truth, evaluate, parse_condition
from mes.model.equipment import ProcessCell, Unit
from mes.model.procedure import Group, UnitWanted, phases
from mes.model.reading import Quality, Reading, missing
from mes.model.steps import PhaseStep
from mes.recipes.problem import nearest

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The units that can be chosen, in the order of preference, and what each of the others lacks, by unit.

    `problem` says what is wrong when no unit can be chosen, or when a preferred one is none of the class.
    """

    units: tuple[str, ...]
    lacking: Mapping[str, str]
    problem: str = ""


def candidates(group: Group, wanted: UnitWanted, cell: ProcessCell) -> Candidates:
    """Give the units that a unit procedure may be given.

    A unit of the class is one when `where` holds for its properties, and when it has the phases with their parameters
    and reports, in the same units of measure as the most preferred one.
    """
    of_class = {name: unit for name, unit in cell.units.items() if unit.unit_class == wanted.unit_class}
    if not of_class:
        classes = (unit.unit_class for unit in cell.units.values())
        problem = f"there is no unit of class {wanted.unit_class!r}{nearest(wanted.unit_class, classes)}"
        return Candidates(units=(), lacking={}, problem=problem)
    problem = ""
    for name in wanted.prefer:
        if name not in of_class:
            problem = f"prefers {name!r}, which is no unit of class {wanted.unit_class}{nearest(name, of_class)}"
    order = dict.fromkeys([name for name in wanted.prefer if name in of_class] + sorted(of_class))
    fit: list[str] = []
    lacking: dict[str, str] = {}
    for name in order:
        reason = _where(wanted, of_class[name]) or _ability(group, name, cell)
        if not reason and fit:
            reason = _difference(group, fit[0], name, cell)
        if reason:
            lacking[name] = reason
        else:
            fit.append(name)
    if not fit:
        problem = none_left(wanted, lacking)
    return Candidates(units=tuple(fit), lacking=lacking, problem=problem)


def none_left(wanted: UnitWanted, lacking: Mapping[str, str]) -> str:
    """Say that no unit of the class can be chosen, and why not, unit by unit."""
    reasons = "; ".join(f"{name} {reason}" for name, reason in lacking.items())
    return f"no unit of class {wanted.unit_class} can do this: {reasons}"


def _where(wanted: UnitWanted, unit: Unit) -> str:
    """Say why the properties of a unit do not meet what is wanted."""
    if not wanted.where:
        return ""
    properties = unit.properties
    condition = parse_condition(wanted.where)
    unknown = sorted(condition.tags - set(properties))
    if unknown:
        return f"has no property {unknown[0]!r}{nearest(unknown[0], properties)}"

    def reading(name: str) -> Reading:
        found = properties.get(name)
        if found is None:
            return missing(f"{unit.name} has no such property")
        return Reading(value=float(found.value), quality=Quality.GOOD, received_s=0.0)

    uoms = {name: found.uom for name, found in properties.items()}
    verdict = evaluate(condition, reading, uoms, ConditionMemory(), _ANY_TIME)
    return "" if verdict.truth is Truth.TRUE else f"does not fit: {verdict.why}"


def _ability(group: Group, unit: str, cell: ProcessCell) -> str:
    """Say which phase, parameter or report a unit does not have."""
    for step in phases(group):
        phase = cell.phases.get((unit, step.phase_class))
        if phase is None:
            classes = [known.phase_class for known in cell.phases_of(unit)]
            return f"has no phase {step.phase_class!r}{nearest(step.phase_class, classes)}"
        for name in _parameters(step):
            if phase.parameter(name) is None:
                known = nearest(name, (spec.name for spec in phase.parameters))
                return f"has no parameter {name!r} in its phase {step.phase_class}{known}"
        given = {parameter.name for parameter in step.parameters}
        for spec in phase.parameters:
            if spec.name not in given and spec.default is None:
                return (
                    f"needs a value for {spec.name!r} ({spec.uom}) of its phase {step.phase_class}, without a default"
                )
        for name in _reports(step):
            if phase.report(name) is None:
                known = nearest(name, (spec.name for spec in phase.reports))
                return f"has no report {name!r} in its phase {step.phase_class}{known}"
    return ""


def _parameters(step: PhaseStep) -> Iterator[str]:
    yield from (parameter.name for parameter in step.parameters)
    yield from (parameter.name for update in step.updates for parameter in update.parameters)


def _reports(step: PhaseStep) -> Iterator[str]:
    yield from (consumed.report for consumed in step.consumes if consumed.report)
    for made in step.produces:
        yield made.report
        if made.mass_report:
            yield made.mass_report


def _difference(group: Group, first: str, unit: str, cell: ProcessCell) -> str:
    """Say in which parameter or unit of measure a unit differs from the most preferred one."""
    for phase_class in sorted({step.phase_class for step in phases(group)}):
        wanted = {spec.name: spec.uom for spec in cell.phases[first, phase_class].parameters}
        found = {spec.name: spec.uom for spec in cell.phases[unit, phase_class].parameters}
        for name in sorted(set(wanted) ^ set(found)):
            has, lacks = (unit, first) if name in found else (first, unit)
            return f"is not like {first}: {phase_class} of {has} has a parameter {name!r}, that of {lacks} has none"
        for name, uom in wanted.items():
            if found[name] != uom:
                return f"is not like {first}: {phase_class} takes {name!r} in {found[name]}, there in {uom}"
    return ""
