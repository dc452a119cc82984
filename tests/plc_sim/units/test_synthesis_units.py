"""The synthesis line at the settings of the 1 kg recipe: durations, temperatures, yields, holds, refusals."""

from __future__ import annotations

import pytest

from tests.plc_sim.units.bench import Bench
from tests.plc_sim.units.chains import powder_steps, run_steps


@pytest.fixture
def synthesis() -> Bench:
    return Bench("SY")


def hours(bench: Bench) -> float:
    return bench.ticks / 3600.0


def test_weighing_stays_within_tolerance_and_shows_it(synthesis: Bench) -> None:
    for target in (0.5, 158.0, 2140.0):
        reports = synthesis.run("WS-111", "WEIGH", target=target)
        assert reports["net_weight"] == pytest.approx(target, rel=1e-3, abs=0.05)
        assert reports["deviation"] == pytest.approx((reports["net_weight"] / target - 1.0) * 100.0)
        assert synthesis.steps == [10, 20, 30]
        assert synthesis.units["WS-111"].tags()["WT_NET"] == pytest.approx(target, rel=1e-3, abs=0.02)


def test_ten_hours_of_milling_at_fifteen_on_five_off_take_thirteen_and_a_quarter(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:6])
    reports = synthesis.run("BM-201", "MILL")
    assert reports["run_time"] == pytest.approx(10.0)
    assert reports["wall_time"] == pytest.approx(13.25, abs=0.01)
    assert hours(synthesis) == pytest.approx(13.25, abs=0.01)
    assert reports["specific_energy"] == pytest.approx(12.0, rel=1e-6)
    assert 45.0 < reports["peak_jar_temp"] < 60.0


def test_milling_slower_puts_in_less_energy_by_speed_cubed(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:6])
    reports = synthesis.run("BM-201", "MILL", speed=300.0, run_time=1.0)
    assert reports["specific_energy"] == pytest.approx(1.2 / 8.0, rel=1e-6)


def test_a_hot_jar_makes_the_mill_wait(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:6])
    reports = synthesis.run("BM-201", "MILL", run_time=2.0, off_time=0.0, jar_temp_max=40.0)
    assert 30 in synthesis.steps
    assert reports["peak_jar_temp"] == pytest.approx(40.0, abs=0.2)
    assert reports["run_time"] == pytest.approx(2.0)
    assert reports["wall_time"] > 2.5


def test_a_held_mill_stops_in_a_tick_and_loses_no_milling(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:6])
    model = synthesis.start("BM-201", "MILL", run_time=1.0)
    synthesis.go_for("BM-201", 600)
    assert model.tags()["SPEED"] > 590.0
    assert synthesis.rest("BM-201") == 1
    assert model.tags()["SPEED"] == 0.0
    held_at = model.reports("BM-201.PH")["run_time"]
    synthesis.idle(1000)
    assert model.reports("BM-201.PH")["run_time"] == held_at == pytest.approx(600 / 3600.0)
    model.resume("BM-201.PH")
    assert synthesis.go("BM-201").done
    assert model.reports("BM-201.PH")["run_time"] == pytest.approx(1.0)


def test_a_leaky_limit_fails_the_seal_and_a_restart_tests_again(synthesis: Bench) -> None:
    model = synthesis.start("BM-201", "SEAL", max_drop=0.1)
    assert synthesis.go("BM-201").fail_code == 30
    first = model.reports("BM-201.PH")["pressure_drop"]
    assert 0.5 < first < 2.0
    model.resume("BM-201.PH")
    assert synthesis.go("BM-201").fail_code == 30
    assert model.reports("BM-201.PH")["pressure_drop"] != first


def test_the_furnace_ramps_soaks_counts_from_the_core_and_cools(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:8])
    oxygen = synthesis.run("FU-301", "CHARGE")["o2_exhaust"]
    assert oxygen < 50.0
    anneal = synthesis.run("FU-301", "ANNEAL")
    assert anneal["soak_time"] == pytest.approx(300.0)
    assert 3.0 * 60.0 < anneal["ramp_time"] < 4.0 * 60.0
    assert hours(synthesis) == pytest.approx((anneal["ramp_time"] + 300.0) / 60.0, abs=0.01)
    assert 545.0 < anneal["peak_core_temp"] < 551.0
    cool = synthesis.run("FU-301", "COOL")
    assert cool["end_core_temp"] < 50.0
    assert 4.0 * 60.0 < cool["cool_time"] < 6.0 * 60.0
    assert synthesis.run("FU-301", "DISCHARGE")["loss"] > 1.0


