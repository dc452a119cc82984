"""Web tension on the coating line by the span model: what a change of speed does to it, and what it does to the web."""

from __future__ import annotations

import pytest

from plc_sim.physics.web import CARRIER_EA_N
from plc_sim.units.coating_machine import CoatingLine
from tests.plc_sim.units.film_bench import FilmBench


def running(speed_m_min: float, tension_n: float) -> CoatingLine:
    line = CoatingLine()
    line.tension_target_n, line.speed_m_min = tension_n, speed_m_min
    for _ in range(300):
        line.tick()
    assert line.tension_n == pytest.approx(tension_n, abs=1e-6)
    return line


@pytest.mark.parametrize("speed", [0.0, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("tension", [20.0, 75.0, 150.0])
def test_the_line_comes_to_its_tension_at_any_speed(speed: float, tension: float) -> None:
    running(speed, tension)


def test_a_web_that_speeds_up_is_tighter_and_one_that_slows_down_is_slacker_for_a_while() -> None:
    line = running(1.0, 75.0)
    line.speed_m_min = 2.0
    line.tick()
    assert line.tension_n == pytest.approx(75.0 + 0.02 * CARRIER_EA_N / (60.0 * 8.0), rel=0.01)
    for _ in range(120):
        line.tick()
    assert line.tension_n == pytest.approx(75.0, abs=0.1)
    line.speed_m_min = 0.0
    line.tick()
    assert 68.0 < line.tension_n < 71.0
    assert "I14_WEB_BREAK" not in line.interlocks()


def test_a_change_of_speed_takes_longer_to_be_made_good_than_a_tick() -> None:
    line = running(1.0, 75.0)
    line.speed_m_min = 2.0
    line.tick()
    first = line.tension_n - 75.0
    for _ in range(10):
        line.tick()
    assert line.tension_n - 75.0 == pytest.approx(first / 2.72, rel=0.1)


@pytest.mark.parametrize("tension", [20.0, 150.0])
def test_a_tighter_web_takes_less_carrier_off_the_roll(tension: float) -> None:
    bench = FilmBench()
    bench.pour("A", 900.0)
    bench.run("CT-701", "THREAD", tension=tension)
    bench.run("CT-701", "COAT", length=3.0, tension=tension)
    roll = bench.holdings.coated.first()
    assert roll is not None
    assert sum(roll.carrier.values()) == pytest.approx(3.0 / (1.0 + tension / CARRIER_EA_N), rel=1e-5)
    assert bench.lost_g() < 1e-6


def test_a_dancer_that_sticks_shows_no_more_than_the_load_cells_can() -> None:
    bench = FilmBench()
    bench.units["UW-701"].disturb("tension-swing", 1000.0)
    shown = []
    for _ in range(60):
        bench.idle(1)
        shown.append(bench.units["UW-701"].tags()["TENSION_UW"])
    assert (min(shown), max(shown)) == (0.0, 200.0)


def test_a_web_that_is_broken_at_two_places_is_whole_when_both_are_mended() -> None:
    bench = FilmBench()
    for unit in ("UW-701", "RW-901"):
        bench.units[unit].disturb("web-break", 1.0)
    bench.idle(5)
    bench.units["UW-701"].recover("web-break")
    bench.units["UW-701"].recover("web-break")
    bench.idle(60)
    assert bench.line.tension_n == 0.0
    bench.units["RW-901"].recover("web-break")
    bench.idle(60)
    assert bench.line.tension_n > 35.0
