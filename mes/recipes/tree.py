"""The procedure of a recipe text as a tree of groups, phases and prompts with unique paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mes.model.lots import Role
from mes.model.procedure import (
    AnswerKind,
    Consumption,
    Element,
    Group,
    Level,
    Order,
    Parameter,
    PhaseStep,
    Production,
    PromptStep,
    Source,
)
from mes.model.quantity import UomError, check_uom
from mes.recipes.document import (
    NumberAnswer,
    OperationText,
    ParallelOperations,
    ParallelPhases,
    ParallelUnitProcedures,
    PhaseText,
    PromptText,
    RecipeText,
    SequenceOperations,
    SequencePhases,
    SequenceUnitProcedures,
    UnitProcedureText,
)
from mes.recipes.notes import Notes
from mes.recipes.problem import nearest
from mes.recipes.strict_yaml import Place

_Parallel = ParallelPhases | ParallelOperations | ParallelUnitProcedures
_Sequence = SequencePhases | SequenceOperations | SequenceUnitProcedures
_Item = PhaseText | PromptText | OperationText | UnitProcedureText | _Parallel | _Sequence


def procedure_of(notes: Notes, recipe: RecipeText) -> Group:
    """Give the procedure; its own path is "", below it names are joined by "/". Problems go to `notes`."""
    tree = _Tree(notes, recipe)
    return Group(
        path="",
        name=recipe.recipe,
        level=Level.PROCEDURE,
        order=Order.SEQUENCE,
        children=tree.children(recipe.procedure, ("procedure",), path="", unit=""),
        line=notes.line(("procedure",)),
    )


@dataclass(frozen=True, slots=True)
class _Tree:
    notes: Notes
    recipe: RecipeText

    def children(self, items: Sequence[_Item], place: Place, *, path: str, unit: str) -> tuple[Element, ...]:
        blocks: Counter[str] = Counter()
        taken: dict[str, int] = {}
        found = []
        for index, item in enumerate(items):
            here = (*place, index)
            name = _name(item, blocks)
            if name in taken:
                self.notes.add(here, f"{name!r} is here twice (first in line {taken[name]}); give one another name")
            taken.setdefault(name, self.notes.line(here))
            found.append(self.element(item, here, path=f"{path}/{name}" if path else name, name=name, unit=unit))
        return tuple(found)

    def element(self, item: _Item, place: Place, *, path: str, name: str, unit: str) -> Element:
        inner: Sequence[_Item]
        match item:
            case PhaseText():
                return self.phase(item, place, path=path, name=name, unit=unit)
            case PromptText():
                return self.prompt(item, place, path=path, name=name)
            case UnitProcedureText():
                level, key, inner, unit = Level.UNIT_PROCEDURE, "operations", item.operations, item.unit
            case OperationText():
                level, key, inner = Level.OPERATION, "phases", item.phases
            case ParallelPhases() | ParallelOperations() | ParallelUnitProcedures():
                level, key, inner = Level.BLOCK, "parallel", item.parallel
            case _:
                level, key, inner = Level.BLOCK, "sequence", item.sequence
        return Group(
            path=path,
            name=name,
            level=level,
            order=Order.PARALLEL if key == "parallel" else Order.SEQUENCE,
            children=self.children(inner, (*place, key), path=path, unit=unit),
            unit=unit if level is Level.UNIT_PROCEDURE else "",
            line=self.notes.line(place),
        )

    def phase(self, text: PhaseText, place: Place, *, path: str, name: str, unit: str) -> PhaseStep:
        within = self.notes.amount((*place, "requires_within"), text.requires_within, "s")
        expected = self.notes.amount((*place, "expected"), text.expected, "s")
        for index, consumed in enumerate(text.consume):
            if bool(consumed.report) is consumed.all:
                self.notes.add(
                    (*place, "consume", index),
                    f"consume {consumed.input!r} needs either a report or 'all: true', not both or none",
                )
        parameters = (
            self.parameter(given, value, (*place, "parameters", given)) for given, value in text.parameters.items()
        )
        made = (
            Production(
                output=production.output,
                report=production.report,
                role=self.role(production.output, (*place, "produce", index)),
                mass_report=production.mass,
                made_from=tuple(production.made_from),
            )
            for index, production in enumerate(text.produce)
        )
        lost = (Production(output=loss.name, report=loss.report, role=Role.LOSS) for loss in text.loss)
        return PhaseStep(
            path=path,
            name=name,
            unit=unit,
            phase_class=text.phase,
            parameters=tuple(parameters),
            scan=tuple(text.scan),
            consumes=tuple(
                Consumption(input=consumed.input, report=consumed.report, whole_lot=consumed.all)
                for consumed in text.consume
            ),
            produces=(*made, *lost),
            requires=text.requires,
            requires_within_s=int(within.value),
            expected_s=int(expected.value),
            line=self.notes.line(place),
        )

    def parameter(self, name: str, text: str, place: Place) -> Parameter:
        if not text.startswith("$"):
            return Parameter(name=name, value=self.notes.amount(place, text))
        reference = text.removeprefix("$")
        if reference == "size":
            return Parameter(name=name, source=Source.BATCH_SIZE)
        if reference.startswith("input."):
            wanted = reference.removeprefix("input.")
            self.known(wanted, self.recipe.inputs, place, f"{text}: there is no input {wanted!r}")
            return Parameter(name=name, source=Source.INPUT, reference=wanted)
        self.known(reference, self.recipe.formula, place, f"{text}: there is no formula parameter {reference!r}")
        return Parameter(name=name, source=Source.FORMULA, reference=reference)

    def role(self, output: str, place: Place) -> Role:
        self.known(output, self.recipe.outputs, place, f"there is no output {output!r}")
        return Role(self.recipe.outputs[output].role) if output in self.recipe.outputs else Role.PRODUCT

    def known(self, name: str, names: Iterable[str], place: Place, message: str) -> None:
        if name not in names:
            self.notes.add(place, f"{message}{nearest(name, names)}")

    def prompt(self, text: PromptText, place: Place, *, path: str, name: str) -> PromptStep:
        words = {language: said for language, said in text.text.model_dump().items() if said}
        if not isinstance(text.answer, NumberAnswer):
            return PromptStep(
                path=path, name=name, text=words, answer=AnswerKind(text.answer), line=self.notes.line(place)
            )
        number = text.answer.number
        self._check_number(number.uom, number.minimum, number.maximum, (*place, "answer"))
        return PromptStep(
            path=path,
            name=name,
            text=words,
            answer=AnswerKind.NUMBER,
            uom=number.uom,
            minimum=number.minimum,
            maximum=number.maximum,
            line=self.notes.line(place),
        )

    def _check_number(self, uom: str, minimum: Decimal, maximum: Decimal, place: Place) -> None:
        try:
            check_uom(uom)
        except UomError as error:
            self.notes.add(place, str(error))
        if minimum > maximum:
            self.notes.add(place, f"the minimum {minimum} is above the maximum {maximum}; swap them")


def _name(item: _Item, blocks: Counter[str]) -> str:
    match item:
        case PhaseText():
            return item.name or item.phase
        case PromptText():
            return item.prompt
        case OperationText():
            return item.operation
        case UnitProcedureText():
            return item.unit_procedure
        case _:
            kind = "parallel" if "parallel" in type(item).model_fields else "sequence"
            blocks[kind] += 1
            return f"{kind} {blocks[kind]}"
