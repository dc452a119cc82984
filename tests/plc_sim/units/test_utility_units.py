"""Gloveboxes become clean and stay so; gas and argon hold them off."""

from __future__ import annotations

import pytest

from plc_sim.units.glovebox import glovebox
from plc_sim.units.utilities import Site
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


def test_inertising_once_more_begins_from_the_same_state() -> None:
    first, second = Bench("UT"), Bench("UT")
    second.idle(997)
    assert first.run("GB-103", "INERTISE") == second.run("GB-103", "INERTISE")


def test_a_held_box_keeps_its_count() -> None:
    bench = Bench("UT")
    model = bench.start("GB-101", "INERTISE")
    bench.go("GB-101", until=lambda progress: progress.step == 30)
    bench.go_for("GB-101", 120)
    assert bench.rest("GB-101") == 1
    bench.idle(500)
    assert model.reports("GB-101.PH")["hold_time"] == pytest.approx(2.0, abs=0.05)


def test_gas_in_the_room_and_missing_argon_hold_the_boxes_off() -> None:
    site = Site()
    box = glovebox("GB-101", 1, site)
    site.hydrogen_sulfide_ppm[0] = 12.0
    assert box.interlocks("GB-101.PH") == frozenset()
    site.hydrogen_sulfide_ppm[3] = 11.0
    assert box.interlocks("GB-101.PH") == {"I2_H2S_ROOM"}
    site.argon_bar = 3.0
    assert box.interlocks("GB-101.PH") == {"I2_H2S_ROOM", "I18_ARGON_SUPPLY"}
