"""Whether a report, a result or an answer is there on every way before an expression or condition takes it.

A step counts as done after a choose only where every branch has it, and not in the other branches of a parallel. Where
an exception jumps, only what was done before its group is certain at the item it jumps to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mes.model.naming import asked
from mes.model.procedure import Element, ExceptionBlock, Group, Order, Then, walk
from mes.model.reference import LOOKUPS, Reference, ReferenceKind
from mes.model.steps import AnswerKind, GateStep, PhaseStep, PromptStep, Source, WaitStep
from mes.recipes.proof.case import Case
from mes.recipes.proof.stated import given, references_in, references_of

Done = frozenset[str]
"""Paths of the steps that are certainly done, and names of the inputs whose lots are known, these after a `$`."""

_VERB = {ReferenceKind.REPORT: "has reported", ReferenceKind.RESULT: "has results", ReferenceKind.ANSWER: "is answered"}


def prove_known(case: Case) -> None:
    """Find references that can be taken before what they refer to is there."""
    _Flow(case).follow(case.master.procedure, frozenset())


@dataclass(frozen=True, slots=True)
class _Flow:
    case: Case

    def follow(self, element: Element, done: Done) -> Done:
        """Give what is done after an element."""
        match element:
            case PhaseStep():
                return self.phase(element, done)
            case WaitStep():
                self.need(element, "wait", references_of(element.until), done)
            case PromptStep(answer=AnswerKind.LOT):
                return done | {element.path, f"${element.input}"}
            case GateStep() | PromptStep():
                return done | {element.path}
            case Group():
                return self.group(element, done)
            case _:
                pass
        return done

    def phase(self, step: PhaseStep, done: Done) -> Done:
        done |= {f"${name}" for name in step.scan}
        self.need(step, "requires", references_of(step.requires), done)
        for parameter, update in given(step):
            if parameter.source is Source.EXPRESSION:
                self.need(step, parameter.name, references_in(parameter.reference), done, update.line if update else 0)
        for update in step.updates:
            self.need(step, "updates", references_of(update.when), done, update.line)
        return done | {step.path}

    def group(self, group: Group, done: Done) -> Done:
        after = self.children(group, done)
        if group.is_repeated:
            self.need(group, "until", references_of(group.until), after)
        for block in group.exceptions:
            self.exception(group, block, done)
        return after

    def children(self, group: Group, done: Done) -> Done:
        match group.order:
            case Order.PARALLEL:
                return done.union(*(self.follow(branch, done) for branch in group.children))
            case Order.CHOICE:
                for branch in group.children:
                    if isinstance(branch, Group):
                        self.need(branch, "when", references_of(branch.when), done)
                afters = [self.follow(branch, done) for branch in group.children]
                return frozenset.intersection(*afters) if afters else done
            case Order.SEQUENCE:
                return self.sequence(group, done)

    def sequence(self, group: Group, done: Done) -> Done:
        targets = {block.target: block for block in group.exceptions if block.then is Then.JUMP}
        entered = done
        for child in group.children:
            if child.path in targets:
                done = entered
            done = self.follow(child, done)
        return done

    def exception(self, group: Group, block: ExceptionBlock, done: Done) -> None:
        # While a step has not reported yet its condition is unknown and raises nothing: it only must not come later.
        inside = {found.path for child in group.children for found in walk(child)}
        self.need(block, "when", references_of(block.when), done | inside)
        self.follow(block.steps, done)

    def need(
        self,
        at: Element | ExceptionBlock,
        key: str,
        references: Iterable[Reference],
        done: Done,
        line: int = 0,
    ) -> None:
        for reference in sorted(references, key=str):
            if reference.kind in (ReferenceKind.LOT, ReferenceKind.INPUT):
                if f"${reference.name}" not in done and reference.name in self.case.master.inputs:
                    fix = f"add 'scan: [{reference.name}]' to this phase or an earlier one"
                    self.case.tell(at, f"{key}: takes {reference} before its lot is scanned; {fix}", line)
            elif reference.kind in LOOKUPS:
                steps = asked(self.case.master.procedure, reference.kind, reference.name)
                if len(steps) == 1 and steps[0].path not in done:
                    verb = _VERB[reference.kind]
                    message = (
                        f"{key}: takes {reference}, but {steps[0].path!r} {verb} by then only on some ways or on none"
                    )
                    self.case.tell(at, f"{message}; take it later, or put that step on every way to here", line)
