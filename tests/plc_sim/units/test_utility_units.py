"""Gloveboxes become clean and stay so; gas and argon hold them off."""

from __future__ import annotations

import pytest

from plc_sim.units.glovebox import glovebox
from plc_sim.units.room import dry_room, gas_detection
from plc_sim.units.site import Site
from plc_sim.units.utilities import argon_supply, scrubber
from tests.plc_sim.units.bench import Bench


def test_inertising_takes_about_half_an_hour_and_holds_its_limits() -> None:
    bench = Bench("UT")
    reports = bench.run("GB-101", "INERTISE")
    assert bench.steps == [10, 20, 30]
    assert 0.4 < bench.ticks / 3600.0 < 0.75
    assert reports["o2"] < 1.0
    assert reports["h2o"] < 1.0
    assert reports["hold_time"] == pytest.approx(10.0)


def test_a_limit_below_what_the_purifier_reaches_fails() -> None:
    bench = Bench("UT")
    slot, model = "GB-102.PH", bench.units["GB-102"]
    model.start(slot, "INERTISE", bench.defaults["GB-102", "INERTISE"] | {"o2_max": 0.1}, 1)
    assert bench.go("GB-102").fail_code == 20
    model.resume(slot)
    assert bench.go_for("GB-102", 60).fail_code == 0


def test_inertising_an_idle_box_gives_the_same_as_a_new_one() -> None:
    first, second = Bench("UT"), Bench("UT")
    second.idle(997)
    assert first.run("GB-103", "INERTISE") == pytest.approx(second.run("GB-103", "INERTISE"), rel=1e-9)


def test_a_held_box_keeps_its_count() -> None:
    bench = Bench("UT")
    model = bench.start("GB-101", "INERTISE")
    bench.go("GB-101", until=lambda progress: progress.step == 30)
    bench.go_for("GB-101", 120)
    assert bench.rest("GB-101") == 1
    bench.idle(500)
    assert model.reports("GB-101.PH")["hold_time"] == pytest.approx(2.0, abs=0.05)


def lines_after(unit: str, fault: str, amount: float, ticks: int, bench: Bench | None = None) -> frozenset[str]:
    """Give what holds the first glovebox off after a fault has lasted so long."""
    bench = bench or Bench("UT")
    bench.units[unit].disturb(fault, amount)
    bench.idle(ticks)
    return bench.units["GB-101"].interlocks("GB-101.PH")


def test_gas_at_one_point_raises_the_alarm_only() -> None:
    bench = Bench("UT")
    assert lines_after("GD-004", "h2s-leak", 6.0, 300, bench) == frozenset()
    assert bench.units["GD-004"].tags()["H2S_ROOM1"] == pytest.approx(6.0, abs=0.1)
    bench.idle(600)
    assert bench.units["DRM-001"].tags()["ACH"] > 55.0


@pytest.mark.parametrize(
    ("unit", "fault", "amount", "line"),
    [
        ("GD-004", "h2s-leak", 13.0, "I2_H2S_ROOM"),
        ("AR-003", "argon-loss", 2.0, "I18_ARGON_SUPPLY"),
    ],
)
def test_a_utility_that_fails_holds_every_unit_off(unit: str, fault: str, amount: float, line: str) -> None:
    assert lines_after(unit, fault, amount, 600) == {line}


