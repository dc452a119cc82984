"""The biochar line: heat and mass balances, the oxidiser that has to be hot, holds and ends, and where the grams go."""

from __future__ import annotations

import pytest

from plc_sim.material.holdings import Supply
from plc_sim.units.carboniser_heat import OXIDISER_COLD
from plc_sim.units.hopper import LOAD_SHORT
from tests.plc_sim.units.pilot_bench import PilotBench

SMALL = {"target": 4.0}
SHORT = {"ramp": 10.0, "hold_temp": 450.0, "hold_time": 10.0}


def charged(supply: Supply = Supply.RAW, hot: bool = True) -> PilotBench:
    """A carboniser with dry wood in it, and an oxidiser that is hot or not."""
    bench = PilotBench("BC", supply)
    bench.run("BC-101", "CHARGE", **SMALL)
    bench.run("BC-101", "DRY")
    if hot:
        bench.run("TO-102", "PREHEAT")
    return bench


def test_wood_becomes_char_and_every_gram_is_found_again() -> None:
    bench = PilotBench("BC", Supply.HAND)
    bench.bring("WOOD-1", "Biomass", 6000.0, "BC-101", moisture_ppm=150_000.0)
    charged_kg = bench.run("BC-101", "CHARGE", **SMALL)["charged_mass"]
    dried = bench.run("BC-101", "DRY")
    assert dried["moisture"] <= 2.05
    assert dried["water_removed"] == pytest.approx(charged_kg * (0.15 - 0.85 * 0.02 / 0.98), rel=0.02)
    bench.run("TO-102", "PREHEAT")
    char = bench.run("BC-101", "CARBONISE", **SHORT)
    bench.run("BC-101", "COOL")
    out = bench.run("BC-101", "DISCHARGE")
    weighed_kg = out["discharged_mass"] + out["loss"]
    assert weighed_kg == pytest.approx(charged_kg * 0.85 * char["char_yield"] / 100.0, rel=0.03)
    total = out["discharged_mass"] + out["loss"] + out["water_mass"] + out["offgas_mass"]
    assert total == pytest.approx(charged_kg, abs=0.001)
    assert bench.gone_g("vented unburnt") == 0.0
    assert bench.lost_g() < 1e-6
    assert bench.hands.take("BC-101", "CHAR-1")["mass_g"] == pytest.approx(1000.0 * out["discharged_mass"], rel=1e-3)


def test_hotter_char_is_less_and_has_more_carbon() -> None:
    made = []
    for degc in (400.0, 600.0):
        bench = charged()
        made.append(bench.run("BC-101", "CARBONISE", **SHORT | {"hold_temp": degc, "hold_time": 60.0}))
    assert made[0]["char_yield"] - made[1]["char_yield"] > 5.0
    assert made[1]["carbon"] - made[0]["carbon"] > 5.0


def test_wood_is_not_charred_through_when_the_hold_is_short_and_cool() -> None:
    yields = []
    for minutes in (5.0, 120.0):
        bench = charged()
        yields.append(bench.run("BC-101", "CARBONISE", ramp=10.0, hold_temp=300.0, hold_time=minutes)["char_yield"])
    assert yields[0] > yields[1] + 10.0


def test_carbonising_does_not_begin_before_the_oxidiser_is_hot() -> None:
    bench = charged(hot=False)
    model = bench.start("BC-101", "CARBONISE", **SHORT)
    assert bench.go("BC-101").fail_code == OXIDISER_COLD
    model.end("BC-101.PH")
    assert bench.holdings.kiln.first() is not None
    bench.run("TO-102", "PREHEAT")
    assert bench.run("BC-101", "CARBONISE", **SHORT)["char_yield"] < 40.0


def test_a_burner_that_fails_holds_the_kiln_and_its_heat_is_cut_off() -> None:
    bench = charged()
    model = bench.start("BC-101", "CARBONISE", **SHORT)
    bench.go("BC-101", until=lambda _: model.tags()["T_WALL"] > 260.0)
    bench.units["TO-102"].disturb("heater-failure", 1.0)
    assert bench.units["TO-102"].interlocks("TO-102.PH") == {"I33_FLAME_FAILURE"}
    bench.go("BC-101", until=lambda _: bool(model.interlocks("BC-101.PH")))
    assert model.interlocks("BC-101.PH") == {"I31_OXIDISER_COLD"}
    assert model.at_rest("BC-101.PH")
    bench.idle(60)
    assert model.tags()["HEATER_OUT"] == 0.0
    bench.units["TO-102"].recover("heater-failure")
    bench.idle(3600)
    assert model.interlocks("BC-101.PH") == frozenset()
    model.resume("BC-101.PH")
    assert bench.go("BC-101").done


def test_a_kiln_that_is_kept_hot_gives_up_its_heat_so_that_it_can_be_cooled() -> None:
    bench = charged()
    bench.run("BC-101", "CARBONISE", **SHORT)
    bench.run("TO-102", "SHUT_DOWN")
    assert bench.units["BC-101"].interlocks("BC-101.PH") == frozenset()
    assert bench.run("BC-101", "COOL")["end_temp"] < 60.0


def test_air_in_a_hot_kiln_raises_its_interlock() -> None:
    bench = charged()
    model = bench.start("BC-101", "CARBONISE", **SHORT)
    bench.go("BC-101", until=lambda _: model.tags()["T_WALL"] > 260.0)
    model.disturb("retort-leak", 15.0)
    bench.go("BC-101", until=lambda _: bool(model.interlocks("BC-101.PH")))
    assert model.interlocks("BC-101.PH") == {"I32_KILN_OXYGEN"}
    assert model.tags()["O2_KILN"] > 3.9


def test_new_parameters_are_taken_while_it_carbonises() -> None:
    bench = charged()
    model = bench.start("BC-101", "CARBONISE", **SHORT)
    bench.go_for("BC-101", 600)
    model.update("BC-101.PH", bench.defaults["BC-101", "CARBONISE"] | SHORT | {"hold_temp": 350.0})
    assert bench.go("BC-101").done
    assert model.reports("BC-101.PH")["peak_temp"] < 360.0


def test_a_charge_that_is_aborted_is_set_aside() -> None:
    bench = charged()
    model = bench.start("BC-101", "CARBONISE", **SHORT)
    bench.go_for("BC-101", 1200)
    model.end("BC-101.PH")
    assert bench.gone_g("set aside") > 3000.0
    assert bench.lost_g() < 1e-6
    bench.idle(600)
    assert model.tags()["HEATER_OUT"] == 0.0


def test_a_container_that_runs_out_is_changed_and_the_rest_is_filled() -> None:
    bench = PilotBench("BC", Supply.HAND)
    bench.bring("WOOD-1", "Biomass", 1000.0, "BC-101")
    model = bench.start("BC-101", "CHARGE", **SMALL)
    assert bench.go("BC-101").fail_code == LOAD_SHORT
    bench.bring("WOOD-2", "Biomass", 9000.0, "BC-101")
    model.resume("BC-101.PH")
    assert bench.go("BC-101").done
    model.end("BC-101.PH")
    assert model.reports("BC-101.PH")["charged_mass"] == pytest.approx(4.0, rel=0.005)
    assert bench.lost_g() < 1e-6


def test_a_hot_kiln_keeps_its_door_locked() -> None:
    bench = charged()
    bench.run("BC-101", "CARBONISE", **SHORT)
    bench.start("BC-101", "DISCHARGE")
    assert bench.go("BC-101").fail_code == 40
