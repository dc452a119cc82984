"""What a restarted PLC still knows."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from plc_sim.memory import PlcMemory, RetainFile, RetainKeeper
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
    retain = RetainFile(path)
    retain.note("HT", before.plc.remember())
    retain.write()

    after = powered_up(RetainFile(path).load("HT"), boot_id=2)
    assert after.ack == (1, 9)
    assert (after.state, after.read("ActExec"), after.read("LastExec"), after.read("CmdSeq")) == (4, 0, 7, 1)
    assert after.commit(2, ExecId=8, CmdEpoch=4, CmdEpochLo=4) == 4
    assert after.commit(2, ExecId=7, CmdEpoch=5, CmdEpochLo=5) == 6
    assert after.commit(2, ExecId=8, CmdEpoch=5, CmdEpochLo=5) == 1
    assert after.heater.calls == ["start HEAT 2"]


def test_several_plcs_share_one_file(tmp_path: Path) -> None:
    retain = RetainFile(tmp_path / "retain.json")
    retain.note("SY", PlcMemory(epoch=1))
    retain.note("FM", PlcMemory(epoch=2))
    assert retain.behind
    retain.write()
    assert not retain.behind
    again = RetainFile(tmp_path / "retain.json")
    assert (again.load("SY").epoch, again.load("FM").epoch, again.load("UT").epoch) == (1, 2, 0)


class SlowFile(RetainFile):
    """A retain file on a disk that takes its time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.go = threading.Event()
        self.writes = 0

    def write(self) -> None:
        assert self.go.wait(10.0)
        self.writes += 1
        super().write()


async def test_a_slow_disk_does_not_hold_up_the_scan_and_the_latest_is_in_the_file_at_the_end(tmp_path: Path) -> None:
    slow = SlowFile(tmp_path / "retain.json")
    memory = PlcMemory()
    keeper = RetainKeeper(slow, lambda: {"HT": memory})
    for memory.epoch in range(1, 101):
        keeper.look()
        await asyncio.sleep(0)
    assert slow.writes == 0
    slow.go.set()
    await keeper.flush()
    assert slow.writes <= 3
    assert RetainFile(tmp_path / "retain.json").load("HT").epoch == 100


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{", '{"HT": 1}', '{"HT": {"epoch": "x", "slots": {}, "command_bits": {}}}'),
        '{"HT": {"epoch": Infinity, "slots": {}, "command_bits": {}}}',
        '{"HT": {"epoch": 1, "slots": {"HE-1.PH": [-1, 0]}, "command_bits": {}}}',
        '{"HT": {"epoch": 1, "slots": {}, "command_bits": {"HE-1.PH.Sp1": 8589934592}}}',
    ],
)
def test_a_damaged_retain_file_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "retain.json"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match="to start anew"):
        RetainFile(path).load("HT")
