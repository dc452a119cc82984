"""What an aborted batch left between two units of the film line is not picked up by the next one."""

from __future__ import annotations

import pytest

from plc_sim.material.hand import Hands
from plc_sim.material.truth import contents_truth
from tests.plc_sim.units.chains import film_steps, run_steps
from tests.plc_sim.units.film_bench import FilmBench

WHOLE = [
    (unit, phase, changed | ({"duration": 10.0} if unit == "RD-851" else {}))
    for unit, phase, changed in film_steps(500.0, length_m=2.0)
]


@pytest.mark.parametrize("last", range(7, len(WHOLE) - 1))
def test_a_batch_aborted_after_any_phase_leaves_nothing_in_the_next_film(last: int) -> None:
    bench = FilmBench()
    run_steps(bench, WHOLE[: last + 1])
    old = set(bench.holdings.ledger.lots) - {"CT-701#1"}
    run_steps(bench, WHOLE)
    lane = bench.holdings.slit.all()[-1]
    assert not old & set(lane.parts)
    assert lane.length_m == pytest.approx(2.0, rel=0.02)
    assert bench.lost_g() < 1e-6


@pytest.mark.parametrize(
    ("unit", "phase", "place"),
    [("CA-801", "CALENDER", "coated"), ("RD-851", "VACUUM_DRY", "calendered"), ("SL-902", "SLIT", "dried_web")],
)
def test_rolls_that_came_while_a_unit_was_busy_go_in_in_their_order(unit: str, phase: str, place: str) -> None:
    bench = FilmBench()
    run_steps(bench, WHOLE[:11])
    waiting = getattr(bench.holdings, place)
    roll = bench.holdings.coated.take()
    waiting.put(roll)
    model = bench.start(unit, phase)
    bench.go_for(unit, 30)
    for share in (0.5, 0.25):
        waiting.put(roll.lane(share))
    bench.go(unit)
    model.end(f"{unit}.PH")
    assert [one.coated_width_m / roll.coated_width_m for one in waiting.all()] == [0.5, 0.25]
    model = bench.start(unit, phase)
    bench.go_for(unit, 30)
    assert [one.coated_width_m / roll.coated_width_m for one in waiting.all()] == [0.25]
    bench.rest(unit)
    model.end(f"{unit}.PH")
    assert bench.holdings.ledger.exits["set aside"]


def test_slurry_of_a_run_that_was_stopped_while_it_heated_is_set_aside() -> None:
    bench = FilmBench()
    bench.pour("A", 900.0)
    bench.run("CT-701", "THREAD")
    model = bench.start("CT-701", "COAT", length=5.0)
    bench.go_for("CT-701", 30)
    bench.rest("CT-701")
    model.end("CT-701.PH")
    bench.pour("B", 900.0)
    bench.run("CT-701", "COAT", length=5.0)
    (roll,) = bench.holdings.coated.all()
    assert roll.parts.keys() == {"B-SE", "B-NBR", "B-XYL"}
    assert bench.holdings.ledger.exits["set aside"]["A-SE"] == pytest.approx(0.97 * 450.0)


def test_two_slurries_that_wait_for_an_idle_line_are_of_two_batches_and_the_newer_goes_in() -> None:
    bench = FilmBench()
    bench.pour("A", 900.0)
    bench.pour("B", 900.0)
    bench.run("CT-701", "THREAD")
    bench.run("CT-701", "COAT", length=5.0)
    (roll,) = bench.holdings.coated.all()
    assert roll.parts.keys() == {"B-SE", "B-NBR", "B-XYL"}


def test_a_mixer_that_is_emptied_under_the_filter_or_a_stirrer_stops_them_and_breaks_nothing() -> None:
    bench = FilmBench()
    run_steps(bench, WHOLE[:6])
    bench.start("MX-601", "DEGAS")
    bench.go_for("MX-601", 60)
    model = bench.start("FL-603", "FILTER")
    bench.go("FL-603", until=lambda progress: progress.step == 20)
    bench.rest("MX-601")
    bench.units["MX-601"].end("MX-601.PH")
    assert bench.go("FL-603").fail_code == 10
    bench.rest("FL-603")
    model.end("FL-603.PH")
    for phase in ("DEGAS", "DISSOLVE"):
        run_steps(bench, WHOLE[:6])
        stirring = bench.start("MX-601", phase, duration=200.0)
        bench.go_for("MX-601", 60)
        bench.run("FL-603", "FILTER")
        assert bench.go("MX-601").fail_code == 10
        bench.rest("MX-601")
        stirring.end("MX-601.PH")
        assert bench.lost_g() < 1e-6


def test_a_container_brought_to_a_unit_is_what_it_takes_in() -> None:
    bench = FilmBench()
    hands: Hands = bench.hands
    for name in ("A", "B"):
        bench.pour(name, 900.0)
        hands.take("FL-603", f"{name}-slurry")
    bench.run("CT-701", "THREAD")
    hands.bring("A-slurry", "CT-701")
    bench.run("CT-701", "COAT", length=3.0)
    hands.take("CT-701", "A-roll")
    roll = contents_truth(bench.holdings.containers["A-roll"].contents, bench.holdings.ledger)
    assert set(roll["parts"]) == {"A-SE", "A-NBR", "A-XYL"}  # type: ignore[call-overload]
