"""Where material comes from and goes to in a recipe: scanned or made before use, used if declared, never lost.

What is made in several rounds of a repeat, or by several phases, is several lots of one name; they are merged by
whoever consumes that name. What only some branches of a choose make is not certain after it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from mes.model.lots import Role
from mes.model.procedure import Element, Group, Order, phases
from mes.model.recipe import MasterRecipe
from mes.model.reference import ReferenceKind
from mes.model.steps import AnswerKind, PhaseStep, PromptStep, Source
from mes.recipes.problem import Problem, nearest
from mes.recipes.proof.stated import given, references_in, references_of, stated


@dataclass(frozen=True, slots=True)
class _Known:
    """What is certain when an element begins: a parallel branch knows nothing of its neighbours."""

    scanned: frozenset[str] = frozenset()
    made: frozenset[str] = frozenset()
    consumed: frozenset[str] = frozenset()

    def join(self, other: _Known) -> _Known:
        return _Known(self.scanned | other.scanned, self.made | other.made, self.consumed | other.consumed)

    def meet(self, other: _Known) -> _Known:
        return _Known(self.scanned & other.scanned, self.made & other.made, self.consumed & other.consumed)


def flow_problems(master: MasterRecipe) -> list[Problem]:
    """Give what is wrong with the material flow of a recipe; needs no equipment."""
    flow = _Flow(master)
    flow.follow(master.procedure, _Known())
    return [*flow.problems, *_never(master)]


class _Flow:
    def __init__(self, master: MasterRecipe) -> None:
        self.master = master
        self.problems: list[Problem] = []

    def follow(self, element: Element, known: _Known) -> _Known:
        """Give what is known after the element."""
        match element:
            case PhaseStep():
                return self._phase(element, known)
            case PromptStep(answer=AnswerKind.LOT):
                return replace(known, scanned=known.scanned | {element.input})
            case Group():
                return self._group(element, known)
            case _:
                return known

    def _group(self, group: Group, known: _Known) -> _Known:
        for block in group.exceptions:
            self.follow(block.steps, known)
        if group.is_repeated:
            self._rounds(group)
        match group.order:
            case Order.PARALLEL:
                after = known
                for branch in group.children:
                    after = after.join(self.follow(branch, known))
                return after
            case Order.CHOICE:
                first, *others = (self.follow(branch, known) for branch in group.children)
                for other in others:
                    first = first.meet(other)
                return first
            case Order.SEQUENCE:
                for child in group.children:
                    known = self.follow(child, known)
                return known

    def _rounds(self, group: Group) -> None:
        """Note what is used up in the first round of a repeat and not there in the second."""
        inside = tuple(phases(group))
        made = {production.output for phase in inside for production in phase.produces}
        made |= {name for phase in inside for name in phase.scan}
        for phase in inside:
            for consumption in phase.consumes:
                if consumption.whole_lot and consumption.input not in made:
                    message = (
                        f"{phase.path}: consumes all of {consumption.input!r} in every round of {group.name!r}, but "
                        "nothing in it makes more; consume it by a report, or before the repeat"
                    )
                    self.problems.append(Problem(self.master.file, phase.line, message))

    def _phase(self, phase: PhaseStep, known: _Known) -> _Known:
        def note(message: str) -> None:
            self.problems.append(Problem(self.master.file, phase.line, f"{phase.path}: {message}"))

        for name in phase.scan:
            self._scan(name, note)
        known = replace(known, scanned=known.scanned | set(phase.scan))
        for parameter in phase.parameters:
            wanted = parameter.reference
            if parameter.source is Source.INPUT and wanted not in known.scanned and wanted in self.master.inputs:
                note(f"{parameter.name} takes $input.{wanted} before its lot is scanned; add 'scan: [{wanted}]' here")
        for consumption in phase.consumes:
            self._consume(consumption.input, known, note)
        known = replace(known, consumed=known.consumed | {consumption.input for consumption in phase.consumes})
        for production in phase.produces:
            for part in production.made_from:
                self._part(production.output, part, known, note)
        made = {production.output for production in phase.produces if production.role is not Role.LOSS}
        return replace(known, made=known.made | made)

    def _scan(self, name: str, note: Callable[[str], None]) -> None:
        if name in self.master.outputs:
            note(f"{name!r} is made in this batch, its lot is known: take it out of 'scan'")
        elif name not in self.master.inputs:
            note(f"scan of {name!r}, which is no input{nearest(name, self.master.inputs)}")

    def _consume(self, name: str, known: _Known, note: Callable[[str], None]) -> None:
        if name in self.master.inputs:
            if name not in known.scanned:
                note(
                    f"consumes {name!r} before its lot is scanned; add 'scan: [{name}]' to this phase or an earlier one"
                )
        elif name not in self.master.outputs:
            names = [*self.master.inputs, *self.master.outputs]
            note(f"consumes {name!r}, which is not declared under inputs or outputs{nearest(name, names)}")
        elif name not in known.made:
            where = "in an earlier phase, not in a parallel branch or in one branch of a choose only"
            note(f"consumes {name!r} before it is made; make it {where}")

    def _part(self, output: str, part: str, known: _Known, note: Callable[[str], None]) -> None:
        if part not in self.master.inputs and part not in self.master.outputs:
            names = [*self.master.inputs, *self.master.outputs]
            note(f"{output!r} is made from {part!r}, which is no input or output{nearest(part, names)}")
        elif part not in known.consumed:
            note(f"{output!r} is made from {part!r}, but nothing before it consumes {part!r}; add it to a 'consume'")


def _never(master: MasterRecipe) -> Iterator[Problem]:
    """Give what is declared and never used, and what is used and goes nowhere."""
    steps = tuple(phases(master.procedure))
    consumed = {consumption.input: step for step in steps for consumption in step.consumes}
    made = {production.output for step in steps for production in step.produces if production.role is not Role.LOSS}
    parts = {part for step in steps for production in step.produces for part in production.made_from}
    for name, needed in master.inputs.items():
        if name not in consumed:
            message = f"input {name!r} is declared and never consumed; consume it or remove it"
            yield Problem(master.file, needed.line, message)
    for name, output in master.outputs.items():
        if name not in made:
            message = f"output {name!r} is declared and never produced; produce it or remove it"
            yield Problem(master.file, output.line, message)
        elif output.role is Role.INTERMEDIATE and name not in consumed:
            yield Problem(
                master.file,
                output.line,
                f"intermediate {name!r} is produced and never consumed; consume it, or call it a product",
            )
    for name, step in consumed.items():
        if name not in parts and (name in master.inputs or name in made):
            message = f"{step.path}: {name!r} is consumed and in no product; name it in the 'from' of what it becomes"
            yield Problem(master.file, step.line, message)
    used = _used_formula(master)
    for name, parameter in master.formula.items():
        if name not in used:
            message = f"formula parameter {name!r} is used by no phase; use it as ${name} or remove it"
            yield Problem(master.file, parameter.line, message)


def _used_formula(master: MasterRecipe) -> set[str]:
    """Give the names of the formula parameters that a phase or a condition takes."""
    used: set[str] = set()
    for step in phases(master.procedure):
        for parameter, _ in given(step):
            if parameter.source is Source.FORMULA:
                used.add(parameter.reference)
            elif parameter.source is Source.EXPRESSION:
                used.update(found.name for found in references_in(parameter.reference))
    for one in stated(master.procedure):
        used.update(found.name for found in references_of(one.text) if found.kind is ReferenceKind.FORMULA)
    return used
