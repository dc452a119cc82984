"""What holds the units of the synthesis extension off, and what their own trips do; all of it without an MES."""

from __future__ import annotations

import pytest

from plc_sim.material.holdings import Supply
from plc_sim.units.site import OPEN_TRIPS, PERMISSIVES, TRIPS, shown_name
from tests.plc_sim.units.extension_bench import ExtensionBench

OWN = {
    "BM-202": {"I10_MILL_JAR"},
    "RX-251": {"RX_TEMPERATURE", "RX_PRESSURE", "RX_BLANKET", "RX_LEL"},
    "DM-651": {"DM_TEMPERATURE"},
    "SH-652": {"SH_NIP_GUARD"},
}


@pytest.fixture
def plant() -> ExtensionBench:
    return ExtensionBench()


def ticked(bench: ExtensionBench, unit: str, ticks: int) -> None:
    for _ in range(ticks):
        bench.units[unit].tick()


def test_the_slots_declare_the_lines_of_the_site_that_reach_them(plant: ExtensionBench) -> None:
    for slot in plant.map["slot"]:
        unit = slot["unit"]
        if unit in ("BM-202", "BL-211", "RX-251", "DM-651", "SH-652"):
            tables = (*TRIPS.items(), *OPEN_TRIPS.items(), *PERMISSIVES.items())
            lines = {shown_name(name) for name, units in tables if unit in units}
            assert {one["name"] for one in slot["interlocks"]} == lines | OWN.get(unit, set()), unit


def test_a_failed_scrubber_holds_the_reactor_and_wet_room_air_keeps_the_dry_film_from_starting(
    plant: ExtensionBench,
) -> None:
    plant.site.raise_line("I17_SCRUBBER", True)
    assert plant.units["RX-251"].interlocks("RX-251.PH") == {"I17_SCRUBBER"}
    plant.site.raise_line("I17_SCRUBBER", False)
    plant.site.raise_line("I16_DRY_ROOM", True)
    assert plant.units["SH-652"].interlocks("SH-652.PH") == {"I16_DRY_ROOM"}
    assert plant.units["RX-251"].interlocks("RX-251.PH") == frozenset()


def brewing(plant: ExtensionBench, phase: str, **changed: float) -> None:
    plant.run("RX-251", "CHARGE_SOLVENT", target=2000.0)
    plant.run("WS-111", "WEIGH", target=200.0)
    plant.run("RX-251", "REACT", expected_mass=200.0, duration=0.5)
    plant.start("RX-251", phase, **changed)


def test_vapour_around_the_reactor_breaks_its_vacuum_and_needs_the_key(plant: ExtensionBench) -> None:
    brewing(plant, "DISTIL")
    plant.go("RX-251", until=lambda progress: progress.step == 20)
    unit = plant.units["RX-251"]
    assert plant.tag("RX-251", "P") < -700.0
    unit.disturb("solvent-vapour", 40.0)
    ticked(plant, "RX-251", 300)
    assert unit.interlocks("RX-251.PH") == {"RX_LEL"}
    assert plant.tag("RX-251", "P") > 0.0
    unit.recover("solvent-vapour")
    ticked(plant, "RX-251", 600)
    with pytest.raises(ValueError, match="RX_LEL needs the key"):
        unit.reset("RX_LEL", key=False)
    unit.reset("RX_LEL", key=True)
    assert unit.interlocks("RX-251.PH") == frozenset()
    unit.resume("RX-251.PH")
    assert plant.go("RX-251").done
    assert plant.is_balanced()


def test_without_argon_the_blanket_of_the_reactor_fades(plant: ExtensionBench) -> None:
    plant.site.argon_bar = 0.5
    ticked(plant, "RX-251", 1200)
    assert plant.units["RX-251"].interlocks("RX-251.PH") == {"RX_BLANKET"}
    plant.site.argon_bar = 6.0
    ticked(plant, "RX-251", 1200)
    assert plant.units["RX-251"].interlocks("RX-251.PH") == frozenset()


def test_a_reactor_that_cannot_boil_its_solvent_says_so(plant: ExtensionBench) -> None:
    brewing(plant, "DISTIL", temperature=30.0, pressure=1000.0)
    assert plant.go("RX-251").fail_code == 60


