"""What a supervised PLC promises when the link, the PLC or an answer fails, over each of the three drivers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from mes.model.phase import AckResult, PhaseRequest
from mes.model.reading import Quality
from mes.model.states import ProceduralState as S
from mes.plc.port import PlcError
from mes.plc.supervise import SupervisedPlc
from tests.plc.bench import Bench, in_background, until
from tests.plc.line import COOL, HEAT, OVEN, C, Line

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_plc_sees_the_mes_alive_and_knows_how_long_it_may_be_silent(line: Line) -> None:
    await until(lambda: line.link.status().mes_alive_seen, shown=line.link.status)
    assert line.bench.program.tags["TP.MesTmo"] == 10
    first = line.bench.program.tags["TP.MesHb"]
    await until(lambda: line.bench.program.tags["TP.MesHb"] == first + 1, limit_s=2.5)


async def test_a_plc_that_restarted_behind_an_open_link_is_told_its_time_out_again(line: Line) -> None:
    await until(lambda: line.link.status().mes_alive_seen)
    line.bench.program.tags["TP.MesTmo"] = 0
    await until(lambda: line.bench.program.tags["TP.MesTmo"] == 10, limit_s=2.5)
    assert line.link.status().losses == 0


async def test_a_lost_link_makes_everything_stale_and_a_new_driver_brings_it_back(line: Line) -> None:
    exec_id = await line.start()
    await line.reaches(S.RUNNING)
    line.bench.lose_link(down=True)
    await until(lambda: not line.link.status().fresh, limit_s=2.0, shown=line.link.status)
    status = line.link.phase(OVEN)
    assert not status.fresh
    assert "TP" in status.why
    assert line.link.reading("OV-1.TC_CORE").quality is Quality.STALE
    with pytest.raises(PlcError, match=r"no command to OV-1\.PH now"):
        line.compose(C.HOLD, exec_id)
    line.bench.restore_link()
    await line.is_usable()
    assert (await line.reaches(S.RUNNING)).active_exec == exec_id
    assert line.link.reading("OV-1.TC_CORE").is_good
    assert line.link.status().losses == 1


async def test_a_heart_that_stops_makes_everything_stale_within_its_limit(line: Line) -> None:
    await until(lambda: line.link.reading("OV-1.TC_CORE").is_good)
    line.bench.plc.scanning = False
    loop = asyncio.get_running_loop()
    stopped_s = loop.time()
    await until(lambda: not line.link.status().fresh, limit_s=2.0, shown=line.link.status)
    assert 0.7 < loop.time() - stopped_s < 1.6
    assert line.link.status().connected
    assert "PlcHb" in line.link.status().why
    assert line.link.reading("OV-1.TC_CORE").quality is Quality.STALE
    line.bench.plc.scanning = True
    await line.is_usable()


async def test_becoming_stale_and_fresh_again_rings_the_bell(line: Line) -> None:
    await line.is_quiet()
    line.bench.plc.scanning = False
    await asyncio.wait_for(line.link.changed.wait(), 3)
    assert not line.link.status().fresh
    await line.is_quiet()
    line.bench.plc.scanning = True
    await asyncio.wait_for(line.link.changed.wait(), 3)
    assert line.link.status().fresh


async def test_a_change_of_a_value_rings_the_bell_and_a_beating_heart_does_not(line: Line) -> None:
    await until(lambda: line.link.status().mes_alive_seen)
    await line.is_quiet(for_s=1.2)
    line.bench.plc.set("OV-1.TC_CORE", 333.5)
    await asyncio.wait_for(line.link.changed.wait(), 2)
    assert line.link.reading("OV-1.TC_CORE").value == 333.5


async def test_a_torn_status_is_not_believed(line: Line) -> None:
    line.bench.plc.force("OV-1.PH.StatusEnd", 999)
    line.bench.plc.set("OV-1.PH.Step", 10)
    await until(lambda: not line.link.phase(OVEN).fresh, shown=lambda: line.link.phase(OVEN))
    assert "torn" in line.link.phase(OVEN).why
    assert line.link.phase(OVEN).step == 0
    with pytest.raises(PlcError, match="torn"):
        line.compose(C.START, 1, parameters=(100.0, 1.0))
    line.bench.plc.force("OV-1.PH.StatusEnd", None)
    await until(lambda: line.link.phase(OVEN).fresh, shown=lambda: line.link.phase(OVEN))
    assert line.link.phase(OVEN).step == 10


async def test_torn_reports_are_not_given(line: Line) -> None:
    line.bench.plc.force("OV-1.PH.StatusEnd", 999)
    await until(lambda: not line.link.phase(OVEN).fresh, shown=lambda: line.link.phase(OVEN))
    with pytest.raises(PlcError, match="reports cannot be read as one"):
        await line.link.reports(line.bench.tag_map.slots[OVEN].phases[HEAT])


@pytest.mark.parametrize(("value", "why"), [(7000.0, "outside"), (float("nan"), "finite"), (float("inf"), "finite")])
async def test_a_report_that_cannot_be_is_refused_by_name(line: Line, value: float, why: str) -> None:
    await line.start(running_scans=1)
    await line.reaches(S.COMPLETE)
    line.bench.plc.force("OV-1.PH.Rep2", value)
    with pytest.raises(PlcError, match=f"soak_time.*{why}"):
        await _reports_until_refused(line)


async def test_the_reports_of_another_phase_are_not_taken_for_those_asked_for(line: Line) -> None:
    await line.start(running_scans=1)
    await line.reaches(S.COMPLETE)
    with pytest.raises(PlcError, match="phase number 2, not of COOL"):
        await line.link.reports(line.bench.tag_map.slots[OVEN].phases[COOL])


async def test_a_refused_write_is_told_and_nothing_starts(line: Line) -> None:
    line.bench.plc.refuse("OV-1.PH.CmdEpoch")
    answer = await line.give(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    assert answer.result is None
    assert "OV-1.PH.CmdEpoch" in answer.why
    assert not line.bench.program.starts
    line.bench.plc.refuse()
    assert (await line.give(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))).accepted


async def test_a_lost_answer_to_the_commit_is_made_good_by_the_status(line: Line) -> None:
    line.bench.program.running_scans = 100_000
    exec_id = line.bench.next_exec()
    request = line.compose(C.START, exec_id, parameters=(100.0, 1.0))
    line.bench.plc.lose_answers(1)
    answer = await asyncio.wait_for(line.link.execute(request), 15)
    assert answer.accepted, answer
    assert line.bench.program.starts == [(OVEN, exec_id)]


async def test_a_write_carried_out_long_after_its_writer_gave_up_starts_the_phase_once(line: Line) -> None:
    line.bench.program.running_scans = 100_000
    exec_id = line.bench.next_exec()
    request = line.compose(C.START, exec_id, parameters=(100.0, 1.0))
    line.bench.plc.hold_writes()
    executing = asyncio.create_task(line.link.execute(request))
    await asyncio.sleep(1.7)
    line.bench.plc.release()
    answer = await asyncio.wait_for(executing, 15)
    assert answer.accepted, answer
    assert line.bench.program.starts == [(OVEN, exec_id)]


async def test_what_is_not_known_is_said_and_known_by_the_status_later(line: Line) -> None:
    line.bench.program.running_scans = 100_000
    exec_id = line.bench.next_exec()
    request = line.compose(C.START, exec_id, parameters=(100.0, 1.0))
    line.bench.lose_link(down=True)
    answer = await asyncio.wait_for(line.link.execute(request), 15)
    assert answer.result is None
    assert "TP" in answer.why
    line.bench.restore_link()
    await line.is_usable(limit_s=15)
    assert (await line.link.execute(request)).accepted
    assert line.bench.program.starts == [(OVEN, exec_id)]


async def test_a_start_carried_out_under_a_lost_number_is_judged_by_the_execution(line: Line) -> None:
    exec_id = await line.start()
    status = await line.reaches(S.RUNNING)
    lost = PhaseRequest(
        plc="TP",
        slot=OVEN,
        command=C.START,
        exec_id=exec_id,
        phase_number=HEAT,
        seq=status.ack_seq + 9,
        boot_id=line.link.status().boot_id,
        epoch=5,
        parameters=(550.0, 3.3),
    )
    answer = await line.link.execute(lost)
    assert answer.result is AckResult.ALREADY_RUNNING
    assert answer.parameters_in_force == (550.0, pytest.approx(3.3, rel=1e-6))


async def test_a_plc_that_restarts_mid_phase_is_seen_and_nothing_is_started_again(line: Line) -> None:
    exec_id = await line.start()
    await line.reaches(S.RUNNING)
    request = line.compose(C.HOLD, exec_id)
    line.bench.program.restart()
    boot_id = line.bench.program.tags["TP.BootId"]
    await until(lambda: line.link.status().boot_id == boot_id, shown=line.link.status)
    idle = await line.reaches(S.IDLE)
    assert (idle.active_exec, idle.last_exec) == (0, exec_id)
    assert (await line.link.execute(request)).result is AckResult.WRONG_BOOT_ID
    again = await line.link.execute(replace(request, command=C.START, seq=request.seq + 5))
    assert again.result is None
    assert "restarted" in again.why
    assert len(line.bench.program.starts) == 1


async def test_a_left_over_commit_word_is_not_carried_out_by_a_plc_that_starts(line: Line) -> None:
    await line.start(running_scans=1)
    await line.reaches(S.COMPLETE)
    line.bench.program.restart()
    boot_id = line.bench.program.tags["TP.BootId"]
    await until(lambda: line.link.status().boot_id == boot_id, shown=line.link.status)
    await until(lambda: line.link.phase(OVEN).ack_result == AckResult.POWER_UP, shown=lambda: line.link.phase(OVEN))
    assert len(line.bench.program.starts) == 1
    assert (await line.give(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))).accepted


async def test_a_plc_with_another_program_takes_only_hold_stop_and_abort(line: Line) -> None:
    exec_id = await line.start()
    await line.reaches(S.RUNNING)
    line.bench.plc.set("TP.ProgramId", 42)
    await until(lambda: not line.link.status().usable, shown=line.link.status)
    assert "program 42" in line.link.status().why
    assert line.link.status().program_id == 42
    with pytest.raises(PlcError, match="program 42"):
        line.compose(C.PAUSE, exec_id)
    assert (await line.give(C.HOLD, exec_id)).accepted


async def test_a_plc_that_speaks_another_version_is_not_commanded_and_its_status_not_used(line: Line) -> None:
    line.bench.plc.set("TP.IfVersion", 2)
    await until(lambda: not line.link.status().usable, shown=line.link.status)
    assert "version 2" in line.link.status().why
    assert not line.link.phase(OVEN).fresh
    with pytest.raises(PlcError, match="version 2"):
        line.compose(C.ABORT, 1)


async def test_a_silent_mes_lets_the_plc_hold_its_phase(bench: Bench) -> None:
    link = SupervisedPlc(bench.tag_map, open_port=bench.open_port, mes_timeout_s=1)
    link.take_over(5)
    line = Line(bench, link)
    async with in_background(link.supervise()):
        await line.is_usable()
        await line.start()
        await line.reaches(S.RUNNING)
    await until(lambda: bench.program.tags["OV-1.PH.State"] == 11, limit_s=4, shown=lambda: bench.program.tags)


async def _reports_until_refused(line: Line) -> None:
    """Read the reports again and again: the wire shows a forced value a moment later."""
    async with asyncio.timeout(3):
        while True:
            await line.link.reports(line.bench.tag_map.slots[OVEN].phases[HEAT])
            await asyncio.sleep(0.01)


async def test_a_write_that_is_confirmed_and_has_no_effect_is_not_committed(line: Line) -> None:
    line.bench.plc.force("OV-1.PH.ExecId", 5)
    answer = await line.give(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    assert answer.result is None
    assert "OV-1.PH.ExecId shows 5 although" in answer.why
    assert "OV-1.PH.CmdSeq" not in [tag for tag, _ in line.bench.plc.writes]


async def test_other_parameters_in_force_than_asked_for_are_no_success(line: Line) -> None:
    line.bench.plc.force("OV-1.PH.SpAct2", 9.0)
    answer = await line.give(C.START, line.bench.next_exec(), parameters=(100.0, 1.0))
    assert answer.result is None
    assert "SpAct2 is 9.0 instead of 1" in answer.why
    assert answer.parameters_in_force == (100.0, 9.0)
