"""The blown film line: film by conservation of mass, new parameters while it runs, holds, and where the grams go."""

from __future__ import annotations

import pytest

from plc_sim.material.holdings import Supply
from plc_sim.units.film_blower_blow import BUBBLE_UNSTABLE, MELT_COLD, PELLETS_EMPTY
from plc_sim.units.film_blower_dryer import WRONG_MASS
from tests.plc_sim.units.pilot_bench import PilotBench

FIFTY = {"length": 50.0, "scrap_length": 20.0}


def ready(pellets_kg: float = 6.0, supply: Supply = Supply.RAW) -> PilotBench:
    """A film line with dried pellets before it and a hot barrel."""
    bench = PilotBench("FB", supply)
    bench.run("HD-202", "LOAD", target=pellets_kg)
    bench.run("HD-202", "DRY", expected_mass=pellets_kg, duration=60.0)
    bench.run("HD-202", "CONVEY")
    bench.run("FB-201", "HEAT_UP", soak_time=1.0)
    return bench


def test_film_is_as_thick_as_conservation_of_mass_says() -> None:
    bench = ready()
    made = bench.run("FB-201", "BLOW", **FIFTY)
    assert made["film_length"] == pytest.approx(50.0)
    # 24.5 kg/h at 10 m/min onto 785 mm of film: 40.9 g and 41.6 um at 1250 kg/m3.
    assert made["film_mass"] == pytest.approx(50.0 * 0.0409, rel=0.01)
    assert made["thickness"] == pytest.approx(41.6, rel=0.02)
    assert made["pellets_used"] == pytest.approx(made["film_mass"] + made["scrap_mass"] + 0.6, rel=0.01)


@pytest.mark.parametrize(
    ("changed", "thinner"), [({"take_up": 20.0}, 2.0), ({"blow_up_ratio": 3.75}, 1.5), ({"screw_speed": 30.0}, 2.0)]
)
def test_faster_wider_or_less_makes_it_thinner_in_proportion(changed: dict[str, float], thinner: float) -> None:
    # Less melt fills the screw later, so that more metres are scrap.
    made = ready().run("FB-201", "BLOW", **FIFTY | {"scrap_length": 60.0} | changed)
    assert made["thickness"] == pytest.approx(41.6 / thinner, rel=0.02)


def test_new_parameters_are_taken_while_the_film_runs_on() -> None:
    bench = ready()
    model = bench.start("FB-201", "BLOW", **FIFTY)
    bench.go("FB-201", until=lambda _: model.reports("FB-201.PH")["film_length"] >= 25.0)
    before = model.reports("FB-201.PH")["film_length"]
    model.update("FB-201.PH", bench.defaults["FB-201", "BLOW"] | FIFTY | {"take_up": 20.0})
    bench.go_for("FB-201", 6)
    assert model.reports("FB-201.PH")["film_length"] == pytest.approx(before + 2.0, abs=0.01)
    assert bench.steps == [10, 20]
    assert bench.go("FB-201").done
    model.end("FB-201.PH")
    assert model.reports("FB-201.PH")["thickness"] == pytest.approx(41.6 * 0.75, rel=0.03)
    roll = bench.hands.take("FB-201", "ROLL-1")
    assert roll["length_m"] == pytest.approx(50.0)
    assert roll["thickness_um"] == pytest.approx(model.reports("FB-201.PH")["thickness"], rel=0.03)


def test_pellets_become_film_and_every_gram_is_found_again() -> None:
    bench = PilotBench("FB", Supply.HAND)
    bench.bring("PBAT-1", "PBAT", 9000.0, "HD-202", moisture_ppm=900.0)
    bench.run("HD-202", "LOAD", target=4.0)
    bench.bring("PLA-1", "PLA", 9000.0, "HD-202", moisture_ppm=2500.0)
    loaded = bench.run("HD-202", "LOAD", target=1.0)
    assert loaded["hopper_mass"] == pytest.approx(5.0, rel=0.005)
    dried = bench.run("HD-202", "DRY", expected_mass=5.0)
    assert dried["moisture"] < 150.0
    bench.run("FB-201", "HEAT_UP")
    bench.run("HD-202", "CONVEY")
    assert bench.run("FB-201", "RECEIVE")["received_mass"] == pytest.approx(dried["dried_mass"], abs=0.005)
    made = bench.run("FB-201", "BLOW", **FIFTY)
    purged = bench.run("FB-201", "PURGE")
    out = made["film_mass"] + made["scrap_mass"] + purged["purged_mass"] + purged["rest_mass"] + dried["loss"]
    assert out == pytest.approx(loaded["hopper_mass"], abs=0.005)
    assert bench.lost_g() < 1e-6
    roll = bench.hands.take("FB-201", "ROLL-1")
    parts = roll["parts"]
    assert isinstance(parts, dict)
    assert parts["PLA-1"] / sum(parts.values()) == pytest.approx(0.2, abs=0.005)


