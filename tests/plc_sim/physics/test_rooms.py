from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.physics.hydrolysis import h2s_rate_cc_g_min, water_ppm
from plc_sim.physics.rooms import AIR_OXYGEN_PPM, ROOM_M3, BoxImpurity, MixedVolume, steady_ppm

seconds = st.floats(0.0, 1e5)


@pytest.mark.parametrize(("mass_kg", "ppm"), [(0.1, 0.007), (1.0, 0.067), (5.0, 0.33)])
def test_open_powder_in_a_dry_room_gives_the_computed_level(mass_kg: float, ppm: float) -> None:
    source = 1000.0 * mass_kg * h2s_rate_cc_g_min(water_ppm(-40.0))
    assert steady_ppm(source, ROOM_M3, 30.0) == pytest.approx(ppm, rel=0.05)
    room = MixedVolume(ROOM_M3)
    assert room.step(3600.0, source, 30.0) == pytest.approx(steady_ppm(source, ROOM_M3, 30.0))


@given(first=seconds, second=seconds, source=st.floats(0.0, 1e4), changes=st.floats(0.0, 80.0))
def test_two_steps_of_a_room_give_what_one_gives(first: float, second: float, source: float, changes: float) -> None:
    once, twice = MixedVolume(ROOM_M3, 3.0), MixedVolume(ROOM_M3, 3.0)
    twice.step(first, source, changes)
    whole = once.step(first + second, source, changes)
    assert twice.step(second, source, changes) == pytest.approx(whole, rel=1e-9, abs=1e-9)
    assert whole >= 0.0


def test_a_sealed_room_keeps_all_that_comes_in() -> None:
    assert MixedVolume(ROOM_M3).step(600.0, 20.0, 0.0) == pytest.approx(2.0)


def test_a_source_without_ventilation_has_no_steady_level() -> None:
    with pytest.raises(ValueError, match="0 air changes"):
        steady_ppm(1.0, ROOM_M3, 0.0)


def test_a_good_glovebox_holds_a_few_tenths_of_a_ppm_of_oxygen() -> None:
    oxygen = BoxImpurity()
    for _ in range(200):
        oxygen.step(60.0, AIR_OXYGEN_PPM)
    assert 0.1 < oxygen.ppm < 0.5


def test_a_glove_change_is_gone_within_an_hour_and_a_half() -> None:
    oxygen = BoxImpurity(50.0)
    assert oxygen.step(5400.0, AIR_OXYGEN_PPM) < 1.0


def test_without_purifier_a_box_takes_two_ppm_of_oxygen_in_an_hour() -> None:
    assert BoxImpurity().step(3600.0, AIR_OXYGEN_PPM, purifier=0.0) == pytest.approx(2.095, rel=1e-4)
    assert BoxImpurity().step(3600.0, AIR_OXYGEN_PPM, purifier=0.0, leak_factor=10.0) == pytest.approx(20.95, rel=1e-4)


def test_no_box_gets_dirtier_than_the_room() -> None:
    box = BoxImpurity()
    assert box.step(1e7, AIR_OXYGEN_PPM, purifier=0.0, leak_factor=6e4) == pytest.approx(AIR_OXYGEN_PPM)


def test_half_a_purifier_leaves_twice_the_impurity() -> None:
    whole, half = BoxImpurity(), BoxImpurity()
    ratio = half.step(1e6, AIR_OXYGEN_PPM, purifier=0.5) / whole.step(1e6, AIR_OXYGEN_PPM)
    assert ratio == pytest.approx(2.0, rel=1e-4)


@given(first=seconds, second=seconds, purifier=st.floats(0.0, 1.0), start=st.floats(0.0, 1000.0))
def test_two_steps_of_a_box_give_what_one_gives(first: float, second: float, purifier: float, start: float) -> None:
    once, twice = BoxImpurity(start), BoxImpurity(start)
    whole = once.step(first + second, 209_500.0, purifier=purifier)
    twice.step(first, 209_500.0, purifier=purifier)
    assert twice.step(second, 209_500.0, purifier=purifier) == pytest.approx(whole, rel=1e-9, abs=1e-9)
