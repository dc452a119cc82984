"""The film line when something goes wrong: interlocks that act on the machine, and faults that are real in effect."""

from __future__ import annotations

import pytest

from plc_sim.plant import UnitModel
from plc_sim.units.calender import Rolls
from plc_sim.units.coating_machine import CoatingLine
from plc_sim.units.instruments import Jitter
from plc_sim.units.mixer import Bowl
from plc_sim.units.mixer_charge import Stage
from plc_sim.units.site import PERMISSIVES, TRIPS, shown_name
from tests.plc_sim.units.chains import film_steps, run_steps
from tests.plc_sim.units.film_bench import FilmBench

CT = "CT-701.PH"


@pytest.fixture
def bench() -> FilmBench:
    made = FilmBench()
    made.pour("A", 1500.0)
    made.run("CT-701", "THREAD")
    return made


def coating(bench: FilmBench, **changed: float) -> UnitModel:
    """Start a run and bring it to steady coating."""
    model = bench.start("CT-701", "COAT", **{"length": 40.0, "scrap_length": 0.0} | changed)
    bench.go("CT-701", until=lambda progress: progress.step == 30)
    bench.go_for("CT-701", 400)
    return model


def tripped(bench: FilmBench, interlock: str, ticks: int = 900) -> None:
    """Run until an interlock holds."""
    unit = bench.units["CT-701"]
    for _ in range(ticks):
        bench.go_for("CT-701", 1)
        if interlock in unit.interlocks(CT):
            return
    raise AssertionError(f"{interlock} never tripped; held {sorted(unit.interlocks(CT))} after {ticks} s")


def test_vapour_stops_the_pump_and_only_the_key_lets_it_go(bench: FilmBench) -> None:
    model = coating(bench)
    sp = bench.defaults["CT-701", "COAT"] | {"length": 40.0, "scrap_length": 0.0, "speed": 2.4, "flow": 39.4}
    model.update(CT, sp)
    tripped(bench, "I11_DRYER_LEL", 1200)
    assert model.tags()["PUMP_FLOW"] == 0.0
    bench.rest("CT-701")
    with pytest.raises(ValueError, match="cause is still there"):
        model.reset("I11_DRYER_LEL", key=True)
    bench.idle(600)
    assert bench.units["DR-702"].tags()["EXH_FLOW"] == pytest.approx(350.0, abs=5.0)
    assert model.interlocks(CT) == {"I11_DRYER_LEL"}
    with pytest.raises(ValueError, match="needs the key"):
        model.reset("I11_DRYER_LEL", key=False)
    model.reset("I11_DRYER_LEL", key=True)
    assert model.interlocks(CT) == frozenset()
    bench.idle(120)
    assert bench.units["DR-702"].tags()["EXH_FLOW"] == pytest.approx(200.0, abs=5.0)


def test_vapour_in_two_zones_at_its_second_level_takes_heat_and_web_away() -> None:
    line = CoatingLine()
    line.dryer.heat((50.0, 80.0, 110.0))
    line.speed_m_min = 1.0
    for _ in range(60):
        line.tick()
    line.dryer.vapour_g_m3 = [30.0, 10.0, 0.0]
    line.dryer.sources_g_min = (60.0, 60.0, 0.0)
    line.tick()
    assert line.interlocks() == {"I11_DRYER_LEL"}
    assert line.speed_m_min == 1.0
    line.dryer.vapour_g_m3 = [30.0, 20.0, 0.0]
    line.dryer.wake()
    line.tick()
    assert line.interlocks() == {"I11_DRYER_LEL", "I11_DRYER_LEL_HIGH"}
    assert line.speed_m_min == 0.0
    assert max(line.dryer.targets_degc) == 22.0


def test_a_lost_exhaust_takes_the_heat_away_and_gives_it_back_by_itself(bench: FilmBench) -> None:
    model = coating(bench)
    bench.units["DR-702"].disturb("exhaust-failure", 60.0)
    before = bench.units["DR-702"].tags()
    tripped(bench, "I12_EXHAUST_FLOW")
    bench.rest("CT-701")
    bench.idle(600)
    now = bench.units["DR-702"].tags()
    assert now["EXH_FLOW"] == pytest.approx(60.0, abs=2.0)
    assert now["TZ3"] < before["TZ3"] - 40.0
    bench.units["DR-702"].recover("exhaust-failure")
    bench.idle(120)
    assert model.interlocks(CT) == frozenset()
    model.resume(CT)
    # The dryer has to be hot again before the die comes back.
    assert bench.go_for("CT-701", 1).step == 10
    assert bench.go("CT-701", until=lambda progress: progress.step == 30).step == 30
    assert bench.units["DR-702"].tags()["TZ3"] == pytest.approx(110.0, abs=3.0)


