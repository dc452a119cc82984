"""Where a lot came from and where it went, with quantities, in the forms people and other programs read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from graphlib import CycleError, TopologicalSorter

from mes.model.lots import LotStatus
from mes.model.quantity import Quantity
from mes.store.database import Database
from mes.store.edges import Direction, LotEdge
from mes.store.errors import StoreError
from mes.store.lots import LotRow, family

_SHARES = Context(prec=28)
_SHOWN = Context(prec=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedLot:
    """A lot in a trace. `made` is how much there was of it, `left` what is left, `depth` the fewest steps to it.

    `amount` is, traced backward, how much of this lot is in the traced lot (in the unit of this lot); traced forward,
    how much of the traced lot is in this one (in the unit of the traced lot).
    """

    lot_no: str
    material: str
    made: Quantity
    left: Quantity
    status: LotStatus
    supplier: str
    supplier_lot: str
    batch_no: str | None
    depth: int
    amount: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All lots that a lot was made from (backward) or went into (forward), itself first, then by depth and number."""

    lot_no: str
    direction: Direction
    lots: Sequence[TracedLot]
    edges: Sequence[LotEdge]


def trace(database: Database, lot_no: str, direction: Direction = "backward") -> Trace:
    """Trace a lot; raises `NotInBooks` that names the nearest lot numbers."""
    rows, edges = database.read_now(lambda connection: family(connection, lot_no, direction))
    by_no = {row.lot.lot_no: row for row in rows}
    amounts = _amounts(by_no, edges, lot_no, direction)
    depths = _depths(edges, lot_no, direction)
    lots = [_traced(row, depths[number], amounts[number]) for number, row in by_no.items()]
    lots.sort(key=lambda lot: (lot.depth, lot.lot_no))
    ordered = sorted(edges, key=lambda edge: (edge.parent, edge.child))
    return Trace(lot_no=lot_no, direction=direction, lots=tuple(lots), edges=tuple(ordered))


def _traced(row: LotRow, depth: int, amount: Quantity) -> TracedLot:
    lot = row.lot
    return TracedLot(
        lot_no=lot.lot_no,
        material=lot.material,
        made=row.made,
        left=lot.quantity,
        status=lot.status,
        supplier=lot.supplier,
        supplier_lot=lot.supplier_lot,
        batch_no=lot.batch_no,
        depth=depth,
        amount=amount,
    )


def _away(edge: LotEdge, direction: Direction) -> tuple[str, str]:
    return (edge.child, edge.parent) if direction == "backward" else (edge.parent, edge.child)


def _neighbours(edges: Sequence[LotEdge], direction: Direction) -> dict[str, list[LotEdge]]:
    found: dict[str, list[LotEdge]] = {}
    for edge in edges:
        found.setdefault(_away(edge, direction)[0], []).append(edge)
    return found


def _depths(edges: Sequence[LotEdge], lot_no: str, direction: Direction) -> dict[str, int]:
    neighbours = _neighbours(edges, direction)
    depths: dict[str, int] = {}
    front, depth = {lot_no}, 0
    while front:
        depths.update(dict.fromkeys(front, depth))
        reached = {_away(edge, direction)[1] for near in front for edge in neighbours.get(near, ())}
        front, depth = reached - depths.keys(), depth + 1
    return depths


def _amounts(
    rows: Mapping[str, LotRow], edges: Sequence[LotEdge], lot_no: str, direction: Direction
) -> dict[str, Quantity]:
    """Follow x(far) = sum of share x x(near) from the traced lot outward, every lot after all that lead to it."""
    before: dict[str, set[str]] = {number: set() for number in rows}
    for edge in edges:
        near, far = _away(edge, direction)
        before[far].add(near)
    neighbours = _neighbours(edges, direction)
    values = dict.fromkeys(rows, Decimal(0))
    values[lot_no] = rows[lot_no].made.value
    for near in _in_order(before):
        for edge in neighbours.get(near, ()):
            far = _away(edge, direction)[1]
            # Backward the share is of the child, forward of the parent: either way what of `near` is concerned.
            share = _SHARES.divide(values[near], rows[near].made.value)
            values[far] = _SHARES.add(values[far], _SHARES.multiply(share, edge.quantity.value))
    uom = rows[lot_no].made.uom
    return {no: Quantity(value, rows[no].made.uom if direction == "backward" else uom) for no, value in values.items()}


