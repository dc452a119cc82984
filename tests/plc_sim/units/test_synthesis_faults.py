"""Interlocks of the synthesis line and the physical faults that trip them; all of it without an MES."""

from __future__ import annotations

import pytest

from plc_sim.plant import UnitModel
from plc_sim.units import UNITS, Plant
from plc_sim.units.furnace_body import Furnace
from plc_sim.units.instruments import Jitter
from plc_sim.units.mill_drive import MillDrive
from plc_sim.units.site import OPEN_TRIPS, TRIPS, Site, shown_name
from tests.plc_sim.units.bench import Bench
from tests.plc_sim.units.chains import powder_steps, run_steps

STEPS = powder_steps(1000.0)


class SiteBench(Bench):
    """The synthesis line with the site's lines in reach."""

    def __init__(self) -> None:
        super().__init__("SY")
        plant = Plant(seed=1)
        self.site, self.material = plant.site, plant.material
        self.units = {name: UNITS[name](name, plant) for name in self.units}

    def soaking(self) -> UnitModel:
        run_steps(self, STEPS[:9])
        model = self.start("FU-301", "ANNEAL", soak_time=60.0)
        self.go("FU-301", until=lambda progress: progress.step == 20)
        return model

    def tag(self, unit: str, name: str) -> float:
        return self.units[unit].tags()[name]


@pytest.fixture
def line() -> SiteBench:
    return SiteBench()


def until_tripped(bench: Bench, unit: str, interlock: str, limit: int = 30_000) -> int:
    model = bench.units[unit]
    for tick in range(limit):
        if interlock in model.interlocks(f"{unit}.PH"):
            return tick
        model.tick()
        model.run(f"{unit}.PH")
    raise AssertionError(f"{interlock} did not trip in {limit} ticks; {model.tags()}")


def test_the_slots_declare_the_lines_of_the_site_that_reach_them(line: SiteBench) -> None:
    for slot in line.map["slot"]:
        unit = slot["unit"]
        lines = {shown_name(name) for name, units in (*TRIPS.items(), *OPEN_TRIPS.items()) if unit in units}
        declared = {one["name"] for one in slot["interlocks"]}
        own = {"BM-201": {"I10_MILL_JAR"}, "JM-401": {"I9_JET_MILL_GAS"}, "FU-301": {
            "I5_RETORT_PRESSURE", "I6_OVERTEMPERATURE", "I7_RETORT_OXYGEN"}}.get(unit, set())  # fmt: skip
        assert declared == lines | own, unit


def test_the_mill_locks_for_an_hour_after_a_hot_jar_and_wants_to_be_acknowledged() -> None:
    drive = MillDrive(Jitter(1, "BM-201"))
    drive.jar_degc, drive.speed_rpm = 80.0, 600.0
    drive.tick()
    assert drive.interlocks() == {"I10_MILL_JAR"}
    assert drive.speed_rpm == 0.0
    with pytest.raises(ValueError, match="its cause is still there"):
        drive.reset("I10_MILL_JAR", key=False)
    for _ in range(4 * 3600):
        drive.tick()
    assert drive.interlocks() == {"I10_MILL_JAR"}
    drive.reset("I10_MILL_JAR", key=False)
    assert drive.interlocks() == frozenset()


def test_a_shaking_mill_stops_itself(line: SiteBench) -> None:
    run_steps(line, STEPS[:6])
    line.start("BM-201", "MILL")
    line.go_for("BM-201", 100)
    line.units["BM-201"].disturb("vibration", 12.0)
    assert until_tripped(line, "BM-201", "I10_MILL_JAR") <= 1
    line.units["BM-201"].recover("vibration")
    line.rest("BM-201")
    line.idle(3700)
    line.units["BM-201"].reset("I10_MILL_JAR", key=False)
    assert line.units["BM-201"].interlocks("BM-201.PH") == frozenset()


def test_without_cooling_the_mill_waits_for_its_jar(line: SiteBench) -> None:
    run_steps(line, STEPS[:6])
    line.units["BM-201"].disturb("cooling-failure", 0.0)
    reports = line.run("BM-201", "MILL", run_time=3.0)
    assert 30 in line.steps
    assert reports["peak_jar_temp"] == pytest.approx(60.0, abs=0.2)
    assert reports["wall_time"] > 4.5


def test_a_blocked_vent_trips_the_heaters_and_opens_the_other_vent(line: SiteBench) -> None:
    model = line.soaking()
    model.disturb("vent-blocked", 20.0)
    assert until_tripped(line, "FU-301", "I5_RETORT_PRESSURE") == pytest.approx(510, abs=30)
    line.rest("FU-301")
    line.idle(600)
    assert line.tag("FU-301", "HEATER_OUT2") == 0.0
    assert line.tag("FU-301", "P_RETORT") < 40.0
    model.reset("I5_RETORT_PRESSURE", key=False)
    assert model.interlocks("FU-301.PH") == frozenset()


