"""Sizes of powder in jet mill and sieve, and the background noise of live tags."""

from __future__ import annotations

import math

import pytest

from plc_sim.units.instruments import Jitter
from plc_sim.units.jet_mill import CAKE, JetMill, ground
from plc_sim.units.sieve import coarser_than
from tests.plc_sim.units.bench import Bench


def test_the_sieve_holds_back_what_its_size_distribution_says() -> None:
    assert coarser_than(32.0, 32.0) == pytest.approx(0.5)
    assert coarser_than(2.6 * 3.0, 3.0) == pytest.approx(0.1, abs=1e-4)
    assert coarser_than(32.0, 3.0) < 1e-3


def test_the_jet_mill_reaches_its_size_by_energy_and_wears_crystals() -> None:
    mill = JetMill(Jitter(1, "JM-401"))
    sp = {"grind_pressure": 4.0, "classifier_speed": 9000.0, "feed_rate": 20.0}
    before = CAKE
    once = ground(before, sp)
    assert once.d50_um == pytest.approx(3.0, rel=1e-3) == pytest.approx(mill.d50_um, rel=1e-3)
    assert ground(before, sp | {"feed_rate": 100.0}).d50_um > 5.0
    twice = ground(once, sp)
    assert twice.d50_um < once.d50_um
    assert twice.overmill_kwh_kg == pytest.approx(once.overmill_kwh_kg + 0.2 * before.crystal)


def test_background_noise_depends_on_the_tick_alone() -> None:
    seen, unseen = Bench("SY"), Bench("SY")
    for _ in range(50):
        seen.idle(1)
        for model in seen.units.values():
            model.tags()
    unseen.idle(50)
    shown = {name: dict(model.tags()) for name, model in seen.units.items()}
    assert shown == {name: dict(model.tags()) for name, model in unseen.units.items()}
    seen.idle(1)
    for name, model in seen.units.items():
        assert dict(model.tags()) != shown[name] or name == "SV-402"
    values = [Jitter(1, "X").around(0.0, 1.0)]
    jitter = Jitter(1, "X")
    for tick in range(2000):
        jitter.at(tick)
        values.append(jitter.around(0.0, 1.0))
    assert abs(math.fsum(values) / len(values)) < 0.05
    assert -1.0 <= min(values) < -0.98
    assert 0.98 < max(values) <= 1.0
