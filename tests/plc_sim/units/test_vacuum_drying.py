"""What leaves a load in vacuum follows from the temperature and the pressure that the chamber really had."""

from __future__ import annotations

import pytest

from plc_sim.material.holdings import Supply
from plc_sim.physics.drying import BOUND_PPM
from tests.plc_sim.units.film_bench import FilmBench


def residual_ppm(fault: str = "", amount: float = 0.0, **changed: float) -> float:
    bench = FilmBench(Supply.DRY)
    if fault:
        bench.units["RD-851"].disturb(fault, amount)
    bench.run("RD-851", "VACUUM_DRY", **changed)
    return bench.holdings.dried_web.all()[-1].residual_ppm


def test_hotter_and_longer_drying_leaves_less_solvent() -> None:
    short, long = residual_ppm(duration=60.0), residual_ppm(duration=240.0)
    hot = residual_ppm(duration=60.0, temperature=100.0)
    assert BOUND_PPM > short > long > 0.0
    assert short > hot > 0.0


def test_a_leaking_door_leaves_more_solvent_though_the_recipe_allows_the_pressure() -> None:
    sound = residual_ppm(duration=240.0, pressure=50.0)
    leaking = residual_ppm("vacuum-leak", 40.0, duration=240.0, pressure=50.0)
    # At 40 mbar it takes 1 + 40 / 10 times as long.
    assert (BOUND_PPM - leaking) / (BOUND_PPM - sound) == pytest.approx(0.25, abs=0.05)