@pytest.mark.parametrize(("zone", "fault"), [(1.0, "heater-runaway"), (3.0, "heater-failure")])
def test_a_zone_out_of_control_opens_the_safety_contactor(line: SiteBench, zone: float, fault: str) -> None:
    model = line.soaking()
    model.disturb(fault, zone)
    assert until_tripped(line, "FU-301", "I6_OVERTEMPERATURE") > 60
    line.rest("FU-301")
    hottest = line.tag("FU-301", f"TZ{zone:.0f}")
    line.idle(1200)
    assert line.tag("FU-301", f"TZ{zone:.0f}") < hottest + 30.0
    assert line.tag("FU-301", "AR_FLOW") == pytest.approx(50.0, abs=0.1)
    line.idle(4 * 3600)
    model.recover(fault)
    with pytest.raises(ValueError, match="needs the key"):
        model.reset("I6_OVERTEMPERATURE", key=False)
    model.reset("I6_OVERTEMPERATURE", key=True)
    assert model.interlocks("FU-301.PH") == frozenset()


def test_a_broken_thermocouple_reads_over_range_and_trips_at_once(line: SiteBench) -> None:
    model = line.soaking()
    model.disturb("zone-sensor-failure", 2.0)
    assert line.tag("FU-301", "TZ2") > 900.0
    assert until_tripped(line, "FU-301", "I6_OVERTEMPERATURE") <= 1
    model.disturb("zone-sensor-failure", 3.0)
    assert line.tag("FU-301", "TZ2") < 560.0


def test_air_in_the_retort_takes_the_heat_away_until_it_is_washed_out(line: SiteBench) -> None:
    model = line.soaking()
    model.disturb("retort-leak", 1.0)
    until_tripped(line, "FU-301", "I7_RETORT_OXYGEN")
    line.rest("FU-301")
    line.idle(600)
    assert line.tag("FU-301", "O2_EXH") == 1000.0
    assert line.tag("FU-301", "HEATER_OUT1") == 0.0
    assert line.tag("FU-301", "DOOR_LOCK") == 1.0
    model.recover("retort-leak")
    line.idle(2 * 3600)
    assert model.interlocks("FU-301.PH") == frozenset()
    model.resume("FU-301.PH")
    assert line.go("FU-301").done
    model.end("FU-301.PH")
    run_steps(line, STEPS[10:12])
    assert line.material.annealed.all()[0].condition.phase < 0.95


def test_no_scrubber_no_heat_and_no_argon_a_sealed_retort(line: SiteBench) -> None:
    model = line.soaking()
    line.site.raise_line("I17_SCRUBBER", True)
    assert model.interlocks("FU-301.PH") == {"I17_SCRUBBER"}
    line.idle(2)
    assert line.tag("FU-301", "HEATER_OUT1") == 0.0
    line.site.raise_line("I17_SCRUBBER", False)
    line.site.raise_line("I18_ARGON_SUPPLY", True)
    line.idle(1800)
    assert line.tag("FU-301", "AR_FLOW") == pytest.approx(0.0, abs=0.05)
    assert line.tag("FU-301", "P_RETORT") > 2.0
    assert "I5_RETORT_PRESSURE" not in model.interlocks("FU-301.PH")
    until_tripped(line, "FU-301", "I5_RETORT_PRESSURE")
    line.site.raise_line("I18_ARGON_SUPPLY", False)
    line.idle(300)
    assert line.tag("FU-301", "P_RETORT") > 10.0


def test_a_stuck_argon_valve_keeps_its_flow(line: SiteBench) -> None:
    run_steps(line, STEPS[:9])
    line.units["FU-301"].disturb("stuck-valve", 1.0)
    line.start("FU-301", "ANNEAL", argon_flow=20.0)
    line.go_for("FU-301", 600)
    assert line.tag("FU-301", "AR_FLOW") == pytest.approx(5.0, abs=0.1)
    line.units["FU-301"].recover("stuck-valve")
    line.idle(1)
    assert line.tag("FU-301", "AR_FLOW") == pytest.approx(20.0, abs=0.1)


def test_too_much_heat_costs_phase_and_fills_the_trap(line: SiteBench) -> None:
    run_steps(line, STEPS[:9])
    line.run("FU-301", "ANNEAL", soak_temp=550.0, count_above=540.0, soak_time=300.0, ramp=3.0)
    assert line.tag("FU-301", "H2S_EXH") == pytest.approx(4.0, abs=2.0)
    assert 15.5 < line.tag("FU-301", "T_TRAP") < 40.0
    line.run("FU-301", "ANNEAL", soak_temp=600.0, count_above=590.0, soak_time=300.0, ramp=3.0)
    assert line.tag("FU-301", "H2S_EXH") > 10.0
    run_steps(line, STEPS[10:12])
    (cake,) = line.material.annealed.all()
    assert cake.condition.crystal > 0.99
    assert 0.9 < cake.condition.phase < 0.97
    assert line.material.ledger.exits["sulfur off-gas"]


