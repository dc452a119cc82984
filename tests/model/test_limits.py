"""Which limit a formula value breaks, and what follows from it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.limits import Limit, beyond_limit, limit_of, range_of
from mes.model.quantity import Quantity, UomError, parse_quantity
from mes.model.recipe import FormulaParameter, Limits


def hours(number: int | str) -> Quantity:
    return Quantity(Decimal(number), "h")


MILL_TIME = FormulaParameter(
    name="mill_time",
    default=hours(10),
    minimum=hours(8),
    maximum=hours(16),
    high=Limits(low=hours(9), high=hours(15)),
    soft=Limits(low=hours("9.5"), high=hours(12)),
)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("10 h", Limit.NONE),
        ("570 min", Limit.NONE),
        ("12 h", Limit.NONE),
        ("12.1 h", Limit.SOFT),
        ("9 h", Limit.SOFT),
        ("15.5 h", Limit.HIGH),
        ("8 h", Limit.HIGH),
        ("16.1 h", Limit.HARD),
        ("7 h", Limit.HARD),
    ],
)
def test_the_outermost_limit_that_is_broken_counts(text: str, limit: Limit) -> None:
    assert limit_of(MILL_TIME, parse_quantity(text)) is limit


def test_a_value_beyond_a_high_limit_needs_a_reason_and_one_beyond_a_soft_limit_is_only_told() -> None:
    assert beyond_limit(MILL_TIME, hours(11)) is None
    soft, high = beyond_limit(MILL_TIME, hours(13)), beyond_limit(MILL_TIME, hours("8.5"))
    assert soft is not None
    assert high is not None
    assert (soft.needs_reason, soft.text) == (False, "mill_time = 13 h is outside its soft limits, 9.5 h to 12 h")
    assert (high.needs_reason, high.text) == (True, "mill_time = 8.5 h is outside its high limits, 9 h to 15 h")


def test_a_value_that_measures_something_else_is_no_value() -> None:
    with pytest.raises(UomError, match="measure different things"):
        limit_of(MILL_TIME, parse_quantity("10 degC"))


@given(st.decimals(0, 24, places=2))
def test_a_value_breaks_a_limit_exactly_when_it_is_outside_its_range(number: Decimal) -> None:
    value = Quantity(number, "h")
    limit = limit_of(MILL_TIME, value)
    outside = [one for one in (Limit.SOFT, Limit.HIGH, Limit.HARD) if not range_of(MILL_TIME, one).hold(value)]
    assert limit is (outside[-1] if outside else Limit.NONE)
