"""What came of a dry run, as people read it and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mes.cli.gantt import gantt_rows, gantt_text, hours_text
from mes.cli.gantt_svg import gantt_svg
from mes.cli.wait_text import wait_lines, waits_document
from mes.cli.written import clean, plain, table
from mes.model.quantity import Quantity, comparable
from mes.rehearsal.findings import AmountLine
from mes.rehearsal.rehearse import Rehearsal

KEPT_UP = 0.9
"""A plant that reached less of the wanted speed makes phases look longer than they are."""


def gantt_document(found: Rehearsal) -> str:
    """Give the chart of expected and simulated times as SVG."""
    return gantt_svg(gantt_rows(found.state.tree.root, found.expected, found.actual))


def text(found: Rehearsal, *, columns: int) -> str:
    """Give everything as lines of about so many columns."""
    control = found.control
    parts = [
        f"{control.recipe_id} {control.version}, {control.title['en']}, {control.size} "
        f"on the simulated PLCs {', '.join(found.plcs)}",
        "\n".join(_outcome(found)),
        gantt_text(gantt_rows(found.state.tree.root, found.expected, found.actual), width=columns),
        "Material against the formula\n" + _amounts(found),
        "Units\n" + _units(found),
        "\n".join(_events(found)),
        "\n".join(_critical(found)),
        "\n".join(_times(found)),
    ]
    return "\n\n".join(part for part in parts if part)


def _outcome(found: Rehearsal) -> Iterator[str]:
    if found.completed:
        yield "The batch came to its end: complete"
        return
    if found.stuck is None:
        because = f": {found.because}" if found.because else ""
        yield f"The batch did not come to its end: {found.state.state}{because}"
        return
    yield f"The batch did not come to its end: {found.stuck.why}"
    for one in found.stuck.waiting:
        yield f"  {one.path or found.batch_no} waits for"
        yield from (f"    {line}" for line in wait_lines(one.wait))


def _amounts(found: Rehearsal) -> str:
    rows = [[line.role, line.name, _amount(line.expected), _amount(line.actual), _off(line)] for line in found.amounts]
    closure = found.balance.closure_percent
    closes = "nothing with a mass came in" if closure is None else f"the mass balance is off by {closure} %"
    if not found.balance_closes:
        closes += f", more than the {100 * found.balance_tolerance:.3g} % of the recipe"
    return (
        table(("  ", "material", "expected", "came to", "off by"), [["  " + row[0], *row[1:]] for row in rows])
        + f"\n  {closes}"
    )


def _amount(quantity: Quantity | None) -> str:
    if quantity is None:
        return "-"
    value = f"{quantity.value:.3f}".rstrip("0").rstrip(".")
    return value if quantity.uom == "1" else f"{value} {quantity.uom}"


def _came(line: AmountLine) -> Quantity | None:
    if line.actual is None or line.expected is None or not comparable(line.actual.uom, line.expected.uom):
        return line.actual
    return line.actual.to(line.expected.uom)


def _off(line: AmountLine) -> str:
    off = off_percent(line)
    return "" if off is None else f"{off:+.1f} %"


def off_percent(line: AmountLine) -> float | None:
    """Give by how many percent a material came to more or less than expected; None where that cannot be said."""
    if line.expected is None or line.actual is None or not line.expected.value:
        return None
    if not comparable(line.expected.uom, line.actual.uom):
        return None
    return float((line.actual.to(line.expected.uom).value / line.expected.value - 1) * 100)


def _units(found: Rehearsal) -> str:
    rows = [[f"  {use.unit}", str(use.times), hours_text(use.held_s), hours_text(use.waited_s)] for use in found.units]
    return table(("  unit", "times", "held", "waited for"), rows)


def _events(found: Rehearsal) -> Iterator[str]:
    if not found.events:
        yield "No deviation, no alarm, no exception"
        return
    yield "Deviations, alarms, exceptions"
    for event in found.events:
        yield clean(f"  {hours_text(event.at_s)}  {event.kind}  {event.path}  {event.text}")


def _critical(found: Rehearsal) -> Iterator[str]:
    yield "Critical path"
    elements = found.state.tree.elements
    for leg in found.critical:
        slack = (
            f", after {hours_text(leg.slack_s)} in which nothing of it ran"
            if leg.slack_s > 2 * found.resolution_s
            else ""
        )
        yield f"  {hours_text(leg.start_s)}  {elements[leg.path].name}  {hours_text(leg.end_s - leg.start_s)}{slack}"


def _times(found: Rehearsal) -> Iterator[str]:
    yield (
        f"{hours_text(found.process_s)} h of the process (expected {hours_text(found.expected.total_s)} h) in "
        f"{found.wall_s:.0f} s, {found.speed:g} times as fast as real"
    )
    yield f"(times are as fine as what engine and links need for a step, about {found.resolution_s / 60:.0f} min)"
    if found.kept_up < KEPT_UP:
        yield (
            f"(the simulated plant reached only {found.kept_up:.0%} of this speed: phases took longer than they would; "
            "try a smaller --speed)"
        )


def document(found: Rehearsal) -> dict[str, Any]:
    """Give everything as JSON; times are process seconds from the start of the batch."""
    control, stuck = found.control, found.stuck
    return {
        "completed": found.completed,
        "batch_no": found.batch_no,
        "recipe": {"id": control.recipe_id, "version": control.version, "sha256": control.sha256},
        "size": plain(control.size),
        "state": found.state.state.value,
        "because": found.because,
        "stuck": None
        if stuck is None
        else {"why": stuck.why, "state": stuck.state.value, "waiting": waits_document(stuck.waiting)},
        "plcs": list(found.plcs),
        "elements": [plain(row) for row in gantt_rows(found.state.tree.root, found.expected, found.actual)],
        "critical_path": [plain(leg) for leg in found.critical],
        "material": [{**plain(line), "off_percent": off_percent(line)} for line in found.amounts],
        "mass_balance": plain(found.balance),
        "balance_closes": found.balance_closes,
        "units": [plain(use) for use in found.units],
        "events": [plain(event) for event in found.events],
        "process_s": found.process_s,
        "expected_s": found.expected.total_s,
        "wall_s": round(found.wall_s, 1),
        "speed": found.speed,
        "kept_up": round(found.kept_up, 3),
    }
