"""Judge each published row by its role, and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plc_sim.validation.anchors import Anchor
from plc_sim.validation.simulated import simulate

WORDS: Mapping[str, tuple[str, str]] = {
    "calibration": ("calibrated", "not reproduced"),
    "fit": ("fits", "does not fit"),
    "hold-out": ("pass", "FAIL"),
    "trend": ("direction holds", "direction missed"),
}
"""Role -> what a row is called whose judge agrees, and one whose judge does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A row, its simulated value (None where no model covers it), whether its judge agrees (None likewise)."""

    anchor: Anchor
    simulated: float | None
    agrees: bool | None

    @property
    def error_rel(self) -> float | None:
        """Simulated over published less 1; None where nothing is simulated."""
        return None if self.simulated is None else self.simulated / self.anchor.published - 1.0

    @property
    def verdict(self) -> str:
        """The verdict in words."""
        if self.agrees is None:
            return "not covered"
        good, bad = WORDS[self.anchor.role]
        return good if self.agrees else bad

    @property
    def is_failed_hold_out(self) -> bool:
        """Whether this row must make the validation fail."""
        return self.anchor.role == "hold-out" and self.agrees is False


def judge(anchors: Sequence[Anchor]) -> tuple[Judged, ...]:
    """Simulate and judge every row; raises LookupError for a row that leans on one that is not there."""
    simulated = simulate(anchors)
    return tuple(
        Judged(
            anchor=anchor,
            simulated=simulated.get(anchor.id),
            agrees=_agrees(anchor, simulated) if anchor.id in simulated else None,
        )
        for anchor in anchors
    )


def _agrees(anchor: Anchor, simulated: Mapping[str, float]) -> bool:
    value = simulated[anchor.id]
    word, _, other = anchor.judge.partition(":")
    if word == "value":
        return abs(value / anchor.published - 1.0) <= anchor.tolerance_rel
    if word == "at_most":
        slack = 0.0 if anchor.role == "trend" else anchor.tolerance_rel
        return value <= anchor.published * (1.0 + slack)
    limit = simulated[other] if other in simulated else _number(anchor, other)
    return value > limit if word == "above" else value < limit


def _number(anchor: Anchor, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise LookupError(f"row {anchor.id}: judge {anchor.judge!r} names no simulated row and no number") from None
