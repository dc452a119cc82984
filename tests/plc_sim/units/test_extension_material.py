"""Where material goes through the synthesis extension: split, merged, dissolved, boiled off, rolled; no gram lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plc_sim.material.compound import compound_of
from plc_sim.material.conductivity import powder_ms_cm, web_ms_cm
from plc_sim.material.holdings import Supply
from plc_sim.material.ledger import GERMANIUM, Ledger, ReceivedLot
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.physics.lot_quality import REFERENCE_CONVERSION
from tests.plc_sim.units.bench import Bench
from tests.plc_sim.units.chains import extension_steps, run_steps
from tests.plc_sim.units.extension_bench import ExtensionBench

LI6PS5CL = {"Li2S": 0.42796, "P2S5": 0.41408, "LiCl": 0.15796}
CL_RICH = {"Li2S": 0.34465, "P2S5": 0.41684, "LiCl": 0.23851}
LGPS = {"Li2S": 0.39018, "P2S5": 0.37752, "GeS2": 0.23229}


@pytest.fixture
def raw() -> ExtensionBench:
    return ExtensionBench()


@pytest.fixture
def store() -> ExtensionBench:
    bench = ExtensionBench(Supply.HAND)
    bench.receive(Li2S=5000, P2S5=5000, LiCl=5000, GeS2=3000, THF=30_000, Ethanol=20_000, PTFE=100)
    return bench


def sublot(bench: ExtensionBench, mill: str, charge_g: float) -> float:
    """Weigh and mill one sub-lot; gives the mass unloaded."""
    for part in LI6PS5CL.values():
        bench.run("WS-111", "WEIGH", target=round(part * charge_g, 2))
    bench.run(mill, "LOAD", expected_mass=charge_g)
    bench.run(mill, "MILL", run_time=0.2)
    return bench.run(mill, "UNLOAD")["unloaded_mass"]


def test_four_sub_lots_become_one_blend_that_has_every_lot_in_every_part(raw: ExtensionBench) -> None:
    unloaded = [sublot(raw, mill, 1400.0) for mill in ("BM-201", "BM-202") * 2]
    lots = {lot for parcel in raw.material.tray.all() for lot in parcel.parts}
    assert len(lots) == 12
    for grams in unloaded:
        raw.run("BL-211", "CHARGE", expected_mass=grams)
    assert raw.tag("BL-211", "SUBLOTS") == 4.0
    assert raw.run("BL-211", "BLEND")["homogeneity"] > 98.0
    half = raw.run("BL-211", "DISCHARGE", target_mass=2690.0)
    rest = raw.run("BL-211", "DISCHARGE")
    assert half["discharged_mass"] + half["loss"] == pytest.approx(2690.0, abs=2.0)
    assert half["remaining_mass"] == pytest.approx(sum(unloaded) - 2690.0, rel=1e-3)
    assert rest["remaining_mass"] == 0.0
    assert rest["discharged_mass"] == pytest.approx(0.995 * half["remaining_mass"], rel=2e-3)
    first, second = raw.material.tray.all()
    assert set(first.parts) == set(second.parts) == lots
    # Every one of the four has its share of both halves, within what half an hour leaves unmixed.
    assert all(grams == pytest.approx(second.parts[lot], rel=0.05) for lot, grams in first.parts.items())
    assert raw.is_balanced()


def test_what_was_not_blended_comes_out_in_the_order_of_charging(raw: ExtensionBench) -> None:
    unloaded = [sublot(raw, "BM-202", 500.0) for _ in range(2)]
    (first, *_) = raw.material.tray.all()
    for grams in unloaded:
        raw.run("BL-211", "CHARGE", expected_mass=grams)
    raw.run("BL-211", "DISCHARGE", target_mass=400.0)
    (out,) = raw.material.tray.all()
    assert set(out.parts) == set(first.parts)


def test_five_kilograms_do_not_fit_a_bed_of_40_mm_and_go_in_two_parts(raw: ExtensionBench) -> None:
    raw.material.tray.put(Parcel(parts={"a": 5380.0}))
    raw.material.ledger.draw("a", 5380.0)
    raw.start("FU-301", "CHARGE")
    assert raw.go("FU-301").fail_code == 20
    raw.abort("FU-301")
    raw.run("BL-211", "CHARGE")
    parts = [raw.run("BL-211", "DISCHARGE", target_mass=grams)["discharged_mass"] for grams in (2690.0, 0.0)]
    for grams in parts:
        charged = raw.run("FU-301", "CHARGE", expected_mass=grams)["charged_mass"]
        assert charged == pytest.approx(grams, abs=2.0)
        raw.run("FU-301", "DISCHARGE")
    assert [round(one["charged_mass"]) for one in (raw.run("BL-211", "CHARGE", source=301.0) for _ in parts)] == [
        pytest.approx(0.99 * grams, rel=3e-3) for grams in parts[::-1]
    ]
    assert raw.is_balanced()


def test_a_charge_that_waits_for_another_unit_is_neither_taken_nor_set_aside(raw: ExtensionBench) -> None:
    for lot, grams in (("other", 900.0), ("mine", 1300.0)):
        raw.material.tray.put(Parcel(parts={lot: grams}))
        raw.material.ledger.draw(lot, grams)
    raw.run("BL-211", "CHARGE")  # the newest: that of the batch that comes for it at once
    assert set(raw.material.drum.all()[0].parts) == {"mine"}
    assert [set(parcel.parts) for parcel in raw.material.tray.all()] == [{"other"}]
    raw.material.tray.put(Parcel(parts={"mine": 1300.0}))
    raw.material.ledger.draw("mine", 1300.0)
    raw.run("FU-301", "CHARGE", expected_mass=900.0)
    assert set(raw.material.saggar.all()[0].parts) == {"other"}
    assert raw.material.ledger.exits.get("set aside", {}) == {}


def test_two_mills_take_the_vessels_in_the_order_of_weighing_and_leave_the_rest(raw: ExtensionBench) -> None:
    for grams in (700.0, 300.0, 700.0, 300.0):
        raw.run("WS-111", "WEIGH", target=grams)
    for mill in ("BM-201", "BM-202"):
        raw.run(mill, "LOAD", expected_mass=1000.0)
    assert set(raw.material.jar.all()[0].parts) == {"WS-111#1", "WS-111#2"}
    assert set(raw.material.second_jar.all()[0].parts) == {"WS-111#3", "WS-111#4"}


def test_a_mill_takes_the_run_that_fits_best_and_not_vessels_of_two_charges(raw: ExtensionBench) -> None:
    for grams in (479.0, 464.0, 177.0, 599.0, 580.0, 221.0):
        raw.run("WS-111", "WEIGH", target=grams)
    raw.run("BM-202", "LOAD", expected_mass=1400.0)
    assert set(raw.material.second_jar.all()[0].parts) == {f"WS-111#{number}" for number in (4, 5, 6)}
    raw.run("BM-201", "LOAD", expected_mass=1120.0)
    assert set(raw.material.jar.all()[0].parts) == {f"WS-111#{number}" for number in (1, 2, 3)}


def test_a_blender_takes_from_every_stage_and_gives_to_every_next_one(raw: ExtensionBench) -> None:
    held = raw.material
    stages = {201: held.tray, 301: held.annealed, 401: held.milled, 402: held.sieved, 403: held.dried}
    nexts = {301: held.tray, 401: held.annealed, 402: held.milled, 403: held.sieved, 501: held.dried}
    for (source, place), (destination, target) in zip(stages.items(), nexts.items(), strict=True):
        place.put(Parcel(parts={"x": 500.0}))
        held.ledger.draw("x", 500.0)
        raw.run("BL-211", "CHARGE", source=float(source))
        raw.run("BL-211", "DISCHARGE", destination=float(destination))
        assert target.take().mass_g == pytest.approx(497.5, abs=1.0)
        held.ledger.leave("seen", {"x": 0.0})
    unit = raw.units["BL-211"]
    assert not unit.check("BL-211.PH", "CHARGE", raw.defaults["BL-211", "CHARGE"] | {"source": 302.0})
    assert not unit.check("BL-211.PH", "DISCHARGE", raw.defaults["BL-211", "DISCHARGE"] | {"destination": 302.0})


def milled(bench: ExtensionBench, mix: dict[str, float]) -> Parcel:
    """Powder of the lots of a mix, as ten hours of milling leave it, drawn from the store."""
    parts = {material: 500.0 * part for material, part in mix.items()}
    for material, grams in parts.items():
        bench.material.ledger.draw(material, grams)
    return Parcel(parts=parts, condition=Condition(conversion=REFERENCE_CONVERSION))


@pytest.mark.parametrize(("mix", "ms_cm"), [(LI6PS5CL, 2.43), (CL_RICH, 9.4), (LGPS, 12.0)])
def test_the_ratio_that_was_weighed_decides_which_sulfide_it_is(
    store: ExtensionBench, mix: dict[str, float], ms_cm: float
) -> None:
    powder = milled(store, mix)
    crystals = replace(powder, condition=replace(powder.condition, crystal=1.0))
    assert powder_ms_cm(crystals, store.material.ledger) == pytest.approx(ms_cm, rel=0.01)


def test_a_supply_without_a_label_counts_as_the_argyrodite() -> None:
    assert compound_of({"WS-111#1": 1.0}, Ledger()).name == "Li6PS5Cl"
    ledger = Ledger()
    ledger.receive(ReceivedLot(lot="ready", material=GERMANIUM))
    assert compound_of({"ready": 1.0}, ledger).name == "Li10GeP2S12"


def test_each_sulfide_bears_the_furnace_as_hot_as_it_does(store: ExtensionBench) -> None:
    kept = []
    for mix in (LI6PS5CL, LGPS):
        store.material.tray.put(milled(store, mix))
        store.run("FU-301", "CHARGE")
        store.run("FU-301", "ANNEAL", soak_temp=600.0, count_above=590.0, soak_time=240.0, ramp=10.0)
        store.run("FU-301", "COOL")
        store.run("FU-301", "DISCHARGE")
        kept.append(store.material.annealed.take().condition.phase)
    # Half of the eight hours at 600 degC that cost Li10GeP2S12 3 %; the other goes 20 K earlier.
    assert kept == [pytest.approx(0.958, abs=0.004), pytest.approx(0.983, abs=0.003)]


def dissolved(bench: ExtensionBench) -> dict[str, float]:
    """The liquid route for about a kilogram as far as the vacuum dryer; gives the reports of DISTIL."""
    bench.weigh({"Li2S": 270.0, "P2S5": 414.0})
    bench.hands.bring("THF", "RX-251")
    bench.run("RX-251", "CHARGE_SOLVENT", target=8830.0)
    assert bench.run("RX-251", "REACT", expected_mass=684.0)["conversion"] == pytest.approx(98.0, abs=1.5)
    bench.weigh({"Li2S": 158.0, "LiCl": 158.0})
    bench.hands.bring("Ethanol", "RX-251")
    bench.run("RX-251", "CHARGE_SOLVENT", target=3140.0)
    assert bench.run("RX-251", "REACT", expected_mass=316.0, duration=1.0)["conversion"] > 99.0
    assert bench.tag("RX-251", "LEVEL") == pytest.approx(100.0 * (8.83 / 0.883 + 3.14 / 0.785 + 0.54) / 50.0, abs=0.5)
    assert bench.run("RX-251", "FILTER")["residue_mass"] < 10.0
    reports = dict(bench.run("RX-251", "DISTIL"))
    bench.run("RX-251", "DISCHARGE")
    assert bench.run("VD-403", "VACUUM_DRY", temperature=180.0, duration=240.0)["loss"] > 90.0
    return reports


def test_powder_from_solution_gives_its_solvent_back_and_conducts_as_its_route_does(store: ExtensionBench) -> None:
    distilled = dissolved(store)
    assert distilled["residual_solvent"] == pytest.approx(10.0, abs=0.6)
    ledger = store.material.ledger
    recovered = sum(ledger.exits["condenser"].values())
    assert distilled["solvent_recovered"] == pytest.approx(recovered, rel=1e-3)
    assert distilled["solvent_vented"] == pytest.approx(recovered * 0.03 / 0.97, rel=0.02)
    assert recovered == pytest.approx(0.97 * (8830.0 + 3140.0 - 0.111 * 1000.0), rel=0.01)
    # The dried cake is no product yet: it stands before the furnace.
    assert store.material.dried.first() is None
    (cake,) = store.material.tray.all()
    assert sum(grams for lot, grams in cake.parts.items() if lot in ("THF", "Ethanol")) < 0.005 * cake.mass_g
    assert cake.condition.solution == 1.0
    assert powder_ms_cm(cake, ledger) == pytest.approx(0.15, abs=0.01)
    store.run("FU-301", "CHARGE")
    store.run("FU-301", "ANNEAL")
    store.run("FU-301", "COOL")
    store.run("FU-301", "DISCHARGE")
    assert powder_ms_cm(store.material.annealed.all()[0], ledger) == pytest.approx(2.4, abs=0.05)
    assert store.is_balanced()


def test_wet_ethanol_costs_phase(store: ExtensionBench) -> None:
    store.hands.receive({"lot": "wet", "material": "Ethanol", "amount": 5000, "moisture_ppm": 500})
    store.weigh({"Li2S": 158.0})
    store.hands.bring("wet", "RX-251")
    store.run("RX-251", "CHARGE_SOLVENT", target=3140.0)
    store.run("RX-251", "REACT", expected_mass=158.0, duration=1.0)
    assert store.material.kettle.all()[0].condition.phase == pytest.approx(
        1.0 - 500e-6 * 3140.0 / 158.0 * 268.36 / 18.015, abs=1e-3
    )


def test_a_dry_film_of_thirty_micrometres_comes_out_of_eight_passes(store: ExtensionBench) -> None:
    store.hands.receive({"lot": "E", "material": "Li5.5PS4.5Cl1.5 powder", "amount": 1000})
    for lot, grams in (("E", 499.0), ("PTFE", 1.0)):
        store.hands.bring(lot, "DM-651")
        store.run("DM-651", "CHARGE", target=grams)
    assert store.run("DM-651", "MIX")["homogeneity"] > 95.0
    fibrils = store.run("DM-651", "FIBRILLATE")
    assert fibrils["fibrillation"] > 90.0
    assert 40.0 < fibrils["peak_torque"] < 60.0
    store.run("DM-651", "DISCHARGE")
    sheet = store.run("SH-652", "PRESHEET")
    assert sheet["thickness"] == pytest.approx(300.0, rel=0.015)
    assert sheet["loss"] == pytest.approx(0.03 * (sheet["sheet_mass"] + sheet["loss"]), rel=0.01)
    passes = [store.run("SH-652", "CALENDER") for _ in range(8)]
    assert [one["passes"] for one in passes] == list(range(1, 9))
    assert passes[-1]["thickness"] == pytest.approx(300.0 * 0.755**8, rel=0.02)
    wound = store.run("SH-652", "WIND")
    assert wound["film_mass"] == pytest.approx(sheet["sheet_mass"], rel=1e-3)
    assert wound["length"] == pytest.approx(passes[-1]["length"], rel=1e-3)
    (film,) = store.material.dried_web.all()
    assert set(film.parts) == {"E", "PTFE"}
    assert web_ms_cm(film, store.material.ledger) == pytest.approx(9.1, abs=0.3)
    assert store.is_balanced()


def test_a_reactor_and_a_fibrillator_wait_until_a_container_is_brought(store: ExtensionBench) -> None:
    for unit, phase, label in (("RX-251", "CHARGE_SOLVENT", "THF"), ("DM-651", "CHARGE", "PTFE")):
        store.start(unit, phase, target=100.0 if unit == "RX-251" else 1.0)
        assert store.go_for(unit, 50).step == 5
        store.hands.bring(label, unit)
        assert store.go(unit).done
        store.units[unit].end(f"{unit}.PH")
        assert store.hands.container(label)["where"] == "store"


def test_people_take_a_blend_and_bring_it_back(store: ExtensionBench) -> None:
    store.weigh({"Li2S": 100.0})
    store.hands.take("WS-111", "V-1")
    store.hands.bring("V-1", "BL-211")
    store.run("BL-211", "CHARGE")
    store.run("BL-211", "DISCHARGE")
    store.hands.take("BL-211", "B-1")
    assert store.hands.container("B-1")["mass_g"] == pytest.approx(99.5, abs=0.3)
    assert store.is_balanced()


STEPS = extension_steps()


def test_every_phase_runs_by_itself_in_a_plant_that_runs_dry() -> None:
    for unit, phase, changed in dict.fromkeys((one[0], one[1], tuple(one[2].items())) for one in STEPS):
        if phase in ("LOAD", "PREMIX", "SEAL", "MILL", "UNLOAD"):
            continue  # as the first mill
        bench = Bench("SX", supply="dry")
        assert bench.run(unit, phase, **dict(changed))


def test_idle_time_between_the_phases_changes_no_report() -> None:
    at_once, later = (Bench("SX", supply="dry") for _ in range(2))
    assert run_steps(at_once, STEPS) == run_steps(later, STEPS, idle_ticks=1700)


@settings(max_examples=12, deadline=None)
@given(
    chosen=st.lists(
        st.tuples(st.integers(0, len(STEPS) - 1), st.sampled_from(["run", "abort", "hold"]), st.integers(1, 4000)),
        min_size=3,
        max_size=15,
    ),
    uncleaned=st.booleans(),
)
def test_every_gram_is_somewhere_whatever_is_commanded(chosen: list[tuple[int, str, int]], uncleaned: bool) -> None:
    bench = ExtensionBench(Supply.DRY)
    for unit in ("BM-202", "BL-211"):
        if uncleaned:
            bench.units[unit].disturb("uncleaned", 5.0)
    for index, verb, ticks in chosen:
        unit, phase, changed = STEPS[index]
        bench.start(unit, phase, **(changed | ({"duration": 0.5} if phase == "REACT" else {})))
        ended = bench.go_for(unit, ticks)
        assert bench.is_balanced()
        if verb == "hold" and not ended.done and not ended.fail_code:
            bench.rest(unit)
            bench.units[unit].resume(f"{unit}.PH")
            ended = bench.go(unit)
        if verb == "run" and not ended.done and not ended.fail_code:
            bench.go(unit)
        bench.abort(unit)
        assert bench.is_balanced()