def test_oxygen_in_the_loop_stops_web_and_heat_and_is_purged(bench: FilmBench) -> None:
    model = coating(bench)
    bench.units["DR-702"].disturb("oxygen-ingress", 10.0)
    tripped(bench, "I13_DRYER_OXYGEN")
    assert model.tags()["PUMP_FLOW"] == 0.0
    assert bench.line.speed_m_min == 0.0
    bench.rest("CT-701")
    bench.idle(300)
    assert bench.units["DR-702"].tags()["O2_LOOP"] < 2.0
    bench.units["DR-702"].recover("oxygen-ingress")
    bench.units["DR-702"].reset("I13_DRYER_OXYGEN", key=False)
    assert model.interlocks(CT) == frozenset()


def test_a_broken_web_stops_everything_until_it_is_spliced_and_acknowledged(bench: FilmBench) -> None:
    model = coating(bench)
    bench.units["RW-901"].disturb("web-break", 1.0)
    tripped(bench, "I14_WEB_BREAK", 5)
    assert (model.tags()["PUMP_FLOW"], model.tags()["WEB_SPEED"]) == (0.0, 0.0)
    assert bench.units["UW-701"].tags()["TENSION_UW"] < 1.0
    bench.rest("CT-701")
    with pytest.raises(ValueError, match="still there"):
        model.reset("I14_WEB_BREAK", key=False)
    bench.units["RW-901"].recover("web-break")
    bench.idle(60)
    model.reset("I14_WEB_BREAK", key=False)
    assert model.interlocks(CT) == frozenset()
    assert bench.lost_g() < 1e-6


def test_a_pump_that_swings_shows_on_the_web_and_one_that_sticks_spills(bench: FilmBench) -> None:
    model = coating(bench)
    model.disturb("pump-fluctuation", 8.0)
    bench.go_for("CT-701", 600)
    model.recover("pump-fluctuation")
    bench.go_for("CT-701", 1)
    model.disturb("stuck-valve", 1.0)
    bench.rest("CT-701")
    assert model.tags()["PUMP_FLOW"] == pytest.approx(16.4, abs=0.5)
    model.recover("stuck-valve")
    model.resume(CT)
    assert bench.go("CT-701").done
    model.end(CT)
    roll = bench.holdings.coated.first()
    assert roll is not None
    loads = [stretch.mass_g / stretch.length_m for stretch in roll.stretches]
    assert max(loads) / min(loads) == pytest.approx(1.16, abs=0.04)
    assert sum(bench.holdings.ledger.exits["spilt at the die"].values()) > 0.2
    assert bench.lost_g() < 1e-6


def test_a_film_thinner_than_the_die_can_lay_has_streaks(bench: FilmBench) -> None:
    coating(bench, flow=7.5, wet_thickness=30.0)
    bench.go_for("CT-701", 300)
    assert bench.units["VI-712"].tags()["PINHOLE_CNT"] > 5.0
    assert bench.line.streaks == pytest.approx(42.0 / 30.0 - 1.0, abs=0.1)


def test_a_change_of_film_reaches_the_gauge_after_its_path(bench: FilmBench) -> None:
    model = coating(bench)
    gauge = bench.units["GA-711"]
    thick = gauge.tags()["AREAL_MASS"]
    assert thick == pytest.approx(3.85, rel=0.03)
    model.update(CT, bench.defaults["CT-701", "COAT"] | {"length": 40.0, "flow": 18.04, "wet_thickness": 72.0})
    bench.go_for("CT-701", 4 * 60)
    assert gauge.tags()["AREAL_MASS"] == pytest.approx(thick, rel=0.03)
    bench.go_for("CT-701", 80)
    assert gauge.tags()["AREAL_MASS"] == pytest.approx(1.1 * thick, rel=0.03)
    assert 0.0 <= gauge.tags()["POS_CD"] <= 300.0


