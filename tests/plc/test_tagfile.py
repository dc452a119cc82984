"""The tag map reader: what it gives, and one test for each thing it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from mes.model.equipment import AlarmBit
from mes.plc.tagfile import parse_map, read_map
from mes.plc.tagmap import TagMapError, WireType, process_cell
from tests.plc.bench import MAPS

OVEN = MAPS / "oven.toml"
TEXT = OVEN.read_text(encoding="utf-8")
PLANT_MAPS = sorted((Path(__file__).parents[2] / "plc_sim" / "maps").glob("*.toml"))


def test_a_map_gives_units_phases_and_tags() -> None:
    tag_map = read_map(OVEN)
    heat = tag_map.slots["OV-1.PH"].phases[2]
    assert (tag_map.name, tag_map.program_id, tag_map.scan_ms, tag_map.device_id) == ("TP", 3735928559, 20, 7)
    assert not tag_map.high_word_first
    assert tag_map.units["OV-1"].unit_class == "OVEN"
    assert (heat.plc, heat.unit, heat.slot, heat.phase_class) == ("TP", "OV-1", "OV-1.PH", "HEAT")
    assert heat.title == {"en": "Heat", "zh": "加热"}
    assert [spec.name for spec in heat.parameters] == ["target", "ramp"]
    assert heat.parameters[1].default == 3.0
    assert tag_map.slots["OV-1.PH"].interlocks[3].name == "DOOR_OPEN"
    assert tag_map.slots["OV-1.PH"].failures[20].title["zh"] == "加热器故障"
    assert tag_map.slots["OV-1.PH"].steps[(2, 10)].name == "RAMP"
    assert tag_map.slots["ST-2.PH"].comm_loss == "continue"
    core = tag_map.unit_tags["OV-1.TC_CORE"]
    assert (core.low, core.high, core.sampling) == (0.0, 900.0, "fast")
    assert core.limits == {"L": 10.0, "H": 560.0, "HH": 620.0}


@pytest.mark.parametrize(
    ("tag", "wire", "register"),
    [
        ("TP.IfVersion", WireType.UINT, 0),
        ("TP.MesTmo", WireType.UINT, 6),
        ("TP.ProgramId", WireType.UDINT, 16),
        ("OV-1.PH.State", WireType.UINT, 700),
        ("OV-1.PH.StateChg", WireType.UINT, 101),
        ("OV-1.PH.StatusEnd", WireType.UINT, 111),
        ("OV-1.PH.LastExec", WireType.UDINT, 1002),
        ("OV-1.PH.SpAct1", WireType.REAL, 1004),
        ("OV-1.PH.Rep16", WireType.REAL, 1066),
        ("OV-1.PH.CmdSeq", WireType.UINT, 164),
        ("OV-1.PH.Sp16", WireType.REAL, 2034),
        ("OV-1.CYCLES", WireType.UDINT, 5002),
    ],
)
def test_a_tag_lies_where_the_order_of_its_block_puts_it(tag: str, wire: WireType, register: int) -> None:
    address = read_map(OVEN).tags[tag]
    assert (address.type, address.register) == (wire, register)


def test_a_tag_may_have_a_node_of_its_own() -> None:
    tags = read_map(OVEN).tags
    assert tags["ST-2.SPEED"].node == "Stirrer/Speed"
    assert tags["OV-1.TC_CORE"].node == "OV-1.TC_CORE"


def test_only_the_command_block_and_the_mes_heartbeat_are_written() -> None:
    written = {name.rpartition(".")[2] for name, tag in read_map(OVEN).tags.items() if tag.written}
    sp = {f"Sp{place}" for place in range(1, 17)}
    command = {"Cmd", "CmdBootId", "CmdEpochLo", "ProcReq", "CmdSeq", "CmdEpoch", "ExecId"}
    assert written == {"MesHb", "MesTmo", *command, *sp}


@pytest.mark.parametrize("path", PLANT_MAPS, ids=lambda path: path.stem)
def test_the_maps_of_the_simulated_plant_are_read_without_an_error(path: Path) -> None:
    assert read_map(path).units


def test_several_plcs_make_one_process_cell() -> None:
    cell = process_cell([read_map(OVEN), *(read_map(path) for path in PLANT_MAPS)])
    assert cell.phases[("OV-1", "HEAT")].number == 2
    assert cell.units["OV-1"].plc == "TP"
    assert {phase.phase_class for phase in cell.phases_of("OV-1")} == {"HEAT", "COOL"}
    assert "OV-1.TC_CORE" in cell.tags


def test_a_unit_of_two_plcs_is_refused_and_both_maps_are_named() -> None:
    other = parse_map(TEXT.replace('name = "TP"', 'name = "TQ"'), Path("other.toml"))
    with pytest.raises(TagMapError, match=r"other\.toml: unit OV-1 is declared in .*oven\.toml too"):
        process_cell([read_map(OVEN), other])


REFUSALS = [
    (
        "an unknown key",
        "scan_ms = 20",
        "scan_sm = 20",
        r':\d+: \[plc\]: unknown key "scan_sm" - did you mean "scan_ms"',
    ),
    ("a missing key", "program_id = 3735928559\n", "", r'\[plc\]: "program_id" is missing'),
    ("an unknown section", "[opcua]", "[opcue]", r'unknown key "opcue" - did you mean "opcua"'),
    ("a PLC name", 'name = "TP"', 'name = "tp"', r"\[plc\]: name = 'tp' does not fit the pattern"),
    ("a unit name", 'name = "ST-2"\nclass', 'name = "st2"\nclass', "name = 'st2' does not fit the pattern"),
    ("a unit twice", 'name = "ST-2"\nclass', 'name = "OV-1"\nclass', "unit OV-1 occurs twice"),
    ("a slot twice", 'name = "ST-2.PH"', 'name = "OV-1.PH"', r"slot OV-1\.PH occurs twice"),
    ("a tag twice", '"ST-2.SPEED"', '"OV-1.CYCLES"', r"tag OV-1\.CYCLES occurs twice"),
    ("a tag named like a status tag", '"OV-1.CYCLES"', '"OV-1.PH.State"', r"tag OV-1\.PH\.State occurs twice"),
    ("a node twice", '"Stirrer/Speed"', '"OV-1.CYCLES"', "OPC UA node 'OV-1.CYCLES'"),
    ("a slot of no unit", 'unit = "ST-2"\ncomm', 'unit = "ST-3"\ncomm', "unit = 'ST-3' is not declared - did you mean"),
    ("a tag of no unit", 'unit = "OV-1"\ntitle = { en = "Cyc', 'unit = "OW-1"\ntitle = { en = "Cyc', "OW-1.*OV-1"),
    (
        "an overlap of blocks",
        "status = { w16 = 112",
        "status = { w16 = 110",
        r"register 110 belongs to OV-1\.PH\.\w+ \(\[\[slot\]\] OV-1\.PH status\) and to ST-2\.PH\.State",
    ),
    ("an overlap of tags", "modbus = 5010", "modbus = 5003", r"register 5003 belongs to OV-1\.CYCLES .*ST-2\.SPEED"),
    ("an overlap of a moved tag", "State = 700", "State = 5001", r"register 5001 belongs to OV-1\.TC_CORE"),
    ("an address beyond the last", "modbus = 5010", "modbus = 65535", r"ST-2\.SPEED would end at register 65536"),
    ("a negative address", "modbus = 5010", "modbus = -1", r"modbus = -1 must be a whole number 0\.\.65535"),
    ("an unknown moved tag", "State = 700", "Stat = 700", 'unknown tag "Stat" - did you mean "State'),
    ("limits out of order", "H = 560.0", "H = 630.0", "limits: H = 630 must be below HH = 620"),
    ("a limit outside the range", "HH = 620.0", "HH = 920.0", r"limits: HH = 920 is outside the range 0\.\.900"),
    ("an unknown limit", "HH = 620.0", "HHH = 620.0", 'unknown key "HHH" - did you mean "HH"'),
    ("min above max", "min = 0.7", "min = 900.0", "parameter target: min = 900 must be below max = 900"),
    ("a default outside its limits", "default = 3.0", "default = 61.0", r"ramp: default = 61 is outside 0\.1\.\.60"),
    ("a range the wrong way", "range = [0.0, 300.0]", "range = [300.0, 0.0]", "low must be below high"),
    ("a range that is not finite", "range = [0.0, 300.0]", "range = [0.0, inf]", "must be a finite number"),
    ("an unknown type", 'type = "UDINT"', 'type = "DINT"', "type = 'DINT' is none of UINT, UDINT, REAL - did you mean"),
    (
        "an unknown unit of measure",
        'uom = "rpm"\nrange',
        'uom = "rmp"\nrange',
        "uom = 'rmp' is an unknown unit of measure",
    ),
    ("an unknown sampling class", '"fast"', '"fats"', "sampling = 'fats' is none of fast, normal - did you mean"),
    ("an unknown comm-loss action", '"continue"', '"go on"', "comm_loss = 'go on' is none of continue, hold, stop"),
    ("an interlock bit", "bit = 3", "bit = 16", r"bit = 16 must be a whole number 0\.\.15"),
    ("a phase number twice", "number = 5", "number = 2", r"number 2 is HEAT already in slot OV-1\.PH"),
    (
        "a phase class twice in a unit",
        '"COOL"',
        '"HEAT"',
        r"unit OV-1 has the phase class HEAT in slot OV-1\.PH already",
    ),
    ("a parameter twice", 'name = "ramp"', 'name = "target"', "parameter target occurs twice"),
    (
        "an interface version",
        "interface = 1",
        "interface = 2",
        "interface = 2: this MES speaks MES-Phase version 1 only",
    ),
    ("an unknown scheme", 'url = "modbus:', 'url = "modbsu:', "modbsu.*did you mean"),
    ("an unknown word order", '"little"', '"middle"', "word_order = 'middle' is none of big, little"),
    (
        "a title without English",
        'title = { en = "Stir" }',
        'title = { zh = "搅拌" }',
        'the English text "en" is missing',
    ),
    ("a truth value for a number", "scan_ms = 20", "scan_ms = true", "scan_ms = True must be a whole number"),
]


@pytest.mark.parametrize(("old", "new", "message"), [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_a_map_is_refused_for(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(TagMapError, match=message) as refusal:
        parse_map(TEXT.replace(old, new, 1), Path("oven.toml"))
    assert all(error.startswith("oven.toml") for error in refusal.value.errors)


def test_seventeen_parameters_are_refused() -> None:
    rows = "".join(f'{{ name = "p{place}", uom = "1", min = 0.0, max = 1.0 }}, ' for place in range(17))
    with pytest.raises(TagMapError, match="17 parameters; the interface has places for 16"):
        parse_map(TEXT.replace("parameters = []", f"parameters = [{rows}]", 1), Path("oven.toml"))


def test_all_errors_are_told_together_each_with_its_line() -> None:
    text = TEXT.replace("bit = 3", "bit = 16").replace("HH = 620.0", "HH = 920.0").replace("scan_ms", "scan")
    with pytest.raises(TagMapError) as refusal:
        parse_map(text, Path("oven.toml"))
    errors = refusal.value.errors
    assert len(errors) == 4
    limits = next(error for error in errors if "HH = 920" in error)
    line = next(number for number, text_line in enumerate(text.splitlines(), 1) if "HH = 920" in text_line)
    assert limits.startswith(f"oven.toml:{line}: [[tag]] OV-1.TC_CORE: ")


def test_what_is_no_toml_is_told_with_its_place() -> None:
    with pytest.raises(TagMapError, match=r"oven\.toml: not a TOML file: .*line 2"):
        parse_map("[plc]\nname =\n", Path("oven.toml"))


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(TagMapError, match=r"no\.toml: the tag map cannot be read"):
        read_map(tmp_path / "no.toml")


WORD = """
[[tag]]
name = "OV-1.ALM"
unit = "OV-1"
title = { en = "Alarms", zh = "报警" }
type = "UINT"
uom = "1"
range = [0.0, 65535.0]
modbus = 6000
alarms = [ { bit = 0, tag = "OV-1.TC_CORE", limit = "HH" }, { bit = 7, tag = "OV-1.TC_CORE", limit = "L" } ]
"""


def test_an_alarm_word_says_what_its_bits_stand_for() -> None:
    word = parse_map(TEXT + WORD, OVEN).unit_tags["OV-1.ALM"]
    assert word.alarms == {
        0: AlarmBit(tag="OV-1.TC_CORE", limit="HH"),
        7: AlarmBit(tag="OV-1.TC_CORE", limit="L"),
    }


@pytest.mark.parametrize(
    ("there", "instead", "told"),
    [
        ("bit = 7", "bit = 0", "bit 0 is OV-1.TC_CORE HH already; each bit has one meaning"),
        ("bit = 7", "bit = 16", "bit = 16"),
        ('tag = "OV-1.TC_CORE", limit = "HH"', 'tag = "OV-1.TC_COR", limit = "HH"', 'did you mean "OV-1.TC_CORE"'),
        ('limit = "HH"', 'limit = "LL"', r"bit 0: OV-1.TC_CORE has no limit LL; it has L, H, HH"),
        ('type = "UINT"', 'type = "REAL"', 'an alarm word has type = "UINT"'),
    ],
)
def test_an_alarm_word_that_cannot_be_is_refused(there: str, instead: str, told: str) -> None:
    with pytest.raises(TagMapError, match=told):
        parse_map(TEXT + WORD.replace(there, instead), OVEN)


def test_a_hysteresis_that_lets_an_alarm_never_end_is_refused() -> None:
    with pytest.raises(TagMapError, match=r"limits: H = 560 with hysteresis = 600 could never end: -40 is outside"):
        parse_map(TEXT.replace("HH = 620.0", "HH = 620.0, hysteresis = 600.0"), OVEN)


def test_a_hysteresis_below_zero_is_refused() -> None:
    with pytest.raises(TagMapError, match=r"limits: hysteresis = -1 must not be below 0"):
        parse_map(TEXT.replace("HH = 620.0", "HH = 620.0, hysteresis = -1.0"), OVEN)
