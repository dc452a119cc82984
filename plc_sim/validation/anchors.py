"""The published rows: what was measured, where it was published, and what part it may play."""

from __future__ import annotations

import csv
import difflib
import math
from dataclasses import dataclass
from pathlib import Path

ANCHORS = Path(__file__).with_name("anchors.csv")
ROLES = ("calibration", "fit", "hold-out", "trend", "not covered")
BOUNDS = ("value", "at_most")
COMPARISONS = ("above", "below")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One published row: `published` in `unit`, `tolerance_rel` (share of it; infinite where there is none).

    `published` is no number (nan) for a row that no model covers and whose value was not to be had.
    `role` is one of `ROLES`; `judge` says by what the row is judged: `value` within the tolerance, `at_most` the
    published value, `above:X` or `below:X` with the id of another row or a number, empty for rows no model covers.
    `models` names them as in the list of models; `note` says why the row has its role.
    """

    id: str
    material: str
    condition: str
    quantity: str
    unit: str
    published: float
    tolerance_rel: float
    role: str
    judge: str
    models: str
    source: str
    note: str


def read_anchors(path: Path = ANCHORS) -> tuple[Anchor, ...]:
    """Read the rows; raises ValueError naming file, line and what is wrong with it."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        anchors = [_anchor(row, f"{path.name} line {reader.line_num}") for row in reader]
    for anchor in anchors:
        if [other.id for other in anchors].count(anchor.id) > 1:
            raise ValueError(f"{path.name}: id {anchor.id} is given more than once; ids must differ")
    return tuple(anchors)


def _anchor(row: dict[str, str], place: str) -> Anchor:
    role, judge = row["role"], row["judge"]
    if role not in ROLES:
        near = difflib.get_close_matches(role, ROLES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"it must be one of {', '.join(ROLES)}"
        raise ValueError(f"{place}: role {role!r} is not known; {hint}")
    word, colon, other = judge.partition(":")
    known = word in COMPARISONS and other if colon else judge in (*BOUNDS, "")
    if not known or (judge == "") != (role == "not covered"):
        raise ValueError(f"{place}: judge {judge!r} does not fit role {role!r}; use value, at_most, above:X or below:X")
    if not row["note"]:
        raise ValueError(f"{place}: no note; say why the row has the role {role!r}")
    return Anchor(
        id=row["id"],
        material=row["material"],
        condition=row["condition"],
        quantity=row["quantity"],
        unit=row["unit"],
        published=_published(row, place),
        tolerance_rel=_number(row["tolerance_rel"], f"{place}: tolerance_rel") if row["tolerance_rel"] else math.inf,
        role=role,
        judge=judge,
        models=row["models"],
        source=row["source"],
        note=row["note"],
    )


def _published(row: dict[str, str], place: str) -> float:
    if not row["published"] and row["role"] == "not covered":
        return math.nan
    return _number(row["published"], f"{place}: published")


def _number(text: str, place: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{place} {text!r} is not a number") from None
