from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.reaction import (
    LI7P3S11,
    LPSCL,
    Anneal,
    Kinetics,
    annealed,
    sulfur_released_g_kg,
)

degrees = st.floats(20.0, 900.0)
seconds = st.floats(0.0, 1e5)
AVRAMI_3 = Kinetics(crystallise=LPSCL.crystallise, avrami=3.0, decompose=LPSCL.decompose)


def test_the_rate_at_550_degrees_is_a_tenth_per_minute() -> None:
    assert annealed(549.85, 600.0).crystallised == pytest.approx(0.632, abs=1e-3)


def test_five_hours_at_550_degrees_crystallise_everything_and_lose_little() -> None:
    anneal = annealed(550.0, 5 * 3600.0)
    assert anneal.crystallised > 0.9999
    assert 0.99 < anneal.phase_kept < 1.0


def test_180_degrees_crystallise_next_to_nothing() -> None:
    assert annealed(180.0, 4 * 3600.0).crystallised < 0.001


@pytest.mark.parametrize(("degc", "kept"), [(630.0, 0.70), (580.0, 0.97)])
def test_phase_is_lost_as_published_for_lgps_but_twenty_kelvin_earlier(degc: float, kept: float) -> None:
    assert annealed(degc, 8 * 3600.0).phase_kept == pytest.approx(kept, abs=0.005)


def test_li7p3s11_is_best_near_360_degrees_for_an_hour() -> None:
    def worth(degc: float, hours: float) -> float:
        anneal = annealed(degc, hours * 3600.0, LI7P3S11)
        return anneal.crystallised * anneal.phase_kept**2

    best = worth(360.0, 1.0)
    assert best > worth(320.0, 1.0) > worth(280.0, 1.0)
    assert best > worth(400.0, 1.0)
    assert best > worth(360.0, 8.0)


@given(degc=degrees, first=seconds, second=seconds)
def test_two_steps_of_annealing_give_what_one_gives(degc: float, first: float, second: float) -> None:
    for kinetics in (LPSCL, AVRAMI_3):
        once, twice = Anneal(kinetics), Anneal(kinetics)
        once.step(first + second, degc)
        twice.step(first, degc)
        twice.step(second, degc)
        assert twice.crystallised == pytest.approx(once.crystallised, abs=1e-9)
        assert twice.phase_kept == pytest.approx(once.phase_kept, abs=1e-9)


@given(history=st.lists(st.tuples(st.floats(0.0, 36_000.0), degrees), max_size=8))
def test_crystals_only_grow_and_phase_is_only_lost(history: list[tuple[float, float]]) -> None:
    anneal = Anneal()
    crystallised, kept = anneal.crystallised, anneal.phase_kept
    assert (crystallised, kept) == (0.0, 1.0)
    for dt_s, degc in history:
        anneal.step(dt_s, degc)
        assert crystallised <= anneal.crystallised <= 1.0
        assert kept >= anneal.phase_kept >= 0.0
        crystallised, kept = anneal.crystallised, anneal.phase_kept


@given(low=degrees, more=st.floats(0.0, 300.0))
def test_hotter_crystallises_more(low: float, more: float) -> None:
    assert annealed(low, 60.0).crystallised <= annealed(low + more, 60.0).crystallised


def test_sulfur_leaves_with_the_phase() -> None:
    assert sulfur_released_g_kg(1.0) == 0.0
    assert sulfur_released_g_kg(0.9) == pytest.approx(11.95)
