"""A Gantt chart in a terminal and as a picture."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mes.cli.gantt import GanttRow, gantt_rows, gantt_text, hours_text, ticks
from mes.cli.gantt_svg import gantt_svg
from mes.cli.written import width
from mes.model.procedure import Group, Order
from mes.recipes.schedule import expected_schedule
from tests.recipes.procedures import block, example, operation, phase, procedure, procedures, unit_procedure

WHOLE = procedure(
    unit_procedure("Weigh", operation("A", phase("Weigh Li2S", 60)), unit="WS-111"),
    block(
        "parallel 1",
        Order.PARALLEL,
        unit_procedure("Mill", operation("B", phase("Mill", 240)), unit="BM-201"),
        unit_procedure("Box", operation("C", phase("Make inert", 30)), unit="GB-102"),
    ),
)
ACTUAL = {
    "Weigh/A/Weigh Li2S": ((0.0, 7200.0),),
    "parallel 1/Mill/B/Mill": ((7200.0, 14_400.0),),
    "parallel 1/Box/C/Make inert": ((7200.0, 18_000.0),),
}


def test_the_expected_chart_has_a_bar_for_each_phase_below_its_unit() -> None:
    text = gantt_text(gantt_rows(WHOLE, expected_schedule(WHOLE)), width=64)
    assert text.splitlines() == [
        "              expected  0:00            2:00            4:00",
        "WS-111",
        "* Weigh Li2S      1:00  --------",
        "BM-201",
        "* Mill            4:00          --------------------------------",
        "GB-102",
        "  Make inert      0:30          ----",
        "",
        "- expected   * critical path, end at 5:00 h",
    ]


def test_expected_and_actual_are_drawn_over_each_other_and_the_critical_path_is_the_actual_one() -> None:
    rows = gantt_rows(WHOLE, expected_schedule(WHOLE), ACTUAL)
    assert [row.path for row in rows if row.critical] == ["Weigh/A/Weigh Li2S", "parallel 1/Box/C/Make inert"]
    lines = gantt_text(rows, width=62).splitlines()
    assert lines[2] == "* Weigh Li2S      1:00    2:00  ======######"
    assert lines[6].startswith("* Make inert      0:30    3:00        ---   ####")
    assert lines[-1] == "- expected   # actual   = both   * critical path, end at 5:00 h"


def test_what_ran_several_times_says_so() -> None:
    loop = block("Again", Order.SEQUENCE, operation("A", phase("Mill", 10)), until="$size > 2 kg", at_most=3)
    whole = procedure(loop)
    (row,) = gantt_rows(whole, expected_schedule(whole, {"Again": 3}))
    assert (row.rounds, row.expected) == (3, (0, 1800))
    assert "* Mill x3" in gantt_text([row], width=60)


@settings(max_examples=25)
@given(procedures(), st.integers(60, 200))
def test_no_line_is_wider_than_the_terminal(group: Group, columns: int) -> None:
    rows = gantt_rows(group, expected_schedule(group))
    for line in gantt_text(rows, width=columns).splitlines()[:-1]:
        assert width(line) <= columns


def test_the_picture_has_the_bars_of_every_row_and_no_markup_of_a_name() -> None:
    odd = GanttRow(path="x", name="<b>odd</b>", unit="U&V", expected=(0, 60), actual=(30, 90), critical=True)
    root = ElementTree.fromstring(gantt_svg([odd, *gantt_rows(WHOLE, expected_schedule(WHOLE), ACTUAL)]))
    kinds = [rect.get("class") for rect in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert (kinds.count("expected"), kinds.count("actual"), kinds.count("band")) == (4, 4, 4)
    assert "<b>odd</b>" in [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]


def test_the_rows_of_every_construct_are_those_that_take_time() -> None:
    rows = gantt_rows(example(), expected_schedule(example()))
    assert {row.unit for row in rows} == {"MILL", "GB-102", "FU-301", "CT-701", ""}
    assert all(row.expected and row.expected[1] > row.expected[0] for row in rows)


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (89, "0:01"), (3600, "1:00"), (360_000, "100:00")])
def test_durations_are_hours_and_minutes(seconds: float, text: str) -> None:
    assert hours_text(seconds) == text


def test_an_axis_has_round_marks_and_not_too_many() -> None:
    assert list(ticks(18_000, 5)) == [0, 3600, 7200, 10_800, 14_400, 18_000]
    assert len(ticks(40 * 7 * 86_400, 5)) <= 6


def test_nothing_to_draw_says_so() -> None:
    assert gantt_text([], width=80) == "no step of it is expected to take time"
