"""The shipped maps are sound: nothing overlaps, names are unique, every number has its place."""

from __future__ import annotations

import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plc_sim.mapfile import read_map

FOLDER = Path(__file__).parents[3] / "plc_sim" / "maps"
NAMES = ("sy", "fm", "ut", "sx", "bc", "fb", "mf")
HEADER_W16, HEADER_W32 = 7, 2
STATUS_W16, STATUS_W32 = 12, 2 * (2 + 32)
COMMAND_W16, COMMAND_W32 = 5, 2 * (2 + 16)


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def areas(plc: dict[str, Any]) -> list[tuple[int, int, str]]:
    header = plc["modbus"]["header"]
    found = [(header["w16"], HEADER_W16, "header w16"), (header["w32"], HEADER_W32, "header w32")]
    for slot in plc["slot"]:
        status, command = slot["modbus"]["status"], slot["modbus"]["command"]
        found.append((status["w16"], STATUS_W16, f"{slot['name']} status w16"))
        found.append((status["w32"], STATUS_W32, f"{slot['name']} status w32"))
        found.append((command["w16"], COMMAND_W16, f"{slot['name']} command w16"))
        found.append((command["w32"], COMMAND_W32, f"{slot['name']} command w32"))
    found.extend((tag["modbus"], 1 if "alarms" in tag else 2, tag["name"]) for tag in plc["tag"])
    return sorted(found)


@pytest.mark.parametrize("name", NAMES)
def test_no_two_things_share_a_register(name: str) -> None:
    placed = areas(load(name))
    for (start, size, owner), (following, _, other) in pairwise(placed):
        assert start + size <= following, f"{owner} and {other} overlap"


@pytest.mark.parametrize("name", NAMES)
def test_blocks_of_one_kind_lie_side_by_side_so_that_a_reader_needs_few_reads(name: str) -> None:
    plc = load(name)
    for block, width, size in (
        ("status", "w16", STATUS_W16),
        ("status", "w32", STATUS_W32),
        ("command", "w16", COMMAND_W16),
        ("command", "w32", COMMAND_W32),
    ):
        bases = [slot["modbus"][block][width] for slot in plc["slot"]]
        assert bases == [bases[0] + number * size for number in range(len(bases))]
    for tags, size in (
        ([tag["modbus"] for tag in plc["tag"] if "alarms" not in tag], 2),
        ([tag["modbus"] for tag in plc["tag"] if "alarms" in tag], 1),
    ):
        assert tags == [tags[0] + size * number for number in range(len(tags))]


@pytest.mark.parametrize("name", NAMES)
def test_the_plc_reads_its_own_map(name: str) -> None:
    plc = load(name)
    assert len(read_map(FOLDER / f"{name}.toml").tags) == len(plc["tag"])


def test_names_are_unique_in_the_plant() -> None:
    plcs = [load(name) for name in NAMES]
    for key in ("unit", "slot", "tag"):
        counted = Counter(one["name"] for plc in plcs for one in plc[key])
        assert [name for name, times in counted.items() if times > 1] == []
    for key in ("name", "url", "program_id"):
        assert len({plc["plc"][key] for plc in plcs}) == len(plcs)


@pytest.mark.parametrize("name", NAMES)
def test_names_and_numbers_are_unique_in_a_slot(name: str) -> None:
    for slot in load(name)["slot"]:
        for key, field in (("phase", "class"), ("phase", "number"), ("failures", "code"), ("failures", "name")):
            values = [one[field] for one in slot[key]]
            assert len(values) == len(set(values)), f"{slot['name']} {key} {field}"
        bits = [one["bit"] for one in slot["interlocks"]]
        assert bits == list(range(len(bits)))


@pytest.mark.parametrize("name", NAMES)
def test_every_phase_fits_its_block_and_every_default_its_limits(name: str) -> None:
    for slot in load(name)["slot"]:
        for phase in slot["phase"]:
            place = f"{slot['name']} {phase['class']}"
            assert len(phase["parameters"]) <= 16, place
            assert 1 <= len(phase["reports"]) <= 16, place
            assert phase["steps"], place
            for one in phase["parameters"]:
                assert one["min"] <= one["default"] <= one["max"], f"{place} {one['name']}"
            for one in phase["parameters"] + phase["reports"]:
                assert one["min"] < one["max"], f"{place} {one['name']}"


@pytest.mark.parametrize("name", NAMES)
def test_alarm_limits_are_in_order_and_inside_the_range(name: str) -> None:
    for tag in load(name)["tag"]:
        low, high = tag["range"]
        limits = tag.get("limits", {})
        ladder = [low, *(limits[key] for key in ("LL", "L", "H", "HH") if key in limits), high]
        assert ladder == sorted(ladder), tag["name"]
        assert len(set(ladder)) == len(ladder), tag["name"]


@pytest.mark.parametrize("name", NAMES)
def test_everything_has_an_english_and_a_chinese_title(name: str) -> None:
    plc = load(name)
    titled = [plc["plc"], *plc["unit"], *plc["tag"]]
    for slot in plc["slot"]:
        titled += [*slot["interlocks"], *slot["failures"], *slot["phase"]]
        titled += [step for phase in slot["phase"] for step in phase["steps"]]
    for one in titled:
        assert one["title"]["en"], one
        assert any("一" <= letter <= "鿿" for letter in one["title"]["zh"]), one
