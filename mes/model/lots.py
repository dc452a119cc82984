"""Materials and lots: batch is the execution, lot is the stuff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from mes.model.quantity import Quantity


class LotStatus(StrEnum):
    """Disposition of a lot; only a released lot may be consumed."""

    QUARANTINE = "quarantine"
    RELEASED = "released"
    HOLD = "hold"
    REJECTED = "rejected"


class Role(StrEnum):
    """What a produced quantity is to its batch. Only losses have no lot."""

    PRODUCT = "product"
    INTERMEDIATE = "intermediate"
    SAMPLE = "sample"
    LOSS = "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """A quantity of one material with an identity.

    `quantity` is what is left. `assay` is the mass fraction of the named substance (0 < assay <= 1). `mass` is the
    mass of what is left where the quantity is not a mass (a roll in metres); None where nobody needs it. `batch_no`
    is the batch that produced it, None for a received lot.
    """

    lot_no: str
    material: str
    quantity: Quantity
    status: LotStatus = LotStatus.RELEASED
    assay: Decimal = Decimal(1)
    mass: Quantity | None = None
    supplier: str = ""
    supplier_lot: str = ""
    batch_no: str | None = None
    expires_at: datetime | None = None
    properties: Mapping[str, str] = field(default_factory=dict)


def mass_of(lot: Lot, part: Quantity) -> Quantity | None:
    """Give the mass of `part` of a lot: itself where lots are measured by mass, else its share of the lot's mass."""
    if part.uom in {"g", "kg", "mg"}:
        return part.to("g")
    if lot.mass is None or lot.quantity.value == 0:
        return None
    share = part.to(lot.quantity.uom).value / lot.quantity.value
    return lot.mass.to("g").times(share)


def assay_corrected(amount: Quantity, assay: Decimal) -> Quantity:
    """Give the amount to weigh so that `amount` of the pure substance is in it (net charge = amount / assay)."""
    return Quantity((amount.value / assay).quantize(Decimal("0.001")), amount.uom)
