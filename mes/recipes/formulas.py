"""The values, materials and expected losses of a recipe text, with all their limits in order."""

from __future__ import annotations

from decimal import Decimal

from mes.model.limits import default_at
from mes.model.lots import Role
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, Balance, BatchSize, FormulaParameter, Input, Limits, Output, SizeStep
from mes.model.reference import DOLLAR_WORDS
from mes.recipes.document import BatchSizeText, FormulaText, InputText, OutputText, RecipeText
from mes.recipes.notes import Notes
from mes.recipes.strict_yaml import Place

TOLERANCE = "1 %"
"""How far the material balance may miss where the author of a recipe says nothing."""


def size_of(notes: Notes, given: BatchSizeText) -> BatchSize:
    """Give the batch size with its limits; problems are noted."""
    place = ("batch_size",)
    before = len(notes.problems)
    default = notes.amount((*place, "default"), given.default)
    uom = default.uom if len(notes.problems) == before else ""
    low = notes.amount((*place, "minimum"), given.minimum, uom)
    high = notes.amount((*place, "maximum"), given.maximum, uom)
    if len(notes.problems) == before:
        _between(notes, place, "batch_size: the default", default, Limits(low=low, high=high), "")
    if low.value <= 0:
        notes.add((*place, "minimum"), f"a batch of {low} is none; write a minimum above zero")
    return BatchSize(uom=default.uom, default=default.value, minimum=low.value, maximum=high.value)


def _between(notes: Notes, place: Place, what: str, value: Quantity, limits: Limits, kind: str) -> None:
    if not limits.hold(value):
        named = f" ({kind} limits)" if kind else ""
        notes.add(place, f"{what} {value} is not between {limits.low} and {limits.high}{named}; correct the limits")


def formula_of(notes: Notes, name: str, given: FormulaText, size: BatchSize) -> FormulaParameter:
    """Give a formula parameter; its limits enclose each other and its value at every batch size."""
    place = ("formula", name)
    if name in {str(word) for word in DOLLAR_WORDS}:
        notes.add(place, f"${name} has a meaning of its own; give this formula parameter another name")
    before = len(notes.problems)
    steps = _steps(notes, place, given, size)
    _complete(notes, place, given)
    default = steps[0].value if steps else notes.amount((*place, "default"), given.default or "0")
    uom = default.uom if len(notes.problems) == before else ""
    values = [step.value for step in steps] or [default]
    low = notes.amount((*place, "minimum"), given.minimum, uom) if given.minimum else min(values, key=_value)
    high = notes.amount((*place, "maximum"), given.maximum, uom) if given.maximum else max(values, key=_value)
    per = notes.amount((*place, "per"), given.per, uom).value if given.per else Decimal(0)
    parameter = FormulaParameter(
        name=name,
        default=default,
        minimum=low,
        maximum=high,
        per_unit=per,
        steps=steps,
        high=_pair(notes, (*place, "high"), given.high, uom),
        soft=_pair(notes, (*place, "soft"), given.soft, uom),
        ask=Ask.NEVER if given.ask == "none" else Ask(given.ask),
        line=notes.line(place),
    )
    if len(notes.problems) == before:
        _check_order(notes, place, parameter, size)
    return parameter


def _value(amount: Quantity) -> Decimal:
    return amount.value


def _complete(notes: Notes, place: Place, given: FormulaText) -> None:
    if given.steps:
        for key, text in (("default", given.default), ("per", given.per)):
            if text:
                notes.add((*place, key), f"'steps' say the value for every size; remove {key!r}, or the steps")
        return
    for key, text in (("default", given.default), ("minimum", given.minimum), ("maximum", given.maximum)):
        if not text:
            notes.add(place, f"key {key!r} is missing; add it")


def _steps(notes: Notes, place: Place, given: FormulaText, size: BatchSize) -> tuple[SizeStep, ...]:
    steps: list[SizeStep] = []
    for index, text in enumerate(given.steps):
        here = (*place, "steps", index)
        up_to = notes.amount((*here, "up_to"), text.up_to, size.uom).value
        value = notes.amount((*here, "value"), text.value, steps[0].value.uom if steps else "")
        if steps and up_to <= steps[-1].up_to:
            before = Quantity(steps[-1].up_to, size.uom)
            notes.add(
                here, f"the step up to {text.up_to} comes after the one up to {before}; put the smaller one first"
            )
        steps.append(SizeStep(up_to=up_to, value=value))
    if steps and steps[-1].up_to < size.maximum:
        last, largest = Quantity(steps[-1].up_to, size.uom), Quantity(size.maximum, size.uom)
        notes.add((*place, "steps"), f"the steps end at {last}, batches go up to {largest}; add a step up to {largest}")
    return tuple(steps)


def _pair(notes: Notes, place: Place, texts: list[str], uom: str) -> Limits | None:
    if not texts:
        return None
    low, high = (notes.amount((*place, index), text, uom) for index, text in enumerate(texts))
    return Limits(low=low, high=high)


