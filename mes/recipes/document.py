"""The shape of a recipe text: what may stand where. The JSON Schema that editors use is made from these models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from mes.recipes.fieldtypes import Amount, FormulaName, Name, Words
from mes.recipes.levels import ProcedureExceptions, UnitProcedureItem
from mes.recipes.steptexts import TitleText
from mes.recipes.strict_model import StrictText

_Pair = Annotated[list[Amount], Field(min_length=2, max_length=2)]


class BatchSizeText(StrictText):
    """How large a batch may be, and in which unit of measure sizes are given."""

    default: Amount
    minimum: Amount
    maximum: Amount


class StepText(StrictText):
    """The value for batch sizes up to and including `up_to`."""

    up_to: Amount
    value: Amount


class FormulaText(StrictText):
    """A value that may be set within its limits when a batch is created; phases take it as $name."""

    default: Amount = Field(
        default="", validate_default=False, description="Its value; with `per` that of a batch of size zero."
    )
    per: Amount = Field(default="", validate_default=False, description="Linear scaling: added per unit of the size.")
    steps: list[StepText] = Field(
        default=[], description="Stepped scaling: its value by batch size, instead of default and per."
    )
    minimum: Amount = Field(default="", validate_default=False, description="Hard limit: no value below it is taken.")
    maximum: Amount = Field(default="", validate_default=False, description="Hard limit: no value above it is taken.")
    high: _Pair = Field(default=[], validate_default=False, description="A value outside needs a reason.")
    soft: _Pair = Field(default=[], validate_default=False, description="A value outside is recorded as a deviation.")
    ask: Literal["none", "start", "run"] = Field(
        default="none", description="start: a person gives it when the batch starts; run: when it is first needed."
    )


class InputText(StrictText):
    """A material that a batch needs: `fixed`, whatever the size, plus `per` times the size."""

    material: Words = Field(description="Name of the material as its lots carry it.")
    per: Amount = Field(default="", validate_default=False, description="Need per one unit of the batch size.")
    fixed: Amount = Field(
        default="", validate_default=False, description="Need that does not depend on the batch size."
    )
    yield_share: Annotated[Amount, Field(alias="yield", description="Share of it that gets through; need / yield.")] = (
        Field(default="100 %")
    )
    assay_corrected: bool = Field(default=False, description="Weigh need / assay of the scanned lot.")


class OutputText(StrictText):
    """A material that a batch makes; each becomes a lot."""

    material: Words
    role: Literal["product", "intermediate", "sample"] = Field(
        default="product", description="An intermediate is used up in the same batch."
    )
    per: Amount = Field(
        default="", validate_default=False, description="How much is expected per one unit of the batch size."
    )
    shelf_life: Amount = Field(
        default="", validate_default=False, description="Time until the lot expires, such as 365 d."
    )


class LossesText(StrictText):
    """The mass that is expected to be lost: `fixed`, whatever the size, plus `per` times the size."""

    per: Amount = Field(default="0 g")
    fixed: Amount = Field(default="0 g")


class RecipeText(StrictText):
    """A master recipe of the batch MES."""

    recipe: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=32)] = Field(
        description="Short identity of the recipe, such as R1."
    )
    version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]*$", max_length=32)] = Field(
        description='Version, in quotes: "1.0".'
    )
    title: TitleText
    product: Words = Field(description="What the recipe makes, for lists.")
    hold_propagation: Literal["phase", "operation", "unit", "batch"] = Field(
        default="batch", description="What the hold of one phase holds with it."
    )
    batch_size: BatchSizeText
    formula: dict[FormulaName, FormulaText] = Field(default={})
    inputs: Annotated[dict[Name, InputText], Field(min_length=1)]
    outputs: Annotated[dict[Name, OutputText], Field(min_length=1)]
    losses: LossesText | None = Field(default=None, description="Expected loss, for the material balance.")
    balance: Amount = Field(
        default="", validate_default=False, description="How far the balance may miss; 1 % where nothing is said."
    )
    procedure: Annotated[list[UnitProcedureItem], Field(min_length=1)]
    exceptions: ProcedureExceptions = Field(default=[], description="Exception blocks on the whole batch.")


RecipeText.model_rebuild()  # its blocks name the items of this level, see `mes.recipes.levels`