@pytest.mark.parametrize(("fault", "amount"), [("loop-oxygen", 800.0), ("filter-clogged", 20.0)])
def test_the_jet_mill_stops_its_feed_until_gas_and_filter_are_good(line: SiteBench, fault: str, amount: float) -> None:
    run_steps(line, STEPS[:12])
    model = line.start("JM-401", "JET_MILL")
    line.go_for("JM-401", 600)
    model.disturb(fault, amount)
    until_tripped(line, "JM-401", "I9_JET_MILL_GAS")
    line.rest("JM-401")
    assert line.tag("JM-401", "FEED_RATE") == 0.0
    model.recover(fault)
    line.idle(900)
    assert model.interlocks("JM-401.PH") == {"I9_JET_MILL_GAS"}
    model.reset("I9_JET_MILL_GAS", key=False)
    model.resume("JM-401.PH")
    assert line.go("JM-401").done


def test_a_torn_screen_lets_lumps_through(line: SiteBench) -> None:
    run_steps(line, STEPS[:13])
    line.units["SV-402"].disturb("screen-torn", 100.0)
    assert line.run("SV-402", "SIEVE")["oversize_fraction"] < 0.1
    assert line.material.sieved.all()[0].condition.agglomerates_per_g == pytest.approx(37.0, rel=0.3)


def test_a_leaking_dryer_never_reaches_its_vacuum(line: SiteBench) -> None:
    run_steps(line, STEPS[:14])
    line.units["VD-403"].disturb("vacuum-leak", 50.0)
    model = line.start("VD-403", "VACUUM_DRY")
    assert line.go("VD-403").fail_code == 20
    assert line.tag("VD-403", "P_VAC") == pytest.approx(50.0, rel=0.05)
    model.recover("vacuum-leak")
    model.disturb("heater-failure", 1.0)
    model.resume("VD-403.PH")
    assert line.go("VD-403").fail_code == 20
    assert line.tag("VD-403", "T_SHELL") == pytest.approx(22.0, abs=0.5)
    model.recover("heater-failure")
    model.disturb("stuck-valve", 1.0)
    model.resume("VD-403.PH")
    assert line.go("VD-403").done
    assert line.tag("VD-403", "P_VAC") < 1.0


def test_leaking_seals_fail_the_packing_until_they_are_mended(line: SiteBench) -> None:
    run_steps(line, STEPS[:15])
    model = line.units["PK-501"]
    model.disturb("seal-failure", 0.01)
    line.start("PK-501", "PACK")
    assert line.go("PK-501").fail_code == 20
    assert line.tag("PK-501", "LEAK") == 0.01
    model.recover("seal-failure")
    model.resume("PK-501.PH")
    assert line.go("PK-501").done


def test_moist_air_at_an_open_box_costs_the_powder_and_gives_off_gas(line: SiteBench) -> None:
    run_steps(line, STEPS[:13])
    line.site.water_ppm["GB-102"] = 127.0
    line.run("SV-402", "SIEVE")
    sieved = line.material.sieved.all()[0]
    minutes = line.ticks / 60.0
    assert sieved.condition.exposure_ppm_min == pytest.approx(127.0 * minutes, rel=0.01)
    assert sieved.condition.hydrolysis_cc_g == pytest.approx(2.63e-5 * 127.0 * minutes, rel=0.01)
    assert line.site.boxes_cc["GB-102"] == pytest.approx(2.63e-5 * 127.0 * minutes * 915.0, rel=0.05)


def test_a_unit_knows_its_faults_and_refuses_others(line: SiteBench) -> None:
    for name, model in line.units.items():
        for fault in model.disturbances():
            model.disturb(fault, 1.0)
            model.recover(fault)
        with pytest.raises(ValueError, match=f"unit {name} knows no fault web-break"):
            model.disturb("web-break", 1.0)
    assert "FU-301" in line.units
    assert Furnace("FU-301", Site(), Jitter(1, "FU-301")).interlocks() == frozenset()


@pytest.mark.parametrize("line_name", ["I1_H2S_ALARM", "I4_GLOVEBOX_102"])
def test_bad_air_holds_the_furnace_only_while_its_powder_lies_open(line: SiteBench, line_name: str) -> None:
    run_steps(line, STEPS[:8])
    model = line.start("FU-301", "CHARGE")
    line.go_for("FU-301", 10)
    line.site.raise_line(line_name, True)
    assert model.interlocks("FU-301.PH") == {shown_name(line_name)}
    line.site.raise_line(line_name, False)
    assert line.go("FU-301").done
    model.end("FU-301.PH")
    line.site.raise_line(line_name, True)
    line.start("FU-301", "ANNEAL")
    line.go_for("FU-301", 10)
    assert model.interlocks("FU-301.PH") == frozenset()


def test_the_door_of_the_furnace_stays_locked_above_fifty_degrees() -> None:
    furnace = Furnace("FU-301", Site(), Jitter(1, "FU-301"))
    for degc, locked in ((51.0, 1.0), (49.0, 0.0)):
        furnace.settle_at(degc)
        assert furnace.tags()["DOOR_LOCK"] == locked
