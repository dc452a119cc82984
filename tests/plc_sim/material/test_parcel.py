"""Parcels are split and mixed, and nothing is lost or invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.material.ledger import ELECTROLYTE, LI2S, P2S5, Ledger, ReceivedLot
from plc_sim.material.parcel import Condition, Parcel, blend, parcel_from, without

parcels = st.builds(
    lambda parts, conversion: Parcel(parts=parts, condition=Condition(conversion=conversion)),
    st.dictionaries(st.sampled_from("ABCD"), st.floats(0.001, 1e4), min_size=1),
    st.floats(0.0, 1.0),
)


@given(parcels, st.floats(0.0, 1.0))
def test_two_parts_of_a_parcel_are_the_parcel(parcel: Parcel, fraction: float) -> None:
    one, other = parcel.split(fraction)
    assert blend([one, other]).parts == pytest.approx(parcel.parts)
    assert one.mass_g == pytest.approx(fraction * parcel.mass_g, abs=1e-9)


@given(st.lists(parcels, min_size=1, max_size=5))
def test_a_blend_has_all_the_parts_and_a_condition_between_those_of_its_parcels(several: list[Parcel]) -> None:
    mixed = blend(several)
    assert mixed.mass_g == pytest.approx(sum(parcel.mass_g for parcel in several))
    conversions = [parcel.condition.conversion for parcel in several]
    assert min(conversions) - 1e-9 <= mixed.condition.conversion <= max(conversions) + 1e-9


def test_more_than_there_is_cannot_be_taken() -> None:
    taken, rest = Parcel(parts={"A": 3.0, "B": 1.0}).take(10.0)
    assert taken.parts == {"A": 3.0, "B": 1.0}
    assert rest.mass_g == 0.0


def test_nothing_cannot_be_mixed() -> None:
    with pytest.raises(ValueError, match="nothing to blend"):
        blend([])


def test_what_is_gone_is_no_longer_among_the_parts() -> None:
    assert without({"A": 3.0, "B": 1.0}, {"A": 1.0, "B": 1.0}) == {"A": 2.0}


def test_a_parcel_comes_back_from_its_written_form() -> None:
    parcel = parcel_from({"parts": {"A": 1}, "condition": {"d50_um": 3}})
    assert parcel == Parcel(parts={"A": 1.0}, condition=Condition(d50_um=3.0))
    with pytest.raises(ValueError, match="a parcel needs `parts`"):
        parcel_from({"condition": {}})


def test_the_quality_of_a_mixture_is_that_of_its_lithium_sulfide_by_mass() -> None:
    ledger = Ledger()
    ledger.receive(ReceivedLot(lot="good", material=LI2S))
    ledger.receive(ReceivedLot(lot="bad", material=LI2S, quality=0.4))
    ledger.receive(ReceivedLot(lot="phosphorus", material=P2S5, quality=0.1))
    ledger.receive(ReceivedLot(lot="powder", material=ELECTROLYTE, quality=0.7))
    assert ledger.quality({"good": 3.0, "bad": 1.0, "phosphorus": 5.0}) == pytest.approx(0.85)
    assert ledger.quality({"powder": 1.0}) == 0.7
    assert ledger.quality({"phosphorus": 1.0}) == 1.0
    with pytest.raises(ValueError, match="lot good is already in the plant"):
        ledger.receive(ReceivedLot(lot="good", material=LI2S))
