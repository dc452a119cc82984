"""What may stand on every level of a procedure: blocks of items, waits, allocation, and exception blocks on them.

The blocks are generic over the kind of item that stands in them, which differs by level.
"""

from __future__ import annotations

from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Discriminator, Field, Tag

from mes.recipes.fieldtypes import Amount, Called, ConditionText, ReportName, Unit, Words
from mes.recipes.strict_model import StrictText

Item_co = TypeVar("Item_co", covariant=True)
MOST_TIMES = 1000
Times = Annotated[int, Field(ge=1, le=MOST_TIMES)]
_Named = Annotated[Called, Field(description="Name in the recipe path; without it the kind and a number.")]


class JumpText(StrictText):
    """Go on at an item of the sequence that the exception block guards."""

    jump: Called


def _then_kind(value: object) -> str:
    return "<jump>" if isinstance(value, dict) else "<word>"


class ExceptionText(StrictText, Generic[Item_co]):
    """What is done when something goes wrong while the items run that it stands on."""

    exception: Called = Field(description="Name in the recipe path.")
    when: ConditionText = Field(default="", validate_default=False, description="Condition that raises it.")
    failure: Annotated[ReportName, Field(examples=["any", "OVERTEMP"])] = Field(
        default="", validate_default=False, description="Failure of a phase that raises it, as the tag map names it."
    )
    do: Annotated[list[Item_co], Field(min_length=1)]
    then: Annotated[
        Annotated[Literal["return", "end"], Tag("<word>")] | Annotated[JumpText, Tag("<jump>")],
        Discriminator(_then_kind),
    ] = Field(default="return", description="How the procedure goes on: return, end, or {jump: item}.")
    at_most: Times = Field(default=3, description="Raised more often than this, the batch is held.")


class _Block(StrictText, Generic[Item_co]):
    name: _Named = Field(default="", validate_default=False)
    exceptions: list[ExceptionText[Item_co]] = Field(default=[])


class ParallelText(_Block[Item_co], Generic[Item_co]):
    """Branches that go on at the same time; each is one item or a `sequence`."""

    parallel: Annotated[list[Item_co], Field(min_length=2)]


class SequenceText(_Block[Item_co], Generic[Item_co]):
    """Items one after the other, as one branch of a `parallel` or to be guarded by an exception block."""

    sequence: Annotated[list[Item_co], Field(min_length=1)]


class WhenText(StrictText, Generic[Item_co]):
    """A branch that is taken when its condition is the first that is true."""

    when: ConditionText
    do: Annotated[list[Item_co], Field(min_length=1)]
    name: _Named = Field(default="", validate_default=False)


class OtherwiseText(StrictText, Generic[Item_co]):
    """The branch that is taken when the conditions of all before it are false."""

    otherwise: Annotated[list[Item_co], Field(min_length=1)]
    name: _Named = Field(default="", validate_default=False)


def _branch_kind(value: object) -> str:
    return "<otherwise>" if isinstance(value, dict) and "otherwise" in value else "<when>"


class ChooseText(_Block[Item_co], Generic[Item_co]):
    """One branch of several; without `otherwise` it waits until one of the conditions is true."""

    choose: Annotated[
        list[
            Annotated[
                Annotated[WhenText[Item_co], Tag("<when>")] | Annotated[OtherwiseText[Item_co], Tag("<otherwise>")],
                Discriminator(_branch_kind),
            ]
        ],
        Field(min_length=1),
    ]


class RepeatText(_Block[Item_co], Generic[Item_co]):
    """Items that are run again until the condition is true at their end."""

    repeat: Annotated[list[Item_co], Field(min_length=1)]
    until: ConditionText
    at_most: Times = Field(description="How often they are run at most; no loop is without an end.")


class WaitText(StrictText):
    """Wait for a condition, or for a time such as 10 min."""

    wait: Words = Field(description="A condition, or a process time.", examples=["SCR-002.PH > 11.5", "10 min"])
    within: Amount = Field(
        default="",
        validate_default=False,
        description="Process time to wait for a condition before a person is called; 4 h where nothing is said.",
    )
    name: _Named = Field(default="", validate_default=False)


class AcquireText(StrictText):
    """Take units for the batch, until a `release` gives them back."""

    acquire: Annotated[list[Unit], Field(min_length=1)]
    name: _Named = Field(default="", validate_default=False)


class ReleaseText(StrictText):
    """Give units back that an `acquire` took."""

    release: Annotated[list[Unit], Field(min_length=1)]
    name: _Named = Field(default="", validate_default=False)
