"""Who gets which unit: by the order of the queue, all or nothing, and without anybody waiting for ever."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.engine.arbitration import Arbitrated, Claim, Fitness, arbitrate
from mes.engine.claims import rank_between
from mes.model.procedure import Choose
from mes.model.waiting import WaitKind
from tests.engine.recipe import AT

UNITS = ("A", "B", "C")


def claim(
    batch: str,
    rank: int,
    *candidates: str,
    uses: tuple[str, ...] = (),
    priority: int = 0,
    choose: Choose = Choose.PREFERRED,
    holding: bool = False,
    takes_dirty: bool = False,
    picked: str = "",
) -> Claim:
    return Claim(
        batch_no=batch,
        path="P",
        candidates=candidates,
        uses=uses,
        rank=Decimal(rank),
        priority=priority,
        choose=choose,
        holding=holding,
        takes_dirty=takes_dirty,
        picked=picked,
    )


def given_to(found: Arbitrated) -> dict[str, tuple[str, ...]]:
    """Give the units of every batch that gets any."""
    return {batch: (*((grant.unit,) if grant.unit else ()), *grant.uses) for (batch, _), grant in found.grants.items()}


def test_the_smaller_rank_comes_first_and_the_higher_priority_before_it() -> None:
    claims = [claim("late", 2, "A"), claim("early", 1, "A"), claim("urgent", 3, "A", priority=1)]
    found = arbitrate(claims, {}, {})
    assert given_to(found) == {"urgent": ("A",)}
    waits = {batch: (wait.text, wait.position) for (batch, _), wait in found.waits.items()}
    assert waits == {"early": ("unit A is in use by batch urgent", 1), "late": ("unit A is in use by batch urgent", 2)}


def test_what_waits_in_front_keeps_what_is_free_from_those_behind() -> None:
    claims = [claim("first", 1, "A", uses=("B",)), claim("second", 2, "A"), claim("third", 3, "C")]
    found = arbitrate(claims, {"B": ["other"]}, {})
    assert given_to(found) == {"third": ("C",)}
    assert found.waits["first", "P"].owners == ("other",)
    assert found.waits["second", "P"].text == "A is kept for batch first, which is before it in the queue"


def test_only_one_of_the_candidates_is_kept_and_a_shared_unit_only_one_place_of_it() -> None:
    claims = [claim("first", 1, "A", "B", uses=("C",)), claim("second", 2, "A", "B"), claim("third", 3, uses=("S",))]
    waits_too = claim("fourth", 0, "C", uses=("S",))
    found = arbitrate([*claims, waits_too], {"C": ["other"]}, {"S": Fitness(users=2)})
    assert given_to(found) == {"second": ("B",), "third": ("S",)}


def test_whoever_holds_something_may_have_what_is_kept_for_one_that_holds_nothing() -> None:
    claims = [claim("first", 1, "A", uses=("B",)), claim("second", 2, "A", holding=True)]
    assert given_to(arbitrate(claims, {"B": ["second"]}, {})) == {"second": ("A",)}


def test_a_cleaning_does_not_wait_behind_a_batch_that_waits_for_it() -> None:
    claims = [claim("first", 1, "A"), claim("cleaning", 2, "A", takes_dirty=True)]
    dirty = {"A": Fitness(clean=False, because="left dirty")}
    found = arbitrate(claims, {}, dirty)
    assert given_to(found) == {"cleaning": ("A",)}
    assert found.waits["first", "P"].text == "A is dirty (left dirty)"


def test_of_free_units_the_preferred_the_longest_idle_or_the_chosen_one_is_taken() -> None:
    units = {
        "A": Fitness(idle_since=AT),
        "B": Fitness(idle_since=AT - timedelta(hours=1)),
        "C": Fitness(in_service=False, because="bearing"),
    }
    taken = {
        choose: given_to(arbitrate([claim("b", 1, *UNITS, choose=choose, picked="A")], {}, units))["b"]
        for choose in Choose
    }
    assert taken == {Choose.PREFERRED: ("A",), Choose.LONGEST_IDLE: ("B",), Choose.OPERATOR: ("A",)}
    never_used = {**units, "C": Fitness()}
    assert given_to(arbitrate([claim("b", 1, *UNITS, choose=Choose.LONGEST_IDLE)], {}, never_used)) == {"b": ("C",)}


def test_an_operator_is_asked_for_units_that_are_fit_and_the_batch_waits_for_the_one_chosen() -> None:
    units = {"C": Fitness(in_service=False, because="bearing")}
    asked = arbitrate([claim("b", 1, *UNITS, choose=Choose.OPERATOR)], {}, units).waits["b", "P"]
    assert (asked.kind, asked.units, asked.prompt_id) == (WaitKind.PERSON, ("A", "B"), "unit:P")
    chosen = arbitrate([claim("b", 1, *UNITS, choose=Choose.OPERATOR, picked="A")], {"A": ["other"]}, units)
    assert chosen.waits["b", "P"].text == "unit A is in use by batch other"


@given(
    st.lists(
        st.tuples(
            st.integers(0, 2),
            st.lists(st.sampled_from(UNITS), unique=True, max_size=3),
            st.sets(st.sampled_from(("S", "T"))),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.dictionaries(st.sampled_from((*UNITS, "S")), st.just(["other"])),
)
def test_no_unit_is_given_to_more_than_may_use_it_and_whoever_is_first_is_never_passed_by_one_like_it(
    wanted: list[tuple[int, list[str], set[str], bool]], owners: dict[str, list[str]]
) -> None:
    claims = [
        claim(f"b{rank}", rank, *candidates, uses=tuple(sorted(uses)), priority=priority, holding=holding)
        for rank, (priority, candidates, uses, holding) in enumerate(wanted)
        if candidates or uses
    ]
    units = {"S": Fitness(users=2)}
    found = arbitrate(claims, owners, units)
    assert {*found.grants} | {*found.waits} == {(one.batch_no, "P") for one in claims}
    users = {unit: list(batches) for unit, batches in owners.items()}
    for batch, taken in given_to(found).items():
        for unit in taken:
            users.setdefault(unit, []).append(batch)
    assert all(len(batches) <= units.get(unit, Fitness()).users for unit, batches in users.items())
    for one in claims:
        for other in claims:
            same = (one.candidates, one.uses, one.priority, one.holding) == (
                other.candidates,
                other.uses,
                other.priority,
                other.holding,
            )
            if same and one.rank < other.rank and (other.batch_no, "P") in found.grants:
                assert (one.batch_no, "P") in found.grants


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [(None, None, "1"), (None, "1", "0"), ("4", None, "5"), ("1", "2", "1.5")],
)
def test_a_rank_lies_between_its_neighbours(before: str | None, after: str | None, wanted: str) -> None:
    neighbours = (None if one is None else Decimal(one) for one in (before, after))
    assert rank_between(*neighbours) == Decimal(wanted)
