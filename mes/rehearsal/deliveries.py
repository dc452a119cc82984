"""The lots that a dry run needs: enough of every material, with the assay that such material usually has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from mes.model.lots import assay_corrected
from mes.model.procedure import Element, Group
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe, Input
from mes.model.steps import PhaseStep

ASSAY = Decimal("0.99")
"""Mass fraction of the pure substance in lots of inputs that are corrected for it; of others 1."""

SPARE = Decimal("1.2")
"""How much more than needed comes in, for scales may take their tolerance more than their target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One lot to be received for an input."""

    input: str
    material: str
    quantity: Quantity
    assay: Decimal


def deliveries(control: ControlRecipe) -> Iterator[Delivery]:
    """Give one lot for each input of a bound recipe that an amount is known of.

    It is enough for every round of the repetitions in which it is drawn from; a lot of which a phase takes all that is
    there holds exactly the need.
    """
    rounds, whole = _drawn(control.procedure)
    for name, needed in control.inputs.items():
        if needed.amount is None or not needed.amount.value:
            continue
        assay = usual_assay(needed)
        amount = as_weighed(needed, assay) or needed.amount
        if name not in whole:
            value = amount.value * rounds.get(name, 1) * SPARE
            amount = Quantity(value.quantize(Decimal("0.001"), ROUND_CEILING), amount.uom)
        yield Delivery(input=name, material=needed.material, quantity=amount, assay=assay)


def usual_assay(needed: Input) -> Decimal:
    """Give the assay that a lot for an input has in a dry run."""
    return ASSAY if needed.assay_corrected else Decimal(1)


def as_weighed(needed: Input, assay: Decimal) -> Quantity | None:
    """Give how much of a lot of that assay a bound input takes; None where the recipe names no amount."""
    if needed.amount is None:
        return None
    return assay_corrected(needed.amount, assay) if needed.assay_corrected else needed.amount


def _drawn(procedure: Group) -> tuple[dict[str, int], set[str]]:
    """Give how often each input may be drawn from at most, and those that are taken whole."""
    rounds: dict[str, int] = {}
    whole: set[str] = set()
    for step, count in _counted(procedure, 1):
        for name in (*step.scan, *(taken.input for taken in step.consumes)):
            rounds[name] = max(rounds.get(name, 1), count)
        whole.update(taken.input for taken in step.consumes if taken.whole_lot)
    return rounds, whole


def _counted(element: Element, count: int) -> Iterator[tuple[PhaseStep, int]]:
    if isinstance(element, PhaseStep):
        yield element, count
    if not isinstance(element, Group):
        return
    if element.is_repeated:
        count *= element.at_most
    for child in (*element.children, *(block.steps for block in element.exceptions)):
        yield from _counted(child, count)
