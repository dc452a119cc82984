"""The shape of a recipe text: what may stand where. The JSON Schema that editors use is made from these models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from mes.recipes.fieldtypes import (
    Amount,
    Bare,
    Called,
    FormulaName,
    Name,
    ParameterText,
    PhaseClass,
    ReportName,
    Unit,
    Words,
)


class _Text(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TitleText(_Text):
    """A text for people, by language."""

    en: Words = Field(description="English; always there.")
    zh: Words = Field(default="", validate_default=False, description="Chinese.")


class BatchSizeText(_Text):
    """How large a batch may be, and in which unit of measure sizes are given."""

    default: Amount
    minimum: Amount
    maximum: Amount


class FormulaText(_Text):
    """A value that may be set within its limits when a batch is created; phases take it as $name."""

    default: Amount
    minimum: Amount
    maximum: Amount


class InputText(_Text):
    """A material that a batch needs: `fixed`, whatever the size, plus `per` times the size."""

    material: Words = Field(description="Name of the material as its lots carry it.")
    per: Amount = Field(default="", validate_default=False, description="Need per one unit of the batch size.")
    fixed: Amount = Field(
        default="", validate_default=False, description="Need that does not depend on the batch size."
    )
    assay_corrected: bool = Field(default=False, description="Weigh need / assay of the scanned lot.")


class OutputText(_Text):
    """A material that a batch makes; each becomes a lot."""

    material: Words
    role: Literal["product", "intermediate", "sample"] = Field(
        default="product", description="An intermediate is used up in the same batch."
    )
    shelf_life: Amount = Field(
        default="", validate_default=False, description="Time until the lot expires, such as 365 d."
    )


class ConsumeText(_Text):
    """The phase takes material of an input, or of an output made earlier in the batch."""

    input: Name
    report: ReportName = Field(
        default="", validate_default=False, description="The report of the phase that says how much."
    )
    all: bool = Field(default=False, description="Take all that is left of the lot; instead of a report.")


class ProduceText(_Text):
    """The phase makes a lot of an output."""

    output: Name
    report: ReportName = Field(description="The report of the phase that says how much.")
    mass: ReportName = Field(
        default="", validate_default=False, description="The report with its mass, where `report` is no mass (metres)."
    )
    made_from: Annotated[
        list[Name], Field(alias="from", min_length=1, description="Inputs and outputs that are in it.")
    ]


class LossText(_Text):
    """Material that the phase loses; it closes the mass balance and makes no lot."""

    name: Called
    report: ReportName = Field(description="The report of the phase with the lost mass.")


class PhaseText(_Text):
    """An equipment phase of the unit."""

    phase: PhaseClass = Field(description="Phase class of the unit, as the tag map names it.")
    name: Called = Field(
        default="", validate_default=False, description="Name in the recipe path; without it the class."
    )
    scan: list[Name] = Field(default=[], description="Inputs whose lots are scanned before the phase starts.")
    parameters: dict[ReportName, ParameterText] = Field(default={}, description="Parameters of the phase by name.")
    consume: list[ConsumeText] = Field(default=[])
    produce: list[ProduceText] = Field(default=[])
    loss: list[LossText] = Field(default=[])
    requires: Words = Field(
        default="", validate_default=False, description="Condition over tags that must be true before the phase starts."
    )
    requires_within: Amount = Field(default="4 h", description="Process time to wait for it before a person is called.")
    expected: Amount = Field(default="0 s", description="Process time the phase takes; it makes the estimated end.")


class NumberText(_Text):
    """The answer is a number in `uom` within inclusive limits."""

    uom: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    minimum: Bare
    maximum: Bare


class NumberAnswer(_Text):
    """The answer is a number."""

    number: NumberText


def _answer_kind(value: object) -> str:
    return "<number>" if isinstance(value, dict) else "<word>"


Answer = Annotated[
    Annotated[Literal["confirm", "text"], Tag("<word>")] | Annotated[NumberAnswer, Tag("<number>")],
    Discriminator(_answer_kind),
]


class PromptText(_Text):
    """A question to a person; the batch waits for the answer."""

    prompt: Called = Field(description="Name in the recipe path.")
    text: TitleText = Field(description="What the person reads.")
    answer: Answer = Field(default="confirm", description="What is wanted: confirm, text, or a number with limits.")


KINDS = ("phase", "prompt", "operation", "unit_procedure", "parallel", "sequence")


def _kind(value: object) -> str | None:
    """Choose the model of an item by the key that names its kind; tags are in angle brackets to differ from keys."""
    if not isinstance(value, dict):
        return None
    return next((f"<{kind}>" for kind in KINDS if kind in value), None)


class ParallelPhases(_Text):
    """Branches that go on at the same time; each is one item or a `sequence`."""

    parallel: Annotated[list[PhaseItem], Field(min_length=2)]


class SequencePhases(_Text):
    """Items one after the other, as one branch of a `parallel`."""

    sequence: Annotated[list[PhaseItem], Field(min_length=1)]


PhaseItem = Annotated[
    Annotated[PhaseText, Tag("<phase>")]
    | Annotated[PromptText, Tag("<prompt>")]
    | Annotated[ParallelPhases, Tag("<parallel>")]
    | Annotated[SequencePhases, Tag("<sequence>")],
    Discriminator(_kind),
]


class OperationText(_Text):
    """A named group of phases."""

    operation: Called
    phases: Annotated[list[PhaseItem], Field(min_length=1)]


class ParallelOperations(_Text):
    """Branches that go on at the same time; each is one item or a `sequence`."""

    parallel: Annotated[list[OperationItem], Field(min_length=2)]


class SequenceOperations(_Text):
    """Items one after the other, as one branch of a `parallel`."""

    sequence: Annotated[list[OperationItem], Field(min_length=1)]


OperationItem = Annotated[
    Annotated[OperationText, Tag("<operation>")]
    | Annotated[ParallelOperations, Tag("<parallel>")]
    | Annotated[SequenceOperations, Tag("<sequence>")],
    Discriminator(_kind),
]


class UnitProcedureText(_Text):
    """What happens on one unit; the unit belongs to the batch from its first operation to its last."""

    unit_procedure: Called
    unit: Unit
    operations: Annotated[list[OperationItem], Field(min_length=1)]


class ParallelUnitProcedures(_Text):
    """Branches that go on at the same time; each is one item or a `sequence`."""

    parallel: Annotated[list[UnitProcedureItem], Field(min_length=2)]


class SequenceUnitProcedures(_Text):
    """Items one after the other, as one branch of a `parallel`."""

    sequence: Annotated[list[UnitProcedureItem], Field(min_length=1)]


UnitProcedureItem = Annotated[
    Annotated[UnitProcedureText, Tag("<unit_procedure>")]
    | Annotated[ParallelUnitProcedures, Tag("<parallel>")]
    | Annotated[SequenceUnitProcedures, Tag("<sequence>")],
    Discriminator(_kind),
]


class RecipeText(_Text):
    """A master recipe of the batch MES."""

    recipe: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=32)] = Field(
        description="Short identity of the recipe, such as R1."
    )
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$", max_length=32)] = Field(
        description='Version, in quotes: "1.0".'
    )
    title: TitleText
    product: Words = Field(description="What the recipe makes, for lists.")
    batch_size: BatchSizeText
    formula: dict[FormulaName, FormulaText] = Field(default={})
    inputs: Annotated[dict[Name, InputText], Field(min_length=1)]
    outputs: Annotated[dict[Name, OutputText], Field(min_length=1)]
    procedure: Annotated[list[UnitProcedureItem], Field(min_length=1)]


for _model in (
    ParallelPhases,
    SequencePhases,
    ParallelOperations,
    SequenceOperations,
    ParallelUnitProcedures,
    SequenceUnitProcedures,
):
    _model.model_rebuild()
