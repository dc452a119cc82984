"""A lot as people read it, and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mes.cli.written import pairs, plain, time_text
from mes.store.lots import LotRow

CELLS = ("lot", "material", "left", "of", "status", "expires", "from")
"""Headings of the list of lots."""


def cells_of(row: LotRow) -> Sequence[str]:
    """Give a lot as a line of the list."""
    lot = row.lot
    return (
        lot.lot_no,
        lot.material,
        str(lot.quantity),
        str(row.made),
        lot.status.value,
        f"{lot.expires_at:%Y-%m-%d}" if lot.expires_at else "",
        f"batch {lot.batch_no}" if lot.batch_no else f"{lot.supplier} {lot.supplier_lot}".strip(),
    )


def as_text(row: LotRow) -> str:
    """Give a lot as lines."""
    lot = row.lot
    named = {
        "material": lot.material,
        "left": f"{lot.quantity} of {row.made}",
        "mass": str(lot.mass) if lot.mass else "",
        "status": lot.status.value,
        "assay": f"{lot.assay:f}",
        "properties": ", ".join(f"{name} {value}" for name, value in lot.properties.items()),
        "supplier": f"{lot.supplier} {lot.supplier_lot}".strip(),
        "made by": f"batch {lot.batch_no}" if lot.batch_no else "",
        "since": time_text(row.made_at),
        "expires": time_text(lot.expires_at) if lot.expires_at else "",
        "uid": row.uid,
    }
    return f"Lot {lot.lot_no}\n{pairs(named)}"


def document(row: LotRow) -> dict[str, Any]:
    """Give a lot as the JSON of this command line shows it: what is left, and what was made of it."""
    return {**plain(row.lot), "uid": row.uid, "made": plain(row.made), "made_at": plain(row.made_at)}
