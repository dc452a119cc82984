"""The frozen facts of a batch record, named with the event words of BatchML-BatchProductionRecord.

Every fact is one of these; the state of a batch is the fold of its facts (`mes.model.execution`). `path` is the recipe
path of the element it belongs to ("" for the batch itself). Who and why are part of a fact, when and in which order are
added by the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from mes.model.equipment import Title
from mes.model.lots import Role
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import Command, ProceduralState
from mes.model.steering import (
    BreakpointChange,
    ChoiceMade,
    Confirmation,
    Deviation,
    ElementCommand,
    ExceptionEnded,
    ExceptionRaised,
    ModeChange,
    ParameterChange,
    QueueChange,
    RankChange,
    Reentry,
    Skip,
    TestResults,
    TimerStarted,
    Transfer,
    UnitChange,
    UnitChosen,
    UnitRequest,
)
from mes.model.steps import AnswerKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchCreated:
    """A control recipe was frozen for a new batch. Record word: Modification."""

    control: ControlRecipe
    proposed_lots: Mapping[str, str] = field(default_factory=dict)
    by: str
    event: Literal["BatchCreated"] = "BatchCreated"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCommand:
    """A command was accepted for the batch, or made durable for a phase before it is written to the PLC.

    For a phase `exec_id` is the execution it belongs to and `parameters` what is asked of the PLC, in its units;
    `update` is the number of a planned update of parameters (0: a person's).
    """

    path: str
    command: Command
    by: str
    because: str
    exec_id: int = 0
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    update: int = 0
    event: Literal["StateCommand"] = "StateCommand"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome:
    """What became of a phase command: the PLC's answer in words; `known` is False when none came.

    Record word: State Command.
    """

    path: str
    command: Command
    exec_id: int
    accepted: bool
    known: bool
    because: str
    seq: int = 0
    event: Literal["CommandOutcome"] = "CommandOutcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """An element went from one state to another; `because` tells why when it was not plainly commanded."""

    path: str
    before: ProceduralState
    after: ProceduralState
    because: str = ""
    event: Literal["StateChange"] = "StateChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessData:
    """The reports of an ended phase, each in the unit of measure of the map."""

    path: str
    exec_id: int
    reports: Mapping[str, Quantity]
    event: Literal["ProcessData"] = "ProcessData"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """A question to a person. `prompt_id` is unique in the batch; `input` is the material when a lot is asked for."""

    path: str
    prompt_id: str
    text: Title
    answer: AnswerKind
    input: str = ""
    proposed: str = ""
    uom: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()
    event: Literal["Prompt"] = "Prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptResponse:
    """A person's answer to a prompt, with the reason where one was given."""

    path: str
    prompt_id: str
    value: str
    by: str
    because: str = ""
    event: Literal["PromptResponse"] = "PromptResponse"


@dataclass(frozen=True, slots=True, kw_only=True)
class LotBound:
    """A lot was scanned for an input of the batch; what is weighed follows from its assay. Record word: Movement.

    `properties` are those of the lot that expressions may use.
    """

    path: str
    input: str
    lot_no: str
    material: str
    assay: Decimal
    amount: Quantity | None
    by: str
    properties: Mapping[str, Quantity] = field(default_factory=dict)
    event: Literal["LotBound"] = "LotBound"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """A unit was given to the batch for an element of its procedure; `shared` when others may use it as well."""

    path: str
    unit: str
    shared: bool = False
    event: Literal["Allocation"] = "Allocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deallocation:
    """A unit was given back."""

    path: str
    unit: str
    event: Literal["Deallocation"] = "Deallocation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consume:
    """Material left a lot for the batch. `mass` is None where the material is not balanced by mass (carrier film)."""

    path: str
    input: str
    lot_no: str
    material: str
    quantity: Quantity
    mass: Quantity | None = None
    event: Literal["Consume"] = "Consume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Produce:
    """The batch made a lot (product, intermediate, sample) or lost material (`role` loss, no `lot_no`).

    `parents` are the consumed quantities by lot that are in this lot: they become the genealogy edges.
    """

    path: str
    output: str
    role: Role
    material: str
    quantity: Quantity
    mass: Quantity | None = None
    lot_no: str = ""
    parents: tuple[tuple[str, Quantity], ...] = ()
    shelf_life_days: int = 0
    event: Literal["Produce"] = "Produce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person must know: a failed phase, a lost link, an interrupted execution."""

    path: str
    source: str
    text: str
    event: Literal["Alarm"] = "Alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class LotReceived:
    """A lot came in from outside. `properties` are what its certificate says, by name. Record word: Produce."""

    lot_no: str
    material: str
    quantity: Quantity
    assay: Decimal
    supplier: str
    supplier_lot: str
    by: str
    properties: Mapping[str, Quantity] = field(default_factory=dict)
    event: Literal["LotReceived"] = "LotReceived"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChange:
    """An engine started, took over or ended; `epoch` fences older ones, down to the PLCs. Record word: Security."""

    owner: str
    epoch: int
    text: str
    event: Literal["EngineChange"] = "EngineChange"


BatchFact = (
    BatchCreated
    | StateCommand
    | CommandOutcome
    | StateChange
    | ProcessData
    | Prompt
    | PromptResponse
    | LotBound
    | Allocation
    | Deallocation
    | Consume
    | Produce
    | Alarm
    | ElementCommand
    | ModeChange
    | BreakpointChange
    | Confirmation
    | Skip
    | Reentry
    | ChoiceMade
    | ExceptionRaised
    | ExceptionEnded
    | TimerStarted
    | ParameterChange
    | Deviation
    | TestResults
    | Transfer
    | UnitRequest
    | UnitChosen
    | RankChange
    | QueueChange
)
Fact = BatchFact | LotReceived | EngineChange | UnitChange
