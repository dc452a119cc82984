"""What a restarted PLC still knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from plc_sim.memory import PlcMemory, RetainFile
from plc_sim.scan import SimulatedPlc
from tests.plc_sim.heater import Plant, build, heater_map


def powered_up(memory: PlcMemory, boot_id: int) -> Plant:
    tag_map = heater_map()
    heaters = build("HT", tag_map.units, 1)
    plant = Plant(SimulatedPlc(tag_map, heaters, boot_id=boot_id, memory=memory), heaters)
    plant.plc.scan(0.0)
    return plant


def test_a_restarted_plc_keeps_execution_epoch_and_command_words(tmp_path: Path) -> None:
    path = tmp_path / "retain.json"
    before = powered_up(RetainFile(path).load("HT"), boot_id=1)
    assert before.commit(2, ExecId=7, CmdEpoch=5, CmdEpochLo=5) == 1
    RetainFile(path).save("HT", before.plc.remember())

    after = powered_up(RetainFile(path).load("HT"), boot_id=2)
    assert after.ack == (1, 9)
    assert (after.state, after.read("ActExec"), after.read("LastExec"), after.read("CmdSeq")) == (4, 0, 7, 1)
    assert after.commit(2, ExecId=8, CmdEpoch=4, CmdEpochLo=4) == 4
    assert after.commit(2, ExecId=7, CmdEpoch=5, CmdEpochLo=5) == 6
    assert after.commit(2, ExecId=8, CmdEpoch=5, CmdEpochLo=5) == 1
    assert after.heater.calls == ["start HEAT 2"]


def test_several_plcs_share_one_file(tmp_path: Path) -> None:
    retain = RetainFile(tmp_path / "retain.json")
    retain.save("SY", PlcMemory(epoch=1))
    retain.save("FM", PlcMemory(epoch=2))
    again = RetainFile(tmp_path / "retain.json")
    assert (again.load("SY").epoch, again.load("FM").epoch, again.load("UT").epoch) == (1, 2, 0)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"HT": 1}', '{"HT": {"epoch": "x", "slots": {}, "command_bits": {}}}']
)
def test_a_damaged_retain_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "retain.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="to start anew"):
        RetainFile(path).load("HT")
