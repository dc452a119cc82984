"""The mass balance of a batch: what went in must have come out, as product, sample or recorded loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mes.model.events import Consume, Fact, Produce
from mes.model.lots import Role
from mes.model.quantity import Quantity, comparable


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceLine:
    """One movement of material. `name` is the recipe's input or output; `mass_g` None is not balanced (a film in m)."""

    name: str
    role: str
    material: str
    lot_no: str
    quantity: Quantity
    mass_g: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MassBalance:
    """What went into a batch and what came out, in grams.

    What the batch made and used itself cancels: `external_in_g` is what came from lots of other origin.
    `closure_percent` is (out - in) / external in; None when nothing with a mass came in. `lost_g` is the recorded
    losses, part of `out_g`.
    """

    inputs: Sequence[BalanceLine]
    outputs: Sequence[BalanceLine]
    losses: Sequence[BalanceLine]
    in_g: Decimal
    out_g: Decimal
    lost_g: Decimal
    external_in_g: Decimal
    closure_percent: Decimal | None


def mass_balance(facts: Iterable[Fact]) -> MassBalance:
    """Balance the `Consume` facts of a batch against its `Produce` facts."""
    inputs: list[BalanceLine] = []
    outputs: list[BalanceLine] = []
    losses: list[BalanceLine] = []
    for fact in facts:
        if isinstance(fact, Consume):
            inputs.append(_line(fact, name=fact.input, role="input"))
        elif isinstance(fact, Produce):
            (losses if fact.role is Role.LOSS else outputs).append(_line(fact, name=fact.output, role=fact.role.value))
    own = {line.lot_no for line in outputs}
    external = _sum(line for line in inputs if line.lot_no not in own)
    total_in, lost = _sum(inputs), _sum(losses)
    total_out = _sum(outputs) + lost
    closure = (total_out - total_in) / external * 100 if external else None
    return MassBalance(
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        losses=tuple(losses),
        in_g=total_in,
        out_g=total_out,
        lost_g=lost,
        external_in_g=external,
        closure_percent=None if closure is None else closure.quantize(Decimal("0.001")),
    )


def _line(fact: Consume | Produce, *, name: str, role: str) -> BalanceLine:
    mass = fact.mass
    if mass is None and comparable(fact.quantity.uom, "g"):
        mass = fact.quantity
    return BalanceLine(
        name=name,
        role=role,
        material=fact.material,
        lot_no=fact.lot_no,
        quantity=fact.quantity,
        mass_g=None if mass is None else mass.to("g").value,
    )


def _sum(lines: Iterable[BalanceLine]) -> Decimal:
    return sum((line.mass_g for line in lines if line.mass_g is not None), Decimal(0))
