"""What a supervised PLC promises the engine (`PlcLink`): MES-Phase v1 whole, over each of the three drivers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mes.model.phase import AckResult, PhaseCommand
from mes.model.states import ProceduralState as S
from mes.plc.handshake import commit
from mes.plc.port import PlcError
from tests.plc.bench import until
from tests.plc.line import COOL, HEAT, OVEN, C, Line

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_phase_goes_from_start_to_reset_and_reports(line: Line) -> None:
    heat = line.bench.tag_map.slots[OVEN].phases[HEAT]
    idle = line.link.phase(OVEN)
    assert idle.state is S.IDLE
    assert idle.commands_enabled == {C.START}
    assert idle.automatic
    assert idle.source_mes
    exec_id = line.bench.next_exec()
    answer = await line.give(C.START, exec_id, parameters=(550.0, 3.3))
    assert answer.result is AckResult.ACCEPTED
    assert answer.parameters_in_force == (550.0, pytest.approx(3.3, rel=1e-6))
    complete = await line.reaches(S.COMPLETE)
    assert (complete.active_exec, complete.last_exec, complete.phase_number) == (exec_id, exec_id, HEAT)
    assert complete.step_name == "RAMP"
    assert await line.link.reports(heat) == {"target": 550.0, "soak_time": 3000.0}
    assert (await line.give(C.RESET, exec_id)).accepted
    idle = await line.reaches(S.IDLE)
    assert (idle.active_exec, idle.last_exec) == (0, exec_id)
    with pytest.raises(PlcError, match="reports stand from the end to the reset"):
        await line.link.reports(heat)


async def test_a_phase_without_parameters_starts(line: Line) -> None:
    answer = await line.give(C.START, line.bench.next_exec(), number=COOL)
    assert answer.result is AckResult.ACCEPTED
    await line.reaches(S.COMPLETE)


async def test_a_running_phase_is_held_and_restarted_paused_and_resumed(line: Line) -> None:
    exec_id = await line.start()
    for command, acting, state in (
        (C.HOLD, C.RESTART, S.HELD),
        (C.RESTART, C.PAUSE, S.RUNNING),
        (C.PAUSE, C.RESUME, S.PAUSED),
        (C.RESUME, C.HOLD, S.RUNNING),
    ):
        await line.reaches(S.RUNNING if command in (C.HOLD, C.PAUSE) else line.link.phase(OVEN).state)
        assert (await line.give(command, exec_id)).accepted
        status = await line.reaches(state)
        assert acting in status.commands_enabled
        assert status.active_exec == exec_id


@pytest.mark.parametrize(("command", "state"), [(C.STOP, S.STOPPED), (C.ABORT, S.ABORTED)])
async def test_a_running_phase_is_ended_early_and_reset(line: Line, command: PhaseCommand, state: S) -> None:
    exec_id = await line.start()
    await line.reaches(S.RUNNING)
    assert (await line.give(command, exec_id)).accepted
    await line.reaches(state)
    assert (await line.give(C.RESET, exec_id)).accepted
    await line.reaches(S.IDLE)


async def test_a_running_phase_takes_new_parameters(line: Line) -> None:
    exec_id = await line.start()
    await line.reaches(S.RUNNING)
    answer = await line.give(C.UPDATE, exec_id, parameters=(600.0, 5.0))
    assert answer.accepted
    assert answer.parameters_in_force == (600.0, 5.0)


async def test_the_same_request_twice_starts_the_phase_once(line: Line) -> None:
    line.bench.program.running_scans = 100_000
    exec_id = line.bench.next_exec()
    request = line.compose(C.START, exec_id, parameters=(100.0, 1.0))
    answers = [await line.link.execute(request) for _ in range(4)]
    assert {answer.result for answer in answers} == {AckResult.ACCEPTED}
    assert line.bench.program.starts == [(OVEN, exec_id)]


async def test_a_request_carried_out_twice_under_another_number_is_already_running(line: Line) -> None:
    exec_id = await line.start()
    await line.reaches(S.RUNNING)
    answer = await line.give(C.START, exec_id, parameters=(550.0, 3.3))
    assert answer.result is AckResult.ALREADY_RUNNING
    assert answer.accepted
    assert len(line.bench.program.starts) == 1


async def test_an_execution_that_has_ended_is_not_started_again(line: Line) -> None:
    exec_id = await line.start(running_scans=1)
    await line.reaches(S.COMPLETE)
    await line.give(C.RESET, exec_id)
    await line.reaches(S.IDLE)
    answer = await line.give(C.START, exec_id, parameters=(550.0, 3.3))
    assert answer.result is AckResult.ALREADY_EXECUTED
    assert not answer.accepted


async def test_an_old_epoch_is_refused(line: Line) -> None:
    line.link.take_over(70_000)
    exec_id = await line.start(running_scans=1)
    await line.reaches(S.COMPLETE)
    line.link.take_over(69_999)
    assert (await line.give(C.RESET, exec_id)).result is AckResult.OLD_EPOCH
    line.link.take_over(70_001)
    assert (await line.give(C.RESET, exec_id)).accepted


async def test_a_command_decided_before_a_restart_of_the_plc_is_refused(line: Line) -> None:
    request = line.compose(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    port = line.bench.open_port()
    await port.connect()
    answer = await commit(port, line.bench.tag_map, replace(request, boot_id=request.boot_id ^ 1))
    await port.close()
    assert answer.result is AckResult.WRONG_BOOT_ID


@pytest.mark.parametrize("parameters", [(0.5, 1.0), (901.0, 1.0), (100.0, 61.0)])
async def test_a_parameter_out_of_limits_is_refused_by_the_plc(line: Line, parameters: tuple[float, float]) -> None:
    answer = await line.give(C.START, line.bench.next_exec(), parameters=parameters)
    assert answer.result is AckResult.BAD_PARAMETER
    assert not line.bench.program.starts


async def test_a_parameter_at_its_limit_is_taken_though_single_precision_rounds_it(line: Line) -> None:
    assert (await line.give(C.START, line.bench.next_exec(), parameters=(0.7, 0.1))).accepted


async def test_an_interlocked_phase_refuses_to_start_and_names_the_interlock(line: Line) -> None:
    line.bench.plc.set("OV-1.PH.Interlock", 1 << 3 | 1 << 9)
    # The two words of one PLC scan may come in two notifications.
    await until(lambda: line.link.phase(OVEN).interlocks, shown=lambda: line.link.phase(OVEN))
    await until(lambda: C.START not in line.link.phase(OVEN).commands_enabled, shown=lambda: line.link.phase(OVEN))
    assert line.link.phase(OVEN).interlocks == ("DOOR_OPEN", "INTERLOCK_BIT_9")
    answer = await line.give(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    assert answer.result is AckResult.INTERLOCKED


async def test_a_phase_under_local_operation_refuses_the_mes(line: Line) -> None:
    line.bench.plc.set("OV-1.PH.Mode", 0b10)
    await until(lambda: not line.link.phase(OVEN).automatic, shown=lambda: line.link.phase(OVEN))
    await until(lambda: not line.link.phase(OVEN).source_mes, shown=lambda: line.link.phase(OVEN))
    answer = await line.give(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    assert answer.result is AckResult.INTERLOCKED


async def test_a_command_that_the_state_does_not_allow_is_refused(line: Line) -> None:
    assert (await line.give(C.HOLD, line.bench.next_exec())).result is AckResult.NOT_ALLOWED


async def test_a_failure_and_a_bad_quality_are_shown_by_name(line: Line) -> None:
    line.bench.plc.set("OV-1.PH.FailCode", 20)
    line.bench.plc.set("OV-1.PH.Wqc", 0x60)
    await until(lambda: line.link.phase(OVEN).fail_code, shown=lambda: line.link.phase(OVEN))
    assert line.link.phase(OVEN).failure == "HEATER_FAULT"
    await until(lambda: not line.link.phase(OVEN).quality_good, shown=lambda: line.link.phase(OVEN))


async def test_the_commit_word_is_written_alone_and_last(line: Line) -> None:
    await line.start()
    ours = [tag for tag, _ in line.bench.plc.writes if tag.startswith(OVEN)]
    assert ours[-1] == "OV-1.PH.CmdSeq"
    assert ours.count("OV-1.PH.CmdSeq") == 1


async def test_a_second_command_waits_for_the_one_in_flight(line: Line) -> None:
    line.compose(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    with pytest.raises(PlcError, match="START number 1 is still in flight"):
        line.compose(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))


async def test_both_slots_of_a_plc_take_commands_at_the_same_time(line: Line) -> None:
    line.bench.program.running_scans = 100_000
    heat = line.compose(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    stir = line.link.compose("ST-2.PH", C.START, exec_id=line.bench.next_exec(), phase_number=1, parameters=(120.0,))
    answers = await asyncio.gather(line.link.execute(heat), line.link.execute(stir))
    assert all(answer.accepted for answer in answers)