def test_a_cold_zone_moves_the_vapour_on_and_a_broken_sensor_never_lets_the_run_begin(bench: FilmBench) -> None:
    dryer = bench.units["DR-702"]
    dryer.disturb("zone-sensor-failure", 2.0)
    bench.start("CT-701", "COAT", length=5.0)
    assert bench.go_for("CT-701", 3600).step == 10
    assert dryer.tags()["TZ2"] > 150.0
    dryer.recover("zone-sensor-failure")
    bench.go("CT-701", until=lambda progress: progress.step == 30)
    tags = dryer.tags()
    assert tags["LEL1"] > 3.0 * tags["LEL2"]
    dryer.disturb("heater-failure", 1.0)
    bench.go_for("CT-701", 280)
    assert dryer.tags()["LEL2"] > 2.0 * tags["LEL2"]


def test_tension_swings_on_both_sides(bench: FilmBench) -> None:
    coating(bench)
    bench.units["UW-701"].disturb("tension-swing", 15.0)
    seen = []
    for _ in range(40):
        bench.go_for("CT-701", 1)
        seen.append(bench.units["RW-901"].tags()["TENSION_RW"])
    assert max(seen) - min(seen) == pytest.approx(30.0, abs=3.0)


def test_lumps_clog_the_filter_and_make_pinholes() -> None:
    clean, lumpy = FilmBench(), FilmBench()
    lumpy.units["MX-601"].disturb("agglomerate", 80.0)
    steps = film_steps(600.0, length_m=3.0)[:11]
    good, bad = run_steps(clean, steps), run_steps(lumpy, steps)
    assert bad[6]["fineness"] == pytest.approx(80.0, rel=0.1)
    assert bad[8]["peak_dp"] > 1.5 * good[8]["peak_dp"]
    defects = [sum(one.defects for one in bench.holdings.coated.all()[0].stretches) for bench in (clean, lumpy)]
    assert defects[0] == 0.0
    assert defects[1] / (3.0 * 0.25) > 5.0


def test_a_filter_that_clogs_at_once_trips_on_its_pressure() -> None:
    bench = FilmBench()
    run_steps(bench, film_steps(600.0, length_m=3.0)[:8])
    model = bench.start("FL-603", "FILTER")
    bench.go_for("FL-603", 900)
    model.disturb("filter-clogged", 20.0)
    bench.go("FL-603", until=lambda _: bool(model.interlocks("FL-603.PH")))
    assert model.interlocks("FL-603.PH") == {"FL_FILTER_PRESSURE"}
    bench.rest("FL-603")
    bench.idle(30)
    assert model.interlocks("FL-603.PH") == frozenset()
    model.recover("filter-clogged")
    model.resume("FL-603.PH")
    assert bench.go("FL-603").done


def test_a_balance_that_reads_too_much_charges_too_little() -> None:
    bench = FilmBench()
    bench.units["MX-601"].disturb("scale-drift", 5.0)
    net = bench.run("MX-601", "DOSE", target=100.0)["net_weight"]
    assert net == pytest.approx(100.0, abs=0.2)
    assert bench.holdings.bowl.all()[0].mass_g == pytest.approx(95.0, abs=0.2)


@pytest.mark.parametrize("unit", ["MX-601", "FL-603"])
def test_a_unit_that_was_not_cleaned_brings_the_last_batch_into_the_next(unit: str) -> None:
    bench = FilmBench()
    bench.units[unit].disturb("uncleaned", 10.0)
    steps = film_steps(500.0, length_m=3.0)[:9]
    carried = []
    for batch in range(3):
        before = set(bench.holdings.ledger.lots)
        if batch == 2:
            bench.units[unit].recover("uncleaned")
        run_steps(bench, steps)
        slurry = bench.holdings.filtered.take()
        carried.append(sum(grams for lot, grams in slurry.parts.items() if lot in before) / slurry.mass_g)
        bench.holdings.give_up([slurry])
        assert bench.lost_g() < 1e-6
    assert carried == pytest.approx([0.0, 0.1 / 1.1, 0.0], rel=0.05)