def test_too_little_oxygen_cuts_argon_off_and_still_less_holds_every_unit() -> None:
    site = Site()
    detector, header = gas_detection("GD-004", 1, site), argon_supply("AR-003", 1, site)

    def go(ticks: int) -> None:
        for _ in range(ticks):
            detector.tick()
            header.tick()

    detector.disturb("oxygen-depletion", 19.0)
    go(120)
    assert (site.argon_isolated, "I3_ROOM_OXYGEN" in site.lines) == (True, False)
    go(120)
    assert site.argon_bar < 0.5
    assert site.trips("FU-301") == {"I18_ARGON_SUPPLY"}
    detector.disturb("oxygen-depletion", 17.5)
    go(120)
    assert {"I3_ROOM_OXYGEN", "I18_ARGON_SUPPLY"} == site.trips("MX-601") == site.trips("WS-111")
    detector.disturb("oxygen-depletion", 19.0)
    go(300)
    with pytest.raises(ValueError, match="I3_ROOM_OXYGEN: its cause is still there"):
        detector.reset("I3_ROOM_OXYGEN", key=False)
    detector.recover("oxygen-depletion")
    go(300)
    assert site.argon_isolated, "nobody has reset it"
    detector.reset("I3_ROOM_OXYGEN", key=False)
    go(600)
    assert site.argon_bar == pytest.approx(6.0, abs=0.01)
    header.reset("I18_ARGON_SUPPLY", key=False)
    assert site.trips("MX-601") == frozenset()


def test_the_slitter_stands_in_the_dry_room_and_needs_its_glovebox_for_the_rolls() -> None:
    site = Site()
    assert site.water_at("SL-902") == site.room_water_ppm
    site.raise_line("I16_DRY_ROOM", True)
    site.raise_line("I4_GLOVEBOX_103", True)
    assert site.permissives("SL-902") == {"I16_DRY_ROOM"}
    assert site.trips("SL-902") == {"I4_GLOVEBOX"}


def test_hydrogen_sulfide_stays_in_a_box_whose_purifier_does_not_work() -> None:
    site = Site()
    box = glovebox("GB-102", 1, site)
    box.disturb("purifier-failure", 0.0)
    site.give_off(10.0, "PK-501")
    for _ in range(1200):
        box.tick()
    assert box.tags()["H2S_PPM"] == pytest.approx(10.2, abs=0.3)
    box.recover("purifier-failure")
    for _ in range(1800):
        box.tick()
    assert box.tags()["H2S_PPM"] < 1.0
    assert site.to_scrubber_cc == 0.0


def test_much_hydrogen_sulfide_is_flushed_to_the_scrubber_and_the_box_opens_when_it_is_gone() -> None:
    site = Site()
    box = glovebox("GB-102", 1, site)
    site.give_off(30.0, "PK-501")
    site.argon_bar = 0.5
    for _ in range(600):
        box.tick()
    assert box.tags()["H2S_PPM"] > 29.0, "neither purifier nor argon"
    site.argon_bar = 6.0
    ticks = 0
    while site.trips("PK-501"):
        box.tick()
        ticks += 1
        assert ticks < 10_000, box.tags()
    # 10 min times ln 30 until below 1 ppm, and 10 min of it.
    assert ticks == pytest.approx(600.0 * 3.40 + 600.0, abs=60.0)
    assert site.to_scrubber_cc == pytest.approx(29.0, abs=0.3)


def test_the_evacuation_ends_with_the_key_and_not_before_the_gas_has_gone() -> None:
    bench = Bench("UT")
    lines_after("GD-004", "h2s-leak", 25.0, 300, bench)
    detector, box = bench.units["GD-004"], bench.units["GB-101"]
    with pytest.raises(ValueError, match="its cause is still there"):
        detector.reset("I2_H2S_ROOM", key=True)
    detector.recover("h2s-leak")
    bench.idle(1200)
    assert box.interlocks("GB-101.PH") == {"I2_H2S_ROOM"}
    with pytest.raises(ValueError, match="needs the key"):
        detector.reset("I2_H2S_ROOM", key=False)
    detector.reset("I2_H2S_ROOM", key=True)
    bench.idle(1)
    assert box.interlocks("GB-101.PH") == frozenset()


