"""The film line at the settings of the 25 um recipe: film balance, vapour, calender curve, holds, refusals."""

from __future__ import annotations

import pytest

from plc_sim.physics.calendering import porosity_after
from tests.plc_sim.units.bench import Bench
from tests.plc_sim.units.chains import film_steps, run_steps


@pytest.fixture
def film() -> Bench:
    return Bench("FM")


def prepared(powder_g: float = 700.0) -> Bench:
    """A film line with filtered slurry and a threaded web."""
    bench = Bench("FM")
    run_steps(bench, film_steps(powder_g, length_m=1.0)[:10])
    return bench


def test_the_slurry_is_what_the_recipe_asks_for(film: Bench) -> None:
    reports = run_steps(film, film_steps(700.0, length_m=1.0)[:9])
    assert 0.2 < reports[2]["viscosity"] < 0.5
    assert reports[4]["peak_temp"] < 35.0
    assert 40.0 < reports[4]["peak_torque"] < 90.0
    assert reports[6]["fineness"] < 15.0
    assert 33.0 < reports[6]["peak_temp"] < 35.0
    assert 0.6 < reports[7]["viscosity"] < 1.0
    assert reports[8]["peak_dp"] < 2.0
    assert reports[8]["loss"] == pytest.approx(0.015 * 1443.0, rel=0.3)


def test_kneading_waits_when_the_paste_gets_too_hot(film: Bench) -> None:
    run_steps(film, film_steps(700.0, length_m=1.0)[:4])
    reports = film.run("MX-601", "KNEAD", speed=60.0, temp_max=30.0)
    assert reports["peak_temp"] == pytest.approx(30.0, abs=0.2)
    assert film.ticks > 3700


def test_a_clogging_filter_slows_down_at_its_pressure_limit(film: Bench) -> None:
    run_steps(film, film_steps(700.0, length_m=1.0)[:8])
    reports = film.run("FL-603", "FILTER", mesh=10.0, dp_max=1.0)
    assert reports["peak_dp"] == pytest.approx(1.0, rel=0.05)
    assert film.ticks > 3 * 1442.0 / 40.0 * 60.0


def test_the_film_has_the_thickness_and_mass_of_the_balance() -> None:
    bench = prepared()
    reports = bench.run("CT-701", "COAT", length=20.0)
    assert reports["good_length"] == pytest.approx(20.0)
    assert 12.0 <= reports["scrap_length"] < 12.1
    # The leader, and the carrier drawn in behind the film while the dryer is cleared.
    assert reports["carrier_length"] == pytest.approx(20.0 + reports["scrap_length"] + 5.0 + 4.5)
    assert reports["wet_thickness"] == pytest.approx(65.6, rel=0.01)
    assert reports["areal_mass"] == pytest.approx(3.85, rel=0.02)
    assert reports["coated_mass"] == pytest.approx(20.0 * 9.63, rel=0.02)
    assert 5.0 < reports["peak_lel"] < 15.0
    assert reports["solvent_evaporated"] == pytest.approx(0.5 * reports["slurry_used"], rel=0.01)


def test_coating_takes_length_over_speed_and_the_start_up_ramp() -> None:
    bench = prepared()
    bench.start("CT-701", "COAT", length=20.0)
    bench.go("CT-701", until=lambda progress: progress.step == 20)
    start = bench.ticks
    bench.go("CT-701", until=lambda progress: progress.step == 30)
    # 12 m, of which the first five minutes are run at 0.75 m/min on average.
    assert (bench.ticks - start) / 60.0 == pytest.approx(5.0 + 12.0 - 3.75, abs=0.1)
    start = bench.ticks
    bench.go("CT-701", until=lambda progress: progress.step == 40)
    assert (bench.ticks - start) / 60.0 == pytest.approx(20.0, abs=0.1)


def test_a_held_coating_line_stands_with_its_die_back_and_loses_no_length() -> None:
    bench = prepared()
    model = bench.start("CT-701", "COAT", length=20.0)
    bench.go("CT-701", until=lambda progress: progress.step == 30)
    bench.go_for("CT-701", 300)
    coated = model.reports("CT-701.PH")["good_length"]
    ticks = bench.rest("CT-701")
    assert 5 < ticks < 30
    tags = model.tags()
    assert (tags["PUMP_FLOW"], tags["WEB_SPEED"], tags["WET_THK"]) == (0.0, 0.0, 0.0)
    assert bench.units["DR-702"].tags()["TZ3"] == pytest.approx(110.0, abs=3.0)
    bench.idle(600)
    assert model.reports("CT-701.PH")["good_length"] == coated > 4.5
    model.resume("CT-701.PH")
    assert bench.go("CT-701").done
    reports = model.reports("CT-701.PH")
    assert reports["good_length"] == pytest.approx(20.0)
    assert reports["carrier_length"] > 20.0 + reports["scrap_length"] + 5.0


