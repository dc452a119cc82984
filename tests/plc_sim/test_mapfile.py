"""Reading tag maps: what is right, and what each broken map is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from plc_sim.codec import WordOrder
from plc_sim.mapfile import read_map
from plc_sim.maptable import MapError
from plc_sim.tagmap import WireTag
from tests.plc_sim.heater import MAP_FILE, heater_map

SHIPPED = sorted((Path(__file__).parents[2] / "plc_sim" / "maps").glob("*.toml"))


def edited(tmp_path: Path, old: str, new: str) -> Path:
    text = MAP_FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "edited.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return path


def laid(tags: tuple[WireTag, ...]) -> dict[str, int]:
    return {tag.name: tag.register for tag in tags}


def test_block_tags_lie_in_the_documented_order() -> None:
    at = laid(heater_map().wire_tags())
    header = [at[f"HT.{tag}"] for tag in ("IfVersion", "BootId", "PlcHb", "MesHbEcho", "CommOk", "MesHb", "MesTmo")]
    assert header == [0, 1, 2, 3, 4, 5, 6]
    assert at["HT.ProgramId"] == 16
    status = "State StateChg AckSeq AckRes CmdEn Mode Interlock Step FailCode Wqc ProcAct StatusEnd".split()
    assert [at[f"HE-1.PH.{tag}"] for tag in status] == list(range(100, 112))
    assert [at[f"HE-1.PH.{tag}"] for tag in ("ActExec", "LastExec", "SpAct1", "SpAct16", "Rep1", "Rep16")] == [
        1000,
        1002,
        1004,
        1034,
        1036,
        1066,
    ]
    command = ("Cmd", "CmdBootId", "CmdEpochLo", "ProcReq", "CmdSeq")
    assert [at[f"HE-1.PH.{tag}"] for tag in command] == list(range(120, 125))
    assert [at[f"HE-1.PH.{tag}"] for tag in ("CmdEpoch", "ExecId", "Sp1", "Sp16")] == [1100, 1102, 1104, 1134]


def test_the_mes_writes_only_its_own_tags() -> None:
    writable = {tag.name.removeprefix("HE-1.PH.") for tag in heater_map().wire_tags() if tag.writable}
    own = {name for name in writable if not name.startswith(("HE-", "HT."))}
    block = {"Cmd", "CmdBootId", "CmdEpochLo", "ProcReq", "CmdSeq", "CmdEpoch", "ExecId"}
    assert own == block | {f"Sp{i}" for i in range(1, 17)}
    assert {name for name in writable if name.startswith("HT.")} == {"HT.MesHb", "HT.MesTmo"}


def test_a_tag_with_an_address_of_its_own_moves_no_other(tmp_path: Path) -> None:
    path = edited(
        tmp_path, "status = { w16 = 100, w32 = 1000 }", "status = { w16 = 100, w32 = 1000, tags = { State = 700 } }"
    )
    at = laid(read_map(path).wire_tags())
    assert (at["HE-1.PH.State"], at["HE-1.PH.StateChg"]) == (700, 101)


def test_the_word_order_is_the_maps(tmp_path: Path) -> None:
    path = edited(tmp_path, 'word_order = "big"', 'word_order = "little"')
    assert read_map(path).word_order is WordOrder.LITTLE


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_map_is_understood(path: Path) -> None:
    tag_map = read_map(path)
    assert tag_map.slots
    assert tag_map.tags
    assert {slot.unit for slot in tag_map.slots} <= set(tag_map.units)


def test_the_maps_of_all_plcs_are_shipped() -> None:
    assert [path.stem for path in SHIPPED] == ["bc", "fb", "fm", "mf", "sx", "sy", "ut"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("interface = 1", "interface = 2", "interface = 2 must be a whole number 1..1"),
        ("program_id = 305419896", 'program_id = "x"', "program_id = 'x' must be a whole number"),
        ("scan_ms = 20", "scan_ms = true", "scan_ms = True"),
        ("scan_ms = 20", "scn_ms = 20", "'scan_ms' is missing; did you mean it by 'scn_ms'"),
        ("scan_ms = 20", "scan_ms = 20\nsampling = 1", "unknown key 'sampling'"),
        ('name = "HT"', 'name = "ht"', "name = 'ht' does not match"),
        ('url = "modbus:', 'url = "http:', "url = 'http://127.0.0.1:0' does not match"),
        ('word_order = "big"', 'word_order = "bigg"', "is none of big, little; did you mean 'big'"),
        (
            "header = { w16 = 0, w32 = 16 }",
            "header = { w16 = 0, w32 = 4 }",
            "belongs to both HT.CommOk and HT.ProgramId",
        ),
        ('name = "HE-2"', 'name = "HE-1"', "unit HE-1 occurs 2 times"),
        ('unit = "HE-2"\ncomm', 'unit = "HE-9"\ncomm', "HE-2.PH: unit = 'HE-9' is none of HE-1, HE-2, HE-3"),
        ('comm_loss = "stop"', 'comm_loss = "abort"', "comm_loss = 'abort' is none of continue, hold, stop"),
        ("{ w16 = 200, w32 = 1200 }", "{ w16 = 105, w32 = 1200 }", "register 105 belongs to both HE-1.PH.Mode"),
        ("w32 = 1500", "w32 = 65530", "beyond 65535"),
        ("bit = 3", "bit = 16", "DOOR_OPEN: bit = 16 must be a whole number 0..15"),
        ("number = 5", "number = 2", "phase number 2 occurs 2 times"),
        ("min = 0.7", "min = 900.0", "min = 900 must be below max = 900"),
        ("default = 100.0", "default = 1000.0", "default = 1000 is outside 0.7..900"),
        ("min = 0.7", "min = nan", "must be a finite number"),
        ("limits = { L = 5.0, H = 950.0 }", "limits = { L = 950.0, H = 5.0 }", "limits must rise"),
        ("limits = { L = 5.0, H = 950.0 }", "limits = { HH = 1001.0 }", "must lie inside the range"),
        ("range = [0, 1]", "range = [1, 1]", "low must be below high"),
        ('type = "UINT"', 'type = "INT"', "type = 'INT' is none of UINT, UDINT, REAL"),
        ('sampling = "fast"', 'sampling = "slow"', "is none of fast, normal"),
        ('name = "HE-2.T"', 'name = "HE-1.T"', "tag HE-1.T occurs 2 times"),
        ("modbus = 5010", "modbus = 5010\nlimit = 1", "HE-2.T: unknown key 'limit'; did you mean 'limits'"),
        ('reports = [{ name = "peak"', 'reports = [1, { name = "peak"', "expected a table, got 1"),
        ("[opcua]", "[opcua", "not a TOML file"),
    ],
)
def test_a_broken_map_is_told_what_is_wrong(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = edited(tmp_path, old, new)
    with pytest.raises(MapError) as refusal:
        read_map(path)
    assert told in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_a_map_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MapError, match=r"none\.toml: cannot read the tag map: No such file"):
        read_map(tmp_path / "none.toml")


def test_more_than_16_parameters_are_refused(tmp_path: Path) -> None:
    one = '{ name = "p%d", uom = "1", min = 0, max = 1, default = 0 }'
    many = ", ".join(one % i for i in range(17))
    path = edited(tmp_path, 'parameters = [{ name = "target"', f'parameters = [{many}, {{ name = "target"')
    with pytest.raises(MapError, match="parameters has 18 entries, at most 16 fit"):
        read_map(path)


WORD = """
[[tag]]
name = "HE-1.ALM"
unit = "HE-1"
type = "UINT"
uom = "1"
range = [0.0, 65535.0]
limits = { H = 1000.0 }
modbus = 5020
alarms = [{ bit = 0, tag = "HE-1.T", limit = "L" }]
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("L = 5.0, H", "L = 999.0, HH", "HE-1.T: L = 999 with a hysteresis of 5 could never end, 1004 is outside"),
        ('tag = "HE-1.T", limit = "L"', 'tag = "HE-1.ALM", limit = "H"', "HE-1.ALM is an alarm word itself"),
        ('tag = "HE-1.T", limit = "L"', 'tag = "HE-1.T", limit = "LL"', "there is no limit LL of a tag HE-1.T"),
    ],
)
def test_an_alarm_that_cannot_work_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = MAP_FILE.read_text("utf-8") + WORD
    assert old in text
    path = tmp_path / "map.toml"
    path.write_text(text.replace(old, new).replace("HH = 950.0", "HH = 999.5"), "utf-8")
    with pytest.raises(MapError, match=told):
        read_map(path)
