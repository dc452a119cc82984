"""Master and control recipes: what a process engineer wrote, and the frozen copy that one batch runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from mes.model.equipment import Title
from mes.model.lots import Role
from mes.model.procedure import Group, Level
from mes.model.quantity import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSize:
    """How large a batch may be, all in `uom`."""

    uom: str
    default: Decimal
    minimum: Decimal
    maximum: Decimal


class Ask(StrEnum):
    """When a person gives a value: never (what was given at creation stands), at the start, or when first needed."""

    NEVER = "never"
    START = "start"
    RUN = "run"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The lower and upper end of what a value may be; both in the unit of measure of the value, inclusive."""

    low: Quantity
    high: Quantity

    def hold(self, value: Quantity) -> bool:
        """Say whether the value lies between them."""
        return self.low.value <= value.to(self.low.uom).value <= self.high.value


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeStep:
    """The value of a stepped formula parameter for batch sizes up to and including `up_to` (in the size's unit)."""

    up_to: Decimal
    value: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaParameter:
    """A named value of the recipe.

    By default it is `default` + `per_unit` x batch size, or that of the first of `steps` that holds the size. Beyond
    `minimum` and `maximum` (hard) no value is taken; outside `high` it needs a reason, and outside `soft` or `high` the
    deviation is recorded. `ask` tells when a person gives it.
    """

    name: str
    default: Quantity
    minimum: Quantity
    maximum: Quantity
    per_unit: Decimal = Decimal(0)
    steps: tuple[SizeStep, ...] = ()
    high: Limits | None = None
    soft: Limits | None = None
    ask: Ask = Ask.NEVER
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A material a batch needs: (`fixed` + `per_unit` x batch size) / `yield_share`, of the pure substance if
    `assay_corrected`.

    After binding, `amount` is that sum.
    """

    name: str
    material: str
    uom: str
    fixed: Decimal = Decimal(0)
    per_unit: Decimal = Decimal(0)
    yield_share: Decimal = Decimal(1)
    assay_corrected: bool = False
    amount: Quantity | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A material a batch makes: product, intermediate or sample. `shelf_life_days` 0 means no expiry.

    `expected` is how much of it is expected (per_unit x size after binding), None where its author does not say.
    """

    name: str
    material: str
    role: Role
    shelf_life_days: int = 0
    per_unit: Decimal = Decimal(0)
    uom: str = ""
    expected: Quantity | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the formula expects to be lost (`per_unit` x size + `fixed`, in grams), and the share it may miss by."""

    per_unit_g: Decimal = Decimal(0)
    fixed_g: Decimal = Decimal(0)
    tolerance: Decimal = Decimal("0.01")
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
    balance: Balance | None = None
    hold_propagation: Level | None = Level.PROCEDURE
    file: str = ""
    text_sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRecipe:
    """The frozen copy that one batch runs: scaled and bound, every value in the PLC's units.

    `parameters` of its phases hold values except those that are evaluated when the phase starts. `limits` are the
    formula parameters as their author wrote them, for changes while the batch runs. `hold_propagation` is the level up
    to which the hold of one phase holds others (None: only the phase itself). `sha256` identifies the content.
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
    limits: Mapping[str, FormulaParameter] = field(default_factory=dict)
    hold_propagation: Level | None = Level.PROCEDURE
    sha256: str = field(default="")
