"""A Gantt chart as SVG, in the look of the procedure function chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from mes.cli.gantt import GanttRow, end_of, hours_text, ticks
from mes.recipes.chart_text import text_width, wrapped
from mes.recipes.schedule import Span

WIDTH = 1280.0
_NAME = 250.0
_NUMBERS = 120.0
_ROW = 26.0
_HEAD = 34.0
_UNIT = 22.0
_MARGIN = 14.0
_STYLE = (
    'text{font:12px "Noto Sans","Noto Sans CJK SC","Segoe UI","PingFang SC","Microsoft YaHei",sans-serif;fill:#1d232a}'
    ".unit,.critical text{font-weight:700}.dim{fill:#4f5961}.tick{stroke:#b4b8bc}.ground{fill:#e4e7e9}"
    ".band{fill:#d7dadd}.expected{fill:#f7f8f8;stroke:#4a545c}.actual{fill:#8b949b}.critical .actual{fill:#1d232a}"
    ".critical .expected{stroke-width:2.6;stroke:#1d232a}"
)


def gantt_svg(rows: Sequence[GanttRow]) -> str:
    """Give the chart as one SVG document, 1280 px wide: above what was expected, below what happened.

    The critical path is bold: name, frame of the expected bar, black actual bar.
    """
    end_s = end_of(rows)
    left = _MARGIN + _NAME + _NUMBERS
    scale = (WIDTH - left - 3 * _MARGIN) / end_s
    parts: list[str] = []
    y = _HEAD
    unit: str | None = None
    for row in rows:
        if row.unit != unit:
            unit = row.unit
            parts.append(f'<rect class="band" x="0" y="{y:g}" width="{WIDTH:g}" height="{_UNIT:g}"/>')
            parts.append(_text(unit or "–", _MARGIN, y + 15, "unit"))
            y += _UNIT
        parts += _row(row, y, left, scale)
        y += _ROW
    height = y + _MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{height:g}" '
            f'viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="Gantt">',
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" width="{WIDTH:g}" height="{height:g}"/>',
            *_axis(end_s, left, scale, y),
            *parts,
            "</svg>\n",
        ]
    )


def _axis(end_s: float, left: float, scale: float, bottom: float) -> Iterator[str]:
    for tick in ticks(end_s, 14):
        x = left + tick * scale
        yield f'<path class="tick" d="M{x:.1f} {_HEAD - 8:g}V{bottom:g}"/>'
        yield _text(hours_text(tick), x, _HEAD - 14, "dim", middle=True)


def _row(row: GanttRow, y: float, left: float, scale: float) -> Iterator[str]:
    durations = [hours_text(span[1] - span[0]) for span in (row.expected, row.actual) if span is not None]
    name = row.name + (f" ×{row.rounds}" if row.rounds > 1 else "")
    (shown, *_) = wrapped(name, _NAME - 14, 12, bold=row.critical, most=1) or ("",)
    yield f'<g class="{"critical" if row.critical else "row"}"><title>{_clean(row.path)}</title>'
    yield _text(shown, _MARGIN + 10, y + 17, "")
    numbers = " / ".join(durations)
    yield _text(numbers, left - 16 - text_width(numbers, 12, bold=row.critical), y + 17, "dim")
    yield from _bar(row.expected, "expected", y + 4, 8, left, scale)
    yield from _bar(row.actual, "actual", y + 14, 8, left, scale)
    yield "</g>"


def _bar(span: Span | None, kind: str, y: float, height: float, left: float, scale: float) -> Iterator[str]:
    if span is None or span[1] <= span[0]:
        return
    x, wide = left + span[0] * scale, max((span[1] - span[0]) * scale, 1.5)
    yield f'<rect class="{kind}" x="{x:.1f}" y="{y:g}" width="{wide:.1f}" height="{height:g}"/>'


def _text(text: str, x: float, y: float, look: str, *, middle: bool = False) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    named = f' class="{look}"' if look else ""
    return f'<text{named} x="{x:.1f}" y="{y:g}"{anchor}>{_clean(text)}</text>'


def _clean(text: str) -> str:
    return escape("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text))
