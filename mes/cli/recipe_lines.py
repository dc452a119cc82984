"""The procedure of a recipe as lines that can be read aloud."""

from __future__ import annotations

from collections.abc import Iterator

from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order, Then
from mes.model.quantity import Quantity
from mes.model.steps import (
    AnswerKind,
    GateStep,
    HoldingStep,
    Parameter,
    PhaseStep,
    PromptStep,
    ResultSpec,
    Step,
    WaitStep,
)
from mes.recipes.values import value_text


def procedure_lines(procedure: Group, indent: str) -> Iterator[str]:
    """Give the lines of all items of a procedure and of its exception blocks."""
    for child in procedure.children:
        yield from _lines(child, indent)
    for block in procedure.exceptions:
        yield from _exception(block, indent)


def _lines(element: Element, indent: str) -> Iterator[str]:
    if not isinstance(element, Group):
        yield from _step(element, indent)
        return
    yield indent + _heading(element)
    if element.order is Order.CHOICE:
        for branch in element.children:
            if isinstance(branch, Group):
                yield f"{indent}  when {branch.when}" if branch.when else f"{indent}  otherwise"
                yield from procedure_lines(branch, indent + "    ")
        for block in element.exceptions:
            yield from _exception(block, indent + "  ")
    else:
        yield from procedure_lines(element, indent + "  ")
    if element.until:
        yield f"{indent}until {element.until}, at most {element.at_most} times"


def _heading(group: Group) -> str:
    if group.level is Level.BLOCK:
        kind = {Order.PARALLEL: "in parallel", Order.CHOICE: "choose", Order.SEQUENCE: "in sequence"}[group.order]
        kind = "repeat" if group.until else kind
        numbered = group.name.rpartition(" ")[0] in {"parallel", "sequence", "choose", "repeat"}
        return kind if numbered else f"{kind}: {group.name}"
    unit = f" on {group.unit}" if group.unit else ""
    if group.wanted is not None:
        wanted = group.wanted
        unit = f" on a {wanted.unit_class} ({wanted.choose}{_prefer(wanted.prefer)})"
        unit += f" where {wanted.where}" if wanted.where else ""
    uses = f", uses {', '.join(group.uses)}" if group.uses else ""
    return f"{group.level} {group.name}{unit}{uses}"


def _prefer(units: tuple[str, ...]) -> str:
    return f": {', '.join(units)}" if units else ""


def _exception(block: ExceptionBlock, indent: str) -> Iterator[str]:
    cause = f"when {block.when}" if block.when else f"on failure {block.failure}"
    yield f"{indent}exception {block.name} {cause}, at most {block.at_most} times"
    yield from procedure_lines(block.steps, indent + "  ")
    jump = f" to {block.target.rpartition('/')[2]}" if block.then is Then.JUMP else ""
    yield f"{indent}  then {block.then}{jump}"


def _step(step: Step, indent: str) -> Iterator[str]:
    match step:
        case PhaseStep():
            yield from _phase(step, indent)
        case PromptStep():
            yield f"{indent}prompt {step.name}: {step.text['en']} [{_answer(step)}]"
        case GateStep():
            sample = f" of {step.sample}" if step.sample else ""
            yield f"{indent}gate {step.name}{sample}: {', '.join(_result(one) for one in step.results)}"
        case WaitStep():
            within = f", at most {_time(step.within_s)}" if step.within_s else ""
            yield f"{indent}wait {f'until {step.until}' if step.until else _time(step.duration_s)}{within}"
        case HoldingStep():
            yield f"{indent}{'release' if step.release else 'acquire'} {', '.join(step.units)}"


def _time(seconds: int) -> str:
    for factor, uom in ((3600, "h"), (60, "min")):
        if seconds % factor == 0:
            return f"{seconds // factor} {uom}"
    return f"{seconds} s"


def _result(result: ResultSpec) -> str:
    uom = "" if result.uom == "1" else f" {result.uom}"
    return f"{result.name} {result.spec_low} to {result.spec_high}{uom}"


def _phase(step: PhaseStep, indent: str) -> Iterator[str]:
    named = "" if step.name == step.phase_class else f" {step.name}"
    yield f"{indent}phase {step.phase_class}{named}{_values(': ', step.parameters)}"
    further = indent + "    "
    if step.sync:
        yield f"{further}{'transfers' if step.transfer else 'starts together as'} {step.sync}"
    if step.requires:
        yield f"{further}requires {step.requires}"
    if step.scan:
        yield f"{further}scans a lot for {', '.join(step.scan)}"
    for update in step.updates:
        yield f"{further}when {update.when}{_values(': ', update.parameters)}"
    for consumed in step.consumes:
        yield f"{further}consumes {consumed.input} ({'all of it' if consumed.whole_lot else consumed.report})"
    for made in step.produces:
        yield f"{further}{'loses' if made.role.value == 'loss' else 'makes'} {made.output} ({made.report})"


def _values(before: str, parameters: tuple[Parameter, ...]) -> str:
    values = ", ".join(f"{parameter.name} {value_text(parameter)}" for parameter in parameters)
    return f"{before}{values}" if values else ""


def _answer(prompt: PromptStep) -> str:
    match prompt.answer:
        case AnswerKind.NUMBER:
            low, high = (Quantity(end, prompt.uom) for end in (prompt.minimum, prompt.maximum) if end is not None)
            return f"number, {low.value} to {high}"
        case AnswerKind.CHOICE:
            return f"choice of {', '.join(prompt.choices)}"
        case AnswerKind.LOT:
            return f"scan of {prompt.input}"
        case answer:
            return answer.value
