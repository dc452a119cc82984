"""Process alarms: raised beyond a limit, kept until the value is well inside again, never chattering."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from plc_sim.alarms import AlarmWords
from plc_sim.codec import WireType
from plc_sim.mapfile import read_map
from plc_sim.tagmap import AlarmLimit, TagMap, UnitTag

MAPS = sorted((Path(__file__).parents[2] / "plc_sim" / "maps").glob("*.toml"))
TAG = "FU-301.TZ1"


def watching(limit: str, value: float, *, hysteresis: float = 2.0, delay_s: float = 0.0) -> AlarmWords:
    alarm = AlarmLimit(bit=3, tag=TAG, limit=limit, value=value, hysteresis=hysteresis, delay_s=delay_s)
    word = UnitTag(
        name="FU-301.ALM",
        key="ALM",
        unit="FU-301",
        wire_type=WireType.UINT,
        uom="1",
        low=0.0,
        high=65535.0,
        sampling="fast",
        register=0,
        node="FU-301.ALM",
        alarms=(alarm,),
    )
    read = read_map(MAPS[0])
    only = {name: getattr(read, name) for name in TagMap.__slots__ if name != "tags"}
    return AlarmWords(TagMap(**only, tags=(word,)))


def seen(words: AlarmWords, values: list[float], dt_s: float = 1.0) -> list[bool]:
    return [words.words({TAG: value}, dt_s)["FU-301.ALM"] == 8 for value in values]


def test_a_high_alarm_ends_only_below_its_hysteresis() -> None:
    assert seen(watching("HH", 100.0), [99, 100, 100.1, 99, 98.1, 98, 99, 101]) == [
        *(False, False, True, True, True, False, False, True)
    ]


def test_a_low_alarm_is_its_mirror() -> None:
    assert seen(watching("L", 10.0), [11, 9.9, 10.5, 11.9, 12, 10.1]) == [False, True, True, True, False, False]


def test_a_delayed_alarm_needs_its_time_without_a_break() -> None:
    words = watching("H", 100.0, delay_s=3.0)
    assert seen(words, [101, 101, 99.5, 101, 101, 101]) == [False, False, False, False, False, True]


def test_a_bad_value_neither_raises_an_alarm_nor_ends_one() -> None:
    words = watching("H", 100.0)
    assert seen(words, [math.nan, 101, math.nan, 97]) == [False, True, True, False]


def test_a_bad_value_does_not_set_the_delay_back() -> None:
    words = watching("H", 100.0, delay_s=3.0)
    assert seen(words, [101, 101, math.nan, 101]) == [False, False, False, True]


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_every_limit_of_a_shipped_map_has_its_alarm_bit(path: Path) -> None:
    tag_map = read_map(path)
    limits = {(tag.name, limit) for tag in tag_map.tags for limit in ("LL", "L", "H", "HH") if limit in tag.limits}
    bits = [(alarm.tag, alarm.limit) for tag in tag_map.tags for alarm in tag.alarms]
    assert len(bits) == len(set(bits))
    assert set(bits) == limits
    for tag in tag_map.tags:
        for alarm in tag.alarms:
            assert alarm.tag.split(".")[0] == tag.unit
            assert alarm.hysteresis > 0.0
