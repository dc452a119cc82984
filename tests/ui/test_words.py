"""Every text exists in both languages, and a reading never hides its quality."""

from __future__ import annotations

import math
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.equipment import TagSpec
from mes.model.reading import Quality, Reading
from mes.model.states import Command, ProceduralState
from mes.model.statewords import state_word
from mes.ui import words
from mes.ui.values import duration_text, number_text, reading_text, uom_text

OXYGEN = TagSpec(
    name="GB-1.O2",
    unit="GB-1",
    uom="ppm",
    low=0.0,
    high=1000.0,
    title={"en": "Oxygen"},
    limits={"L": 0.1, "LL": 0.01, "H": 1.0, "HH": 10.0},
)


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", words.TEXTS)
def test_every_text_is_there_in_both_languages_with_the_same_parts(key: str) -> None:
    english, chinese = words.TEXTS[key]
    assert english
    assert chinese != english
    assert _fields(english) == _fields(chinese)


def test_every_state_and_command_has_a_chinese_word() -> None:
    for state in ProceduralState:
        assert state_word("zh", state) != state.value
    assert len({words.command_word("zh", command) for command in Command}) == len(Command)


@pytest.mark.parametrize(
    ("uom", "shown"),
    [
        ("degC", "°C"),
        ("degC/min", "°C/min"),
        ("um", "µm"),
        ("mg/cm2", "mg/cm²"),
        ("Pa.s", "Pa·s"),
        ("1", ""),
        ("rpm", "rpm"),
    ],
)
def test_units_of_measure_are_written_as_people_do(uom: str, shown: str) -> None:
    assert uom_text(uom) == shown


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9))
def test_a_number_is_shown_with_at_least_three_significant_digits_or_a_thousandth(value: float) -> None:
    assert math.isclose(float(number_text(value)), value, rel_tol=5.1e-3, abs_tol=5.1e-4)


@pytest.mark.parametrize(
    ("value", "mark"), [(0.5, ""), (1.5, "H"), (11.0, "HH"), (0.05, "L"), (0.001, "LL"), (1.0, ""), (10.0, "H")]
)
def test_a_passed_alarm_limit_is_named_the_worst_one_first(value: float, mark: str) -> None:
    assert reading_text(Reading(value=value, quality=Quality.GOOD, received_s=0), OXYGEN)[1] == mark


@given(
    value=st.none() | st.floats(),
    quality=st.sampled_from(Quality),
    why=st.sampled_from(["", "too old"]),
)
def test_only_a_good_reading_is_shown_without_a_question_mark(value: float | None, quality: Quality, why: str) -> None:
    reading = Reading(value=value, quality=quality, received_s=0, why=why)
    text, mark, told = reading_text(reading, OXYGEN)
    assert text.endswith("?") is not reading.is_good
    assert (mark in {"stale", "bad"}) is not reading.is_good
    assert told == ("" if reading.is_good else why)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (61, "1 min 01 s"), (3600, "1 h 00 min"), (90_000, "1 d 1 h"), (-5, "0 s")],
)
def test_a_duration_is_told_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
