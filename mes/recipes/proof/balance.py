"""Whether as much material goes in as is expected to come out, at the smallest, the default and the largest batch.

In: every input that is measured by mass, of the pure substance where it is corrected for its assay, after the division
by its yield. Out: every output with an expected amount that is no sample drawn from another output, and the losses.
"""

from __future__ import annotations

from decimal import Decimal

from mes.model.lots import Role
from mes.model.procedure import phases
from mes.model.quantity import Quantity, comparable
from mes.model.recipe import Balance, Output
from mes.recipes.proof.case import Case
from mes.recipes.values import amount_at

_GRAM = "g"
ROUNDING = Decimal("0.001")
"""Share by which more may come out than goes in, for amounts per size are rounded."""

_FIX = "correct 'per' of the inputs and outputs, or 'losses'"
_SAY = "say what is expected with 'per' at the output and 'losses'"


def prove_balance(case: Case) -> bool:
    """Find formulas whose material does not balance; False when the recipe does not say enough to tell."""
    master = case.master
    sources = [needed for needed in master.inputs.values() if comparable(needed.uom, _GRAM)]
    apart = [needed.name for needed in master.inputs.values() if not comparable(needed.uom, _GRAM)]
    outputs = external_outputs(case)
    unsaid = [one.name for one in outputs if not one.uom]
    not_mass = [one.name for one in outputs if one.uom and not comparable(one.uom, _GRAM)]
    said = [one for one in outputs if one.uom and comparable(one.uom, _GRAM)]
    sizes = dict.fromkeys((master.size.minimum, master.size.default, master.size.maximum))
    for size in sizes:
        into = sum((amount_at(needed, size).to(_GRAM).value for needed in sources), Decimal(0))
        out = sum((Quantity(one.per_unit * size, one.uom).to(_GRAM).value for one in said), Decimal(0))
        lost = Decimal(0) if master.balance is None else master.balance.per_unit_g * size + master.balance.fixed_g
        if not said and not lost:
            break
        tolerance = Balance().tolerance if master.balance is None else master.balance.tolerance
        more = out + lost - into
        at = Quantity(size, master.size.uom)
        sums = f"{_grams(into)} go in, {_grams(out)} are expected out and {_grams(lost)} lost"
        if more > ROUNDING * into and not apart:
            case.tell(
                master.balance or said[0], f"at a batch of {at} {sums}: {_grams(more)} more than there is; {_FIX}"
            )
            return True
        if -more > tolerance * into and not apart and not unsaid and not not_mass:
            missing = f"{_grams(-more)} go nowhere ({Quantity(tolerance * 100, '%')} may)"
            case.tell(master.balance or said[0], f"at a batch of {at} {sums}: {missing}; {_FIX}")
            return True
    reasons = _reasons(apart, unsaid, not_mass, bool(said))
    if reasons:
        case.unproved.append(f"balance not provable: {'; '.join(reasons)}")
    return not reasons


def external_outputs(case: Case) -> list[Output]:
    """Give the outputs that leave the batch: products, and samples that are not taken out of another output."""
    inner = set(case.master.outputs)
    drawn = {
        production.output
        for step in phases(case.master.procedure)
        for production in step.produces
        if production.role is Role.SAMPLE and production.made_from and set(production.made_from) <= inner
    }
    return [one for one in case.master.outputs.values() if one.role is not Role.INTERMEDIATE and one.name not in drawn]


def _reasons(apart: list[str], unsaid: list[str], not_mass: list[str], said: bool) -> list[str]:
    reasons = []
    if unsaid:
        reasons.append(f"no amount is expected of {', '.join(unsaid)} ({_SAY})")
    if not_mass:
        reasons.append(f"{', '.join(not_mass)} is expected in another unit than mass")
    if apart:
        reasons.append(f"{', '.join(apart)} is not measured by mass")
    if not said and not reasons:
        reasons.append(_SAY)
    return reasons


def _grams(amount: Decimal) -> str:
    return str(Quantity(amount.quantize(Decimal("0.01")), _GRAM))
