"""One recipe before the equipment of a process cell, and what the parts of the proof have found out about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mes.model.equipment import EquipmentPhase, ProcessCell
from mes.model.procedure import Element, ExceptionBlock, Group, Level, walk
from mes.model.recipe import Balance, FormulaParameter, Input, MasterRecipe, Output
from mes.model.steps import ParameterUpdate, PhaseStep
from mes.recipes.candidates import candidates
from mes.recipes.problem import Problem

Place = Element | ExceptionBlock | FormulaParameter | Input | Output | Balance


@dataclass(frozen=True, slots=True)
class Case:
    """A recipe, the cell it is to run in, and the findings: what is wrong, and what cannot be proved before it runs.

    `units` are the units that each phase may run on, by its path; several where the unit is chosen by its class.
    """

    master: MasterRecipe
    cell: ProcessCell
    problems: list[Problem] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def tell(self, at: Place, message: str, line: int = 0) -> None:
        """Note what is wrong at a place of the recipe; `line` where it is told more exactly than by the place."""
        self.problems.append(Problem(self.master.file, line or at.line, f"{words_of(at)}{message}"))

    def doubt(self, at: Place, message: str) -> None:
        """Note what cannot be proved here and is looked at when the batch is made or runs."""
        text = f"{words_of(at)}{message}"
        if text not in self.unproved:
            self.unproved.append(text)

    def phases_of(self, step: PhaseStep) -> tuple[EquipmentPhase, ...]:
        """Give the equipment phases that a phase of the recipe may be, one for each unit it may run on."""
        found = (self.cell.phases.get((unit, step.phase_class)) for unit in self.units.get(step.path, ()))
        return tuple(phase for phase in found if phase is not None)


def case_of(master: MasterRecipe, cell: ProcessCell) -> Case:
    """Begin the proof of a recipe: nothing is found out yet but which units its phases may run on."""
    units: dict[str, tuple[str, ...]] = {}
    for group in unit_procedures(master.procedure):
        own = candidates(group, group.wanted, cell).units if group.wanted else (group.unit,)
        units[group.path] = own
        for step in walk(group):
            if isinstance(step, PhaseStep):
                units[step.path] = (step.unit,) if step.unit else own
    return Case(master=master, cell=cell, units=units)


def unit_procedures(root: Element) -> Iterator[Group]:
    """Give the unit procedures below an element, those of exception blocks too."""
    return (found for found in walk(root) if isinstance(found, Group) and found.level is Level.UNIT_PROCEDURE)


def words_of(at: Place) -> str:
    """Give how a message about a place begins."""
    match at:
        case FormulaParameter():
            return f"formula.{at.name}: "
        case Input():
            return f"inputs.{at.name}: "
        case Output():
            return f"outputs.{at.name}: "
        case Balance():
            return "balance: "
        case _:
            return f"{at.path}: " if at.path else ""


def place_of(step: PhaseStep, update: ParameterUpdate | None) -> int:
    """Give the line of an update, or of the phase where there is none."""
    return update.line if update is not None and update.line else step.line
