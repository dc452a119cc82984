"""What the PLC answers to commands: every AckRes, on a headless PLC."""

from __future__ import annotations

import math

import pytest

from plc_sim.codec import to_single
from plc_sim.scan import SimulatedPlc
from tests.plc_sim.heater import TICK, Plant, build, heater_map, new_plant, running

START, STOP, HOLD, ABORT, RESET, UPDATE = 2, 3, 4, 8, 1, 11
ACCEPTED, ALREADY_RUNNING, WRONG_BOOT, OLD_EPOCH, BAD_PARAMETER = 1, 2, 3, 4, 5
ALREADY_EXECUTED, NOT_NOW, POWER_UP = 6, 7, 9
IDLE, RUNNING, STOPPED = 4, 6, 2


@pytest.fixture
def plant() -> Plant:
    return new_plant()


@pytest.mark.parametrize("command", [0, 9, 10, 12, 65535])
def test_an_unknown_command_is_refused(plant: Plant, command: int) -> None:
    assert plant.commit(command) == NOT_NOW
    assert plant.state == IDLE


def test_a_left_over_commit_word_is_adopted_at_power_up_and_never_replayed() -> None:
    tag_map = heater_map()
    heaters = build("HT", tag_map.units, 1)
    plant = Plant(SimulatedPlc(tag_map, heaters, boot_id=5), heaters)
    plant.stage(START)
    plant.write(CmdSeq=321)
    plant.plc.scan(0.0)
    assert plant.ack == (321, POWER_UP)
    for _ in range(3):
        plant.plc.scan(TICK)
    assert (plant.state, plant.ack) == (IDLE, (321, POWER_UP))
    assert plant.commit(START) == ACCEPTED


def test_a_commit_word_of_0_is_no_command(plant: Plant) -> None:
    assert plant.commit(START) == ACCEPTED
    plant.write(CmdSeq=0, Cmd=ABORT)
    plant.plc.scan(TICK)
    assert plant.ack == (1, ACCEPTED)
    assert plant.state == RUNNING


def test_the_same_commit_word_starts_once(plant: Plant) -> None:
    plant.stage(START)
    plant.write(CmdSeq=1)
    for _ in range(5):
        plant.plc.scan(0.0)
        plant.write(CmdSeq=1)
    assert plant.heater.calls == ["start HEAT 1"]
    assert plant.ack == (1, ACCEPTED)


def test_a_start_repeated_under_a_new_word_says_it_already_runs(plant: Plant) -> None:
    running(plant)
    assert plant.commit(START, ExecId=7) == ALREADY_RUNNING
    assert plant.heater.calls == ["start HEAT 1"]


def test_an_execution_once_started_is_never_started_again(plant: Plant) -> None:
    running(plant)
    plant.commit(STOP)
    plant.scan_until(STOPPED)
    assert plant.commit(START, ExecId=7) == ALREADY_RUNNING  # its outcome still stands: not yet reset
    plant.commit(RESET)
    plant.scan_until(IDLE)
    assert plant.commit(START, ExecId=7) == ALREADY_EXECUTED
    assert plant.commit(START, ExecId=8) == ACCEPTED
    assert plant.read("LastExec") == 8


@pytest.mark.parametrize("boot_id", [0, 4710, 65535])
def test_a_command_for_another_boot_is_refused(plant: Plant, boot_id: int) -> None:
    assert plant.commit(START, CmdBootId=boot_id) == WRONG_BOOT
    assert plant.state == IDLE


def test_an_older_epoch_is_refused_on_every_slot_of_the_plc(plant: Plant) -> None:
    assert plant.commit(START, CmdEpoch=70000, CmdEpochLo=70000 & 0xFFFF) == ACCEPTED
    other = Plant(plant.plc, plant.heaters, "HE-2.PH")
    assert other.commit(START, CmdEpoch=69999, CmdEpochLo=69999 & 0xFFFF) == OLD_EPOCH
    assert other.commit(START, CmdEpoch=70000, CmdEpochLo=70000 & 0xFFFF) == ACCEPTED
    assert plant.commit(HOLD, CmdEpoch=69999, CmdEpochLo=69999 & 0xFFFF) == OLD_EPOCH


def test_epoch_words_that_disagree_are_refused_and_change_nothing(plant: Plant) -> None:
    assert plant.commit(START, CmdEpoch=2, CmdEpochLo=1) == OLD_EPOCH
    assert plant.commit(START, CmdEpoch=1, CmdEpochLo=1) == ACCEPTED


def test_a_wrong_boot_does_not_raise_the_epoch(plant: Plant) -> None:
    assert plant.commit(START, CmdBootId=1, CmdEpoch=9, CmdEpochLo=9) == WRONG_BOOT
    assert plant.commit(START) == ACCEPTED


def test_a_refused_command_of_a_newer_epoch_fences_the_older_one(plant: Plant) -> None:
    assert plant.commit(HOLD, CmdEpoch=9, CmdEpochLo=9) == NOT_NOW
    assert plant.commit(START) == OLD_EPOCH


def test_an_execution_id_of_0_is_refused(plant: Plant) -> None:
    assert plant.commit(START, ExecId=0) == BAD_PARAMETER


def test_an_unknown_phase_number_is_refused(plant: Plant) -> None:
    assert plant.commit(START, ProcReq=3) == BAD_PARAMETER
    assert plant.read("LastExec") == 0


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 0.69, 900.1, -0.0, 3e38, 666.0])
def test_a_bad_parameter_is_refused_and_nothing_changes(plant: Plant, bad: float) -> None:
    assert plant.commit(START, sp=(bad, 60.0)) == BAD_PARAMETER
    assert (plant.state, plant.read("SpAct1"), plant.read("ActExec"), plant.heater.calls) == (IDLE, 0.0, 0, [])


@pytest.mark.parametrize("limit", [0.7, 900.0])
def test_a_parameter_on_its_limit_is_taken_as_the_wire_gives_it(plant: Plant, limit: float) -> None:
    assert plant.commit(START, sp=(limit, 60.0)) == ACCEPTED
    assert plant.read("SpAct1") == to_single(limit)


def test_a_set_point_that_the_phase_does_not_declare_is_not_judged(plant: Plant) -> None:
    assert plant.commit(START, Sp3=math.nan) == ACCEPTED
    assert plant.read("SpAct3") == 0.0


def test_an_update_takes_new_set_points_without_stopping(plant: Plant) -> None:
    running(plant)
    changes = plant.read("StateChg")
    assert plant.commit(UPDATE, sp=(500.0, 30.0)) == ACCEPTED
    assert (plant.read("SpAct1"), plant.read("SpAct2"), plant.state) == (500.0, 30.0, RUNNING)
    assert plant.read("StateChg") == changes
    assert plant.commit(UPDATE, sp=(math.nan, 30.0)) == BAD_PARAMETER
    assert plant.commit(UPDATE, sp=(400.0, 30.0), ExecId=8) == BAD_PARAMETER
    assert plant.read("SpAct1") == 500.0
    assert plant.heater.calls == ["start HEAT 1", "update"]
