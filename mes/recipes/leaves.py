"""The steps at the bottom of a procedure, made from their texts."""

from __future__ import annotations

import re
from decimal import Decimal

from mes.model.lots import Role
from mes.model.quantity import UomError, check_uom
from mes.model.steps import (
    AnswerKind,
    Consumption,
    GateStep,
    HoldingStep,
    OnFail,
    ParameterUpdate,
    PhaseStep,
    Production,
    PromptStep,
    ResultSpec,
    WaitStep,
)
from mes.recipes.blocktexts import AcquireText, ReleaseText, WaitText
from mes.recipes.fieldtypes import AMOUNT
from mes.recipes.scope import Scope
from mes.recipes.steptexts import ChoiceAnswer, GateText, NumberAnswer, PhaseText, PromptText, ScanAnswer
from mes.recipes.strict_yaml import Place

WAIT_WITHIN = "4 h"
"""How long a condition is waited for where its author says nothing."""


def phase_step(scope: Scope, text: PhaseText, place: Place, *, path: str, name: str, unit: str) -> PhaseStep:
    """Give an equipment phase; `unit` is empty where a unit of a class is still to be chosen."""
    notes = scope.notes
    if text.sync and text.transfer:
        notes.add(place, "a transfer is a sync already; write one of the two")
    return PhaseStep(
        path=path,
        name=name,
        unit=unit,
        phase_class=text.phase,
        parameters=scope.parameters(text.parameters, (*place, "parameters")),
        scan=tuple(text.scan),
        consumes=_consumed(scope, text, place),
        produces=_produced(scope, text, place),
        requires=scope.condition(text.requires, (*place, "requires")),
        requires_within_s=_seconds(scope, text.requires_within, (*place, "requires_within")),
        expected_s=_seconds(scope, text.expected, (*place, "expected")),
        sync=text.transfer or text.sync,
        transfer=bool(text.transfer),
        updates=_updates(scope, text, place),
        line=notes.line(place),
    )


def _seconds(scope: Scope, text: str, place: Place) -> int:
    return int(scope.notes.amount(place, text, "s").value)


def _consumed(scope: Scope, text: PhaseText, place: Place) -> tuple[Consumption, ...]:
    for index, consumed in enumerate(text.consume):
        if bool(consumed.report) is consumed.all:
            message = f"consume {consumed.input!r} needs either a report or 'all: true', not both or none"
            scope.notes.add((*place, "consume", index), message)
    return tuple(
        Consumption(input=consumed.input, report=consumed.report, whole_lot=consumed.all) for consumed in text.consume
    )


def _produced(scope: Scope, text: PhaseText, place: Place) -> tuple[Production, ...]:
    made = []
    outputs = scope.recipe.outputs
    for index, production in enumerate(text.produce):
        name = production.output
        known = scope.known(name, outputs, (*place, "produce", index), f"there is no output {name!r}")
        made.append(
            Production(
                output=name,
                report=production.report,
                role=Role(outputs[name].role) if known else Role.PRODUCT,
                mass_report=production.mass,
                made_from=tuple(production.made_from),
            )
        )
    lost = (Production(output=loss.name, report=loss.report, role=Role.LOSS) for loss in text.loss)
    return (*made, *lost)


def _updates(scope: Scope, text: PhaseText, place: Place) -> tuple[ParameterUpdate, ...]:
    updates = []
    for index, update in enumerate(text.updates):
        here = (*place, "updates", index)
        updates.append(
            ParameterUpdate(
                when=scope.condition(update.when, (*here, "when")),
                parameters=scope.parameters(update.parameters, (*here, "parameters")),
                line=scope.notes.line(here),
            )
        )
    return tuple(updates)


