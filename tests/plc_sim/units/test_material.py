"""Material laws: nothing is made or lost on the way, and a seed alone decides what is measured."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plc_sim.material.holdings import Supply
from tests.plc_sim.units.bench import Bench
from tests.plc_sim.units.chains import film_steps, powder_steps, run_steps
from tests.plc_sim.units.film_bench import FilmBench


def with_names(steps: list[tuple[str, str, dict[str, float]]], reports: list) -> dict[str, dict[str, float]]:
    return {f"{unit}.{phase}": dict(report) for (unit, phase, _), report in zip(steps, reports, strict=True)}


@settings(max_examples=6)
@given(charge_g=st.floats(200.0, 2500.0))
def test_powder_weighed_in_is_packed_sampled_sieved_off_or_lost(charge_g: float) -> None:
    steps = powder_steps(round(charge_g, 1))
    reports = run_steps(Bench("SY"), steps)
    weighed = sum(report["net_weight"] for report in reports[:3])
    out = 0.0
    for report in reports:
        out += report.get("loss", 0.0) + report.get("oversize_mass", 0.0)
        # The samples are taken out of the bags.
        out += report.get("packed_mass", 0.0)
    assert out == pytest.approx(weighed, rel=3e-3)


@settings(max_examples=6)
@given(powder_g=st.floats(500.0, 1500.0))
def test_slurry_filtered_is_coated_scrapped_evaporated_or_left_over(powder_g: float) -> None:
    steps = film_steps(powder_g, length_m=5.0)[:11]
    named = with_names(steps, run_steps(Bench("FM"), steps))
    dosed = sum(changed["target"] for _, phase, changed in steps if phase == "DOSE")
    filtered, coat = named["FL-603.FILTER"], named["CT-701.COAT"]
    assert filtered["filtered_mass"] + filtered["loss"] == pytest.approx(dosed, rel=2e-3)
    parts = coat["coated_mass"] + coat["scrap_mass"] + coat["solvent_evaporated"] + coat["holdup_mass"]
    assert parts == pytest.approx(filtered["filtered_mass"], rel=5e-3)
    assert coat["slurry_used"] + coat["holdup_mass"] == pytest.approx(filtered["filtered_mass"], rel=1e-3)


@settings(max_examples=8)
@given(lanes=st.integers(1, 4), trim=st.floats(0.0, 60.0))
def test_lanes_and_trim_are_all_of_the_roll(lanes: int, trim: float) -> None:
    bench = FilmBench(Supply.DRY)
    slit = bench.run("SL-902", "SLIT", lanes=float(lanes), trim=trim)
    assert lanes * slit["lane_mass"] + slit["trim_mass"] == pytest.approx(192.5, rel=3e-3)
    assert slit["trim_mass"] == pytest.approx(192.5 * trim / 250.0, abs=0.1)


def test_reports_do_not_know_how_long_the_plant_idled() -> None:
    for plc, steps in (("SY", powder_steps(1000.0)), ("FM", film_steps(700.0, length_m=10.0))):
        assert run_steps(Bench(plc), steps, idle_ticks=0) == run_steps(Bench(plc), steps, idle_ticks=1711)


def test_another_seed_measures_something_else() -> None:
    steps = powder_steps(1000.0)[:5]
    assert run_steps(Bench("SY", seed=1), steps) == run_steps(Bench("SY", seed=1), steps)
    assert run_steps(Bench("SY", seed=1), steps) != run_steps(Bench("SY", seed=2), steps)


def test_two_batches_one_after_the_other_get_their_own_powder_and_their_own_noise() -> None:
    bench = Bench("SY")
    first, second = (run_steps(bench, powder_steps(grams)) for grams in (1000.0, 500.0))
    assert first[-2]["packed_mass"] == pytest.approx(2.0 * second[-2]["packed_mass"], rel=0.03)
    again = run_steps(bench, powder_steps(500.0))
    assert again[-2]["packed_mass"] == pytest.approx(second[-2]["packed_mass"], rel=0.02)
    assert again[-1] != second[-1]


CONSUMING = [
    ("BM-201", "LOAD"), ("BM-201", "PREMIX"), ("BM-201", "MILL"), ("BM-201", "UNLOAD"), ("FU-301", "CHARGE"),
    ("FU-301", "ANNEAL"), ("FU-301", "DISCHARGE"), ("JM-401", "JET_MILL"), ("SV-402", "SIEVE"),
    ("VD-403", "VACUUM_DRY"), ("PK-501", "PACK"), ("PK-501", "SAMPLE"), ("MX-601", "DISSOLVE"), ("MX-601", "KNEAD"),
    ("MX-601", "DISPERSE"), ("MX-601", "DEGAS"), ("FL-603", "FILTER"), ("CT-701", "COAT"), ("CA-801", "CALENDER"),
    ("RD-851", "VACUUM_DRY"), ("SL-902", "SLIT"),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "phase"), CONSUMING)
def test_a_phase_with_nothing_to_process_fails_and_says_so(unit: str, phase: str) -> None:
    bench = Bench("SY" if int(unit[-3:]) < 600 else "FM")
    slot = next(one for one in bench.map["slot"] if one["unit"] == unit)
    code = next(one["code"] for one in slot["failures"] if one["name"] == "NOTHING_TO_PROCESS")
    model = bench.start(unit, phase)
    assert bench.go(unit).fail_code == code
    model.end(f"{unit}.PH")


def test_an_aborted_batch_leaves_no_powder_for_the_next_one() -> None:
    bench = Bench("SY")
    run_steps(bench, powder_steps(2000.0)[:6])
    bench.start("BM-201", "MILL")
    bench.go_for("BM-201", 100)
    bench.rest("BM-201")
    bench.units["BM-201"].end("BM-201.PH")
    reports = run_steps(bench, powder_steps(500.0))
    assert reports[-2]["packed_mass"] == pytest.approx(445.0, rel=0.02)


def test_containers_weighed_for_a_batch_that_never_came_are_not_loaded() -> None:
    bench = Bench("SY")
    bench.run("WS-111", "WEIGH", target=428.0)
    reports = run_steps(bench, powder_steps(1000.0)[:4])
    assert reports[-1]["loaded_mass"] == pytest.approx(990.0, rel=0.003)


def test_a_load_that_is_not_what_was_expected_fails() -> None:
    bench = Bench("SY")
    bench.run("WS-111", "WEIGH", target=500.0)
    bench.start("BM-201", "LOAD", expected_mass=1000.0)
    assert bench.go("BM-201").fail_code == 20
