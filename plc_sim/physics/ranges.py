"""The ranges a model holds for: outside them it says so, instead of giving a number that means nothing."""

from __future__ import annotations

import math

SLACK = 1e-9
"""So much above or below a limit is rounding: shares that are blended by mass come out at 1 give or take a digit."""


def within(name: str, value: float, low: float, high: float = math.inf) -> float:
    """Give a value that lies from `low` to `high`; raises ValueError naming it when it does not, or is no number."""
    if not low - SLACK <= value <= high + SLACK:
        limits = f"from {low:g} to {high:g}" if math.isfinite(high) else f"{low:g} or more"
        raise ValueError(f"{name} {value:g} must be {limits}")
    return value
