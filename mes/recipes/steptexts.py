"""What may stand at the bottom of a procedure: equipment phases, prompts to people, and gates for test results."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from mes.recipes.fieldtypes import (
    Amount,
    Bare,
    Called,
    ConditionText,
    Name,
    ParameterText,
    PhaseClass,
    ReportName,
    Words,
)
from mes.recipes.strict_model import StrictText

Parameters = dict[ReportName, ParameterText]


class TitleText(StrictText):
    """A text for people, by language."""

    en: Words = Field(description="English; always there.")
    zh: Words = Field(default="", validate_default=False, description="Chinese.")


class ConsumeText(StrictText):
    """The phase takes material of an input, or of an output made earlier in the batch."""

    input: Name
    report: ReportName = Field(
        default="", validate_default=False, description="The report of the phase that says how much."
    )
    all: bool = Field(default=False, description="Take all that is left of the lot; instead of a report.")


class ProduceText(StrictText):
    """The phase makes a lot of an output."""

    output: Name
    report: ReportName = Field(description="The report of the phase that says how much.")
    mass: ReportName = Field(
        default="", validate_default=False, description="The report with its mass, where `report` is no mass (metres)."
    )
    made_from: Annotated[
        list[Name], Field(alias="from", min_length=1, description="Inputs and outputs that are in it.")
    ]


class LossText(StrictText):
    """Material that the phase loses; it closes the mass balance and makes no lot."""

    name: Called
    report: ReportName = Field(description="The report of the phase with the lost mass.")


class UpdateText(StrictText):
    """New parameters for a phase that keeps running."""

    when: ConditionText
    parameters: Annotated[Parameters, Field(min_length=1)]


class PhaseText(StrictText):
    """An equipment phase of the unit."""

    phase: PhaseClass = Field(description="Phase class of the unit, as the tag map names it.")
    name: Called = Field(
        default="", validate_default=False, description="Name in the recipe path; without it the class."
    )
    scan: list[Name] = Field(default=[], description="Inputs whose lots are scanned before the phase starts.")
    parameters: Parameters = Field(default={}, description="Parameters of the phase by name.")
    consume: list[ConsumeText] = Field(default=[])
    produce: list[ProduceText] = Field(default=[])
    loss: list[LossText] = Field(default=[])
    requires: Words = Field(
        default="", validate_default=False, description="Condition over tags that must be true before the phase starts."
    )
    requires_within: Amount = Field(default="4 h", description="Process time to wait for it before a person is called.")
    expected: Amount = Field(default="0 s", description="Process time the phase takes; it makes the estimated end.")
    sync: Called = Field(
        default="", validate_default=False, description="Phases of one sync name in parallel branches start together."
    )
    transfer: Called = Field(
        default="", validate_default=False, description="A sync of two phases on two units that moves material."
    )
    updates: list[UpdateText] = Field(default=[], description="New parameters while it runs, in this order.")


class NumberText(StrictText):
    """The answer is a number in `uom` within inclusive limits."""

    uom: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    minimum: Bare
    maximum: Bare


class NumberAnswer(StrictText):
    """The answer is a number."""

    number: NumberText


class ChoiceAnswer(StrictText):
    """The answer is one of these words."""

    choice: Annotated[list[Words], Field(min_length=2)]


class ScanAnswer(StrictText):
    """The answer is the scanned lot of an input."""

    scan: Name


def _answer_kind(value: object) -> str:
    if not isinstance(value, dict):
        return "<word>"
    return next((f"<{kind}>" for kind in ("choice", "scan") if kind in value), "<number>")


Answer = Annotated[
    Annotated[Literal["confirm", "text"], Tag("<word>")]
    | Annotated[NumberAnswer, Tag("<number>")]
    | Annotated[ChoiceAnswer, Tag("<choice>")]
    | Annotated[ScanAnswer, Tag("<scan>")],
    Discriminator(_answer_kind),
]


class PromptText(StrictText):
    """A question to a person; the batch waits for the answer."""

    prompt: Called = Field(description="Name in the recipe path.")
    text: TitleText = Field(description="What the person reads.")
    answer: Answer = Field(
        default="confirm", description="What is wanted: confirm, text, a number with limits, a choice, or a scan."
    )


class ResultText(StrictText):
    """One result of a QC gate, all numbers in `uom`."""

    uom: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    minimum: Bare = Field(description="The least that can be typed.")
    maximum: Bare = Field(description="The most that can be typed.")
    spec: Annotated[list[Bare], Field(min_length=2, max_length=2, description="What passes: lower and upper end.")]


class GateText(StrictText):
    """A QC gate: the batch waits for results; those within `spec` pass."""

    gate: Called = Field(description="Name in the recipe path; result() names it.")
    results: Annotated[dict[ReportName, ResultText], Field(min_length=1)]
    sample: Name = Field(default="", validate_default=False, description="The output whose lot the results belong to.")
    on_fail: Literal["ask", "continue"] = Field(
        default="ask", description="ask: a person accepts or rejects; continue: a choose or repeat decides."
    )
