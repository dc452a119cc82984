"""A chart shows everything once, nothing on top of something else, and says how each element stands."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mes.model.procedure import Element, Group, Level, Order, walk
from mes.model.states import ProceduralState
from mes.recipes.chart import chart_svg
from mes.recipes.chart_sight import Depth
from mes.recipes.chart_text import text_width, wrapped
from tests.recipes.procedures import example, operation, phase, procedure, procedures, unit_procedure

SVG = "{http://www.w3.org/2000/svg}"
HOLDS_OTHERS = {"container", "guard", "exception"}
S = ProceduralState


@dataclass(frozen=True)
class Drawn:
    """One box as it is in the document."""

    kinds: frozenset[str]
    path: str | None
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Drawn) -> bool:
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def holds(self, other: Drawn) -> bool:
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


def boxes(svg: str) -> list[Drawn]:
    found = []
    for box in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        rect = box.find(f"{SVG}rect")
        assert rect is not None
        x, y, width, height = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
        kinds = frozenset(box.attrib["class"].split())
        found.append(Drawn(kinds, box.get("data-path"), x, y, x + width, y + height))
    return found


def texts(svg: str) -> str:
    return " ".join(text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text"))


def kinds_of(svg: str, path: str) -> frozenset[str]:
    (box,) = (box for box in boxes(svg) if box.path == path)
    return box.kinds


def has_a_box(element: Element) -> bool:
    """A plain sequence is only its children below each other; a branch of a choice has its condition."""
    if not isinstance(element, Group) or element.level in {Level.UNIT_PROCEDURE, Level.OPERATION}:
        return True
    return element.is_repeated or element.order is not Order.SEQUENCE or bool(element.exceptions)


def expected_paths(group: Group) -> Iterator[str]:
    branches = {
        branch.path
        for found in walk(group)
        if isinstance(found, Group) and found.order is Order.CHOICE
        for branch in found.children
    }
    handlers = {block.steps.path for found in walk(group) if isinstance(found, Group) for block in found.exceptions}
    for element in walk(group):
        if element.path and (element.path in branches | handlers or has_a_box(element)):
            yield element.path


@settings(max_examples=25)
@given(procedures(), st.sampled_from(Depth), st.booleans())
def test_no_two_boxes_overlap_and_all_are_inside(group: Group, depth: Depth, is_live: bool) -> None:
    states = {element.path: S.RUNNING for element in walk(group)} if is_live else {}
    waits = {element.path: "SCR-002 is held by B-0003, which is ahead" for element in walk(group)} if is_live else {}
    svg = chart_svg(group, level=depth, states=states, waits=waits)
    _, _, width, height = map(float, ElementTree.fromstring(svg).attrib["viewBox"].split())
    drawn = boxes(svg)
    for box in drawn:
        assert box.left >= 0
        assert box.top >= 0
        assert box.right <= width
        assert box.bottom <= height
    for one, other in itertools.combinations(drawn, 2):
        if one.overlaps(other):
            outer = one if one.holds(other) else other
            assert outer.kinds & HOLDS_OTHERS, f"{one} and {other}"
            assert one.holds(other) or other.holds(one), f"{one} and {other}"
    assert svg == chart_svg(group, level=depth, states=states, waits=waits)


@settings(max_examples=25)
@given(procedures())
def test_every_element_is_drawn_once(group: Group) -> None:
    drawn = Counter(box.path for box in boxes(chart_svg(group, level=Depth.PHASE)) if box.path is not None)
    assert drawn == Counter(expected_paths(group))


@settings(max_examples=15)
@given(procedures())
def test_every_text_stays_inside_the_picture(group: Group) -> None:
    root = ElementTree.fromstring(chart_svg(group, level=Depth.PHASE))
    width = float(root.attrib["width"])
    for text in root.iter(f"{SVG}text"):
        wide = text_width(text.text or "", 11)
        start = float(text.attrib["x"]) - (wide / 2 if "text-anchor" in text.attrib else 0)
        assert start >= 0, text.text
        assert start + wide <= width, text.text


@pytest.mark.parametrize(
    "words",
    [
        "a MILL, where jar_volume >= 2 L, preferably BM-201",
        "also holds SCR-002",
        "scan lot of Li2S",
        "when BM-201.TC_JAR > 60 degC: speed 500 rpm",
        'until result("QC after milling", li2s_peak) <= 5 %',
        "else again, at most 3 rounds",
        "li2s_peak 0 to 5 %",
        "starts when AR-003.P_AR > 5 bar and GB-102.O2_PPM < 10 ppm",
        "when GB-101.O2_PPM > 200 ppm for 10 s",
        "then goes on where it was",
        "on failure OVERTEMP",
        "then jumps to Unload",
        "then ends the batch",
        "$size > 2 kg and FU-301.TC_CORE < 60 degC",
        "otherwise",
        "acquire SCR-002",
        "release SCR-002",
        "after 10 min",
        "within 4 h 00 min, else held",
        "transfer: milled powder",
        "together: head and web",
    ],
)
def test_every_construct_says_what_it_does(words: str) -> None:
    assert words in texts(chart_svg(example(), level=Depth.PHASE))


def test_links_join_what_starts_together_what_is_transferred_and_where_an_exception_jumps() -> None:
    for depth in (Depth.OPERATION, Depth.PHASE):
        lines = Counter(
            path.get("class") for path in ElementTree.fromstring(chart_svg(example(), level=depth)).iter(f"{SVG}path")
        )
        assert lines["transfer"] == 1
        assert lines["jump"] == 1
        assert lines["loop"] == 1
        assert lines["sync"] == (1 if depth is Depth.PHASE else 0)


def test_what_is_folded_says_how_much_is_in_it() -> None:
    mill = unit_procedure("Mill", operation("Grind", phase("One", 30), phase("Two", 45)), unit="BM-201")
    svg = chart_svg(procedure(mill))
    assert [box.path for box in boxes(svg)] == ["Mill", "Mill/Grind"]
    assert "2 steps · 1 h 15 min" in texts(svg)
    assert [box.path for box in boxes(chart_svg(procedure(mill), level=Depth.UNIT_PROCEDURE))] == ["Mill"]


def test_a_state_is_a_word_and_a_look() -> None:
    states = {"": S.RUNNING, "parallel 1/Mill": S.RUNNING, "parallel 1/Mill/Charge": S.COMPLETE}
    states |= {"parallel 1/Unloading box": S.HELD, "parallel 1/Mill/Oxygen ingress": S.ABORTED}
    svg = chart_svg(example(), states=states, rounds={"parallel 1/Mill/Mill until clean": 2})
    looks = {
        path: kinds_of(svg, f"parallel 1/{path}") for path in ("Mill", "Mill/Charge", "Unloading box", "Mill/Unload")
    }
    assert {"going"} <= looks["Mill"]
    assert {"done"} <= looks["Mill/Charge"]
    assert {"waits"} <= looks["Unloading box"]
    assert {"idle"} <= looks["Mill/Unload"]
    assert "bad" in kinds_of(svg, "parallel 1/Mill/Oxygen ingress")
    for words in ("▶ running", "✓ complete", "❚❚ held", "✕ aborted", "round 2 of at most 3"):
        assert words in texts(svg)
    assert "going" not in " ".join(sorted(kind for box in boxes(chart_svg(example())) for kind in box.kinds))


def test_what_a_folded_phase_waits_for_stands_below_its_operation() -> None:
    path = "parallel 1/Unloading box/Make inert"
    waits = {f"{path}/Make inert": "AR-003.P_AR is 4.2 bar"}
    svg = chart_svg(example(), states={"": S.RUNNING}, waits=waits)
    assert "◷ Make inert: AR-003.P_AR is 4.2 bar" in texts(svg)
    (element,) = (box for box in boxes(svg) if box.path == path)
    (note,) = (box for box in boxes(svg) if "note" in box.kinds)
    assert (note.left, note.top) == pytest.approx((element.left, element.bottom), abs=0.2)


def test_what_a_choice_and_a_repetition_wait_for_stands_where_it_is_decided() -> None:
    waits = {"Anneal?": "$size is not known", "parallel 1/Mill/Mill until clean": "no result yet"}
    said = texts(chart_svg(example(), states={"": S.RUNNING}, waits=waits))
    assert "◷ $size is not known" in said
    assert "◷ no result yet" in said


def test_markup_in_a_name_stays_a_name() -> None:
    name = '<script>alert("&")</script>\x07'
    svg = chart_svg(procedure(unit_procedure(name, operation("A", phase("B")))), heading=[name])
    assert "<script" not in svg
    assert "\x07" not in svg
    assert boxes(svg)[0].path == name.replace("\x07", "\N{REPLACEMENT CHARACTER}")


def test_the_chart_speaks_chinese() -> None:
    said = texts(chart_svg(example(), level=Depth.PHASE, language="zh", states={"": S.RUNNING, "Coat": S.HELD}))
    for words in ("直到", "否则", "占用 SCR-002", "❚❚ 已保持", "然后结束批次"):
        assert words in said


def test_night_changes_nothing_but_the_colours() -> None:
    day, night = (chart_svg(example(), night=night) for night in (False, True))
    assert day != night
    assert boxes(day) == boxes(night)


def test_a_long_recipe_is_set_in_columns() -> None:
    units = [unit_procedure(f"Unit {n}", operation("A", phase("B")), operation("C", phase("D"))) for n in range(12)]
    narrow, wide = (ElementTree.fromstring(chart_svg(procedure(*units), width_px=width)) for width in (400, 1280))
    assert float(wide.attrib["width"]) <= 1280
    assert float(wide.attrib["height"]) < 800
    assert float(narrow.attrib["height"]) > 1800


def test_begin_and_end_stand_with_what_they_begin_and_end() -> None:
    high = unit_procedure("High", *(operation(f"Step {n}", phase("A")) for n in range(20)))
    svg = chart_svg(procedure(high))
    (frame,) = (box for box in boxes(svg) if box.path == "High")
    assert float(ElementTree.fromstring(svg).attrib["width"]) < frame.right + 160


def test_a_line_is_broken_where_people_would_break_it() -> None:
    assert wrapped("GB-101.O2_PPM < 1 ppm and GB-101.H2O_PPM < 1 ppm", 170, 11.5) == (
        "GB-101.O2_PPM < 1 ppm",
        "and",
        "GB-101.H2O_PPM < 1 ppm",
    )
    for width in range(135, 200, 5):
        assert " ".join(wrapped("FB-201.FROST_LINE < 600 mm: go", width, 11.5)) == "FB-201.FROST_LINE < 600 mm: go"
    assert wrapped("研磨十小时后取样", 60, 12) == ("研磨十小时", "后取样")
    assert wrapped("one two three four", 40, 12, most=2)[-1].endswith("…")
    for line in wrapped("Pneumonoultramicroscopic " * 3, 80, 12):
        assert text_width(line, 12) <= 80
