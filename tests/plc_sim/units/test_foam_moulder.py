"""The micro-foam line: parts by shot and gas, rejects, gas pressure, holds, and where the grams go."""

from __future__ import annotations

import pytest

from plc_sim.material.holdings import Supply
from plc_sim.physics.foam import CAVITY_ML, SOLID_G_ML
from plc_sim.units.foam_moulder_gas import CYLINDER_EMPTY
from plc_sim.units.foam_moulder_shots import GAS_LOW, PELLETS_EMPTY
from tests.plc_sim.units.pilot_bench import PilotBench

TWENTY = {"shots": 20.0}


def ready(pellets_kg: float = 3.0, gas: bool = True) -> PilotBench:
    """A moulding machine with pellets, a hot barrel and, mostly, gas."""
    bench = PilotBench("MF")
    if gas:
        bench.run("GD-302", "PREPARE")
    bench.run("IM-301", "LOAD", target=pellets_kg)
    bench.run("IM-301", "HEAT_UP", soak_time=1.0)
    return bench


def test_pellets_and_gas_become_parts_and_every_gram_is_found_again() -> None:
    bench = PilotBench("MF", Supply.HAND)
    bench.bring("N2-1", "Nitrogen", 2000.0, "GD-302")
    gas = bench.run("GD-302", "PREPARE")
    assert gas["gas_mass"] == pytest.approx(1256.0, rel=0.01)
    bench.bring("PP-1", "Polypropylene", 5000.0, "IM-301")
    loaded = bench.run("IM-301", "LOAD", target=3.0)
    bench.run("IM-301", "HEAT_UP")
    made = bench.run("IM-301", "MOULD", **TWENTY)
    purged = bench.run("IM-301", "PURGE")
    vented = bench.run("GD-302", "VENT")
    out_kg = made["good_mass"] + made["scrap_mass"] + purged["purged_mass"] + purged["rest_mass"]
    assert out_kg == pytest.approx(loaded["net_weight"] + made["gas_used"] / 1000.0, abs=0.005)
    assert vented["vented_mass"] == pytest.approx(gas["gas_mass"] - made["gas_used"], abs=0.5)
    assert bench.lost_g() < 1e-6
    parts = bench.hands.take("IM-301", "PARTS-1")
    assert parts["mass_g"] == pytest.approx(1000.0 * made["good_mass"], rel=1e-3)


def test_a_part_weighs_what_the_shot_brings_and_fills_the_cavity() -> None:
    made = ready().run("IM-301", "MOULD", **TWENTY)
    assert made["shots"] == 20.0
    assert made["good_shots"] == 18.0  # too little gas in the melt of the first two
    assert made["part_mass"] == pytest.approx(110.0 * 0.74, rel=0.01)
    assert made["density"] == pytest.approx(made["part_mass"] / CAVITY_ML)
    assert made["weight_saved"] == pytest.approx(100.0 * (1.0 - made["density"] / SOLID_G_ML), abs=0.1)


def test_without_gas_only_a_full_shot_makes_a_part() -> None:
    bench = ready(gas=False)
    assert bench.run("IM-301", "MOULD", **TWENTY, gas_dose=0.0)["good_shots"] == 0.0
    solid = bench.run("IM-301", "MOULD", shots=10.0, gas_dose=0.0, shot_volume=123.0)
    assert solid["good_shots"] == 10.0
    assert solid["weight_saved"] == 0.0


def test_a_part_that_is_ejected_too_hot_is_a_reject() -> None:
    assert ready().run("IM-301", "MOULD", **TWENTY, cooling_time=10.0)["good_shots"] == 0.0


def test_gas_beyond_what_the_melt_dissolves_is_vented() -> None:
    bench = ready()
    bench.run("IM-301", "MOULD", **TWENTY, gas_dose=1.5)
    assert bench.gone_g("vented") > 0.0
    assert bench.lost_g() < 1e-6


def test_moulding_with_gas_does_not_begin_without_pressure() -> None:
    bench = ready(gas=False)
    model = bench.start("IM-301", "MOULD", **TWENTY)
    assert bench.go("IM-301").fail_code == GAS_LOW
    bench.run("GD-302", "PREPARE")
    model.resume("IM-301.PH")
    assert bench.go("IM-301").done


def test_gas_that_is_let_off_holds_the_machine_while_it_doses() -> None:
    bench = ready()
    model = bench.start("IM-301", "MOULD", **TWENTY)
    bench.go_for("IM-301", 60)
    bench.run("GD-302", "VENT")
    assert model.interlocks("IM-301.PH") == {"I52_GAS_PRESSURE"}
    bench.run("GD-302", "PREPARE")
    assert model.interlocks("IM-301.PH") == frozenset()


def test_an_open_guard_holds_the_machine() -> None:
    model = ready().units["IM-301"]
    model.disturb("guard-open", 1.0)
    assert model.interlocks("IM-301.PH") == {"I51_MOULD_GUARD"}
    model.recover("guard-open")
    assert model.interlocks("IM-301.PH") == frozenset()


def test_pellets_that_run_out_hold_the_machine_until_more_are_loaded() -> None:
    bench = ready(pellets_kg=1.0)
    model = bench.start("IM-301", "MOULD", **TWENTY)
    assert bench.go("IM-301").fail_code == PELLETS_EMPTY
    shots = model.reports("IM-301.PH")["shots"]
    assert 5.0 < shots < 20.0
    bench.hands.receive({"lot": "PP-9", "material": "Polypropylene", "amount": 2000.0})
    bench.holdings.mould_hopper.put(bench.holdings.draw("IM-301", 2000.0, "Polypropylene"))
    model.resume("IM-301.PH")
    assert bench.go("IM-301").done
    assert model.reports("IM-301.PH")["shots"] == 20.0


def test_more_parts_are_asked_for_while_it_moulds() -> None:
    bench = ready()
    model = bench.start("IM-301", "MOULD", **TWENTY)
    bench.go_for("IM-301", 100)
    model.update("IM-301.PH", bench.defaults["IM-301", "MOULD"] | {"shots": 25.0})
    assert bench.go("IM-301").done
    assert model.reports("IM-301.PH")["shots"] == 25.0


def test_parts_of_a_run_that_is_aborted_are_set_aside() -> None:
    bench = ready()
    model = bench.start("IM-301", "MOULD", **TWENTY)
    bench.go_for("IM-301", 300)
    made_g = 1000.0 * model.reports("IM-301.PH")["good_mass"]
    model.end("IM-301.PH")
    assert bench.gone_g("set aside") == pytest.approx(made_g, abs=0.5)
    assert bench.lost_g() < 1e-6


def test_a_cylinder_that_is_empty_is_told_and_changed() -> None:
    bench = PilotBench("MF", Supply.HAND)
    bench.bring("N2-1", "Nitrogen", 500.0, "GD-302")
    model = bench.start("GD-302", "PREPARE")
    assert bench.go("GD-302").fail_code == CYLINDER_EMPTY
    bench.bring("N2-2", "Nitrogen", 2000.0, "GD-302")
    model.resume("GD-302.PH")
    assert bench.go("GD-302").done
    model.end("GD-302.PH")
    assert model.reports("GD-302.PH")["gas_mass"] == pytest.approx(1256.0, rel=0.01)
    assert bench.lost_g() < 1e-6
