"""A small line and scatter chart as SVG text, the same to the last byte wherever it is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 40, 56
LEGEND_LINE, LEGEND_CHARACTER = 17, 6.4
FONT = 'font-family="Helvetica, Arial, sans-serif"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One series: its points, its colour, drawn as a line or (`dots`) as dots with an optional label each."""

    label: str
    points: Sequence[tuple[float, float]]
    colour: str
    dots: bool = False
    dashed: bool = False
    names: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis: its label and its range; a logarithmic one needs a range above 0."""

    label: str
    low: float
    high: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Give where a value lies on the axis, 0 at the low end and 1 at the high one."""
        if self.logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Give the values to mark: 1, 2, 5 of each decade, or about six round ones."""
        if self.logarithmic:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            marks = [digit * 10.0**power for power in range(first, last + 1) for digit in (1.0, 2.0, 5.0)]
        else:
            rough = (self.high - self.low) / 6.0
            power = 10.0 ** math.floor(math.log10(rough))
            step = next(digit * power for digit in (1.0, 2.0, 5.0, 10.0) if digit * power >= rough)
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            marks = [number * step for number in range(first, last + 1)]
        return [mark for mark in marks if -1e-9 <= self.share(mark) <= 1.0 + 1e-9]


def draw(title: str, x: Axis, y: Axis, series: Sequence[Series]) -> str:
    """Give the chart as an SVG document; points outside an axis are left out, coordinates have one decimal."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        _text(LEFT, 24, title, anchor="start", size=15, weight="bold"),
        *_frame(x, y),
    ]
    for one in series:
        inside = [(px, py, index) for index, (px, py) in enumerate(one.points) if _is_inside(px, py, x, y)]
        places = [(_across(px, x), _down(py, y), index) for px, py, index in inside]
        if one.dots:
            parts += _dots(one, places)
        else:
            path = " ".join(f"{px:.1f},{py:.1f}" for px, py, _ in places)
            dash = ' stroke-dasharray="6 4"' if one.dashed else ""
            parts.append(f'<polyline points="{path}" fill="none" stroke="{one.colour}" stroke-width="2"{dash}/>')
    parts += _legend(series, x, y)
    return "\n".join([*parts, "</svg>", ""])


def _is_inside(px: float, py: float, x: Axis, y: Axis) -> bool:
    if (x.logarithmic and px <= 0.0) or (y.logarithmic and py <= 0.0):
        return False
    return all(-1e-9 <= share <= 1.0 + 1e-9 for share in (x.share(px), y.share(py)))


def _across(value: float, axis: Axis) -> float:
    return LEFT + axis.share(value) * (WIDTH - LEFT - RIGHT)


def _down(value: float, axis: Axis) -> float:
    return HEIGHT - BOTTOM - axis.share(value) * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, words: str, *, anchor: str = "middle", size: int = 12, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" '
        f'fill="#222222" {FONT}>{escape(words)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _frame(x: Axis, y: Axis) -> list[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts: list[str] = []
    for mark in x.ticks():
        at = _across(mark, x)
        parts += [_line(at, TOP, at, bottom, "#e4e4e4"), _text(at, bottom + 17, f"{mark:.6g}")]
    for mark in y.ticks():
        at = _down(mark, y)
        parts += [_line(LEFT, at, right, at, "#e4e4e4"), _text(LEFT - 7, at + 4, f"{mark:.6g}", anchor="end")]
    middle = TOP + (bottom - TOP) / 2
    parts += [
        f'<rect x="{LEFT}" y="{TOP}" width="{right - LEFT}" height="{bottom - TOP}" fill="none" stroke="#444444"/>',
        _text(LEFT + (right - LEFT) / 2, HEIGHT - 14, x.label),
        f'<g transform="translate(18 {middle:.1f}) rotate(-90)">{_text(0, 0, y.label)}</g>',
    ]
    return parts


def _dots(series: Series, places: Sequence[tuple[float, float, int]]) -> list[str]:
    parts = []
    for px, py, index in places:
        parts.append(
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="4.5" fill="{series.colour}" stroke="#ffffff" stroke-width="1"/>'
        )
        if index < len(series.names):
            near_edge = px > WIDTH - RIGHT - 45
            anchor, shift = ("end", -7.0) if near_edge else ("start", 7.0)
            parts.append(
                _text(px + shift, py + (14 if py < TOP + 12 else -5), series.names[index], anchor=anchor, size=11)
            )
    return parts


def _legend(series: Sequence[Series], x: Axis, y: Axis) -> list[str]:
    """Put the legend into the corner with the fewest points."""
    width = 34 + LEGEND_CHARACTER * max(len(one.label) for one in series)
    height = LEGEND_LINE * len(series) + 8
    lefts, tops = (LEFT + 8, WIDTH - RIGHT - 8 - width), (TOP + 8, HEIGHT - BOTTOM - 8 - height)
    places = [(_across(px, x), _down(py, y)) for one in series for px, py in one.points if _is_inside(px, py, x, y)]

    def crowd(corner: tuple[float, float]) -> int:
        left, top = corner
        return sum(left - 20 <= px <= left + width + 20 and top - 15 <= py <= top + height + 15 for px, py in places)

    left, top = min(((left, top) for top in tops for left in lefts), key=crowd)
    parts = [
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height}" fill="#ffffff" '
        f'fill-opacity="0.85" stroke="#cccccc"/>'
    ]
    for number, one in enumerate(series):
        at = top + 4 + LEGEND_LINE * (number + 0.5)
        if one.dots:
            parts.append(f'<circle cx="{left + 15:.1f}" cy="{at:.1f}" r="4.5" fill="{one.colour}"/>')
        else:
            dash = ' stroke-dasharray="6 4"' if one.dashed else ""
            parts.append(
                f'<line x1="{left + 5:.1f}" y1="{at:.1f}" x2="{left + 25:.1f}" y2="{at:.1f}" '
                f'stroke="{one.colour}" stroke-width="2"{dash}/>'
            )
        parts.append(_text(left + 31, at + 4, one.label, anchor="start"))
    return parts
