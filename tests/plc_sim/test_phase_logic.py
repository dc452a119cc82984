"""The PLC side of MES-Phase v1 on a headless PLC, one scan at a time."""

from __future__ import annotations

import math

import pytest

from plc_sim.phase_logic import SlotMode
from tests.plc_sim.heater import TICK, Plant, new_plant, running

RESET, START, STOP, HOLD, RESTART, PAUSE, RESUME, ABORT, UPDATE = 1, 2, 3, 4, 5, 6, 7, 8, 11
ACCEPTED, NOT_NOW, INTERLOCK_OR_MODE = 1, 7, 8
STOPPED, STARTING, IDLE, PAUSED, RUNNING, STOPPING, ABORTING, ABORTED = 2, 3, 4, 5, 6, 7, 8, 9
HOLDING, HELD, RESTARTING, PAUSING, RESUMING, RESETTING, COMPLETING, COMPLETE = 10, 11, 12, 13, 14, 15, 16, 17


@pytest.fixture
def plant() -> Plant:
    return new_plant()


def brought_to(state: int) -> Plant:
    """A plant in any of the sixteen states, by commands alone."""
    plant = new_plant()
    if state in (IDLE, STARTING):
        if state == STARTING:
            plant.commit(START)
        return plant
    running(plant)
    routes = {RUNNING: (), PAUSING: (PAUSE,), HOLDING: (HOLD,), STOPPING: (STOP,), ABORTING: (ABORT,)}
    settled = {PAUSED: (PAUSE,), HELD: (HOLD,), STOPPED: (STOP,), ABORTED: (ABORT,)}
    onward = {RESUMING: (PAUSE, PAUSED, RESUME), RESTARTING: (HOLD, HELD, RESTART), RESETTING: (STOP, STOPPED, RESET)}
    if state in routes:
        for command in routes[state]:
            plant.commit(command)
    elif state in settled:
        plant.commit(settled[state][0])
        plant.scan_until(state)
    elif state in onward:
        first, rest, second = onward[state]
        plant.commit(first)
        plant.scan_until(rest)
        plant.commit(second)
    else:
        plant.scan_until(state)
    return plant


@pytest.mark.parametrize("state", range(2, 18))
@pytest.mark.parametrize("command", [RESET, START, STOP, HOLD, RESTART, PAUSE, RESUME, ABORT, UPDATE])
def test_the_plc_does_what_cmd_en_allows_and_refuses_the_rest(state: int, command: int) -> None:
    plant = brought_to(state)
    assert plant.state == state
    plant.heater.ticks_to_rest = 10**6
    seq_before, changes_before = plant.ack[0], plant.read("StateChg")
    # An acting state that ends after one scan is left at the next one, before commands are taken: judge it then.
    short = state in (STARTING, RESTARTING, RESUMING, RESETTING, COMPLETING)
    if short:
        follower = {RESETTING: IDLE, COMPLETING: COMPLETE}.get(state, RUNNING)
        allowed_word = int(brought_to(follower).read("CmdEn"))
    else:
        allowed_word = int(plant.read("CmdEn"))
    exec_id = 99 if command == START else 7
    result = plant.commit(command, ExecId=exec_id)
    assert plant.ack[0] == seq_before + 1
    if allowed_word >> command & 1:
        assert result == ACCEPTED
    else:
        assert result == NOT_NOW
        assert plant.read("StateChg") == changes_before + (1 if short else 0)


def test_an_interlock_forbids_start_and_names_itself(plant: Plant) -> None:
    plant.heater.door_open = True
    plant.plc.scan(TICK)
    assert plant.read("Interlock") == 1 << 3
    assert int(plant.read("Mode")) & 16
    assert not int(plant.read("CmdEn")) >> START & 1
    assert plant.commit(START) == INTERLOCK_OR_MODE
    plant.heater.door_open = False
    plant.plc.scan(TICK)
    assert plant.read("Interlock") == 0
    assert plant.commit(START) == ACCEPTED


def test_an_interlock_while_running_holds_and_stays_named_until_restart(plant: Plant) -> None:
    running(plant)
    plant.heater.door_open = True
    assert plant.scan_until(HELD) == [RUNNING, HOLDING, HELD]
    assert plant.commit(RESTART) == INTERLOCK_OR_MODE
    plant.heater.door_open = False
    plant.plc.scan(TICK)
    assert plant.read("Interlock") == 1 << 3
    assert not int(plant.read("Mode")) & 16
    assert plant.commit(RESTART) == ACCEPTED
    assert plant.read("Interlock") == 0
    plant.scan_until(RUNNING)
    plant.commit(HOLD)
    assert plant.read("Interlock") == 0


