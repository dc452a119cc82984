"""The steps of a procedure: equipment phases, prompts, QC gates, waits, and what acquires or releases units."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from mes.model.equipment import Title
from mes.model.lots import Role
from mes.model.quantity import Quantity


class Source(StrEnum):
    """Where a phase parameter takes its value from."""

    VALUE = "value"
    FORMULA = "formula"
    BATCH_SIZE = "batch size"
    INPUT = "input"
    EXPRESSION = "expression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a phase in a recipe.

    `reference` names the formula parameter or the input, or is the text of the expression. `value` is known before the
    batch runs or None; once the recipe is bound it is in `uom`, the unit of measure of the equipment phase. Everything
    else is evaluated when the phase starts.
    """

    name: str
    source: Source = Source.VALUE
    reference: str = ""
    value: Quantity | None = None
    uom: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumption:
    """A phase consumes of `input` what its report `report` says; `whole_lot` takes all that is left of the lot."""

    input: str
    report: str = ""
    whole_lot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """A phase produces `output`: quantity from `report`, mass from `mass_report` where the quantity is no mass.

    `made_from` names the inputs and intermediates that are in it. For a loss `output` is only a name for people.
    """

    output: str
    report: str
    role: Role
    mass_report: str = ""
    made_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterUpdate:
    """New parameters for a phase that keeps running, given when the condition `when` is TRUE."""

    when: str
    parameters: tuple[Parameter, ...]
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotBinding:
    """Where one unit runs a phase: PLC, slot and number of the equipment phase (ProcReq)."""

    unit: str
    plc: str
    slot: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStep:
    """One phase of a recipe: which equipment phase with which parameters, and what it consumes and produces.

    `scan` names the inputs whose lots are scanned before it starts. `requires` is a condition that must be TRUE to
    start; it is waited for at most `requires_within_s` of process time. `expected_s` is how long it takes in process
    seconds as far as its author knows (0: not said). Phases of one `sync` name start together; when that is a
    `transfer` (two phases on two units) the movement of material is recorded. `updates` are given in their order while
    it runs. `bindings` say where each unit that may be chosen runs it; `slot`, `plc` and `number` are those of `unit`,
    which is empty as long as none is chosen.
    """

    path: str
    name: str
    unit: str
    phase_class: str
    parameters: tuple[Parameter, ...] = ()
    scan: tuple[str, ...] = ()
    consumes: tuple[Consumption, ...] = ()
    produces: tuple[Production, ...] = ()
    requires: str = ""
    requires_within_s: int = 14_400
    expected_s: int = 0
    sync: str = ""
    transfer: bool = False
    updates: tuple[ParameterUpdate, ...] = ()
    bindings: tuple[SlotBinding, ...] = ()
    slot: str = ""
    plc: str = ""
    number: int = 0
    line: int = 0
    kind: Literal["phase"] = "phase"


class AnswerKind(StrEnum):
    """What a prompt wants from a person."""

    CONFIRM = "confirm"
    NUMBER = "number"
    TEXT = "text"
    LOT = "lot"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptStep:
    """An operator phase: a text to a person and the kind of answer it waits for (numbers with unit and limits).

    `input` names the input whose lot is scanned, for the answer kind lot.
    """

    path: str
    name: str
    text: Title
    answer: AnswerKind = AnswerKind.CONFIRM
    uom: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[str, ...] = ()
    input: str = ""
    line: int = 0
    kind: Literal["prompt"] = "prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultSpec:
    """One result that a QC gate asks for, all in `uom`: what may be typed, and what passes (inclusive)."""

    name: str
    uom: str
    minimum: Decimal
    maximum: Decimal
    spec_low: Decimal
    spec_high: Decimal


class OnFail(StrEnum):
    """What follows when a result is out of specification."""

    ASK = "ask"
    CONTINUE = "continue"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateStep:
    """A QC gate: the batch goes on when every result is in and passes, or when a person accepts it with a reason.

    `sample` names the output whose lot the results belong to (empty: the batch itself).
    """

    path: str
    name: str
    results: tuple[ResultSpec, ...]
    on_fail: OnFail = OnFail.ASK
    sample: str = ""
    line: int = 0
    kind: Literal["gate"] = "gate"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitStep:
    """A transition: wait until `until` is TRUE, or for `duration_s` process seconds where no condition is given.

    After `within_s` process seconds the batch is held and a person called (0: a plain duration needs no limit).
    """

    path: str
    name: str
    until: str = ""
    duration_s: int = 0
    within_s: int = 0
    line: int = 0
    kind: Literal["wait"] = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingStep:
    """Acquire units for the batch, or release what an earlier step of this kind has acquired."""

    path: str
    name: str
    units: tuple[str, ...]
    release: bool = False
    line: int = 0
    kind: Literal["holding"] = "holding"


Step = PhaseStep | PromptStep | GateStep | WaitStep | HoldingStep