@pytest.mark.parametrize(("fault", "amount"), [("glovebox-leak", 2000.0), ("purifier-failure", 0.0)])
def test_a_dirty_box_bars_what_stands_in_it_until_it_has_been_clean_for_ten_minutes(fault: str, amount: float) -> None:
    site = Site()
    box = glovebox("GB-102", 1, site)
    box.disturb(fault, amount)
    hours = 0.0
    while not site.trips("BM-201"):
        assert hours < 10.0, box.tags()
        box.tick()
        hours += 1 / 3600
    assert site.trips("BM-201") == site.trips("PK-501") == {"I4_GLOVEBOX"}
    assert site.trips("WS-111") == frozenset()
    box.recover(fault)
    ticks = 0
    while site.trips("BM-201"):
        box.tick()
        ticks += 1
        assert ticks < 20_000, box.tags()
    assert ticks > 600
    assert box.tags()["O2_PPM"] < 1.0


@pytest.mark.parametrize(("fault", "amount"), [("dew-point-rise", 25.0), ("air-change-loss", 10.0)])
def test_a_wet_room_bars_the_start_of_open_phases_and_dries_again(fault: str, amount: float) -> None:
    site = Site()
    room = dry_room("DRM-001", 1, site)
    for _ in range(600):
        room.tick()
    assert site.permissives("MX-601") == frozenset()
    room.disturb(fault, amount)
    for _ in range(3600):
        room.tick()
    assert site.permissives("MX-601") == {"I16_DRY_ROOM"}
    assert site.trips("MX-601") == frozenset()
    room.recover(fault)
    for _ in range(7200):
        room.tick()
    assert site.permissives("MX-601") == frozenset()


def test_spent_caustic_and_a_dead_fan_forbid_heating() -> None:
    for fault, amount in (("caustic-spent", 9.0), ("scrubber-failure", 0.0)):
        site = Site()
        washer = scrubber("SCR-002", 1, site)
        washer.disturb(fault, amount)
        for _ in range(60):
            washer.tick()
        assert site.trips("FU-301") == {"I17_SCRUBBER"}
        washer.recover(fault)
        for _ in range(60):
            washer.tick()
        assert site.trips("FU-301") == frozenset()


def test_hydrogen_sulfide_uses_caustic_up() -> None:
    site = Site()
    washer = scrubber("SCR-002", 1, site)
    fresh = site.scrubber_ph
    for _ in range(100):  # a mole altogether
        site.to_scrubber_cc = 244.65
        washer.tick()
    assert site.scrubber_ph < fresh - 0.05
    assert washer.tags()["H2S_OUT"] < 2.0


def test_gas_given_off_in_a_box_stays_in_it_and_gas_given_off_in_the_room_is_detected() -> None:
    site = Site()
    box, detector = glovebox("GB-102", 1, site), gas_detection("GD-004", 1, site)
    site.give_off(10.0, "PK-501")
    site.give_off(500.0, "MX-601")
    box.tick()
    detector.tick()
    assert box.tags()["H2S_PPM"] > 5.0
    assert site.hydrogen_sulfide_ppm[0] == pytest.approx(5.0, rel=0.02)


def test_regenerating_takes_the_purifier_off_the_box() -> None:
    bench = Bench("UT")
    reports = bench.run("GB-101", "REGENERATE", flush_time=1.0)
    assert bench.steps == [10, 20, 30]
    assert reports["duration"] == pytest.approx(5.0)
    assert 5.0 < reports["o2_peak"] < 15.0


def test_a_hole_in_a_box_lets_in_oxygen_and_no_more_water_than_the_room_has() -> None:
    site = Site()
    box = glovebox("GB-101", 1, site)
    box.disturb("glovebox-leak", 1000.0)
    for _ in range(36_000):
        box.tick()
    assert box.tags()["O2_PPM"] == 1000.0  # as far as the analyser shows
    assert box.tags()["H2O_PPM"] < 1.0 < site.room_water_ppm


def test_the_room_gets_wet_at_the_pace_of_its_air_and_not_at_once() -> None:
    site = Site()
    room = dry_room("DRM-001", 1, site)
    before = site.room_water_ppm
    room.disturb("dew-point-rise", 25.0)
    room.tick()
    assert site.room_water_ppm < before + 5.0
    for _ in range(1200):
        room.tick()
    assert site.room_water_ppm > 240.0