def _in_order(before: Mapping[str, set[str]]) -> Sequence[str]:
    try:
        return tuple(TopologicalSorter(before).static_order())
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise StoreError(f"the genealogy goes in a circle ({circle}): it was altered; see `mes db check`") from None


def _shown(quantity: Quantity) -> str:
    return str(Quantity(_SHOWN.plus(quantity.value), quantity.uom))


HEADINGS = ("depth", "lot", "material", "amount", "made", "left", "status", "supplier", "supplier lot", "batch")


def _cells(lot: TracedLot) -> tuple[str, ...]:
    amounts = (_shown(lot.amount), _shown(lot.made), _shown(lot.left))
    origin = (lot.supplier, lot.supplier_lot, lot.batch_no or "")
    return (str(lot.depth), lot.lot_no, lot.material, *amounts, lot.status.value, *origin)


def as_table(found: Trace) -> str:
    """Give a trace as lines for a terminal, every lot once."""
    lines = [HEADINGS, *(_cells(lot) for lot in found.lots)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join("  ".join(line).rstrip() for line in padded)


def as_tree(found: Trace) -> str:
    """Give a trace as a tree; a lot that was shown with its branches before is marked and not opened again."""
    lots = {lot.lot_no: lot for lot in found.lots}
    neighbours = _neighbours(found.edges, found.direction)
    opened: set[str] = set()
    lines: list[str] = []
    waiting: list[tuple[str, str, str, str]] = [(found.lot_no, "", "", "")]
    while waiting:
        number, lead, indent, quantity = waiting.pop()
        lot = lots[number]
        origin = f", {lot.supplier} {lot.supplier_lot}".rstrip() if lot.supplier else ""
        again = number in opened and number in neighbours
        made_by = f", batch {lot.batch_no}" if lot.batch_no else ""
        text = f"{number} {lot.material}{quantity}{made_by}{origin}{'  (see above)' if again else ''}"
        lines.append(lead + text)
        if again:
            continue
        opened.add(number)
        branches = neighbours.get(number, ())
        for place, edge in reversed(list(enumerate(branches))):
            last = place == len(branches) - 1
            lead, further = ("└─ ", "   ") if last else ("├─ ", "│  ")
            far = _away(edge, found.direction)[1]
            waiting.append((far, indent + lead, indent + further, f", {_shown(edge.quantity)}"))
    return "\n".join(lines)


def as_json(found: Trace) -> str:
    """Give a trace as JSON; quantities are {"value": text, "uom": text}."""

    def amount(quantity: Quantity) -> dict[str, str]:
        return {"value": f"{quantity.value:f}", "uom": quantity.uom}

    lots = [
        {
            "lot_no": lot.lot_no,
            "material": lot.material,
            "depth": lot.depth,
            "amount": amount(lot.amount),
            "made": amount(lot.made),
            "left": amount(lot.left),
            "status": lot.status.value,
            "supplier": lot.supplier,
            "supplier_lot": lot.supplier_lot,
            "batch_no": lot.batch_no,
        }
        for lot in found.lots
    ]
    edges = [{"parent": e.parent, "child": e.child, "quantity": amount(e.quantity)} for e in found.edges]
    whole = {"lot_no": found.lot_no, "direction": found.direction, "lots": lots, "edges": edges}
    return json.dumps(whole, ensure_ascii=False, indent=2)


def as_csv(found: Trace) -> str:
    """Give a trace as CSV with a heading line, every lot once; no cell can start a formula in a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    writer.writerows([_harmless(cell) for cell in _cells(lot)] for lot in found.lots)
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def as_dot(found: Trace) -> str:
    """Give a trace as a Graphviz graph whose arrows go from what was used to what was made."""
    lines = ["digraph trace {", "  rankdir=LR;", "  node [shape=box];"]
    for lot in found.lots:
        label = f"{lot.lot_no}\n{lot.material}\n{_shown(lot.made)}"
        style = ", style=bold" if lot.lot_no == found.lot_no else ""
        lines.append(f"  {_quoted(lot.lot_no)} [label={_quoted(label)}{style}];")
    for edge in found.edges:
        arrow = f"{_quoted(edge.parent)} -> {_quoted(edge.child)}"
        lines.append(f"  {arrow} [label={_quoted(_shown(edge.quantity))}];")
    return "\n".join([*lines, "}"])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


FORMATS: Mapping[str, Callable[[Trace], str]] = {
    "table": as_table,
    "tree": as_tree,
    "json": as_json,
    "csv": as_csv,
    "dot": as_dot,
}
"""How a trace can be written, by the name of the format."""
