"""A chart written as SVG that needs no other file: its look is in it, for day or for night."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from mes.recipes.chart_marks import HOLDS_OTHERS, Box, BoxKind, Line, Mark, Point, Symbol, Text
from mes.recipes.chart_sight import FONTS

_FAMILY = '"Noto Sans", "Noto Sans CJK SC", "Segoe UI", "PingFang SC", "Microsoft YaHei", sans-serif'
_DAY: Mapping[str, str] = {
    "ground": "#e4e7e9",
    "frame": "#d7dadd",
    "inner": "#e4e7e9",
    "box": "#f7f8f8",
    "line": "#4a545c",
    "faint": "#8b949b",
    "text": "#1d232a",
    "dim": "#4f5961",
    "amber": "#b26a00",
    "red": "#d4211c",
    "ended": "#59636b",
    "on_ended": "#ffffff",
}
_NIGHT: Mapping[str, str] = {
    "ground": "#16191c",
    "frame": "#22272b",
    "inner": "#2c3237",
    "box": "#363d43",
    "line": "#aeb6bd",
    "faint": "#6d767d",
    "text": "#e6e9eb",
    "dim": "#b3bbc1",
    "amber": "#e09a2b",
    "red": "#ff5a52",
    "ended": "#8b949b",
    "on_ended": "#16191c",
}
# The names in the style are those of the palette, so that both looks have the same rules.
_RULES: Sequence[tuple[str, str]] = (
    ("text", "fill:{text};pointer-events:none"),
    (".dim,.wait", "fill:{dim}"),
    (".ground", "fill:{ground}"),
    ("rect", "stroke:{line};stroke-width:1.2"),
    (".step>rect", "fill:{box}"),
    (".note>rect", "fill:none;stroke:{faint};stroke-dasharray:3 3"),
    (".container>rect", "fill:{frame};stroke:{faint}"),
    (".inner>rect", "fill:{inner}"),
    (".guard>rect", "fill:none;stroke:{faint};stroke-dasharray:2 4;pointer-events:all"),
    (".exception>rect", "fill:{ground};stroke:{line};stroke-dasharray:7 3"),
    (".transition>rect,.gate>rect,.holding>rect", "fill:none;stroke:none;pointer-events:all"),
    (".bar>rect", "fill:none;stroke:none;pointer-events:all"),
    (".double>rect", "fill:{ground}"),
    (".bar>path", "stroke:{line};stroke-width:1.6"),
    (".flow,.loop,.jump,.sync,.transfer,.faint,.thick", "fill:none;stroke:{line};stroke-width:1.3"),
    (".jump", "stroke-dasharray:7 3"),
    (".sync", "stroke-dasharray:5 4"),
    (".transfer", "stroke-width:2.6"),
    (".faint", "stroke:{faint};stroke-dasharray:7 3"),
    (".thick", "stroke-width:3.2"),
    (".head", "fill:{line};stroke:none"),
    (".sign", "fill:{box};stroke:{line};stroke-width:1.4"),
    (".solid", "fill:{line};stroke:none"),
    (".corner", "fill:none;stroke:{line};stroke-width:1.4"),
    (".idle>rect", "stroke:{faint}"),
    (".going>rect", "stroke:{text};stroke-width:3.4"),
    (".done>rect", "fill:{frame}"),
    (".container.done>rect", "fill:{frame}"),
    (".waits>rect,.sign.waits", "stroke:{amber};stroke-width:3.4"),
    (".ended>rect", "stroke:{ended};stroke-width:3.4;stroke-dasharray:none"),
    (".bad>rect,.sign.bad", "stroke:{red};stroke-width:3.4"),
    (".sign.going", "stroke:{text};stroke-width:3.4"),
    (".bar>rect,.note>rect", "stroke-width:1"),
    (".bar>rect", "stroke:none"),
    (".transition.idle>rect,.gate.idle>rect,.holding.idle>rect", "stroke:none"),
    (".transition.done>rect,.gate.done>rect,.holding.done>rect", "fill:none;stroke:none"),
)


def svg_of(marks: Sequence[Mark], *, width: float, height: float, label: str, night: bool) -> str:
    """Write marks as one SVG document of that size in px; lines lie under boxes, texts on top."""
    theme, palette = ("night", _NIGHT) if night else ("day", _DAY)
    size = f"{_n(width)} {_n(height)}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pfc pfc-{theme}" width="{_n(width)}" height="{_n(height)}" '
        f'viewBox="0 0 {size}" role="img" aria-label="{_text(label)}">',
        f"<style>{_style(theme, palette)}</style>",
        f'<rect class="ground" style="stroke:none" width="{_n(width)}" height="{_n(height)}"/>',
        *_boxes(mark for mark in marks if isinstance(mark, Box) and mark.kind in HOLDS_OTHERS),
        *(part for mark in marks if isinstance(mark, Line) and mark.look != "thick" for part in _line(mark)),
        *_boxes(mark for mark in marks if isinstance(mark, Box) and mark.kind not in HOLDS_OTHERS),
        *(part for mark in marks if isinstance(mark, Line) and mark.look == "thick" for part in _line(mark)),
        *(_symbol(mark) for mark in marks if isinstance(mark, Symbol)),
        *(_words(mark) for mark in marks if isinstance(mark, Text)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(text: str) -> str:
    """Give a text that no XML reader takes for markup or refuses."""
    kept = "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
    return escape(kept)


def _style(theme: str, palette: Mapping[str, str]) -> str:
    root = f".pfc-{theme}"
    rules = [f"{root}{{font-family:{_FAMILY};font-size:12px}}"]
    for names, rule in _RULES:
        selectors = ",".join(f"{root} {name}" for name in names.split(","))
        rules.append(f"{selectors}{{{rule.format(**palette)}}}")
    for look, font in FONTS.items():
        weight = ";font-weight:700" if font.bold else ""
        rules.append(f"{root} .{look}{{font-size:{font.size:g}px{weight}}}")
    return "".join(rules)


def _boxes(boxes: Iterable[Box]) -> Iterator[str]:
    depth: list[Box] = []
    for box in boxes:
        while depth and not _holds(depth[-1], box):
            depth.pop()
        inner = len(depth) % 2 == 1 and box.kind is BoxKind.CONTAINER
        depth.append(box)
        yield _box(box, inner=inner)


def _holds(outer: Box, box: Box) -> bool:
    across = outer.x <= box.x and box.x + box.width <= outer.x + outer.width
    return across and outer.y <= box.y and box.y + box.height <= outer.y + outer.height


def _box(box: Box, *, inner: bool) -> str:
    classes = " ".join(
        name
        for name in (box.kind.value, "inner" if inner else "", "double" if box.corner == "=" else "", box.look)
        if name
    )
    path = f' data-path="{_text(box.path)}"' if box.path else ""
    title = f"<title>{_text(box.tooltip)}</title>" if box.tooltip else ""
    rect = f'<rect x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"/>'
    return f'<g class="{classes}"{path}>{title}{rect}{_corner(box)}</g>'


def _corner(box: Box) -> str:
    x, y, right = box.x, box.y, box.x + box.width
    if box.kind is BoxKind.BAR:
        heights = (y, y + box.height) if box.corner == "=" else (y + box.height / 2,)
        return "".join(f'<path d="M{_n(x)} {_n(height)}H{_n(right)}"/>' for height in heights)
    if not box.corner:
        return ""
    plus = f"M{_n(right - 10.5)} {_n(y + 7)}v7" if box.corner == "+" else ""
    return f'<path class="corner" d="M{_n(right - 14)} {_n(y + 10.5)}h7{plus}"/>'


def _line(line: Line) -> Iterator[str]:
    way = "L".join(f"{_n(x)} {_n(y)}" for x, y in line.points)
    yield f'<path class="{line.look or "flow"}" d="M{way}"/>'
    if line.arrow:
        yield _head(line.points[-2], line.points[-1])


def _head(before: Point, tip: Point) -> str:
    """Give an arrow head on the last piece of a line, which runs along one axis."""
    (x0, y0), (x, y) = before, tip
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    corners = [(x, y), (x - 8 * dx + 4 * dy, y - 8 * dy + 4 * dx), (x - 8 * dx - 4 * dy, y - 8 * dy - 4 * dx)]
    return f'<polygon class="head" points="{" ".join(f"{_n(a)},{_n(b)}" for a, b in corners)}"/>'


_SHAPES: Mapping[str, str] = {
    "begin": "M0 0h30l-15 22z",
    "end": "M15 0l15 22h-30z",
    "diamond": "M15 0l15 15l-15 15l-15 -15z",
    "acquire": "M7 7h16l-8 16z",
    "release": "M7 23h16l-8 -16z",
    "person": "M3.5 4a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0zM0 14c0 -8 14 -8 14 0z",
    "bolt": "M7 0l-6 9h4l-2 7l7 -9h-4l3 -7z",
}
_SOLID = frozenset({"person", "bolt"})


def _symbol(symbol: Symbol) -> str:
    kind = "solid" if symbol.kind in _SOLID else f"sign {symbol.look}".strip()
    place = f"translate({_n(symbol.x)} {_n(symbol.y)})"
    return f'<path class="{kind}" transform="{place}" d="{_SHAPES[symbol.kind]}"/>'


def _words(text: Text) -> str:
    anchor = ' text-anchor="middle"' if text.middle else ""
    return f'<text class="{text.look}" x="{_n(text.x)}" y="{_n(text.y)}"{anchor}>{_text(text.text)}</text>'