def _check_order(notes: Notes, place: Place, parameter: FormulaParameter, size: BatchSize) -> None:
    outer, name = Limits(low=parameter.minimum, high=parameter.maximum), "hard"
    if outer.low.value > outer.high.value:
        notes.add(place, f"{'.'.join(map(str, place))}: the minimum {outer.low} is above the maximum {outer.high}")
        return
    for kind, limits in (("high", parameter.high), ("soft", parameter.soft)):
        if limits is None:
            continue
        if limits.low.value > limits.high.value:
            notes.add((*place, kind), f"{kind}: {limits.low} is above {limits.high}; swap them")
            return
        if not (outer.hold(limits.low) and outer.hold(limits.high)):
            message = f"the {kind} limits {limits.low} to {limits.high} reach beyond the {name} limits"
            notes.add((*place, kind), f"{message} {outer.low} to {outer.high}; soft lies within high, high within hard")
            return
        outer, name = limits, kind
    word = ".".join(map(str, place))
    if not parameter.steps and not parameter.per_unit:
        _between(notes, place, f"{word}: the default", parameter.default, outer, "" if name == "hard" else name)
        return
    for at in sorted(
        {size.minimum, *(step.up_to for step in parameter.steps if step.up_to < size.maximum), size.maximum}
    ):
        what = f"{word}: at a batch size of {Quantity(at, size.uom)} the value"
        _between(notes, place, what, default_at(parameter, at), outer, name)


def input_of(notes: Notes, name: str, given: InputText) -> Input:
    """Give a material that is needed; problems are noted."""
    place = ("inputs", name)
    if not given.per and not given.fixed:
        notes.add(place, f"input {name!r} says no amount; write per, fixed or both")
    uom = ""
    amounts: dict[str, Decimal] = {"per": Decimal(0), "fixed": Decimal(0)}
    for key, text in (("per", given.per), ("fixed", given.fixed)):
        if not text:
            continue
        amount = notes.amount((*place, key), text, uom)
        if amount.value < 0:
            notes.add((*place, key), f"{amount} is less than nothing; write an amount of zero or more")
        uom = uom or amount.uom
        amounts[key] = amount.value
    if uom == "1":
        notes.add(place, f"the amount of input {name!r} has no unit of measure; write it, such as '100 g'")
    before = len(notes.problems)
    share = notes.amount((*place, "yield"), given.yield_share, "%").value / 100
    if len(notes.problems) == before and not 0 < share <= 1:
        notes.add(
            (*place, "yield"), f"a yield of {given.yield_share} is not possible; write more than 0 %, up to 100 %"
        )
    return Input(
        name=name,
        material=given.material,
        uom=uom,
        fixed=amounts["fixed"],
        per_unit=amounts["per"],
        yield_share=share,
        assay_corrected=given.assay_corrected,
        line=notes.line(place),
    )


def output_of(notes: Notes, name: str, given: OutputText) -> Output:
    """Give a material that is made; problems are noted."""
    days = 0
    if given.shelf_life:
        place = ("outputs", name, "shelf_life")
        life = notes.amount(place, given.shelf_life, "d")
        days = int(life.value)
        if days < 1:
            notes.add(place, f"a shelf life of {life} is less than a day; write one day or more, or leave it out")
    per = Quantity(Decimal(0), "")
    if given.per:
        place = ("outputs", name, "per")
        per = notes.amount(place, given.per)
        if per.value <= 0:
            notes.add(place, f"{given.per} is nothing to expect; write an amount above zero, or leave it out")
    return Output(
        name=name,
        material=given.material,
        role=Role(given.role),
        shelf_life_days=days,
        per_unit=per.value,
        uom=per.uom,
        line=notes.line(("outputs", name)),
    )


def balance_of(notes: Notes, recipe: RecipeText) -> Balance | None:
    """Give what the formula expects of the material balance, None where the recipe says nothing about it."""
    if recipe.losses is None and not recipe.balance:
        return None
    tolerance = notes.amount(("balance",), recipe.balance or TOLERANCE, "%").value / 100
    if not 0 <= tolerance < 1:
        notes.add(("balance",), f"a balance within {recipe.balance} is none; write 0 % or more, such as '1 %'")
    lost = {"per": Decimal(0), "fixed": Decimal(0)}
    if recipe.losses is not None:
        for key, text in (("per", recipe.losses.per), ("fixed", recipe.losses.fixed)):
            lost[key] = notes.amount(("losses", key), text, "g").value
            if lost[key] < 0:
                notes.add(("losses", key), f"{text} is less than nothing; write an amount of zero or more")
    line = notes.line(("losses",) if recipe.losses is not None else ("balance",))
    return Balance(per_unit_g=lost["per"], fixed_g=lost["fixed"], tolerance=tolerance, line=line)
