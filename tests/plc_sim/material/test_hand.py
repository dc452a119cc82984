"""People carry containers: what they may bring where, and what they are told when it cannot be done."""

from __future__ import annotations

import json

import pytest

from plc_sim.control.answers import json_text
from plc_sim.material.hand import Hands, NotThere
from plc_sim.material.holdings import Holdings, Supply
from plc_sim.material.ledger import ReceivedLot
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.material.truth import unaccounted
from plc_sim.material.web import Stretch, Web

LI2S = {"lot": "L-000001", "material": "Li2S", "amount": 1000, "quality": 0.4}


@pytest.fixture
def holdings() -> Holdings:
    return Holdings(supply=Supply.HAND)


@pytest.fixture
def hands(holdings: Holdings) -> Hands:
    return Hands(holdings)


def test_a_delivery_is_a_lot_and_a_container_with_its_label(hands: Hands) -> None:
    assert hands.receive(LI2S)["drawn"] == 0.0
    container = hands.container("L-000001")
    assert (container["where"], container["mass_g"]) == ("store", 1000.0)
    assert [lot["material"] for lot in hands.lots()] == ["Li2S"]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"lot": "A", "material": "Li2S"}, "the lot lacks 'amount'"),
        ({**LI2S, "qualty": 1}, "a lot has no 'qualty'; the nearest one is quality"),
        ({**LI2S, "amount": "much"}, "lot L-000001: amount = 'much' is no number"),
        ({**LI2S, "amount": 0}, "an amount above 0"),
        ({**LI2S, "amount": -1}, "amount = -1 must be finite and not below 0"),
        ({**LI2S, "amount": float("nan")}, "amount = nan is no number"),
        ({**LI2S, "amount": float("inf")}, "amount = inf must be finite"),
        ({**LI2S, "amount": True}, "amount = True is no number"),
        ({**LI2S, "quality": -1}, "quality = -1 must be finite and not below 0"),
        ({**LI2S, "lot": ""}, "a text as its lot, not ''"),
        ({**LI2S, "lot": 5}, "a text as its lot, not 5"),
        ({**LI2S, "material": None}, "a text as its material, not None"),
        ("Li2S", "a lot is a table such as"),
    ],
)
def test_a_delivery_that_says_too_little_is_refused(hands: Hands, wrong: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        hands.receive(wrong)
    assert hands.lots() == []


def test_a_label_is_used_once(hands: Hands) -> None:
    hands.receive(LI2S)
    with pytest.raises(ValueError, match="label L-000001 is on a container already"):
        hands.receive(LI2S)


def test_a_station_draws_from_the_container_that_stands_there(hands: Hands, holdings: Holdings) -> None:
    hands.receive(LI2S)
    assert holdings.is_waiting("WS-111")
    assert holdings.draw("WS-111", 10.0).mass_g == 0.0
    assert hands.bring("L-000001", "WS-111")["where"] == "WS-111"
    assert not holdings.is_waiting("WS-111")
    assert holdings.draw("WS-111", 400.0).parts == {"L-000001": 400.0}
    assert holdings.draw("WS-111", 900.0).parts == {"L-000001": 600.0}
    assert holdings.ledger.drawn == {"L-000001": 1000.0}


def test_the_next_container_sends_the_one_before_back_to_the_store(hands: Hands) -> None:
    hands.receive(LI2S)
    hands.receive({**LI2S, "lot": "L-000002"})
    hands.bring("L-000001", "WS-111")
    hands.bring("L-000002", "WS-111")
    assert [one["where"] for one in hands.containers()] == ["store", "WS-111"]


def test_without_hands_a_station_takes_supply_that_has_no_label() -> None:
    holdings = Holdings()
    assert not holdings.is_waiting("MX-601")
    assert holdings.draw("MX-601", 5.0, "NBR").parts == {"MX-601#1": 5.0}
    assert holdings.ledger.material_of("MX-601#1") == "NBR"


def test_what_a_unit_made_is_taken_labelled_and_brought_to_another_unit(hands: Hands, holdings: Holdings) -> None:
    hands.receive(LI2S)
    holdings.ledger.draw("L-000001", 500.0)
    hands.container("L-000001")
    holdings.containers["L-000001"].contents = Parcel(parts={"L-000001": 500.0})
    holdings.packed.put(Parcel(parts={"L-000001": 500.0}))
    assert hands.take("PK-501", "B-0001-powder")["mass_g"] == 500.0
    hands.bring("B-0001-powder", "SV-402")
    assert [parcel.mass_g for parcel in holdings.milled.all()] == [500.0]
    assert hands.container("B-0001-powder")["mass_g"] == 0.0
    assert unaccounted(holdings)["L-000001"] == pytest.approx(0.0, abs=1e-9)
    with pytest.raises(ValueError, match="container B-0001-powder is empty"):
        hands.bring("B-0001-powder", "SV-402")


def test_what_is_not_there_is_told_with_the_nearest(hands: Hands) -> None:
    hands.receive(LI2S)
    with pytest.raises(NotThere, match="no container is labelled L-000010; the nearest one is L-000001"):
        hands.bring("L-000010", "WS-111")
    with pytest.raises(NotThere, match="unit SV-401 takes nothing out of a container; the nearest one is SV-402"):
        hands.bring("L-000001", "SV-401")
    with pytest.raises(NotThere, match="nothing lies at PK-501"):
        hands.take("PK-501", "B-0001-powder")
    with pytest.raises(NotThere, match="unit PK-50 gives nothing to take; the nearest one is PK-501"):
        hands.take("PK-50", "B-0001-powder")
    with pytest.raises(ValueError, match="CA-801 cannot take what is in L-000001"):
        hands.bring("L-000001", "CA-801")


def test_a_container_is_carried_to_another_plant_with_all_that_is_in_it(hands: Hands, holdings: Holdings) -> None:
    hands.receive(LI2S)
    holdings.ledger.draw("L-000001", 500.0)
    holdings.packed.put(Parcel(parts={"L-000001": 500.0}, condition=Condition(conversion=0.9)))
    hands.take("PK-501", "B-0001-powder")
    told = json.loads(json.dumps(hands.container("B-0001-powder")))

    other = Holdings()
    there = Hands(other).put_container("B-0001-powder", told)
    assert there["parcel"] == told["parcel"]
    assert other.ledger.quality({"L-000001": 1.0}) == 0.4
    assert unaccounted(other)["L-000001"] == pytest.approx(0.0)
    with pytest.raises(ValueError, match="nothing is said of the lots L-000001"):
        Hands(Holdings()).put_container("B-0001-powder", {"parcel": told["parcel"]})
    with pytest.raises(ValueError, match="condition has no colour"):
        Hands(Holdings()).put_container("X", {"parcel": {"parts": {}, "condition": {"colour": 1}}})


def test_a_container_that_is_sent_away_is_in_one_plant_only(hands: Hands, holdings: Holdings) -> None:
    hands.receive(LI2S)
    holdings.ledger.draw("L-000001", 500.0)
    holdings.packed.put(Parcel(parts={"L-000001": 500.0}, condition=Condition(conversion=0.9)))
    hands.take("PK-501", "B-0001-powder")
    before = hands.container("B-0001-powder")

    told = json.loads(json_text(hands.send("B-0001-powder")))
    assert told == {**before, "where": "sent away"}
    assert holdings.ledger.exits == {"sent away": {"L-000001": 500.0}}
    assert unaccounted(holdings)["L-000001"] == pytest.approx(0.0)
    with pytest.raises(NotThere, match="B-0001-powder"):
        hands.send("B-0001-powder")
    there = Hands(Holdings()).put_container("B-0001-powder", told)
    assert (there["where"], there["parcel"]) == ("store", told["parcel"])


def test_a_delivery_that_is_sent_on_from_its_station_is_accounted_for(hands: Hands, holdings: Holdings) -> None:
    hands.receive(LI2S)
    hands.bring("L-000001", "WS-111")
    holdings.draw("WS-111", 300.0)
    holdings.vessel.put(Parcel(parts={"L-000001": 300.0}))
    hands.send("L-000001")
    assert holdings.station("WS-111").standing is None
    assert holdings.ledger.exits == {"sent away": {"L-000001": 700.0}}
    assert unaccounted(holdings)["L-000001"] == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("parcel", "told"),
    [
        ({"parts": {"L-000001": -5}}, "parts: L-000001 = -5 must be finite and not below 0"),
        ({"parts": {"L-000001": float("nan")}}, "parts: L-000001 = nan is no number"),
        ({"parts": {"L-000001": float("inf")}}, "parts: L-000001 = inf must be finite"),
        ({"parts": {"L-000001": None}}, "parts: L-000001 = None is no number"),
        ({"parts": {"L-000001": 5}, "condition": {"crystal": 7}}, "crystal = 7 is a share"),
        ({"parts": {"L-000001": 5}, "condition": {"d50_um": "fine"}}, "condition: d50_um = 'fine' is no number"),
    ],
)
def test_contents_that_cannot_be_are_refused_and_leave_nothing_behind(
    hands: Hands, parcel: dict[str, object], told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        hands.put_container("B-0001", {"parcel": parcel, "lots": [LI2S]})
    assert (hands.lots(), hands.containers()) == ([], [])


def test_a_container_stands_at_one_station_only(hands: Hands, holdings: Holdings) -> None:
    hands.receive(LI2S)
    hands.bring("L-000001", "WS-111")
    assert hands.bring("L-000001", "MX-601")["where"] == "MX-601"
    assert holdings.is_waiting("WS-111")
    assert holdings.draw("WS-111", 1.0).mass_g == 0.0


def test_a_container_that_is_emptied_elsewhere_leaves_its_station(hands: Hands, holdings: Holdings) -> None:
    hands.receive(LI2S)
    hands.bring("L-000001", "WS-111")
    assert hands.bring("L-000001", "BM-201")["where"] == "store"
    assert holdings.is_waiting("WS-111")
    assert holdings.ledger.drawn == {"L-000001": 1000.0}
    assert unaccounted(holdings) == {"L-000001": 0.0}


def test_a_station_for_powder_takes_neither_carrier_nor_a_roll(hands: Hands, holdings: Holdings) -> None:
    hands.receive({"lot": "F-000001", "material": "PET carrier film", "amount": 100})
    stretch = Stretch(length_m=1.0, parts={"L": 2.0}, carrier={"F": 1.0}, porosity=0.4)
    holdings.coated.put(Web(stretches=(stretch,), coated_width_m=0.25, solid_density_g_cm3=1.8))
    hands.take("CT-701", "R-0001")
    for label in ("F-000001", "R-0001"):
        for unit in ("WS-111", "MX-601"):
            with pytest.raises(ValueError, match=f"{unit} cannot take what is in {label}"):
                hands.bring(label, unit)
    assert hands.bring("F-000001", "CT-701")["where"] == "CT-701"


def test_a_product_needs_a_label_of_its_own(hands: Hands, holdings: Holdings) -> None:
    holdings.ledger.receive(ReceivedLot(lot="L-000009", material="Li2S"))
    holdings.packed.put(Parcel(parts={"L-000009": 5.0}))
    with pytest.raises(ValueError, match="label L-000009 is that of a received lot"):
        hands.take("PK-501", "L-000009")
    with pytest.raises(ValueError, match="a container needs a label"):
        hands.take("PK-501", " ")
    assert holdings.packed.first() is not None


def test_a_delivery_carried_to_another_plant_is_drawn_once_when_it_is_used(hands: Hands) -> None:
    hands.receive(LI2S)
    told = json.loads(json.dumps(hands.container("L-000001")))
    other = Holdings(supply=Supply.HAND)
    there = Hands(other)
    there.put_container("L-000001", told)
    assert unaccounted(other) == {}
    there.bring("L-000001", "WS-111")
    other.pan.put(other.draw("WS-111", 400.0))
    assert other.ledger.drawn == {"L-000001": 400.0}
    assert unaccounted(other) == {"L-000001": 0.0}


def test_what_was_made_of_supply_without_a_label_is_carried_to_another_plant() -> None:
    holdings = Holdings()
    holdings.packed.put(holdings.draw("WS-111", 500.0, "Li2S"))
    hands = Hands(holdings)
    hands.take("PK-501", "B-0001")
    told = json.loads(json_text(hands.container("B-0001")))
    other = Holdings()
    Hands(other).put_container("B-0001", told)
    assert other.ledger.lots["WS-111#1"] == holdings.ledger.lots["WS-111#1"]
    assert unaccounted(other) == {"WS-111#1": 0.0}
    # The supply of this plant does not go by the same name.
    assert set(other.draw("WS-111", 1.0).parts) == {"WS-111#2"}
