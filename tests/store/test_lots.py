"""What facts do to lots and to the genealogy, in the transaction that records them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.events import Alarm, Consume, Fact, LotReceived, Produce
from mes.model.lots import LotStatus, Role
from mes.model.quantity import Quantity, UomError
from mes.store.booking import book
from mes.store.database import Database
from mes.store.edges import LotEdge, add_edge, all_edges
from mes.store.errors import BooksRefused, NotInBooks
from mes.store.journal import entries_of
from mes.store.lots import LotRow, check_lot_no, check_text, find_lot, free_lot_no, list_lots, the_lot


def grams(value: str) -> Quantity:
    return Quantity(Decimal(value), "g")


def metres(value: str) -> Quantity:
    return Quantity(Decimal(value), "m")


def received(lot_no: str, quantity: Quantity, material: str = "LI2S") -> LotReceived:
    return LotReceived(
        lot_no=lot_no,
        material=material,
        quantity=quantity,
        assay=Decimal("0.999"),
        supplier="Acme",
        supplier_lot="A 1",
        by="ann",
    )


def consumed(lot_no: str, quantity: Quantity, mass: Quantity | None = None) -> Consume:
    return Consume(path="UP/charge", input="li2s", lot_no=lot_no, material="LI2S", quantity=quantity, mass=mass)


def produced(
    lot_no: str,
    quantity: Quantity,
    *parents: tuple[str, Quantity],
    role: Role = Role.PRODUCT,
    mass: Quantity | None = None,
    shelf_life_days: int = 0,
) -> Produce:
    return Produce(
        path="UP/pack",
        output="powder",
        role=role,
        material="LPSCL",
        quantity=quantity,
        mass=mass,
        lot_no=lot_no,
        parents=parents,
        shelf_life_days=shelf_life_days,
    )


class Ledger:
    """Books facts of one batch and looks lots up."""

    def __init__(self, database: Database, batch_no: str, at: datetime) -> None:
        self.database = database
        self.batch_no = batch_no
        self.at = at

    def book(self, *facts: Fact) -> None:
        entries = [("" if isinstance(fact, LotReceived) else self.batch_no, fact) for fact in facts]
        self.database.write_now(lambda connection: book(connection, cell="pilot", at=self.at, facts=entries))

    def lot(self, lot_no: str) -> LotRow:
        return self.database.read_now(lambda connection: the_lot(connection, lot_no))

    def facts(self) -> Sequence[Fact]:
        entries = self.database.read_now(lambda connection: entries_of(connection, self.batch_no))
        return [entry.fact for entry in entries]

    def edges(self) -> Sequence[LotEdge]:
        return self.database.read_now(all_edges)


@pytest.fixture
def ledger(database: Database, batch_no: str, at: datetime) -> Ledger:
    made = Ledger(database, batch_no, at)
    made.book(received("L-1", grams("500.0")))
    return made


def test_a_received_lot_is_released_with_its_origin(ledger: Ledger, at: datetime) -> None:
    row = ledger.lot("L-1")
    lot = row.lot
    assert (lot.quantity, row.made, lot.assay, lot.status) == (
        grams("500.0"),
        grams("500.0"),
        Decimal("0.999"),
        LotStatus.RELEASED,
    )
    assert (lot.supplier, lot.supplier_lot, lot.batch_no, row.made_at) == ("Acme", "A 1", None, at)


def test_consumption_takes_exactly_off_the_lot_in_its_own_unit(ledger: Ledger) -> None:
    ledger.book(consumed("L-1", Quantity(Decimal("0.1001"), "kg")), consumed("L-1", grams("0.1")))
    assert ledger.lot("L-1").lot.quantity == grams("399.8")
    assert ledger.lot("L-1").made == grams("500.0")


def test_consumption_in_a_unit_that_does_not_fit_is_refused(ledger: Ledger) -> None:
    with pytest.raises(UomError, match="they measure different things"):
        ledger.book(consumed("L-1", metres("3")))
    assert ledger.lot("L-1").lot.quantity == grams("500.0")


def test_more_than_the_books_had_sets_them_to_zero_and_raises_an_alarm(ledger: Ledger) -> None:
    ledger.book(consumed("L-1", grams("480")), consumed("L-1", grams("21.5")))
    assert ledger.lot("L-1").lot.quantity == grams("0")
    *_, last_consume, alarm = ledger.facts()
    assert last_consume == consumed("L-1", grams("21.5"))
    assert alarm == Alarm(
        path="UP/charge",
        source="L-1",
        text="the books had 20 g of lot L-1, 21.5 g were weighed: the books are set to 0",
    )


def test_all_that_is_left_may_be_taken_without_an_alarm(ledger: Ledger) -> None:
    ledger.book(consumed("L-1", grams("500.000")))
    assert not [fact for fact in ledger.facts() if isinstance(fact, Alarm)]
    assert ledger.database.read_now(lambda connection: list_lots(connection, empty=True))[0].lot.lot_no == "L-1"


def test_the_mass_of_a_roll_goes_down_with_its_length(ledger: Ledger) -> None:
    ledger.book(produced("F-1", metres("80"), ("L-1", grams("400")), mass=Quantity(Decimal("0.4"), "kg")))
    assert ledger.lot("F-1").lot.mass == grams("400")
    ledger.book(consumed("F-1", metres("20")))
    assert ledger.lot("F-1").lot.mass == grams("300")
    ledger.book(consumed("F-1", metres("10"), grams("49.5")))
    assert ledger.lot("F-1").lot.mass == grams("250.5")
    ledger.book(consumed("F-1", metres("50")))
    assert ledger.lot("F-1").lot.mass == grams("0")


def test_a_lot_that_is_measured_by_mass_keeps_no_second_mass(ledger: Ledger) -> None:
    ledger.book(produced("P-1", grams("400"), ("L-1", grams("400")), mass=grams("400")))
    assert ledger.lot("P-1").lot.mass is None


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.PRODUCT, LotStatus.RELEASED),
        (Role.INTERMEDIATE, LotStatus.RELEASED),
        (Role.SAMPLE, LotStatus.QUARANTINE),
    ],
)
def test_a_produced_lot_belongs_to_its_batch_and_may_be_used_unless_it_is_a_sample(
    ledger: Ledger, role: Role, status: LotStatus
) -> None:
    ledger.book(produced("P-1", grams("400"), ("L-1", grams("410")), role=role, shelf_life_days=90))
    lot = ledger.lot("P-1").lot
    assert (lot.status, lot.batch_no) == (status, ledger.batch_no)
    assert lot.expires_at == ledger.at + timedelta(days=90)
    assert ledger.edges() == [LotEdge(parent="L-1", child="P-1", quantity=grams("410"))]


def test_a_loss_has_no_lot(ledger: Ledger) -> None:
    ledger.book(produced("", grams("3"), role=Role.LOSS))
    assert len(ledger.database.read_now(list_lots)) == 1
    with pytest.raises(BooksRefused, match="a loss has no lot"):
        ledger.book(produced("P-9", grams("3"), role=Role.LOSS))


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (received("L-1", grams("1")), "lot number L-1 is used already"),
        (produced("L-1", grams("1")), "lot number L-1 is used already"),
        (produced("", grams("1")), "has no lot number"),
        (produced("P-1", grams("0")), "a lot holds more than nothing"),
        (produced("P-1", grams("1"), ("P-1", grams("1"))), "cannot be made from itself"),
        (produced("P-1", grams("1"), ("L-8", grams("1"))), "lot L-8 is not in the books"),
        (produced("P-1", grams("1"), ("L-1", grams("-1"))), "cannot be below zero"),
        (consumed("L-8", grams("1")), "lot L-8 is not in the books"),
        (received("L 2", grams("1")), "cannot be a lot number"),
    ],
)
def test_what_would_make_the_books_wrong_is_refused_and_leaves_no_trace(ledger: Ledger, fact: Fact, why: str) -> None:
    before = (ledger.facts(), ledger.edges(), ledger.database.read_now(list_lots))
    with pytest.raises(BooksRefused, match=why):
        ledger.book(consumed("L-1", grams("5")), fact)
    assert (ledger.facts(), ledger.edges(), ledger.database.read_now(list_lots)) == before


@pytest.mark.parametrize("assay", ["0", "1.001", "-0.5"])
def test_an_assay_that_cannot_be_is_refused(ledger: Ledger, assay: str) -> None:
    fact = LotReceived(
        lot_no="L-2",
        material="LI2S",
        quantity=grams("1"),
        assay=Decimal(assay),
        supplier="",
        supplier_lot="",
        by="ann",
    )
    with pytest.raises(BooksRefused, match="a mass fraction is above 0 and at most 1"):
        ledger.book(fact)


def test_a_circle_in_the_genealogy_is_refused(ledger: Ledger) -> None:
    ledger.book(
        produced("P-1", grams("100"), ("L-1", grams("100"))), produced("P-2", grams("90"), ("P-1", grams("90")))
    )

    def close_the_circle(parent: str, child: str) -> None:
        ledger.database.write_now(
            lambda connection: add_edge(connection, parent=parent, child=child, quantity=grams("1"))
        )

    for parent, child in (("P-2", "L-1"), ("P-2", "P-1"), ("P-1", "L-1")):
        with pytest.raises(BooksRefused, match=f"lot {child} cannot be made from lot {parent}"):
            close_the_circle(parent, child)
    close_the_circle("L-1", "P-2")


def test_the_same_parent_named_twice_adds_up_in_the_unit_of_the_parent(ledger: Ledger) -> None:
    parents = (("L-1", grams("100.5")), ("L-1", Quantity(Decimal("0.05"), "kg")))
    ledger.book(produced("P-1", grams("150"), *parents))
    (edge,) = ledger.edges()
    assert edge == LotEdge(parent="L-1", child="P-1", quantity=grams("150.5"))


def test_lots_are_proposed_in_the_order_they_expire_then_came(ledger: Ledger) -> None:
    ledger.book(produced("P-3", grams("1"), ("L-1", grams("1"))))
    ledger.book(produced("P-2", grams("1"), ("L-1", grams("1")), shelf_life_days=30))
    ledger.book(produced("P-1", grams("1"), ("L-1", grams("1")), shelf_life_days=60))
    ledger.book(produced("P-4", grams("1"), ("L-1", grams("1"))))
    found = ledger.database.read_now(lambda connection: list_lots(connection, material="LPSCL"))
    assert [row.lot.lot_no for row in found] == ["P-2", "P-1", "P-3", "P-4"]


def test_a_number_is_given_that_nobody_took(ledger: Ledger) -> None:
    ledger.book(received("L-000002", grams("1")), received("L-000004", grams("1")))
    assert ledger.database.read_now(free_lot_no) == "L-000005"


def test_an_unknown_lot_is_told_with_its_neighbours(ledger: Ledger) -> None:
    assert ledger.database.read_now(lambda connection: find_lot(connection, "L-2")) is None
    with pytest.raises(NotInBooks, match=r"no lot 'L-2' in the books; the nearest: L-1"):
        ledger.lot("L-2")


@pytest.mark.parametrize("lot_no", ["L-1", "2026/03/a.b_c", "9", "A" * 40])
def test_plain_lot_numbers_are_allowed(lot_no: str) -> None:
    check_lot_no(lot_no)


@pytest.mark.parametrize(
    "lot_no",
    [
        "",
        "-1",
        "=1+1",
        "../etc",
        "'; DROP TABLE lot",
        "<img onerror=x>",
        "L\u202e1",
        "L\u200b1",
        "Ｌ1",
        "L\n",
        "A" * 41,
        "\0",
    ],
)
def test_lot_numbers_that_could_do_harm_are_refused(lot_no: str) -> None:
    with pytest.raises(BooksRefused, match="cannot be a lot number"):
        check_lot_no(lot_no)


@given(lot_no=st.text(max_size=50))
def test_only_printable_ascii_gets_into_a_lot_number(lot_no: str) -> None:
    try:
        check_lot_no(lot_no)
    except BooksRefused:
        return
    assert lot_no.isascii()
    assert lot_no.isprintable()
    assert lot_no[0].isalnum()
    assert not set(lot_no) & set(" \"'<>&;=+@\\`$")


@pytest.mark.parametrize("text", ["a\0b", "a\u202eb", "a\u200bb", "a\nb", "x" * 101])
def test_texts_with_what_nobody_can_see_are_refused(text: str) -> None:
    with pytest.raises(BooksRefused, match=r"invisible character|are the most"):
        check_text("the supplier", text)


def test_texts_of_people_are_kept(ledger: Ledger) -> None:
    check_text("the supplier", "Müller & 李 <GmbH> =1")
