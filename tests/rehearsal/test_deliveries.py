"""The lots of a dry run: enough for every round, exactly the need where all of a lot is taken."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mes.model.procedure import Group, Order
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe, Input
from mes.model.steps import Consumption, PhaseStep
from mes.rehearsal.deliveries import ASSAY, deliveries
from tests.recipes.procedures import block, operation, phase, procedure
from tests.rehearsal.portion import bound_portion


def grams(value: str) -> Quantity:
    return Quantity(Decimal(value), "g")


def recipe(*steps: PhaseStep | Group, **inputs: Input) -> ControlRecipe:
    return replace(bound_portion(), inputs=inputs, procedure=procedure(operation("A", *steps)))


def need(name: str, amount: str, *, corrected: bool = False) -> Input:
    return Input(name=name, material=name.upper(), uom="g", amount=grams(amount), assay_corrected=corrected)


def test_there_is_a_fifth_more_than_needed_and_more_where_the_assay_asks_for_it() -> None:
    made = list(
        deliveries(
            recipe(
                phase("weigh", scan=("salt", "sugar")),
                salt=need("salt", "100"),
                sugar=need("sugar", "99", corrected=True),
            )
        )
    )
    assert [(one.input, one.material, one.quantity, one.assay) for one in made] == [
        ("salt", "SALT", grams("120.000"), Decimal(1)),
        ("sugar", "SUGAR", grams("120.000"), ASSAY),
    ]


def test_every_round_of_a_repetition_draws_anew() -> None:
    again = block("Again", Order.SEQUENCE, phase("weigh", scan=("salt",)), until="$size > 1 kg", at_most=3)
    (made,) = deliveries(recipe(again, salt=need("salt", "100")))
    assert made.quantity == grams("360.000")


def test_a_lot_that_is_taken_whole_holds_exactly_the_need() -> None:
    whole = phase("sieve", consumes=(Consumption(input="lot", whole_lot=True),))
    (made,) = deliveries(recipe(whole, lot=need("lot", "800")))
    assert made.quantity == grams("800")


def test_nothing_comes_in_for_an_input_without_an_amount() -> None:
    assert list(deliveries(recipe(phase("weigh"), salt=need("salt", "0")))) == []
