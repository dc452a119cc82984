"""The MES against the reference program over Modbus TCP: its own map reader, driver, and handshake."""

from __future__ import annotations

import pytest

from mes.model.phase import Acknowledgement, AckResult, PhaseCommand
from mes.model.states import ProceduralState as S
from mes.plc.check import check, probe
from mes.plc.conform.catalogue import CHECKS
from mes.plc.conform.conduct import Wishes, conform
from mes.plc.conform.sheet import Verdict
from mes.plc.supervise import SupervisedPlc
from mes.plc.tagfile import read_map
from tests.plc.bench import in_background, until
from tests.plc_st.oven import HEAT, MAP_FILE, SLOT
from tests.plc_st.serving import Served, served

C = PhaseCommand
SHORT = (25.0, 600.0, 0.2)
SPEED = 4.0
NOT_HERE = ("TMO", "EPO-04", "MOD-02", "ILK-01")
"""Silence, local and interlocks are tried scan by scan in test_oven_holds.py; there is one slot only."""

WANTED = tuple(check for check in CHECKS if not check.startswith(NOT_HERE))


async def given(
    link: SupervisedPlc, command: PhaseCommand, exec_id: int, parameters: tuple[float, ...] = ()
) -> Acknowledgement:
    request = link.compose(SLOT, command, exec_id=exec_id, phase_number=HEAT, parameters=parameters)
    return await link.execute(request)


async def shows(link: SupervisedPlc, state: S) -> None:
    await until(
        lambda: link.phase(SLOT).fresh and link.phase(SLOT).state is state, limit_s=15, shown=lambda: link.phase(SLOT)
    )


async def test_the_map_of_the_example_is_good_and_agrees_with_the_program() -> None:
    offline = check(MAP_FILE)
    assert (offline.errors, offline.tags) == ((), len(read_map(MAP_FILE).tags))
    async with served() as plc:
        report = await probe(MAP_FILE, plc.url)
        assert report.findings == ()
        assert report.good == len(read_map(MAP_FILE).tags)


async def test_the_mes_runs_the_example_from_start_to_reset() -> None:
    async with served() as plc, in_background((link := linked(plc)).supervise()):
        link.take_over(3)
        await until(lambda: link.status().usable and link.phase(SLOT).fresh, limit_s=10, shown=link.status)
        assert (await given(link, C.START, 1, (25.0, 600.0, 0.0))).result is AckResult.BAD_PARAMETER
        answer = await given(link, C.START, 2, (30.0, 60.0, 0.2))
        assert answer.accepted
        assert answer.parameters_in_force == pytest.approx((30.0, 60.0, 0.2), rel=1e-6)
        await shows(link, S.RUNNING)
        assert (await given(link, C.HOLD, 2)).accepted
        await shows(link, S.HELD)
        assert (await given(link, C.PAUSE, 2)).result is AckResult.NOT_ALLOWED
        assert (await given(link, C.RESTART, 2)).accepted
        await shows(link, S.RUNNING)
        answer = await given(link, C.UPDATE, 2, SHORT)
        assert answer.parameters_in_force == pytest.approx(SHORT, rel=1e-6)
        await shows(link, S.COMPLETE)
        reports = await link.reports(read_map(MAP_FILE).slots[SLOT].phases[HEAT])
        assert reports["soak_time"] == pytest.approx(0.2)
        assert 23.0 <= reports["peak"] <= 31.0
        assert (await given(link, C.RESET, 2)).accepted
        await shows(link, S.IDLE)
        assert (await given(link, C.START, 2, SHORT)).result is AckResult.ALREADY_EXECUTED
        assert link.status().mes_alive_seen


async def test_after_a_power_cut_the_mes_sees_another_boot_and_no_phase() -> None:
    async with served() as plc, in_background((link := linked(plc)).supervise()):
        link.take_over(3)
        await until(lambda: link.status().usable and link.phase(SLOT).fresh, limit_s=10, shown=link.status)
        boot_id = link.status().boot_id
        stale = link.compose(SLOT, C.START, exec_id=9, phase_number=HEAT, parameters=SHORT)
        await plc.power_cycle()
        await until(lambda: link.status().boot_id == boot_id + 1, limit_s=5, shown=link.status)
        assert (await link.execute(stale)).result is not AckResult.ACCEPTED
        assert link.phase(SLOT).state is S.IDLE


async def test_the_conformance_check_passes_a_power_cut_included() -> None:
    async with served(SPEED) as plc:
        wishes = Wishes(checks=WANTED, far_epoch=True)
        report = await conform(read_map(MAP_FILE), plc.url, wishes, restart=plc.power_cycle)
    assert [outcome for outcome in report.outcomes if outcome.verdict is Verdict.FAIL] == []
    assert {outcome.check for outcome in report.outcomes if outcome.verdict is Verdict.PASS} == set(WANTED)


def linked(plc: Served) -> SupervisedPlc:
    return SupervisedPlc(read_map(MAP_FILE), url=plc.url)
