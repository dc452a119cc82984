"""What may be named in a recipe text, and whether everything that is named is there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mes.model.condition import ConditionError, parse_condition
from mes.model.expression_text import ExpressionError, parse_expression
from mes.model.naming import ASKED, asked
from mes.model.procedure import Group, walk
from mes.model.reference import Reference, ReferenceKind
from mes.model.steps import AnswerKind, GateStep, Parameter, PromptStep, Source
from mes.recipes.document import RecipeText
from mes.recipes.fieldtypes import AMOUNT
from mes.recipes.notes import Notes
from mes.recipes.problem import nearest
from mes.recipes.strict_yaml import Place

_STEP_WORDS = {ReferenceKind.REPORT: "phase", ReferenceKind.RESULT: "gate", ReferenceKind.ANSWER: "prompt"}


@dataclass(slots=True)
class Scope:
    """The names of one recipe. References to steps are judged at the end, when all steps are known."""

    notes: Notes
    recipe: RecipeText
    _asked: list[tuple[Place, str, Reference]] = field(default_factory=list)

    def known(self, name: str, names: Iterable[str], place: Place, message: str) -> bool:
        """Note the message, with the nearest name, where a name is not among `names`."""
        if name in names:
            return True
        self.notes.add(place, f"{message}{nearest(name, names)}")
        return False

    def parameters(self, given: Mapping[str, str], place: Place) -> tuple[Parameter, ...]:
        """Give the parameters of a phase, each an amount, a reference or an expression."""
        return tuple(self._parameter(name, text, (*place, name)) for name, text in given.items())

    def _parameter(self, name: str, text: str, place: Place) -> Parameter:
        if re.fullmatch(AMOUNT, text):
            return Parameter(name=name, value=self.notes.amount(place, text))
        try:
            expression = parse_expression(text)
        except ExpressionError as error:
            self.notes.add(place, f"{name}: {error}")
            return Parameter(name=name, source=Source.EXPRESSION, reference=text)
        self._refer(place, text, expression.references)
        match expression.root:
            case Reference(kind=ReferenceKind.SIZE):
                return Parameter(name=name, source=Source.BATCH_SIZE)
            case Reference(kind=ReferenceKind.INPUT, name=wanted):
                return Parameter(name=name, source=Source.INPUT, reference=wanted)
            case Reference(kind=ReferenceKind.FORMULA, name=wanted):
                return Parameter(name=name, source=Source.FORMULA, reference=wanted)
        return Parameter(name=name, source=Source.EXPRESSION, reference=text)

    def condition(self, text: str, place: Place) -> str:
        """Give the text of a condition after looking at its form and its references; problems are noted."""
        if not text:
            return text
        try:
            self._refer(place, text, parse_condition(text).references)
        except ConditionError as error:
            self.notes.add(place, f"{place[-1]}: {error}")
        return text

    def _refer(self, place: Place, text: str, references: Iterable[Reference]) -> None:
        for reference in sorted(references, key=str):
            name = reference.name
            match reference.kind:
                case ReferenceKind.SIZE:
                    pass
                case ReferenceKind.FORMULA:
                    self.known(name, self.recipe.formula, place, f"{text}: there is no formula parameter {name!r}")
                case ReferenceKind.INPUT:
                    self.known(name, self.recipe.inputs, place, f"{text}: there is no input {name!r}")
                case ReferenceKind.LOT:
                    message = f"{text}: there is no input {name!r} whose lot could be meant"
                    self.known(name, self.recipe.inputs, place, message)
                case _:
                    self._asked.append((place, text, reference))

    def judge(self, procedure: Group) -> None:
        """Note every quoted name that does not mean exactly one step, and every result that its gate does not ask."""
        for place, text, reference in self._asked:
            kind = reference.kind
            steps = asked(procedure, kind, reference.name)
            word = _STEP_WORDS[kind]
            if not steps:
                there = sorted({found.name for found in walk(procedure) if isinstance(found, ASKED[kind])})
                hint = nearest(reference.name, there) or f"; the recipe has no {word}"
                self.notes.add(place, f"{text}: there is no {word} {reference.name!r}{hint}")
            elif len(steps) > 1:
                paths = ", ".join(repr(step.path) for step in steps)
                message = f"{text}: {reference.name!r} can mean {paths}; write more of the path"
                self.notes.add(place, message)
            elif isinstance(steps[0], GateStep):
                results = [result.name for result in steps[0].results]
                message = f"{text}: the gate {steps[0].name!r} asks for no result {reference.item!r}"
                self.known(reference.item, results, place, message)
            elif isinstance(steps[0], PromptStep) and steps[0].answer is not AnswerKind.NUMBER:
                message = f"{text}: the answer of {steps[0].name!r} is no number but a {steps[0].answer}"
                self.notes.add(place, f"{message}; let the prompt ask for a number to decide by it")
