"""Lots: the charge after the assay, and the mass of a part of a lot."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.lots import Lot, LotStatus, assay_corrected, mass_of
from mes.model.quantity import Quantity, UomError


def grams(value: str) -> Quantity:
    return Quantity(Decimal(value), "g")


@pytest.mark.parametrize(
    ("pure", "assay", "charge"),
    # Li6PS5Cl, 1 kg: Li2S 99.9 %, P2S5 99 %, LiCl 99.9 %.
    [("427.96", "0.999", "428.39"), ("414.08", "0.99", "418.26"), ("157.96", "0.999", "158.12")],
)
def test_the_charge_of_one_kilogram_of_argyrodite_after_assay(pure: str, assay: str, charge: str) -> None:
    weighed = assay_corrected(grams(pure), Decimal(assay))
    assert weighed.value.quantize(Decimal("0.01")) == Decimal(charge)
    assert weighed.uom == "g"


@given(
    st.decimals(min_value="0.01", max_value="10000", places=2),
    st.decimals(min_value="0.5", max_value="1", places=4),
)
def test_the_charge_holds_the_pure_amount_within_a_milligram(pure: Decimal, assay: Decimal) -> None:
    weighed = assay_corrected(Quantity(pure, "g"), assay)
    assert weighed.value >= pure - Decimal("0.001")
    assert abs(weighed.value * assay - pure) <= Decimal("0.0005") * assay


def test_the_mass_of_a_part_measured_by_mass_is_the_part_itself() -> None:
    lot = Lot(lot_no="L-1", material="Li2S", quantity=Quantity(Decimal(2), "kg"))
    assert mass_of(lot, grams("428.39")) == grams("428.39")
    assert mass_of(lot, Quantity(Decimal("0.5"), "kg")) == grams("500")


def test_the_mass_of_some_metres_of_a_roll_is_their_share_of_the_roll() -> None:
    roll = Lot(lot_no="R-1", material="film", quantity=Quantity(Decimal(100), "m"), mass=Quantity(Decimal("2.4"), "kg"))
    assert mass_of(roll, Quantity(Decimal(25), "m")) == grams("600")
    assert mass_of(roll, Quantity(Decimal(2500), "mm")) == grams("60")


def test_a_roll_without_a_mass_or_without_metres_has_no_mass_to_share() -> None:
    bare = Lot(lot_no="R-2", material="carrier film", quantity=Quantity(Decimal(100), "m"))
    empty = Lot(lot_no="R-3", material="film", quantity=Quantity(Decimal(0), "m"), mass=grams("1"))
    assert mass_of(bare, Quantity(Decimal(1), "m")) is None
    assert mass_of(empty, Quantity(Decimal(1), "m")) is None


def test_a_part_in_a_unit_that_does_not_fit_the_lot_is_refused() -> None:
    roll = Lot(lot_no="R-1", material="film", quantity=Quantity(Decimal(100), "m"), mass=grams("2400"))
    with pytest.raises(UomError, match="'mL' cannot be converted to 'm'"):
        mass_of(roll, Quantity(Decimal(1), "mL"))


def test_a_received_lot_is_released_pure_and_of_no_batch_unless_told_otherwise() -> None:
    lot = Lot(lot_no="L-1", material="LiCl", quantity=grams("1000"))
    assert (lot.status, lot.assay, lot.batch_no) == (LotStatus.RELEASED, Decimal(1), None)
