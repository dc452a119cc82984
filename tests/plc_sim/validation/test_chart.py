from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from plc_sim.validation.chart import HEIGHT, WIDTH, Axis, Series, draw

SVG = "{http://www.w3.org/2000/svg}"


def chart(series: list[Series], *, logarithmic: bool = False) -> ElementTree.Element:
    axis = Axis(label="a & b", low=1.0, high=1000.0, logarithmic=logarithmic)
    return ElementTree.fromstring(draw("a < b", axis, axis, series))


def test_a_chart_is_well_formed_whatever_its_words() -> None:
    root = chart([Series(label="x < 1 & y", points=[(1.0, 1.0), (2.0, 2.0)], colour="#000000")])
    assert root.findtext(f"{SVG}title") == "a < b"
    assert any(text.text == "x < 1 & y" for text in root.iter(f"{SVG}text"))


@given(points=st.lists(st.tuples(st.floats(1.0, 1000.0), st.floats(1.0, 1000.0)), min_size=1, max_size=20))
def test_every_point_of_the_axes_is_drawn_inside_the_picture(points: list[tuple[float, float]]) -> None:
    root = chart([Series(label="dots", points=points, colour="#000000", dots=True)], logarithmic=True)
    circles = list(root.iter(f"{SVG}circle"))
    assert len(circles) == len(points) + 1  # one more in the legend
    assert all(0.0 <= float(circle.attrib["cx"]) <= WIDTH for circle in circles)
    assert all(0.0 <= float(circle.attrib["cy"]) <= HEIGHT for circle in circles)


def test_points_off_the_axes_are_left_out() -> None:
    points = [(-5.0, 10.0), (0.0, 10.0), (10.0, 2000.0), (10.0, 10.0)]
    root = chart([Series(label="dots", points=points, colour="#000000", dots=True)], logarithmic=True)
    assert len(list(root.iter(f"{SVG}circle"))) == 2


def test_coordinates_have_one_decimal_so_that_the_last_bit_does_not_show() -> None:
    text = draw(
        "t",
        Axis(label="x", low=0.0, high=3.0),
        Axis(label="y", low=0.0, high=1.0),
        [Series(label="thirds", points=[(1.0, 1.0 / 3.0), (2.0, 2.0 / 3.0)], colour="#000000")],
    )
    (points,) = re.findall(r'<polyline points="([^"]+)"', text)
    assert all(re.fullmatch(r"\d+\.\d,\d+\.\d", pair) for pair in points.split())


def test_marks_are_round_numbers() -> None:
    assert Axis(label="", low=0.0, high=160.0).ticks() == [0.0, 50.0, 100.0, 150.0]
    assert Axis(label="", low=0.1, high=1.0, logarithmic=True).ticks() == [0.1, 0.2, 0.5, 1.0]