def test_a_hot_bowl_and_a_lost_inert_head_stop_the_drives() -> None:
    bench = FilmBench()
    run_steps(bench, film_steps(600.0, length_m=3.0)[:2])
    model = bench.start("MX-601", "DISSOLVE", temperature=44.0, speed=80.0)
    bench.go("MX-601", until=lambda _: bool(model.interlocks("MX-601.PH")))
    assert model.interlocks("MX-601.PH") == {"MX_SLURRY_TEMPERATURE"}
    assert bench.rest("MX-601") == 1
    model.end("MX-601.PH")
    bench.idle(900)
    assert model.interlocks("MX-601.PH") == frozenset()
    model.disturb("oxygen-ingress", 10.0)
    bench.idle(300)
    assert model.interlocks("MX-601.PH") == {"MX_HEAD_OXYGEN"}


def test_a_bowl_without_cooling_stays_hot_and_without_vacuum_its_slurry_stays_full_of_gas() -> None:
    bowl = Bowl(Jitter(1, "MX"), Stage())
    bowl.bowl_degc = 40.0
    bowl.disturb("cooling-failure", 0.0)
    for _ in range(1800):
        bowl.tick()
    assert bowl.bowl_degc > 38.0
    bench = FilmBench()
    run_steps(bench, film_steps(600.0, length_m=3.0)[:7])
    bench.units["MX-601"].disturb("stuck-valve", 1.0)
    assert bench.run("MX-601", "DEGAS")["viscosity"] > 1.3


def test_a_nip_that_runs_away_opens_and_has_crushed_what_was_in_it() -> None:
    rolls = Rolls(Jitter(1, "CA"))
    rolls.disturb("nip-force-runaway", 950.0)
    for _ in range(20):
        rolls.press(400.0, 1.0)
        rolls.tick()
        if rolls.interlocks():
            break
    assert rolls.interlocks() == {"I15_CALENDER_NIP"}
    assert rolls.tags()["LINE_FORCE"] == 0.0
    for _ in range(10):
        rolls.tick()
    with pytest.raises(ValueError, match="needs the key"):
        rolls.reset("I15_CALENDER_NIP", key=False)
    rolls.reset("I15_CALENDER_NIP", key=True)
    assert rolls.interlocks() == frozenset()


def test_a_line_force_above_what_particles_bear_costs_conductivity(bench: FilmBench) -> None:
    bench.run("CT-701", "COAT", length=3.0)
    bench.run("CA-801", "CALENDER", line_force=850.0)
    roll = bench.holdings.calendered.first()
    assert roll is not None
    assert [one.uncrushed for one in roll.stretches] == pytest.approx([1.0 - 250.0 * 3e-4] * len(roll.stretches))


def test_a_blunt_knife_tears_edges() -> None:
    bench = FilmBench()
    bench.pour("A", 1000.0)
    bench.run("CT-701", "THREAD")
    bench.run("CT-701", "COAT", length=15.0)
    bench.holdings.dried_web.put(bench.holdings.coated.take())
    bench.units["SL-902"].disturb("blunt-knife", 120.0)
    assert bench.run("SL-902", "SLIT")["defects"] > 1.0


def test_every_line_of_the_site_has_its_bit_where_it_can_hold(bench: FilmBench) -> None:
    slots = {slot["unit"]: {one["name"] for one in slot["interlocks"]} for slot in bench.map["slot"]}
    for line, units in (*TRIPS.items(), *PERMISSIVES.items()):
        bench.site.raise_line(line, True)
        for unit in set(units) & set(bench.units):
            assert bench.units[unit].interlocks(f"{unit}.PH") == {shown_name(line)}
            assert shown_name(line) in slots[unit]
        bench.site.raise_line(line, False)
    assert bench.units["CT-701"].interlocks(CT) == frozenset()


def test_every_film_unit_says_which_faults_it_knows_and_refuses_others(bench: FilmBench) -> None:
    assert bench.units["DR-702"].disturbances() == {
        "damper-unproven", "exhaust-failure", "heater-failure", "oxygen-ingress", "zone-sensor-failure",
    }  # fmt: skip
    with pytest.raises(ValueError, match="unit GA-711 knows no fault web-break; it knows none"):
        bench.units["GA-711"].disturb("web-break", 1.0)
    with pytest.raises(ValueError, match="no interlock I9"):
        bench.units["CT-701"].reset("I9", key=True)