def test_longer_and_hotter_drying_leaves_less_water() -> None:
    left = []
    for changed in ({"duration": 30.0}, {"duration": 120.0}, {"duration": 120.0, "temperature": 90.0}):
        bench = PilotBench("FB")
        bench.run("HD-202", "LOAD", target=5.0)
        left.append(bench.run("HD-202", "DRY", expected_mass=5.0, **changed)["moisture"])
    assert left[0] > left[1] > left[2] > 45.0


def test_pellets_that_are_still_damp_are_dried_once_more() -> None:
    bench = PilotBench("FB")
    bench.run("HD-202", "LOAD", target=5.0)
    first = bench.run("HD-202", "DRY", expected_mass=5.0, duration=60.0)["moisture"]
    again = bench.run("HD-202", "DRY", expected_mass=5.0, duration=60.0)["moisture"]
    assert again < 0.7 * first


def test_the_extruder_receives_what_the_dryer_conveys_meanwhile() -> None:
    bench = PilotBench("FB")
    bench.run("HD-202", "LOAD", target=5.0)
    dryer, slot = bench.start("HD-202", "CONVEY"), "HD-202.PH"
    model = bench.start("FB-201", "RECEIVE")
    bench.go_for("FB-201", 60)
    assert model.reports("FB-201.PH")["received_mass"] == 0.0
    while not dryer.run(slot).done:
        assert bench.go_for("FB-201", 1).step == 10
    assert bench.go("FB-201").done
    assert model.reports("FB-201.PH")["received_mass"] == pytest.approx(5.0, rel=0.005)


def test_the_dryer_refuses_another_mass_than_was_loaded() -> None:
    bench = PilotBench("FB")
    bench.run("HD-202", "LOAD", target=5.0)
    bench.start("HD-202", "DRY", expected_mass=6.0)
    assert bench.go("HD-202").fail_code == WRONG_MASS


def test_pellets_that_run_out_hold_the_line_until_more_are_there() -> None:
    bench = ready(pellets_kg=2.0)
    model = bench.start("FB-201", "BLOW", **FIFTY)
    assert bench.go("FB-201").fail_code == PELLETS_EMPTY
    assert model.at_rest("FB-201.PH")
    bench.run("HD-202", "LOAD", target=5.0)
    bench.run("HD-202", "DRY", expected_mass=5.0, duration=30.0)
    bench.run("HD-202", "CONVEY")
    model.resume("FB-201.PH")
    assert bench.go("FB-201").done
    assert model.reports("FB-201.PH")["scrap_length"] == pytest.approx(40.0, abs=0.2)
    assert model.reports("FB-201.PH")["film_length"] == pytest.approx(50.0)


def test_a_bubble_without_air_falls_and_cold_melt_is_not_turned() -> None:
    bench = ready()
    bench.start("FB-201", "BLOW", **FIFTY, air_flow=50.0, screw_speed=100.0, take_up=30.0)
    assert bench.go("FB-201").fail_code == BUBBLE_UNSTABLE
    cold = PilotBench("FB")
    cold.run("HD-202", "LOAD", target=5.0)
    cold.run("HD-202", "CONVEY")
    cold.start("FB-201", "BLOW", **FIFTY)
    assert cold.go("FB-201").fail_code == MELT_COLD


def test_screw_and_take_up_that_do_not_go_together_are_refused() -> None:
    model, sp = PilotBench("FB").units["FB-201"], PilotBench("FB").defaults["FB-201", "BLOW"]
    assert model.check("FB-201.PH", "BLOW", sp)
    assert not model.check("FB-201.PH", "BLOW", sp | {"screw_speed": 10.0, "take_up": 60.0, "blow_up_ratio": 4.0})


def test_a_clogged_screen_raises_the_interlock_and_stops_the_screw() -> None:
    bench = ready()
    model = bench.start("FB-201", "BLOW", **FIFTY)
    bench.go_for("FB-201", 60)
    model.disturb("filter-clogged", 3.0)
    bench.go_for("FB-201", 2)
    assert model.interlocks("FB-201.PH") == {"I41_MELT_PRESSURE"}
    assert model.tags()["SCREW_RPM"] == 0.0
    model.at_rest("FB-201.PH")
    model.recover("filter-clogged")
    bench.idle(70)
    assert model.interlocks("FB-201.PH") == frozenset()


def test_film_of_a_run_that_is_stopped_is_weighed_and_set_aside() -> None:
    bench = ready()
    model = bench.start("FB-201", "BLOW", **FIFTY)
    bench.go("FB-201", until=lambda _: model.reports("FB-201.PH")["film_length"] >= 25.0)
    model.at_rest("FB-201.PH")
    model.end("FB-201.PH")
    assert bench.gone_g("set aside") == pytest.approx(1000.0 * model.reports("FB-201.PH")["film_mass"], abs=1.0)
    assert bench.holdings.film_rolls.first() is None
    assert bench.lost_g() < 1e-6
