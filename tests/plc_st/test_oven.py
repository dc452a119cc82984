"""The reference program scan by scan, against the pages of the contract."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest

from plc_sim.codec import WireType
from tests.plc_st.numbers import (
    ABORT,
    ABORTED,
    ABORTING,
    ACCEPTED,
    ALREADY_RUNNING,
    BAD,
    COMPLETE,
    COMPLETING,
    EXECUTED,
    HOLD,
    IDLE,
    NOT_NOW,
    OLD_EPOCH,
    PAUSE,
    PAUSED,
    PAUSING,
    POWER_UP,
    RESET,
    RESETTING,
    RESUME,
    RESUMING,
    RUNNING,
    START,
    STARTING,
    STOP,
    STOPPED,
    STOPPING,
    UPDATE,
    WRONG_BOOT,
)
from tests.plc_st.oven import (
    COMPILED,
    COOL,
    HEAT,
    LONG,
    MAP_FILE,
    QUICK,
    SECOND,
    SOURCE,
    TAG_MAP,
    OvenPlc,
    register,
    running,
)


def test_every_tag_of_the_map_is_a_located_variable_of_its_type_and_nothing_else_is() -> None:
    tags = {tag.register: tag for tag in TAG_MAP.wire_tags()}
    variables = {register(one.address): one for one in COMPILED.located.values() if not one.address.startswith("%I")}
    hidden = {variables[at].name for at in variables.keys() - tags.keys()}
    assert tags.keys() <= variables.keys()
    assert hidden == {"bootmem", "epochmem"}
    for at, tag in tags.items():
        name = tag.name.split(".")[-1].lower()
        assert variables[at].type == tag.wire_type.value, tag.name
        assert variables[at].name.removeprefix("ov_") in (name, {"tc": "tc", "sp": "setpoint"}.get(name)), tag.name
    assert COMPILED.interval_ms == TAG_MAP.scan_s * 1000


def test_the_limits_of_the_program_are_those_of_the_map() -> None:
    names = {"target": "TARGET", "ramp": "RAMP", "soak": "SOAK"}
    limits = dict(re.findall(r"^ +(\w+_(?:LOW|HIGH)) +: REAL := ([\d.]+);", SOURCE.read_text("utf-8"), re.MULTILINE))
    for phase in TAG_MAP.slots[0].phases.values():
        for parameter in phase.parameters:
            low, high = (float(limits[f"{names[parameter.name]}_{end}"]) for end in ("LOW", "HIGH"))
            assert (low, high) == (parameter.min, parameter.max), parameter.name
    assert f"ProgramId := {int(OvenPlc().header('ProgramId'))};" in SOURCE.read_text("utf-8")
    assert OvenPlc().header("ProgramId") == int(re.findall(r"program_id = (\d+)", MAP_FILE.read_text("utf-8"))[0])


def test_a_heating_runs_from_start_to_reset_and_shows_every_state() -> None:
    plc = OvenPlc()
    assert plc.commit(START, QUICK) == ACCEPTED
    assert (plc.state, plc.read("ActExec"), plc.read("LastExec"), plc.read("ProcAct")) == (STARTING, 7, 7, 1)
    assert [plc.read(f"SpAct{i}") for i in (1, 2, 3, 4)] == [*QUICK, 0.0]
    shown = plc.until(COMPLETE)
    assert shown == [STARTING, RUNNING, COMPLETING, COMPLETE]
    assert plc.read("StateChg") == plc.read("StatusEnd") == 4
    peak, soak_s, duration_s = plc.reports
    assert peak == pytest.approx(40.0, abs=2.0)
    assert soak_s == 1.0
    assert duration_s == pytest.approx(2.0 + 0.5 + 1.0, abs=0.3)  # ramp, one lag to come within 2 K, soak
    plc.scan(50)
    assert plc.reports == [peak, soak_s, duration_s]
    assert plc.commit(RESET) == ACCEPTED
    assert plc.until(IDLE) == [RESETTING, IDLE]
    assert [plc.read(tag) for tag in ("ActExec", "LastExec", "ProcAct", "Step", "SpAct1")] == [0, 7, 0, 0, 0]
    assert plc.reports == [0.0, 0.0, 0.0]


def test_the_second_class_cools_and_is_limited_by_its_own_parameters() -> None:
    plc = OvenPlc()
    plc.commit(START, QUICK)
    plc.until(COMPLETE)
    plc.commit(RESET)
    plc.until(IDLE)
    plc.program.v_oven.v_temperature = 60.0
    assert plc.commit(START, (20.0,), ProcReq=COOL, ExecId=8) == BAD
    assert plc.commit(START, (30.0, math.nan), ProcReq=COOL, ExecId=8) == ACCEPTED
    assert [plc.read("SpAct1"), plc.read("SpAct2")] == [30.0, 0.0]
    plc.until(RUNNING)
    plc.scan()
    assert plc.read("Step") == 30
    plc.until(COMPLETE)
    assert plc.reports[0] == pytest.approx(30.0, abs=0.5)


def test_the_same_word_again_does_nothing_and_zero_is_no_command() -> None:
    plc = running()
    changes, seq = plc.read("StateChg"), plc.read("AckSeq")
    plc.stage(STOP)
    for word in (seq, 0, seq):
        plc.write(CmdSeq=word)
        plc.scan(3)
        assert (plc.state, plc.read("StateChg"), plc.read("AckSeq")) == (RUNNING, changes, seq)


def test_one_follows_65535() -> None:
    plc = OvenPlc()
    for word in (65535, 1):
        plc.stage(STOP)
        plc.write(CmdSeq=word)
        plc.scan()
        assert (plc.read("AckSeq"), plc.read("AckRes")) == (word, NOT_NOW)


def test_a_command_left_in_memory_is_not_carried_out_after_a_power_cut() -> None:
    plc = running()
    boot_before = plc.header("BootId")
    plc.stage(START, ExecId=8)
    plc.write(CmdSeq=77)
    after = plc.power_cycled()
    assert (after.read("AckRes"), after.read("AckSeq")) == (POWER_UP, 77)
    after.scan(10)
    assert after.read("AckRes") == POWER_UP
    assert (after.state, after.read("ActExec"), after.read("LastExec")) == (IDLE, 0, 7)
    assert after.header("BootId") == boot_before + 1
    assert after.commit(START, CmdBootId=boot_before, ExecId=9) == WRONG_BOOT
    assert after.commit(START, ExecId=7) == EXECUTED
    assert after.commit(START, ExecId=9) == ACCEPTED


def test_the_boot_id_is_never_0() -> None:
    assert OvenPlc(v_bootmem=65535).header("BootId") == 1
    assert OvenPlc().header("BootId") == 1


def test_an_engine_that_has_been_replaced_is_refused_over_a_power_cut_too() -> None:
    plc = OvenPlc()
    assert plc.commit(STOP, CmdEpoch=0x2_0003) == NOT_NOW
    after = plc.power_cycled()
    assert after.commit(START, CmdEpoch=0x2_0002) == OLD_EPOCH
    assert after.commit(START, CmdEpoch=0x2_0003, CmdEpochLo=2) == OLD_EPOCH
    assert after.commit(START, CmdEpoch=0x1_0003) == OLD_EPOCH
    assert after.commit(START, CmdEpoch=0x2_0003) == ACCEPTED


def test_a_start_knows_its_execution() -> None:
    plc = OvenPlc()
    assert plc.commit(START, ExecId=0) == BAD
    assert plc.commit(START, ExecId=7) == ACCEPTED
    assert plc.commit(START, ExecId=7) == ALREADY_RUNNING
    assert plc.commit(START, ExecId=8) == NOT_NOW
    plc.commit(ABORT)
    plc.until(ABORTED)
    assert plc.commit(START, ExecId=7) == ALREADY_RUNNING
    plc.commit(RESET)
    plc.until(IDLE)
    assert plc.commit(START, ExecId=7) == EXECUTED


@pytest.mark.parametrize("place", [0, 1, 2])
def test_limits_hold_in_single_precision_and_keep_nan_and_infinity_out(place: int) -> None:
    spec = TAG_MAP.slots[0].phases[1].parameters[place]
    plc = OvenPlc()
    changed = plc.read("StateChg")
    for bad in (math.nan, math.inf, -math.inf, spec.max * 1.001, spec.min * 0.999):
        sp = [*LONG[:place], bad, *LONG[place + 1 :]]
        assert plc.commit(START, sp) == BAD
    assert (plc.state, plc.read("StateChg"), plc.read("SpAct1"), plc.read("LastExec")) == (IDLE, changed, 0.0, 0)
    for exec_id, edge in enumerate((spec.min, spec.max), 20):
        assert plc.commit(START, [*LONG[:place], edge, *LONG[place + 1 :]], ExecId=exec_id) == ACCEPTED
        plc.commit(ABORT)
        plc.until(ABORTED)
        plc.commit(RESET)
        plc.until(IDLE)


def test_an_unknown_phase_number_is_refused() -> None:
    assert OvenPlc().commit(START, ProcReq=3) == BAD


def test_an_update_changes_the_ramp_from_the_present_set_point_and_not_the_state() -> None:
    plc = running((900.0, 60.0, 10.0))
    plc.scan(10 * SECOND)
    before = plc.image.value("OV-1.SP")
    changes = plc.read("StateChg")
    assert before == pytest.approx(30.0, abs=0.1)
    assert plc.commit(UPDATE, (900.0, math.nan, 10.0)) == BAD
    assert plc.commit(UPDATE, (900.0, 600.0, 10.0), ExecId=8) == BAD
    assert plc.commit(UPDATE, (900.0, 600.0, 10.0), ProcReq=COOL) == ACCEPTED
    assert (plc.state, plc.read("StateChg"), plc.read("SpAct2")) == (RUNNING, changes, 600.0)
    plc.scan(SECOND)
    assert plc.image.value("OV-1.SP") == pytest.approx(before + 10.0, abs=0.3)


def test_a_slow_ramp_at_high_temperature_is_not_lost_to_rounding() -> None:
    plc = OvenPlc()
    plc.program.v_oven.v_temperature = 890.0
    plc.commit(START, (900.0, 0.1, 1.0))
    plc.until(RUNNING)
    began = plc.image.value("OV-1.SP")
    plc.scan(60 * SECOND)
    assert plc.image.value("OV-1.SP") - began == pytest.approx(0.1, rel=0.02)


def test_a_paused_phase_goes_on_where_it_stood() -> None:
    plc = running((100.0, 60.0, 10.0))
    plc.scan(5 * SECOND)
    plc.commit(PAUSE)
    assert plc.until(PAUSED) == [PAUSING, PAUSED]
    stood = plc.image.value("OV-1.SP")
    plc.scan(5 * SECOND)
    assert plc.image.value("OV-1.SP") == stood
    plc.commit(RESUME)
    assert plc.until(RUNNING) == [RESUMING, RUNNING]
    plc.scan(SECOND)
    assert plc.image.value("OV-1.SP") == pytest.approx(stood + 1.0, abs=0.1)


@pytest.mark.parametrize(("command", "acting", "final"), [(STOP, STOPPING, STOPPED), (ABORT, ABORTING, ABORTED)])
@pytest.mark.parametrize(("number", "sp"), [(HEAT, (100.0, 60.0, 10.0)), (COOL, (25.0,))])
def test_a_phase_ended_early_switches_off_and_keeps_its_reports(
    command: int, acting: int, final: int, number: int, sp: tuple[float, ...]
) -> None:
    plc = OvenPlc()
    plc.program.v_oven.v_temperature = 500.0
    plc.commit(START, sp, ProcReq=number)
    plc.scan(SECOND)
    plc.commit(command)
    assert plc.until(final) == [acting, final]
    reports = plc.reports
    assert reports[2 if number == HEAT else 1] == pytest.approx(1.0, abs=0.1)
    assert not plc.program.v_logic.v_heateron
    plc.scan(5 * SECOND)
    assert plc.reports == reports


def test_counters_wrap_without_overflow() -> None:
    plc = OvenPlc()
    plc.program.v_phase.v_statechg = 65534
    plc.program.v_header.v_plchb = 65535
    plc.commit(START)
    assert (plc.read("StateChg"), plc.header("PlcHb")) == (65535, 0)
    assert plc.commit(HOLD) == ACCEPTED
    assert plc.read("StateChg") == plc.read("StatusEnd") == 1  # running and holding within one scan


def test_words_are_copied_and_shown_in_the_order_a_client_may_rely_on(monkeypatch: pytest.MonkeyPatch) -> None:
    plc = OvenPlc()
    order: list[str] = []

    class Traced(type(plc.program)):  # type: ignore[misc]  # the class is made by the compiler
        def __setattr__(self, name: str, value: Any) -> None:
            order.append(f"write {name[2:]}")
            super().__setattr__(name, value)

        def __getattribute__(self, name: str) -> Any:
            order.append(f"read {name[2:]}")
            return super().__getattribute__(name)

    plc.program.__class__ = Traced
    plc.program.scan()
    fields = ("cmd", "cmdbootid", "cmdepoch", "cmdepochlo", "execid", "procreq", "sp1", "sp16")
    block = [f"ov_{name}" for name in fields]
    assert all(order.index("read ov_cmdseq") < order.index(f"read {name}") for name in block)
    shown = [step.removeprefix("write ov_") for step in order if step.startswith("write ov_")]
    shown.remove("lastexec")  # shared with MES_PHASE
    assert shown[0] == "statechg"
    assert shown[-3:] == ["ackres", "ackseq", "statusend"]
    written = {tag.name.lower().replace(".", "_") for tag in TAG_MAP.wire_tags() if tag.writable}
    assert not {f"ov-1_ph_{name}" for name in shown} & written
    assert {tag.wire_type for tag in TAG_MAP.wire_tags()} == set(WireType)