def test_zones_follow_the_ramp_without_overshoot(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:9])
    model = synthesis.start("FU-301", "ANNEAL")
    synthesis.go_for("FU-301", 100 * 60)
    assert model.tags()["TZ2"] == pytest.approx(25.0 + 300.0, abs=8.0)
    assert model.tags()["TC_CORE"] == pytest.approx(25.0 + 300.0 - 75.0, abs=8.0)
    hottest = 0.0
    while not synthesis.go_for("FU-301", 600).done:
        hottest = max(hottest, model.tags()["TZ2"])
    assert hottest < 555.0


def test_a_held_furnace_holds_its_temperature(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:9])
    model = synthesis.start("FU-301", "ANNEAL")
    synthesis.go_for("FU-301", 6000)
    assert synthesis.rest("FU-301") == 1
    before = model.tags()["TZ1"]
    synthesis.idle(7200)
    assert model.tags()["TZ1"] == pytest.approx(before, abs=6.0)
    model.resume("FU-301.PH")
    assert synthesis.go("FU-301").done
    assert model.reports("FU-301.PH")["soak_time"] == pytest.approx(300.0)


def test_an_aborted_anneal_turns_the_heaters_off(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:9])
    model = synthesis.start("FU-301", "ANNEAL")
    synthesis.go_for("FU-301", 6000)
    synthesis.rest("FU-301")
    model.end("FU-301.PH")
    synthesis.idle(2)
    assert model.tags()["HEATER_OUT1"] == 0.0
    assert model.tags()["DOOR_LOCK"] == 1.0
    synthesis.start("FU-301", "CHARGE")
    assert synthesis.go("FU-301").fail_code == 40


def test_a_soak_that_is_counted_above_the_soak_temperature_makes_no_sense(synthesis: Bench) -> None:
    model = synthesis.units["FU-301"]
    sp = synthesis.defaults["FU-301", "ANNEAL"]
    assert not model.check("FU-301.PH", "ANNEAL", sp | {"count_above": 560.0})


def test_a_charge_too_high_for_its_bed_is_refused(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:8])
    synthesis.start("FU-301", "CHARGE", bed_height=10.0)
    assert synthesis.go("FU-301").fail_code == 20


def test_the_jet_mill_feeds_at_its_rate_to_the_size_of_the_recipe(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:12])
    reports = synthesis.run("JM-401", "JET_MILL")
    assert hours(synthesis) == pytest.approx(0.93, abs=0.05)
    assert 2.5 < reports["d50"] < 3.5
    assert reports["d90"] < 10.0
    sieved = synthesis.run("SV-402", "SIEVE")
    assert sieved["oversize_fraction"] < 3.0
    dried = synthesis.run("VD-403", "VACUUM_DRY")
    assert hours(synthesis) == pytest.approx(4.7, abs=0.2)
    assert dried["final_pressure"] < 1.0
    packed = synthesis.run("PK-501", "PACK")
    assert synthesis.run("PK-501", "SAMPLE")["sample_mass"] == pytest.approx(6.0, rel=0.02)
    assert packed["bags"] == 2.0
    assert packed["packed_mass"] == pytest.approx(885.0, rel=0.02)


def test_a_finer_classifier_makes_finer_powder(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:12])
    assert synthesis.run("JM-401", "JET_MILL", classifier_speed=12000.0)["d50"] == pytest.approx(2.25, rel=0.05)


def test_drying_time_stands_still_while_the_dryer_is_held(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:14])
    model = synthesis.start("VD-403", "VACUUM_DRY", duration=60.0)
    synthesis.go("VD-403", until=lambda progress: progress.step == 20)
    synthesis.go_for("VD-403", 1800)
    synthesis.rest("VD-403")
    synthesis.idle(5000)
    model.resume("VD-403.PH")
    before = synthesis.ticks
    assert synthesis.go("VD-403").done
    assert synthesis.ticks - before == pytest.approx(1800 + 600, abs=5)


def test_jaws_too_cold_do_not_seal_and_the_powder_stays(synthesis: Bench) -> None:
    run_steps(synthesis, powder_steps(1000.0)[:15])
    model = synthesis.start("PK-501", "PACK", seal_temp=130.0)
    assert synthesis.go("PK-501").fail_code == 20
    model.update("PK-501.PH", synthesis.defaults["PK-501", "PACK"])
    model.resume("PK-501.PH")
    assert synthesis.go("PK-501").done
    assert model.reports("PK-501.PH")["packed_mass"] > 800.0