@pytest.mark.parametrize("mode", [SlotMode.LOCAL, SlotMode.OFF])
def test_a_slot_that_the_mes_does_not_own_refuses_it(plant: Plant, mode: SlotMode) -> None:
    plant.plc.slots["HE-1.PH"].mode = mode
    assert plant.commit(START) == INTERLOCK_OR_MODE
    assert plant.read("CmdEn") == 0
    assert int(plant.read("Mode")) & 15 == mode.value
    plant.plc.slots["HE-1.PH"].mode = SlotMode.AUTOMATIC
    assert plant.commit(START) == ACCEPTED
    assert plant.read("Mode") == 9


def test_a_failure_holds_the_phase_and_is_named_until_restart(plant: Plant) -> None:
    running(plant)
    plant.heater.fault = 20
    plant.scan_until(HELD)
    assert plant.read("FailCode") == 20
    plant.heater.fault = 0
    plant.plc.scan(TICK)
    assert plant.read("FailCode") == 20
    plant.commit(RESTART)
    assert plant.read("FailCode") == 0
    plant.scan_until(RUNNING)


def test_a_failure_is_forgotten_at_reset(plant: Plant) -> None:
    running(plant)
    plant.heater.fault = 20
    plant.scan_until(HELD)
    plant.commit(ABORT)
    plant.scan_until(ABORTED)
    assert plant.read("FailCode") == 20
    plant.commit(RESET)
    plant.scan_until(IDLE)
    assert plant.read("FailCode") == 0


def test_a_phase_runs_to_complete_through_states_that_each_last_a_scan(plant: Plant) -> None:
    plant.commit(START)
    seen = plant.scan_until(COMPLETE)
    assert seen == [STARTING, RUNNING, COMPLETING, COMPLETE]
    assert plant.heater.calls == ["start HEAT 1", "end"]
    assert (plant.read("ActExec"), plant.read("LastExec"), plant.read("ProcAct")) == (7, 7, 2)


def test_hold_waits_for_rest_and_restart_goes_on(plant: Plant) -> None:
    running(plant)
    plant.heater.ticks_to_rest = 5
    plant.commit(HOLD)
    for _ in range(4):
        plant.plc.scan(TICK)
        assert plant.state == HOLDING
    plant.scan_until(HELD)
    plant.commit(RESTART)
    assert plant.scan_until(RUNNING) == [RESTARTING, RUNNING]
    assert plant.heater.calls == ["start HEAT 1", "resume"]


def test_reports_stand_from_complete_until_reset(plant: Plant) -> None:
    running(plant)
    plant.scan_until(COMPLETE)
    peak, duration = plant.read("Rep1"), plant.read("Rep2")
    assert (peak, duration > 0) == (100.0, True)
    for _ in range(50):
        plant.plc.scan(TICK)
    assert plant.heater.temperature_degc < 99.0
    assert (plant.read("Rep1"), plant.read("Rep2"), plant.read("Rep3")) == (peak, duration, 0.0)
    plant.commit(RESET)
    plant.scan_until(IDLE)
    assert (plant.read("Rep1"), plant.read("ActExec"), plant.read("ProcAct"), plant.read("Step")) == (0.0, 0, 0, 0)
    assert plant.read("LastExec") == 7


def test_a_stop_during_abort_order_ends_the_unit_once(plant: Plant) -> None:
    running(plant)
    plant.commit(STOP)
    plant.plc.scan(TICK)
    plant.commit(ABORT)
    plant.scan_until(ABORTED)
    assert plant.heater.calls.count("end") == 1


def test_every_state_change_is_counted_and_status_end_agrees(plant: Plant) -> None:
    plant.commit(START)
    plant.scan_until(COMPLETE)
    plant.commit(RESET)
    plant.scan_until(IDLE)
    assert plant.read("StateChg") == plant.read("StatusEnd") == 6


def test_the_worst_quality_of_the_unit_is_shown(plant: Plant) -> None:
    assert plant.read("Wqc") == 0xFF
    plant.heater.sensor_broken = True
    plant.plc.scan(0.0)
    assert plant.read("Wqc") == 0
    assert math.isnan(plant.plc.image.value("HE-1.T"))
    assert Plant(plant.plc, plant.heaters, "HE-2.PH").read("Wqc") == 0xFF
