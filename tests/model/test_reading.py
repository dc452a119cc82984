"""Readings: when a value may be used in a decision."""

from __future__ import annotations

import math

import pytest

from mes.model.reading import Quality, Reading, missing


def reading(value: float | int | None, quality: Quality = Quality.GOOD) -> Reading:
    return Reading(value=value, quality=quality, received_s=1.0)


@pytest.mark.parametrize("value", [0, 0.0, -60.0, 4_294_967_295])
def test_a_good_finite_value_may_be_used(value: float) -> None:
    assert reading(value).is_good


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_a_value_that_is_no_finite_number_is_never_good(value: float | None) -> None:
    assert not reading(value).is_good


@pytest.mark.parametrize("quality", [Quality.STALE, Quality.BAD])
def test_a_value_of_poor_quality_is_never_good(quality: Quality) -> None:
    assert not reading(540.0, quality).is_good


def test_a_missing_reading_is_bad_and_says_why() -> None:
    nothing = missing("SY does not answer", received_s=12.5)
    assert not nothing.is_good
    assert (nothing.value, nothing.quality, nothing.why) == (None, Quality.BAD, "SY does not answer")
    assert nothing.received_s == 12.5
