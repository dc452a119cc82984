from __future__ import annotations

import random
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.gauges import (
    KRYPTON_MEV,
    AbsorptionGauge,
    absorption_cm2_g,
    scan_position_mm,
)


@pytest.mark.parametrize(("energy", "absorption"), [(KRYPTON_MEV, 36.0), (0.2245, 160.0)])
def test_a_softer_source_is_absorbed_more_as_computed(energy: float, absorption: float) -> None:
    assert absorption_cm2_g(energy) == pytest.approx(absorption, rel=0.01)


def test_a_gauge_reads_the_film_with_half_a_percent_of_noise() -> None:
    gauge = AbsorptionGauge(random.Random(1))
    readings = [gauge.read(3.85) for _ in range(4000)]
    assert statistics.mean(readings) == pytest.approx(3.85, rel=0.001)
    assert statistics.stdev(readings) / 3.85 == pytest.approx(0.005, rel=0.06)


def test_reading_for_longer_is_quieter() -> None:
    gauge = AbsorptionGauge(random.Random(1))
    assert statistics.stdev(gauge.read(3.85, 100.0) for _ in range(1000)) / 3.85 == pytest.approx(5e-4, rel=0.1)


def test_the_same_seed_reads_the_same() -> None:
    one, two = AbsorptionGauge(random.Random(7)), AbsorptionGauge(random.Random(7))
    assert [one.read(3.85) for _ in range(5)] == [two.read(3.85) for _ in range(5)]


def test_a_lamp_drifts_until_the_gauge_is_zeroed() -> None:
    gauge = AbsorptionGauge(random.Random(1))
    gauge.step(8 * 3600.0)
    assert gauge.offset_mg_cm2 == pytest.approx(0.11, abs=0.01)
    gauge.zero()
    assert gauge.offset_mg_cm2 == 0.0


@given(time_s=st.floats(0.0, 1e6), width=st.floats(10.0, 1000.0))
def test_the_head_stays_on_the_web(time_s: float, width: float) -> None:
    assert 0.0 <= scan_position_mm(time_s, width) <= width


def test_the_head_goes_to_the_far_edge_and_back() -> None:
    assert [scan_position_mm(time_s, 250.0) for time_s in (0.0, 0.75, 1.5, 2.25, 3.0)] == pytest.approx(
        [0.0, 125.0, 250.0, 125.0, 0.0], abs=1e-6
    )
