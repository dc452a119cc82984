"""What is stated in the texts of a procedure: its conditions, the parameters of its phases, and what these refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mes.model.condition import ConditionError, parse_condition
from mes.model.expression_text import ExpressionError, parse_expression
from mes.model.procedure import Element, ExceptionBlock, Group, walk
from mes.model.reference import Reference
from mes.model.steps import Parameter, ParameterUpdate, PhaseStep, WaitStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A condition as it stands in a recipe: where, under which key, and in which line."""

    at: Element | ExceptionBlock
    key: str
    text: str
    line: int


def stated(root: Group) -> Iterator[Stated]:
    """Give every condition of a procedure."""
    for element in walk(root):
        match element:
            case Group(when=when, until=until):
                texts = [("when", when, element.line), ("until", until, element.line)]
            case PhaseStep():
                updates = [("updates", update.when, update.line or element.line) for update in element.updates]
                texts = [("requires", element.requires, element.line), *updates]
            case WaitStep():
                texts = [("wait", element.until, element.line)]
            case _:
                texts = []
        yield from (Stated(at=element, key=key, text=text, line=line) for key, text, line in texts if text)
    for _, block in blocks(root):
        if block.when:
            yield Stated(at=block, key="when", text=block.when, line=block.line)


def blocks(root: Element) -> Iterator[tuple[Group, ExceptionBlock]]:
    """Give the exception blocks below an element, each with the group it stands on."""
    for found in walk(root):
        if isinstance(found, Group):
            for block in found.exceptions:
                yield found, block


def given(step: PhaseStep) -> Iterator[tuple[Parameter, ParameterUpdate | None]]:
    """Give the parameters of a phase, and those of its updates with the update."""
    yield from ((parameter, None) for parameter in step.parameters)
    for update in step.updates:
        yield from ((parameter, update) for parameter in update.parameters)


def references_of(text: str) -> Iterator[Reference]:
    """Give the references of a condition; none of one that cannot be read."""
    try:
        yield from parse_condition(text).references if text else ()
    except ConditionError:
        return


def tags_of(text: str) -> frozenset[str]:
    """Give the tags of a condition; none of one that cannot be read."""
    try:
        return parse_condition(text).tags
    except ConditionError:
        return frozenset()


def references_in(text: str) -> Iterator[Reference]:
    """Give the references of an expression; none of one that cannot be read."""
    try:
        yield from parse_expression(text).references
    except ExpressionError:
        return
