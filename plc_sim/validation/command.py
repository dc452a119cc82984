"""`plc_sim validate`: print what the models give for published measurements."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path

from plc_sim.validation.anchors import read_anchors
from plc_sim.validation.judgement import Judged, judge
from plc_sim.validation.page import write_page
from plc_sim.validation.words import counts, error_text, published_text, tolerance_text, value_text

EXIT_HOLD_OUT_FAILED, EXIT_BAD_INPUT = 1, 2
COLUMNS = ("id", "material, condition", "quantity", "published", "simulated", "error", "tolerance", "role", "verdict")


def main(argv: Sequence[str] | None = None) -> int:
    """Print every row and its verdict; 0 when all held-out rows pass, 1 when one fails, 2 when FILE cannot be made."""
    parser = argparse.ArgumentParser(
        prog="plc_sim validate", description="Compare the models of the simulated plant with published measurements."
    )
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the page with its figures to FILE and images/"
    )
    arguments = parser.parse_args(argv)
    judged = judge(read_anchors())
    if arguments.write is not None:
        try:
            for path in write_page(judged, arguments.write):
                sys.stderr.write(f"{path}\n")
        except OSError as error:
            sys.stderr.write(f"plc_sim: --write {arguments.write}: {error.filename}: {error.strerror}\n")
            return EXIT_BAD_INPUT
    sys.stdout.write(as_json(judged) if arguments.json else as_text(judged))
    return EXIT_HOLD_OUT_FAILED if any(row.is_failed_hold_out for row in judged) else 0


def as_json(judged: Sequence[Judged]) -> str:
    """Give the rows as a JSON list, numbers unrounded."""
    rows = [
        {
            "id": row.anchor.id,
            "material": row.anchor.material,
            "condition": row.anchor.condition,
            "quantity": row.anchor.quantity,
            "unit": row.anchor.unit,
            "published": None if math.isnan(row.anchor.published) else row.anchor.published,
            "simulated": row.simulated,
            "error_rel": row.error_rel,
            "tolerance_rel": row.anchor.tolerance_rel if math.isfinite(row.anchor.tolerance_rel) else None,
            "role": row.anchor.role,
            "judge": row.anchor.judge,
            "verdict": row.verdict,
            "models": row.anchor.models.split(),
            "source": row.anchor.source,
            "note": row.anchor.note,
        }
        for row in judged
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


def as_text(judged: Sequence[Judged]) -> str:
    """Give the rows as a table with a last line that sums them up."""
    table = [COLUMNS] + [
        (
            row.anchor.id,
            f"{row.anchor.material}, {row.anchor.condition}"[:60],
            row.anchor.quantity,
            published_text(row.anchor),
            value_text(row.simulated),
            error_text(row.error_rel),
            tolerance_text(row.anchor),
            row.anchor.role,
            row.verdict,
        )
        for row in judged
    ]
    widths = [max(len(line[column]) for line in table) for column in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table]
    return "\n".join([*lines, "", counts(judged), ""])
