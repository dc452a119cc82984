"""How the film line comes by its material: brought by hand, endless without a label, or as test charges."""

from __future__ import annotations

import pytest

from plc_sim.material.holdings import Supply
from plc_sim.material.ledger import BINDER, CARRIER, ELECTROLYTE, SOLVENT
from tests.plc_sim.units.chains import film_steps, run_steps
from tests.plc_sim.units.film_bench import FilmBench

SHORT = 20


def test_a_dose_waits_for_its_container_and_gives_it_back() -> None:
    bench = FilmBench(Supply.HAND)
    bench.receive("X-1", SOLVENT)
    model = bench.start("MX-601", "DOSE", target=200.0)
    assert bench.go_for("MX-601", 300).step == 5
    bench.hands.bring("X-1", "MX-601")
    assert bench.go("MX-601").done
    assert bench.steps == [5, 10, 20, 30]
    model.end("MX-601.PH")
    assert bench.holdings.containers["X-1"].where == "store"
    assert bench.holdings.bowl.all()[0].parts == pytest.approx({"X-1": 200.0}, rel=1e-3)
    bench.start("MX-601", "DOSE", target=20.0)
    assert bench.go_for("MX-601", 60).step == 5
    assert bench.lost_g() < 1e-6


def test_a_container_that_runs_out_is_changed_and_nothing_of_it_is_lost() -> None:
    bench = FilmBench(Supply.HAND)
    bench.receive("X-1", SOLVENT, 150.0)
    bench.receive("X-2", SOLVENT)
    bench.hands.bring("X-1", "MX-601")
    model = bench.start("MX-601", "DOSE", target=200.0)
    assert bench.go("MX-601").fail_code == SHORT
    assert model.reports("MX-601.PH")["net_weight"] == pytest.approx(150.0, abs=0.1)
    bench.hands.bring("X-2", "MX-601")
    model.resume("MX-601.PH")
    assert bench.go("MX-601").done
    model.end("MX-601.PH")
    assert model.reports("MX-601.PH")["net_weight"] == pytest.approx(200.0, abs=0.3)
    inside = {lot: grams for parcel in bench.holdings.bowl.all() for lot, grams in parcel.parts.items()}
    assert inside["X-1"] == pytest.approx(150.0)
    assert inside["X-2"] == pytest.approx(50.0, abs=0.3)
    assert bench.lost_g() < 1e-6


def test_a_film_made_of_labelled_lots_carries_them_all() -> None:
    bench = FilmBench(Supply.HAND)
    lots = {"X-1": SOLVENT, "B-1": BINDER, "SE-1": ELECTROLYTE, "X-2": SOLVENT}
    for lot, material in lots.items():
        bench.receive(lot, material)
    waiting = list(lots)
    for unit, phase, changed in film_steps(600.0, length_m=5.0)[:9]:
        if phase == "DOSE":
            bench.hands.bring(waiting.pop(0), unit)
        bench.run(unit, phase, **changed)
    bench.start("CT-701", "THREAD")
    assert bench.go_for("CT-701", 60).step == 5
    bench.mount("PET-1", 200.0)
    assert bench.go("CT-701").done
    bench.units["CT-701"].end("CT-701.PH")
    coat = bench.run("CT-701", "COAT", length=5.0)
    roll = bench.holdings.coated.first()
    assert roll is not None
    assert roll.parts.keys() == lots.keys()
    # 75 N stretch 60 kN of carrier: 5 m of tight web are less of the roll.
    assert roll.carrier == pytest.approx({"PET-1": 5.0 / (1.0 + 75.0 / 60_000.0)}, rel=1e-5)
    assert roll.parts["SE-1"] / roll.mass_g == pytest.approx(0.97, rel=2e-3)
    drawn = bench.holdings.ledger.drawn["PET-1"]
    assert coat["carrier_length"] == pytest.approx(drawn, rel=2e-3)
    assert coat["coated_mass"] == pytest.approx(roll.mass_g, rel=2e-3)
    assert bench.lost_g() < 1e-6


def test_the_books_of_a_coating_run_are_true() -> None:
    bench = FilmBench()
    bench.pour("A", 1200.0)
    bench.run("CT-701", "THREAD")
    coat = bench.run("CT-701", "COAT", length=10.0)
    left = bench.holdings.ledger.exits
    exits = {way: sum(parts.values()) for way, parts in left.items()}
    scrapped = sum(grams for lot, grams in left["start-up scrap"].items() if lot.startswith("A-"))
    assert coat["holdup_mass"] == pytest.approx(exits["hold-up drained"], rel=1e-3)
    assert coat["scrap_mass"] == pytest.approx(scrapped, rel=2e-3)
    assert coat["solvent_evaporated"] == pytest.approx(exits["condenser"], rel=2e-3)
    assert coat["coated_mass"] == pytest.approx(bench.holdings.coated.all()[0].mass_g, rel=2e-3)
    parts = coat["coated_mass"] + coat["scrap_mass"] + coat["solvent_evaporated"] + coat["holdup_mass"]
    assert parts == pytest.approx(1200.0, rel=5e-3)


def test_unlabelled_doses_are_told_apart_by_the_order_of_the_recipe() -> None:
    bench = FilmBench()
    run_steps(bench, film_steps(500.0, length_m=1.0)[:6])
    materials = [lot.material for lot in bench.holdings.ledger.lots.values()]
    assert materials == [SOLVENT, BINDER, ELECTROLYTE, SOLVENT]


def test_one_dose_before_dissolving_is_ready_binder_solution() -> None:
    bench = FilmBench()
    bench.run("MX-601", "DOSE", target=300.0)
    bench.run("MX-601", "DISSOLVE", duration=10.0)
    assert [lot.material for lot in bench.holdings.ledger.lots.values()] == ["NBR solution"]


@pytest.mark.parametrize(
    ("unit", "phase"),
    [
        ("MX-601", "DISSOLVE"), ("MX-601", "KNEAD"), ("MX-601", "DISPERSE"), ("MX-601", "DEGAS"), ("MX-601", "DOSE"),
        ("FL-603", "FILTER"), ("CT-701", "THREAD"), ("CT-701", "COAT"), ("CA-801", "CALENDER"), ("SL-902", "SLIT"),
    ],
)  # fmt: skip
def test_every_phase_runs_by_itself_on_a_test_charge(unit: str, phase: str) -> None:
    bench = FilmBench(Supply.DRY)
    changed = {"length": 5.0} if phase == "COAT" else {"duration": 10.0} if phase == "DISSOLVE" else {}
    bench.run(unit, phase, **changed)
    assert bench.ticks > 300
    assert {lot.material for lot in bench.holdings.ledger.lots.values()} <= {"test charge", CARRIER, "unknown"}
    assert bench.lost_g() < 1e-6
