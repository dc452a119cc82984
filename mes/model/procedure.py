"""Master and control recipes: the procedure tree (procedure > unit procedures > operations > phases)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from mes.model.equipment import Title
from mes.model.lots import Role
from mes.model.quantity import Quantity


class Level(StrEnum):
    """Where an element stands in the procedure; `block` is an unnamed parallel or sequence inside one."""

    PROCEDURE = "procedure"
    UNIT_PROCEDURE = "unit procedure"
    OPERATION = "operation"
    BLOCK = "block"


class Order(StrEnum):
    """How the children of an element follow each other."""

    SEQUENCE = "sequence"
    PARALLEL = "parallel"


class Source(StrEnum):
    """Where a phase parameter takes its value from."""

    VALUE = "value"
    FORMULA = "formula"
    BATCH_SIZE = "batch size"
    INPUT = "input"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a phase in a recipe.

    `value` is in the unit of measure of the equipment phase once the recipe is bound; None while it still waits for a
    scanned lot (`source` input, whose name is `reference`). `reference` names the formula parameter or the input.
    """

    name: str
    source: Source = Source.VALUE
    reference: str = ""
    value: Quantity | None = None


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
class PhaseStep:
    """One phase of a recipe: which equipment phase with which parameters, and what it consumes and produces.

    `scan` names the inputs whose lots are scanned before it starts. `requires` is a condition that must be TRUE to
    start; it is waited for at most `requires_within_s` of process time. `expected_s` is how long it takes in process
    seconds as far as its author knows (0: not said). `slot`, `plc` and `number` are filled by binding.
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
    """An operator phase: a text to a person and the kind of answer it waits for (numbers with unit and limits)."""

    path: str
    name: str
    text: Title
    answer: AnswerKind = AnswerKind.CONFIRM
    uom: str = ""
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    line: int = 0
    kind: Literal["prompt"] = "prompt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A procedure, unit procedure, operation or block with its children in sequence or in parallel.

    A unit procedure names its `unit`: the unit is allocated before its first child and released after its last.
    """

    path: str
    name: str
    level: Level
    order: Order
    children: tuple[Element, ...]
    unit: str = ""
    line: int = 0
    kind: Literal["group"] = "group"


Element = Group | PhaseStep | PromptStep


def walk(element: Element) -> Iterator[Element]:
    """Give the element and everything below it, parents before children, in recipe order."""
    yield element
    if isinstance(element, Group):
        for child in element.children:
            yield from walk(child)


def phases(element: Element) -> Iterator[PhaseStep]:
    """Give the equipment phases at and below the element in recipe order."""
    return (found for found in walk(element) if isinstance(found, PhaseStep))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSize:
    """How large a batch may be, all in `uom`."""

    uom: str
    default: Decimal
    minimum: Decimal
    maximum: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaParameter:
    """A named value of the recipe that may be set within its limits when a batch is created."""

    name: str
    default: Quantity
    minimum: Quantity
    maximum: Quantity
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A material a batch needs: `fixed` + `per_unit` x batch size, of the pure substance if `assay_corrected`.

    After binding, `amount` is that sum. `intermediate` marks what an earlier phase of the same batch makes (no amount).
    """

    name: str
    material: str
    uom: str
    fixed: Decimal = Decimal(0)
    per_unit: Decimal = Decimal(0)
    assay_corrected: bool = False
    amount: Quantity | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A material a batch makes: product, intermediate or sample. `shelf_life_days` 0 means no expiry."""

    name: str
    material: str
    role: Role
    shelf_life_days: int = 0
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterRecipe:
    """A recipe as a process engineer wrote it, checked in itself but not bound to equipment or size."""

    recipe_id: str
    version: str
    title: Title
    product: str
    size: BatchSize
    formula: Mapping[str, FormulaParameter]
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    procedure: Group
    file: str = ""
    text_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRecipe:
    """The frozen copy that one batch runs: scaled, bound to units and slots, every value in the PLC's units.

    `parameters` of its phases hold values except those that wait for a scanned lot. `sha256` identifies the content.
    """

    recipe_id: str
    version: str
    title: Title
    product: str
    size: Quantity
    formula: Mapping[str, Quantity]
    inputs: Mapping[str, Input]
    outputs: Mapping[str, Output]
    procedure: Group
    sha256: str = field(default="")
