"""A Gantt chart of a procedure: its rows as plain values, and how they look in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mes.cli.written import clean, width
from mes.model.procedure import Element, Group, Level
from mes.model.steps import PhaseStep, WaitStep
from mes.recipes.schedule import Schedule, Span, Spans, critical_path

LEAST_BAR = 12
MOST_NAME = 32
EXPECTED, ACTUAL, BOTH = "-", "#", "="
_TICKS_S = (60, 120, 300, 600, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800)
_TICK_ROOM = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GanttRow:
    """One line: an element, the unit it runs on, and its spans in process seconds from the start of the batch.

    Of an element that ran several times (`rounds`) the spans go from the first begin to the last end.
    """

    path: str
    name: str
    unit: str
    expected: Span | None = None
    actual: Span | None = None
    critical: bool = False
    rounds: int = 1


def gantt_rows(procedure: Group, expected: Schedule, actual: Spans | None = None) -> Sequence[GanttRow]:
    """Give the rows of a procedure, unit by unit in the order the units are first used.

    With `actual` spans the critical path is that of what happened, without them that of what is expected. A step that
    takes no time, or was not run and is not expected to take any, has no row.
    """
    if actual is None:
        critical = expected.critical_paths
    else:
        critical = frozenset(leg.path for leg in critical_path(procedure, actual))
    rows: dict[str, list[GanttRow]] = {}
    for step, unit in _steps(procedure, ""):
        planned, happened = expected.spans.get(step.path, ()), (actual or {}).get(step.path, ())
        if not any(end_s > start_s for start_s, end_s in (*planned, *happened)):
            continue
        row = GanttRow(
            path=step.path,
            name=step.name,
            unit=unit,
            expected=_whole(planned),
            actual=_whole(happened),
            critical=step.path in critical,
            rounds=max(len(happened) or len(planned), 1),
        )
        rows.setdefault(unit, []).append(row)
    return [row for of_unit in rows.values() for row in of_unit]


def _steps(element: Element, unit: str) -> Iterator[tuple[Element, str]]:
    if not isinstance(element, Group):
        own = element.unit if isinstance(element, PhaseStep) else ""
        yield element, own or ("" if isinstance(element, WaitStep) and not unit else unit)
        return
    if element.level is Level.UNIT_PROCEDURE:
        unit = element.unit or (element.wanted.unit_class if element.wanted else "") or unit
    for child in element.children:
        yield from _steps(child, unit)
    for block in element.exceptions:
        yield from _steps(block.steps, unit)


def _whole(spans: Sequence[Span]) -> Span | None:
    return (min(start_s for start_s, _ in spans), max(end_s for _, end_s in spans)) if spans else None


def hours_text(seconds: float) -> str:
    """Give a duration as h:mm."""
    minutes = round(seconds / 60)
    return f"{minutes // 60}:{minutes % 60:02}"


def end_of(rows: Sequence[GanttRow]) -> float:
    """Give when the last of the rows ends; at least one second."""
    return max([1.0, *(span[1] for row in rows for span in (row.expected, row.actual) if span is not None)])


def ticks(end_s: float, most: int) -> Sequence[int]:
    """Give the marks of a time axis in seconds: round times, at most `most` of them after the zero."""
    step = next((step for step in _TICKS_S if end_s / step <= max(most, 1)), 0)
    if not step:
        days = 7
        while end_s / (days * 86_400) > max(most, 1):
            days *= 2
        step = days * 86_400
    return range(0, int(end_s) + 1, step)


def gantt_text(rows: Sequence[GanttRow], *, width: int) -> str:
    """Give the chart as lines of at most `width` columns, at least as many as names, durations and a bar need."""
    if not rows:
        return "no step of it is expected to take time"
    end_s = end_of(rows)
    names = {row.path: _name(row) for row in rows}
    with_actual = any(row.actual for row in rows)
    numbers = 18 if with_actual else 10
    longest = max(_columns(name) for name in names.values())
    wide = max(min(longest, MOST_NAME, width - numbers - LEAST_BAR - 4), 8)
    bar = max(width - wide - numbers - 4, LEAST_BAR)
    heads = f"{'expected':>8}  {'actual':>6}" if with_actual else f"{'expected':>8}"
    lines = [f"{'':{wide + 2}}  {heads}  {_axis(end_s, bar)}".rstrip()]
    unit: str | None = None
    for row in rows:
        if row.unit != unit:
            unit = row.unit
            lines.append(clean(unit) or "(no unit)")
        lines.append(_line(row, names[row.path], wide, bar, end_s, with_actual=with_actual))
    legend = [f"{EXPECTED} expected"]
    legend += [f"{ACTUAL} actual", f"{BOTH} both"] if with_actual else []
    return "\n".join([*lines, "", f"{'   '.join(legend)}   * critical path, end at {hours_text(end_s)} h"])


def _name(row: GanttRow) -> str:
    return clean(row.name) + (f" x{row.rounds}" if row.rounds > 1 else "")


def _columns(text: str) -> int:
    return width(text)


def _cut(text: str, columns: int) -> str:
    """Give a text that takes exactly so many columns."""
    if width(text) > columns:
        while width(text) > columns - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (columns - width(text))


def _line(row: GanttRow, name: str, wide: int, bar: int, end_s: float, *, with_actual: bool) -> str:
    numbers = f"{_duration(row.expected):>8}"
    if with_actual:
        numbers += f"  {_duration(row.actual):>6}"
    planned, happened = _cells(row.expected, bar, end_s), _cells(row.actual, bar, end_s)
    drawn = "".join(
        (BOTH if place in happened else EXPECTED) if place in planned else (ACTUAL if place in happened else " ")
        for place in range(bar)
    )
    return f"{'*' if row.critical else ' '} {_cut(name, wide)}  {numbers}  {drawn}".rstrip()


def _duration(span: Span | None) -> str:
    return "" if span is None else hours_text(span[1] - span[0])


def _cells(span: Span | None, bar: int, end_s: float) -> range:
    """Give the columns of a bar that a span covers; what takes time covers at least one."""
    if span is None or span[1] <= span[0]:
        return range(0)
    first = min(int(span[0] / end_s * bar), bar - 1)
    return range(first, max(first + 1, round(span[1] / end_s * bar)))


def _axis(end_s: float, bar: int) -> str:
    axis = ""
    for tick in ticks(end_s, bar // _TICK_ROOM):
        place = int(tick / end_s * bar)
        label = hours_text(tick)
        if place >= len(axis) and place + len(label) <= bar:
            axis += " " * (place - len(axis)) + label + " "
    return axis.rstrip()
