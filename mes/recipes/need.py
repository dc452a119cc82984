"""What a batch needs, and how large a batch the material at hand allows: a shortage is told before the start."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal

from mes.model.lots import assay_corrected
from mes.model.quantity import Quantity, UomError
from mes.model.recipe import ControlRecipe, Input, MasterRecipe
from mes.recipes.amounts import fit
from mes.recipes.problem import Problem, RecipeError, nearest
from mes.recipes.values import amount_at

RESERVE = Decimal("0.005")
"""Part of each lot that is not planned for: a scale may take its tolerance more than its target."""


def requirements(control: ControlRecipe, assays: Mapping[str, Decimal] | None = None) -> dict[str, Quantity]:
    """Give how much of each input the batch needs.

    With the assays (0 < assay <= 1) of the lots by input name the amounts of assay-corrected inputs are what is to be
    weighed; without, they are those of the pure substance.
    """
    known = assays or {}
    return {
        name: assay_corrected(needed.amount, known[name]) if needed.assay_corrected and name in known else needed.amount
        for name, needed in control.inputs.items()
        if needed.amount is not None
    }


def largest_size(
    master: MasterRecipe,
    available: Mapping[str, Quantity],
    *,
    assays: Mapping[str, Decimal] | None = None,
    granularity: Decimal = Decimal(1),
    reserve: Decimal = RESERVE,
) -> Quantity:
    """Give the largest batch that the amounts at hand allow, by input name; inputs not named do not limit it.

    The size is a whole multiple of `granularity` (in the unit of measure of the batch size) within the limits of the
    recipe. Inputs that come from one lot need a share of it each.

    Raises `RecipeError` when even the smallest batch needs more, or a name or unit of measure does not fit.
    """
    problems: list[Problem] = []
    size = master.size.maximum
    for name, amount in available.items():
        needed = master.inputs.get(name)
        if needed is None:
            message = f"{master.recipe_id} has no input {name!r}{nearest(name, master.inputs)}"
            problems.append(Problem(master.file, 0, message))
            continue
        try:
            usable = fit(amount, needed.uom).value * (1 - reserve)
        except UomError as error:
            problems.append(Problem(master.file, 0, f"input {name}: {error}"))
            continue
        usable *= (assays or {}).get(name, Decimal(1)) if needed.assay_corrected else Decimal(1)
        smallest = amount_at(needed, master.size.minimum).value
        if usable < smallest:
            problems.append(Problem(master.file, 0, _short(master, needed, amount, smallest)))
        elif needed.per_unit:
            size = min(size, (usable * needed.yield_share - needed.fixed) / needed.per_unit)
    if problems:
        raise RecipeError(problems)
    floored = (size / granularity).to_integral_value(ROUND_FLOOR) * granularity
    return fit(Quantity(max(floored, master.size.minimum), master.size.uom), master.size.uom)


def _short(master: MasterRecipe, needed: Input, amount: Quantity, smallest: Decimal) -> str:
    return (
        f"not enough {needed.material}: the smallest batch of {master.recipe_id} "
        f"({Quantity(master.size.minimum, master.size.uom)}) needs {Quantity(smallest, needed.uom)} "
        f"and what the scale may take beyond it, there is {amount}"
    )