def test_a_stopped_coating_run_is_weighed_and_its_reports_stand() -> None:
    bench = prepared()
    model = bench.start("CT-701", "COAT", length=20.0)
    bench.go("CT-701", until=lambda progress: progress.step == 30)
    bench.go_for("CT-701", 300)
    bench.rest("CT-701")
    before = dict(model.reports("CT-701.PH"))
    model.end("CT-701.PH")
    assert model.reports("CT-701.PH") == before
    assert before["coated_mass"] == pytest.approx(5.0 * 9.63, rel=0.03)
    bench.start("CA-801", "CALENDER")
    assert bench.go("CA-801").fail_code == 10


def test_the_web_takes_new_speed_without_stopping() -> None:
    bench = prepared()
    model = bench.start("CT-701", "COAT", length=20.0)
    bench.go("CT-701", until=lambda progress: progress.step == 30)
    bench.go_for("CT-701", 60)
    sp = bench.defaults["CT-701", "COAT"] | {"length": 20.0, "speed": 1.2, "flow": 19.68}
    model.update("CT-701.PH", sp)
    bench.go_for("CT-701", 300)
    assert model.tags()["WEB_SPEED"] == pytest.approx(1.2, abs=0.01)
    assert model.tags()["WET_THK"] == pytest.approx(65.6, abs=0.5)


def test_coating_more_than_the_slurry_gives_fails_before_the_die_runs_dry() -> None:
    bench = prepared(powder_g=500.0)
    model = bench.start("CT-701", "COAT", length=100.0)
    assert bench.go("CT-701").fail_code == 20
    reports = model.reports("CT-701.PH")
    assert 0.0 < reports["good_length"] < 100.0
    assert reports["holdup_mass"] == pytest.approx(351.0, rel=0.02)


def test_a_web_that_is_not_threaded_cannot_be_coated(film: Bench) -> None:
    run_steps(film, film_steps(700.0, length_m=1.0)[:9])
    film.start("CT-701", "COAT", length=1.0)
    assert film.go("CT-701").fail_code == 30


@pytest.mark.parametrize("changed", [{"flow": 20.0}, {"start_speed": 1.5}, {"gap": 60.0}])
def test_parameters_that_contradict_each_other_are_refused(film: Bench, changed: dict[str, float]) -> None:
    sp = film.defaults["CT-701", "COAT"]
    assert film.units["CT-701"].check("CT-701.PH", "COAT", sp)
    assert not film.units["CT-701"].check("CT-701.PH", "COAT", sp | changed)


@pytest.mark.parametrize(
    ("force", "percent"), [(0, 45.0), (50, 37.9), (100, 32.2), (200, 24.1), (300, 19.0), (500, 13.6), (800, 10.9)]
)
def test_porosity_falls_with_line_force_as_published(force: float, percent: float) -> None:
    assert 100.0 * porosity_after(force, 20.0) == pytest.approx(percent, abs=0.06)


def test_the_calender_makes_the_film_of_the_recipe() -> None:
    bench = prepared()
    bench.run("CT-701", "COAT", length=20.0)
    reports = bench.run("CA-801", "CALENDER")
    assert reports["porosity"] == pytest.approx(13.8, rel=0.03)
    assert reports["thickness"] == pytest.approx(24.7, rel=0.03)
    assert 0.5 <= reports["elongation"] <= 1.0
    assert reports["length"] == pytest.approx(20.18, rel=0.002)
    assert bench.units["GA-810"].tags()["THK"] == pytest.approx(24.7, rel=0.03)
    dried = bench.run("RD-851", "VACUUM_DRY")
    assert bench.ticks / 3600.0 == pytest.approx(12.7, abs=0.3)
    assert dried["residual_solvent"] < 100.0
    slit = bench.run("SL-902", "SLIT")
    assert slit["length"] == pytest.approx(20.18, rel=0.002)


def test_a_second_pass_presses_further_and_takes_twice_as_long() -> None:
    porosity, pressing = [], []
    for passes in (1.0, 2.0):
        bench = prepared()
        bench.run("CT-701", "COAT", length=20.0)
        bench.start("CA-801", "CALENDER", passes=passes)
        bench.go("CA-801", until=lambda progress: progress.step == 20)
        start = bench.ticks
        bench.go("CA-801", until=lambda progress: progress.step == 30)
        pressing.append(bench.ticks - start)
        assert bench.go("CA-801").done
        porosity.append(bench.units["CA-801"].reports("CA-801.PH")["porosity"])
    assert porosity[1] < porosity[0]
    assert pressing[1] == pytest.approx(2 * pressing[0], rel=0.01)


def test_a_held_calender_opens_its_nip_and_goes_on_where_it_stood() -> None:
    bench = prepared()
    bench.run("CT-701", "COAT", length=20.0)
    model = bench.start("CA-801", "CALENDER")
    bench.go("CA-801", until=lambda progress: progress.step == 20)
    bench.go_for("CA-801", 600)
    assert bench.rest("CA-801") == 1
    assert model.tags()["LINE_FORCE"] == 0.0
    model.resume("CA-801.PH")
    before = bench.ticks
    assert bench.go("CA-801").done
    assert bench.ticks - before == pytest.approx(600 + 300, abs=5)
