"""Phases of a procedure put into the slots of units: which unit runs what, with which parameters, in PLC units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from mes.model.equipment import EquipmentPhase, ParameterSpec, ProcessCell
from mes.model.expression_value import Unknown
from mes.model.parameter_value import parameter_value
from mes.model.procedure import Element, Group, UnitWanted, phases
from mes.model.quantity import Quantity, UomError
from mes.model.recipe import Input
from mes.model.steps import Parameter, ParameterUpdate, PhaseStep, SlotBinding, Source
from mes.recipes.amounts import fit
from mes.recipes.candidates import candidates, none_left
from mes.recipes.problem import Problem
from mes.recipes.values import operands_at


@dataclass(slots=True)
class Placing:
    """Puts the procedure of one batch into a process cell; what cannot be placed becomes a problem.

    The values of parameters are looked at for the size and formula of the batch: a unit of a class that does not take
    one of them is no candidate, and a fixed unit that does not is a problem.
    """

    file: str
    cell: ProcessCell
    size: Quantity
    formula: Mapping[str, Quantity]
    inputs: Mapping[str, Input]
    problems: list[Problem] = field(default_factory=list)

    def group(self, group: Group, units: tuple[str, ...] = ()) -> Group:
        """Give a group with all its phases placed; `units` are those of the unit procedure around it."""
        wanted = group.wanted
        if group.unit:
            units = (group.unit,)
        elif wanted is not None:
            units = self._candidates(group, wanted)
            wanted = replace(wanted, candidates=units)
            if not units:
                return group
        return replace(
            group,
            wanted=wanted,
            children=tuple(self._element(child, units) for child in group.children),
            exceptions=tuple(replace(block, steps=self.group(block.steps, units)) for block in group.exceptions),
        )

    def _candidates(self, group: Group, wanted: UnitWanted) -> tuple[str, ...]:
        found = candidates(group, wanted, self.cell)
        lacking, units = dict(found.lacking), []
        for unit in found.units:
            refused = next((text for step in phases(group) for text in self._beyond(step, unit)), "")
            if refused:
                lacking[unit] = f"does not take {refused}"
            else:
                units.append(unit)
        if found.problem or not units:
            self._note(group, found.problem or none_left(wanted, lacking))
        return tuple(units)

    def _element(self, element: Element, units: tuple[str, ...]) -> Element:
        if isinstance(element, Group):
            return self.group(element, units)
        if not isinstance(element, PhaseStep):
            return element
        if element.unit:
            for text in self._beyond(element, element.unit):
                self._note(element, text)
        places = [self.cell.phases[unit, element.phase_class] for unit in units]
        first = places[0]
        fixed = first if element.unit else None
        return replace(
            element,
            bindings=tuple(
                SlotBinding(unit=phase.unit, plc=phase.plc, slot=phase.slot, number=phase.number) for phase in places
            ),
            plc=fixed.plc if fixed else "",
            slot=fixed.slot if fixed else "",
            number=fixed.number if fixed else 0,
            parameters=tuple(self._complete(element, first)),
            updates=tuple(self._updates(element, first)),
        )

    def _complete(self, step: PhaseStep, phase: EquipmentPhase) -> Iterable[Parameter]:
        """Give the parameters in the order of the map, each in its unit of measure."""
        given = {parameter.name: parameter for parameter in step.parameters}
        for spec in phase.parameters:
            parameter = given.get(spec.name)
            if parameter is None:
                default = Quantity(Decimal(repr(spec.default)), spec.uom)
                yield Parameter(name=spec.name, value=fit(default, spec.uom), uom=spec.uom)
            else:
                yield self._bound(parameter, spec)

    def _updates(self, step: PhaseStep, phase: EquipmentPhase) -> Iterable[ParameterUpdate]:
        for update in step.updates:
            pairs = ((parameter, phase.parameter(parameter.name)) for parameter in update.parameters)
            bound = tuple(self._bound(parameter, spec) for parameter, spec in pairs if spec is not None)
            yield replace(update, parameters=bound)

    def _bound(self, parameter: Parameter, spec: ParameterSpec) -> Parameter:
        value = self._known(parameter)
        if parameter.source in (Source.INPUT, Source.EXPRESSION) or value is None:
            return replace(parameter, value=None, uom=spec.uom)
        return replace(parameter, value=fit(value, spec.uom), uom=spec.uom)

    def _known(self, parameter: Parameter, uom: str = "") -> Quantity | None:
        """Give the value that size and formula make, None where only the run of the batch can tell."""
        found = parameter_value(replace(parameter, uom=uom), operands_at(self.size, self.formula, self.inputs))
        return None if isinstance(found, Unknown) else found

    def _beyond(self, step: PhaseStep, unit: str) -> Iterable[str]:
        """Say which values are outside what the phase of a unit allows."""
        phase = self.cell.phases[unit, step.phase_class]
        updated = (parameter for update in step.updates for parameter in update.parameters)
        for parameter in (*step.parameters, *updated):
            spec = phase.parameter(parameter.name)
            if spec is not None:
                yield from self._out_of_limits(parameter, spec)

    def _out_of_limits(self, parameter: Parameter, spec: ParameterSpec) -> Iterable[str]:
        expression = parameter.source is Source.EXPRESSION
        value = self._known(parameter, spec.uom if expression else "")
        if value is None:
            return
        try:
            amount = fit(value, spec.uom)
        except UomError as error:
            yield f"{parameter.name}: {error}"
            return
        low, high = (Quantity(Decimal(repr(limit)), spec.uom) for limit in (spec.minimum, spec.maximum))
        if not low.value <= amount.value <= high.value:
            origin = f" ({parameter.reference} at a batch size of {self.size})" if expression else ""
            yield f"{parameter.name}: {amount}{origin} is outside what the equipment allows, {low} to {high}"

    def _note(self, element: Element, message: str) -> None:
        self.problems.append(Problem(self.file, element.line, f"{element.path}: {message}"))