def test_a_reactor_takes_no_more_solvent_than_fits(plant: ExtensionBench) -> None:
    plant.start("RX-251", "CHARGE_SOLVENT", target=40_000.0)
    assert plant.go("RX-251").fail_code == 30


def test_a_reactor_whose_powder_was_not_weighed_holds(plant: ExtensionBench) -> None:
    plant.run("RX-251", "CHARGE_SOLVENT", target=2000.0)
    plant.start("RX-251", "REACT", expected_mass=200.0)
    assert plant.go("RX-251").fail_code == 25


def test_undissolved_powder_clogs_the_outlet_filter(plant: ExtensionBench) -> None:
    brewing(plant, "FILTER", mesh=1.0)
    assert plant.go("RX-251").fail_code == 40
    plant.units["RX-251"].resume("RX-251.PH")
    model = plant.units["RX-251"]
    model.update("RX-251.PH", plant.defaults["RX-251", "FILTER"] | {"mesh": 50.0})
    assert plant.go("RX-251").done


@pytest.mark.parametrize(("unit", "phase"), [("DM-651", "FIBRILLATE"), ("RX-251", "REACT")])
def test_a_vessel_without_heat_holds_after_its_patience(unit: str, phase: str) -> None:
    plant = ExtensionBench(Supply.DRY)
    plant.units[unit].disturb("heater-failure", 1.0)
    plant.start(unit, phase, temperature=60.0)
    assert plant.go(unit).fail_code == 50
    plant.units[unit].recover("heater-failure")
    plant.units[unit].resume(f"{unit}.PH")
    assert plant.go(unit, until=lambda progress: progress.step == 20).step == 20


def test_a_kneader_whose_heater_runs_away_is_stopped(plant: ExtensionBench) -> None:
    unit = plant.units["DM-651"]
    unit.disturb("heater-runaway", 1.0)
    ticked(plant, "DM-651", 1800)
    assert unit.interlocks("DM-651.PH") == {"DM_TEMPERATURE"}
    unit.recover("heater-runaway")
    ticked(plant, "DM-651", 900)
    unit.reset("DM_TEMPERATURE", key=False)
    assert unit.interlocks("DM-651.PH") == frozenset()


def test_powder_without_fibrils_makes_no_sheet(plant: ExtensionBench) -> None:
    for grams in (500.0, 1.0):
        plant.run("DM-651", "CHARGE", target=grams)
    plant.run("DM-651", "MIX")
    plant.run("DM-651", "DISCHARGE")
    plant.start("SH-652", "PRESHEET")
    assert plant.go("SH-652").fail_code == 20


def test_mixing_warm_leaves_the_powder_uneven(plant: ExtensionBench) -> None:
    evenness = []
    for temperature in (15.0, 30.0):
        plant.run("DM-651", "CHARGE", target=500.0)
        plant.run("DM-651", "CHARGE", target=2.0)
        evenness.append(plant.run("DM-651", "MIX", temperature=temperature)["homogeneity"])
        plant.run("DM-651", "DISCHARGE")
    assert evenness[0] > 95.0 > 85.0 > evenness[1]


def test_the_guard_of_the_sheet_calender_opens_its_nip(plant: ExtensionBench) -> None:
    unit = plant.units["SH-652"]
    unit.disturb("guard-open", 1.0)
    ticked(plant, "SH-652", 2)
    assert unit.interlocks("SH-652.PH") == {"SH_NIP_GUARD"}
    assert plant.tag("SH-652", "GAP") > 1900.0
    unit.recover("guard-open")
    ticked(plant, "SH-652", 10)
    with pytest.raises(ValueError, match="SH_NIP_GUARD needs the key"):
        unit.reset("SH_NIP_GUARD", key=False)


def test_a_drum_that_is_full_refuses_another_sub_lot() -> None:
    plant = ExtensionBench(Supply.DRY)
    for _ in range(8):
        plant.run("BL-211", "CHARGE")
    plant.start("BL-211", "CHARGE")
    assert plant.go("BL-211").fail_code == 20
    plant.abort("BL-211")
    plant.run("BL-211", "DISCHARGE", target_mass=7000.0)
    plant.start("BL-211", "DISCHARGE", target_mass=2000.0)
    assert plant.go("BL-211").fail_code == 30
