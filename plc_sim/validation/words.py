"""Numbers and sums in the words of the table and of the page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from plc_sim.validation.anchors import Anchor
from plc_sim.validation.judgement import Judged


def value_text(value: float | None) -> str:
    """Give a value with three digits; nothing for None."""
    return "" if value is None else f"{value:.3g}"


def published_text(anchor: Anchor) -> str:
    """Give the published value with its unit; a dash for one that was not to be had."""
    if math.isnan(anchor.published):
        return "–"
    return f"{value_text(anchor.published)} {anchor.unit}".removesuffix(" -")


def error_text(error_rel: float | None) -> str:
    """Give a relative error in percent with its sign; nothing for None."""
    if error_rel is None:
        return ""
    percent = round(100.0 * error_rel, 1) + 0.0  # no minus on a zero
    return f"{percent:+.1f} %"


def tolerance_text(anchor: Anchor) -> str:
    """Give what the row is judged by."""
    word, _, other = anchor.judge.partition(":")
    if word == "value":
        return f"±{100.0 * anchor.tolerance_rel:.0f} %"
    if word == "at_most":
        return f"at most {value_text(anchor.published)}"
    return f"{word} {other}".rstrip()


def counts(judged: Sequence[Judged]) -> str:
    """Sum the rows up in one line, by role."""
    parts = []
    for role, good in (
        ("hold-out", "pass"),
        ("trend", "have the right direction"),
        ("fit", "fit"),
        ("calibration", "are reproduced, which proves nothing"),
    ):
        rows = [row for row in judged if row.anchor.role == role]
        parts.append(f"{role}: {sum(row.agrees is True for row in rows)} of {len(rows)} {good}")
    uncovered = sum(row.agrees is None for row in judged)
    return "; ".join([*parts, f"not covered: {uncovered}"]) + "."


def is_off(judged: Judged) -> bool:
    """Tell whether the simulated value lies outside the tolerance of the row, whatever the row is judged by."""
    error = judged.error_rel
    return error is not None and math.isfinite(judged.anchor.tolerance_rel) and abs(error) > judged.anchor.tolerance_rel
