"""Decimals digit for digit, times aware and in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, literal, select
from sqlalchemy.exc import StatementError

from mes.store.columns import ExactDecimal, UtcTime
from mes.store.dialect import make_engine, sqlite_url


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    path: Path = tmp_path_factory.mktemp("columns") / "any.db"
    return make_engine(sqlite_url(path), read_only=False)


@pytest.fixture(scope="module", autouse=True)
def closed(engine: Engine) -> object:
    yield
    engine.dispose()


@given(value=st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_comes_back_digit_for_digit(engine: Engine, value: Decimal) -> None:
    with engine.begin() as connection:
        back = connection.execute(select(literal(value, ExactDecimal()))).scalar_one()
    assert back == value
    assert value == 0 or str(back) == str(value)


def test_every_zero_is_stored_alike(engine: Engine) -> None:
    with engine.begin() as connection:
        empty = select(literal(Decimal("0.000"), ExactDecimal()) == literal(Decimal("0E-9"), ExactDecimal()))
        assert connection.execute(empty).scalar_one()


@pytest.mark.parametrize("value", ["NaN", "Infinity"])
def test_a_number_that_is_none_is_refused(engine: Engine, value: str) -> None:
    with engine.begin() as connection, pytest.raises(StatementError, match="not a finite number"):
        connection.execute(select(literal(Decimal(value), ExactDecimal())))


@given(value=st.datetimes(timezones=st.timezones() | st.just(timezone(timedelta(hours=8)))))
def test_a_time_comes_back_as_the_same_moment_in_utc(engine: Engine, value: datetime) -> None:
    try:
        value.astimezone(UTC)
    except OverflowError:
        return
    with engine.begin() as connection:
        back = connection.execute(select(literal(value, UtcTime()))).scalar_one()
    assert back == value.astimezone(UTC)
    assert back.tzinfo is UTC


def test_a_naive_time_is_refused(engine: Engine) -> None:
    naive = datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001 - the very thing that is refused
    with engine.begin() as connection, pytest.raises(StatementError, match="has no time zone"):
        connection.execute(select(literal(naive, UtcTime())))
