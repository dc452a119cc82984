"""What stops the reference program: interlocks, failures, silence of the MES, and the switches at the panel."""

from __future__ import annotations

import math

from tests.plc_st.numbers import (
    ACCEPTED,
    COMPLETE,
    HELD,
    HOLD,
    HOLDING,
    IDLE,
    INTERLOCK_OR_MODE,
    RESET,
    RESTART,
    RESTARTING,
    RUNNING,
    START,
    STARTING,
    STOPPED,
)
from tests.plc_st.oven import QUICK, SECOND, OvenPlc, running


def test_an_interlock_holds_names_itself_and_keeps_its_name_while_held() -> None:
    plc = running()
    plc.program.v_dooropen = True
    plc.scan()
    assert (plc.state, plc.read("Interlock"), plc.image.value("OV-1.DOOR")) == (HOLDING, 1, 1)
    assert int(plc.read("Mode")) & 16
    plc.until(HELD)
    assert plc.commit(RESTART) == INTERLOCK_OR_MODE
    plc.program.v_dooropen = False
    plc.scan()
    assert (plc.read("Interlock"), int(plc.read("Mode")) & 16) == (1, 0)
    assert plc.commit(RESTART) == ACCEPTED
    assert plc.read("Interlock") == 0


def test_a_door_open_in_idle_blocks_the_start() -> None:
    plc = OvenPlc()
    plc.program.v_dooropen = True
    assert plc.commit(START) == INTERLOCK_OR_MODE
    assert plc.read("CmdEn") == 0


def test_a_broken_sensor_makes_the_values_bad_and_holds_with_its_failure() -> None:
    plc = running()
    plc.program.v_oven.v_temperature = math.nan
    plc.until(HELD)
    assert (plc.read("FailCode"), plc.read("Wqc")) == (20, 0)
    plc.program.v_oven.v_temperature = 25.0
    assert plc.commit(RESTART) == ACCEPTED
    assert plc.read("FailCode") == 0
    plc.until(RUNNING)
    plc.scan(SECOND)
    assert (plc.state, plc.read("Wqc")) == (RUNNING, 255)


def test_an_oven_that_does_not_heat_is_held() -> None:
    plc = running()
    for _ in range(70 * SECOND):
        plc.program.v_oven.v_temperature = 20.0
        plc.scan()
    assert (plc.state, plc.read("FailCode")) == (HELD, 10)
    assert plc.commit(RESTART) == ACCEPTED
    plc.scan(SECOND)
    assert (plc.state, plc.read("FailCode")) == (RUNNING, 0)


def test_silence_of_the_mes_holds_the_phase_after_its_time_out() -> None:
    plc = running()
    plc.image.write("OV.MesTmo", 2)
    for _ in range(5):
        plc.beat()
        plc.scan(SECOND)
    assert (plc.state, plc.header("CommOk")) == (RUNNING, 1)
    plc.scan(SECOND - 1)
    assert plc.state == RUNNING
    plc.scan(2)
    assert (plc.state, plc.header("CommOk")) == (HOLDING, 0)
    plc.until(HELD)
    assert plc.commit(RESTART) == ACCEPTED
    plc.scan()
    assert plc.state == HOLDING, "still silent: held again at once"
    plc.beat()
    plc.until(HELD)
    assert plc.commit(RESTART) == ACCEPTED
    assert plc.until(RUNNING) == [RESTARTING, RUNNING]


def test_a_start_while_the_mes_is_silent_is_held_and_reports_nothing_of_the_execution_before() -> None:
    plc = running(QUICK)
    plc.until(COMPLETE)
    plc.commit(RESET)
    plc.until(IDLE)
    plc.image.write("OV.MesTmo", 1)
    plc.scan(2 * SECOND)
    assert plc.commit(START, QUICK, ExecId=8) == ACCEPTED
    assert plc.until(HELD) == [STARTING, HOLDING, HELD]
    assert plc.reports[1:] == [0.0, 0.0]


def test_the_time_out_counts_from_when_it_is_switched_on_and_0_switches_it_off() -> None:
    plc = running()
    plc.scan(60 * SECOND)
    plc.image.write("OV.MesTmo", 1)
    plc.scan(SECOND // 2)
    assert plc.state == RUNNING
    plc.image.write("OV.MesTmo", 0)
    plc.scan(10 * SECOND)
    assert plc.state == RUNNING


def test_the_heartbeats_go_both_ways_and_an_old_one_is_no_sign_of_life() -> None:
    plc = OvenPlc()
    plc.image.write("OV.MesHb", 41)
    after = plc.power_cycled()
    assert (after.header("MesHbEcho"), after.header("CommOk")) == (41, 0)
    beat = after.header("PlcHb")
    after.beat()
    after.scan()
    assert (after.header("MesHbEcho"), after.header("CommOk"), after.header("PlcHb")) == (42, 1, beat + 1)


def test_in_local_the_mes_is_refused_and_the_panel_stops_and_resets() -> None:
    plc = running()
    plc.image.write("OV.MesTmo", 1)
    plc.program.v_localswitch = True
    plc.scan(3 * SECOND)
    assert (plc.state, plc.read("Mode"), plc.read("CmdEn")) == (RUNNING, 2, 0)
    assert plc.commit(HOLD) == INTERLOCK_OR_MODE
    plc.program.v_stopbutton = True
    plc.scan()
    plc.program.v_stopbutton = False
    plc.until(STOPPED)
    plc.program.v_resetbutton = True
    plc.scan(3)
    assert plc.state == IDLE
    plc.program.v_localswitch = False
    plc.program.v_offswitch = True
    plc.scan()
    assert plc.read("Mode") == 4


def test_the_buttons_of_the_panel_do_nothing_unless_local() -> None:
    plc = running()
    plc.program.v_stopbutton = True
    plc.scan(3)
    assert plc.state == RUNNING