def prompt_step(scope: Scope, text: PromptText, place: Place, *, path: str, name: str) -> PromptStep:
    """Give an operator phase."""
    words = {language: said for language, said in text.text.model_dump().items() if said}
    line = scope.notes.line(place)
    match text.answer:
        case NumberAnswer(number=number):
            _check_uom(scope, number.uom, (*place, "answer"))
            _check_order(scope, number.minimum, number.maximum, (*place, "answer"))
            return PromptStep(
                path=path,
                name=name,
                text=words,
                answer=AnswerKind.NUMBER,
                uom=number.uom,
                minimum=number.minimum,
                maximum=number.maximum,
                line=line,
            )
        case ChoiceAnswer(choice=choices):
            if len(set(choices)) < len(choices):
                scope.notes.add((*place, "answer"), "a choice is offered twice; write each answer once")
            return PromptStep(
                path=path, name=name, text=words, answer=AnswerKind.CHOICE, choices=tuple(choices), line=line
            )
        case ScanAnswer(scan=wanted):
            scope.known(wanted, scope.recipe.inputs, (*place, "answer"), f"scan: there is no input {wanted!r}")
            return PromptStep(path=path, name=name, text=words, answer=AnswerKind.LOT, input=wanted, line=line)
        case answer:
            return PromptStep(path=path, name=name, text=words, answer=AnswerKind(answer), line=line)


def _check_uom(scope: Scope, uom: str, place: Place) -> None:
    try:
        check_uom(uom)
    except UomError as error:
        scope.notes.add(place, str(error))


def _check_order(scope: Scope, minimum: Decimal, maximum: Decimal, place: Place) -> None:
    if minimum > maximum:
        scope.notes.add(place, f"the minimum {minimum} is above the maximum {maximum}; swap them")


def gate_step(scope: Scope, text: GateText, place: Place, *, path: str, name: str) -> GateStep:
    """Give a QC gate."""
    if text.sample:
        message = f"sample: there is no output {text.sample!r}"
        scope.known(text.sample, scope.recipe.outputs, (*place, "sample"), message)
    specs = []
    for result, wanted in text.results.items():
        here = (*place, "results", result)
        low, high = wanted.spec
        _check_uom(scope, wanted.uom, here)
        _check_order(scope, wanted.minimum, wanted.maximum, here)
        if low > high:
            scope.notes.add(here, f"spec: {low} is above {high}; swap them")
        elif wanted.minimum <= wanted.maximum and not (wanted.minimum <= low and high <= wanted.maximum):
            message = f"spec: {low} to {high} is not within what can be typed, {wanted.minimum} to {wanted.maximum}"
            scope.notes.add(here, f"{message}; correct one of them")
        specs.append(
            ResultSpec(
                name=result,
                uom=wanted.uom,
                minimum=wanted.minimum,
                maximum=wanted.maximum,
                spec_low=low,
                spec_high=high,
            )
        )
    return GateStep(
        path=path,
        name=name,
        results=tuple(specs),
        on_fail=OnFail(text.on_fail),
        sample=text.sample,
        line=scope.notes.line(place),
    )


def wait_step(scope: Scope, text: WaitText, place: Place, *, path: str, name: str) -> WaitStep:
    """Give a transition: an amount is a time, everything else a condition."""
    line = scope.notes.line(place)
    if not re.fullmatch(AMOUNT, text.wait):
        until = scope.condition(text.wait, (*place, "wait"))
        within = _seconds(scope, text.within or WAIT_WITHIN, (*place, "within"))
        return WaitStep(path=path, name=name, until=until, within_s=within, line=line)
    if text.within:
        scope.notes.add((*place, "within"), "a time ends by itself and needs no 'within'; remove it")
    before = len(scope.notes.problems)
    duration = scope.notes.amount((*place, "wait"), text.wait, "s")
    if len(scope.notes.problems) == before and duration.value < 1:
        scope.notes.add((*place, "wait"), f"a wait of {text.wait} is none; write a second or more")
    return WaitStep(path=path, name=name, duration_s=int(duration.value), line=line)


def holding_step(scope: Scope, text: AcquireText | ReleaseText, place: Place, *, path: str, name: str) -> HoldingStep:
    """Give a step that acquires or releases units."""
    release = isinstance(text, ReleaseText)
    units = text.release if isinstance(text, ReleaseText) else text.acquire
    for unit in sorted(set(units)):
        if units.count(unit) > 1:
            scope.notes.add(place, f"{unit} is here twice; write it once")
    return HoldingStep(path=path, name=name, units=tuple(units), release=release, line=scope.notes.line(place))
