"""Slurry in the hose and the die."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.material.holdup import HoldUp
from plc_sim.material.parcel import Parcel


def slurry(lot: str, mass_g: float) -> Parcel:
    return Parcel(parts={lot: mass_g})


def test_nothing_leaves_before_hose_and_die_are_full() -> None:
    held = HoldUp(plug_ml=100.0, mixed_ml=50.0)
    assert held.push(149.0, slurry("A", 149.0)) is None
    out = held.push(2.0, slurry("A", 2.0))
    assert out is not None
    assert out.mass_g == pytest.approx(1.0)
    assert held.filled_ml == pytest.approx(150.0)


def test_a_change_arrives_after_the_hose_and_then_washes_out_of_the_die() -> None:
    held = HoldUp(plug_ml=100.0, mixed_ml=50.0)
    held.push(150.0, slurry("A", 150.0))
    for _ in range(100):
        before = held.push(1.0, slurry("B", 1.0))
        assert before is not None
        assert set(before.parts) == {"A"}
    after = [held.push(1.0, slurry("B", 1.0)) for _ in range(100)]
    for n, out in enumerate(after):
        assert out is not None
        left = 50.0 * (math.exp(-n / 50.0) - math.exp(-(n + 1) / 50.0))
        assert out.parts["A"] == pytest.approx(left, rel=1e-9)


@given(st.lists(st.tuples(st.floats(0.01, 400.0), st.sampled_from("ABC")), min_size=1, max_size=30))
def test_what_went_in_came_out_or_is_held(doses: list[tuple[float, str]]) -> None:
    held = HoldUp(plug_ml=120.0, mixed_ml=180.0)
    pushed: dict[str, float] = {}
    found: dict[str, float] = {}
    for volume_ml, lot in doses:
        out = held.push(volume_ml, slurry(lot, volume_ml))
        pushed[lot] = pushed.get(lot, 0.0) + volume_ml
        for name, grams in out.parts.items() if out else ():
            found[name] = found.get(name, 0.0) + grams
    rest = held.drain()
    for name, grams in rest.parts.items() if rest else ():
        found[name] = found.get(name, 0.0) + grams
    assert held.filled_ml == 0.0
    assert found == pytest.approx(pushed, rel=1e-9)
