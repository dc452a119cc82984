"""The three levels of a procedure in a recipe text, and which items may stand on each of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from mes.recipes.blocktexts import (
    AcquireText,
    ChooseText,
    ExceptionText,
    ParallelText,
    ReleaseText,
    RepeatText,
    SequenceText,
    WaitText,
)
from mes.recipes.fieldtypes import Called, PhaseClass, Unit, Words
from mes.recipes.steptexts import GateText, PhaseText, PromptText
from mes.recipes.strict_model import StrictText

KINDS = (
    "phase",
    "prompt",
    "gate",
    "operation",
    "unit_procedure",
    "parallel",
    "sequence",
    "choose",
    "repeat",
    "wait",
    "acquire",
    "release",
)


def _kind(value: object) -> str | None:
    """Choose the model of an item by the key that names its kind; tags are in angle brackets to differ from keys."""
    if not isinstance(value, dict):
        return None
    return next((f"<{kind}>" for kind in KINDS if kind in value), None)


_Uses = Annotated[list[Unit], Field(default=[], description="Shared units that are held while it runs.")]

PhaseItem = Annotated[
    Annotated[PhaseText, Tag("<phase>")]
    | Annotated[PromptText, Tag("<prompt>")]
    | Annotated[GateText, Tag("<gate>")]
    | Annotated[ParallelText["PhaseItem"], Tag("<parallel>")]
    | Annotated[SequenceText["PhaseItem"], Tag("<sequence>")]
    | Annotated[ChooseText["PhaseItem"], Tag("<choose>")]
    | Annotated[RepeatText["PhaseItem"], Tag("<repeat>")]
    | Annotated[WaitText, Tag("<wait>")]
    | Annotated[AcquireText, Tag("<acquire>")]
    | Annotated[ReleaseText, Tag("<release>")],
    Discriminator(_kind),
]


class OperationText(StrictText):
    """A named group of phases."""

    operation: Called
    uses: _Uses
    exceptions: list[ExceptionText[PhaseItem]] = Field(default=[])
    phases: Annotated[list[PhaseItem], Field(min_length=1)]


OperationItem = Annotated[
    Annotated[OperationText, Tag("<operation>")]
    | Annotated[PromptText, Tag("<prompt>")]
    | Annotated[ParallelText["OperationItem"], Tag("<parallel>")]
    | Annotated[SequenceText["OperationItem"], Tag("<sequence>")]
    | Annotated[ChooseText["OperationItem"], Tag("<choose>")]
    | Annotated[RepeatText["OperationItem"], Tag("<repeat>")]
    | Annotated[WaitText, Tag("<wait>")]
    | Annotated[AcquireText, Tag("<acquire>")]
    | Annotated[ReleaseText, Tag("<release>")],
    Discriminator(_kind),
]


class UnitClassText(StrictText):
    """Any unit of a class; which one is decided when the batch starts or when the unit procedure begins."""

    unit_class: Annotated[PhaseClass, Field(alias="class", description="Class of the unit, as the tag map names it.")]
    choose: Literal["preferred", "longest idle", "operator"] = Field(
        default="preferred", description="How one is chosen when several are free."
    )
    bind: Literal["start", "first use"] = Field(
        default="first use", description="Chosen as the batch starts, or when the unit procedure begins."
    )
    prefer: list[Unit] = Field(default=[], description="The order of preference; all others of the class follow.")
    where: Words = Field(
        default="",
        validate_default=False,
        description="What must hold for the properties of the unit.",
        examples=["jar_volume >= 2 L"],
    )


def _unit_kind(value: object) -> str:
    return "<unit_class>" if isinstance(value, dict) else "<unit>"


class UnitProcedureText(StrictText):
    """What happens on one unit; the unit belongs to the batch from its first operation to its last."""

    unit_procedure: Called
    unit: Annotated[
        Annotated[Unit, Tag("<unit>")] | Annotated[UnitClassText, Tag("<unit_class>")], Discriminator(_unit_kind)
    ]
    uses: _Uses
    exceptions: list[ExceptionText[OperationItem]] = Field(default=[])
    operations: Annotated[list[OperationItem], Field(min_length=1)]


UnitProcedureItem = Annotated[
    Annotated[UnitProcedureText, Tag("<unit_procedure>")]
    | Annotated[PromptText, Tag("<prompt>")]
    | Annotated[ParallelText["UnitProcedureItem"], Tag("<parallel>")]
    | Annotated[SequenceText["UnitProcedureItem"], Tag("<sequence>")]
    | Annotated[ChooseText["UnitProcedureItem"], Tag("<choose>")]
    | Annotated[RepeatText["UnitProcedureItem"], Tag("<repeat>")]
    | Annotated[WaitText, Tag("<wait>")]
    | Annotated[AcquireText, Tag("<acquire>")]
    | Annotated[ReleaseText, Tag("<release>")],
    Discriminator(_kind),
]

ProcedureExceptions = list[ExceptionText["UnitProcedureItem"]]
AnyItem = PhaseItem | OperationItem | UnitProcedureItem

# The generic blocks stand in another file, where the names of the items are not known.
for _model in (OperationText, UnitProcedureText):
    _model.model_rebuild(_types_namespace=vars())
