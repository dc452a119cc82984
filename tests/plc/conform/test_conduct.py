"""How the check goes about a PLC: when it refuses to begin, what it does not claim, and how it leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from mes.plc.conform.conduct import ConformanceReport, conform
from mes.plc.conform.sheet import Outcome, Verdict
from mes.plc.conform.wishes import NotSafe, Wishes
from mes.plc.tagfile import read_map
from plc_sim.phase_logic import SlotMode
from plc_sim.plant import PhaseProgress
from plc_sim.scan import SimulatedPlc
from plc_sim.states import PhaseState
from tests.plc.bench import in_background, until
from tests.plc.conform.oven_plc import LIMITS, MAP_FILE, OvenPlc, right, served

SLOT = "OV-1.PH"


def wishes(*checks: str, slots: tuple[str, ...] = (SLOT,), although_controlled: bool = False) -> Wishes:
    return Wishes(slots=slots, checks=checks, limits=LIMITS, tmo_s=1, although_controlled=although_controlled)


def outcome(report: ConformanceReport, check: str, subject: str = SLOT) -> Outcome:
    (found,) = [one for one in report.outcomes if (one.check, one.subject) == (check, subject)]
    return found


async def report_on(
    prepare: Callable[[SimulatedPlc], None], *checks: str, although_controlled: bool = False
) -> ConformanceReport:
    oven_plc = OvenPlc(prepare)
    async with served(oven_plc) as url:
        return await conform(read_map(MAP_FILE), url, wishes(*checks, although_controlled=although_controlled))


async def test_a_plc_that_another_mes_drives_is_left_alone() -> None:
    oven_plc = OvenPlc(right)
    image = oven_plc.plc.image

    async def beat() -> None:
        for value in range(1, 1000):
            image.write("OV.MesHb", value)
            await asyncio.sleep(0.05)

    async with served(oven_plc) as url, in_background(beat()):
        with pytest.raises(NotSafe, match="another MES drives this PLC"):
            await conform(read_map(MAP_FILE), url, wishes())
    assert image.value(f"{SLOT}.CmdSeq") == 0
    assert image.value("OV.MesTmo") == 0


def start_the_third_oven(plc: SimulatedPlc) -> None:
    words = {"Cmd": 2, "CmdBootId": plc.boot_id, "ProcReq": 2, "CmdEpoch": 1, "CmdEpochLo": 1, "ExecId": 5}
    plc.scan(0.0)
    for tag, value in {**words, "Sp1": 100.0, "Sp2": 600.0, "CmdSeq": 1}.items():
        plc.image.write(f"OV-3.PH.{tag}", value)
    plc.scan(0.0)


async def test_a_plc_with_a_slot_at_work_is_left_alone() -> None:
    with pytest.raises(NotSafe, match=r"OV-3\.PH is .*(starting|running)"):
        await report_on(start_the_third_oven, "CMD-01")


async def test_a_slot_at_work_is_left_as_it_is_when_another_one_is_checked() -> None:
    oven_plc = OvenPlc(start_the_third_oven)
    async with served(oven_plc) as url:
        report = await conform(read_map(MAP_FILE), url, wishes("CMD-01", although_controlled=True))
        assert outcome(report, "CMD-01").verdict is Verdict.PASS
        assert oven_plc.plc.slots["OV-3.PH"].state is PhaseState.RUNNING


async def test_an_interrupted_check_leaves_every_slot_idle_and_nothing_to_replay() -> None:
    oven_plc = OvenPlc(right)
    plc = oven_plc.plc
    async with served(oven_plc) as url:
        check = asyncio.create_task(conform(read_map(MAP_FILE), url, wishes("WAY", slots=())))
        await until(lambda: all(slot.state is PhaseState.RUNNING for slot in plc.slots.values()), limit_s=10)
        check.cancel()
        with pytest.raises(asyncio.CancelledError):
            await check
        assert {slot.state for slot in plc.slots.values()} == {PhaseState.IDLE}
        for name in plc.slots:
            assert [plc.image.value(f"{name}.{tag}") for tag in ("Cmd", "CmdBootId", "ExecId", "Sp1")] == [0, 0, 0, 0.0]
            assert plc.image.value(f"{name}.CmdSeq") == plc.image.value(f"{name}.AckSeq")
        assert plc.image.value("OV.MesTmo") == 0


async def test_a_link_that_is_lost_is_told_and_nothing_is_claimed() -> None:
    oven_plc = OvenPlc(right)
    plc = oven_plc.plc
    async with served(oven_plc) as url:
        check = asyncio.create_task(conform(read_map(MAP_FILE), url, wishes("LNK", "CMD", "WAY")))
        await until(lambda: plc.slots[SLOT].state is PhaseState.RUNNING, limit_s=10)
        plc.conditions.down = True
        report = await check
    assert outcome(report, "LNK-01", "OV").verdict is Verdict.FAIL
    assert outcome(report, "CMD-07").verdict is Verdict.NOT_SHOWN
    assert any("may not be idle" in note or "is not left idle" in note for note in report.notes), report.notes


def open_the_door(plc: SimulatedPlc) -> None:
    plc.units["OV-1"].door_open = True  # type: ignore[attr-defined]


async def test_a_slot_that_an_interlock_holds_off_shows_that_and_claims_no_more() -> None:
    report = await report_on(open_the_door, "ILK", "WAY", "PAR", "EXE", "ENA", "CMD-01")
    for check in ("ILK-01", "CMD-01", "ENA-01", "ENA-02", "EXE-01"):
        assert outcome(report, check).verdict is Verdict.PASS, outcome(report, check)
    for check in ("WAY-01", "WAY-09", "PAR-03", "EXE-02"):
        assert outcome(report, check).verdict is Verdict.NOT_SHOWN
        assert any("DOOR_OPEN" in remark for remark in outcome(report, check).remarks), outcome(report, check)


def switch_to_local(plc: SimulatedPlc) -> None:
    plc.slots[SLOT].mode = SlotMode.LOCAL


async def test_a_slot_in_local_shows_that_and_claims_no_more() -> None:
    report = await report_on(switch_to_local, "MOD", "ILK", "WAY-01", "CMD-01")
    assert outcome(report, "MOD-01").verdict is Verdict.PASS
    assert outcome(report, "MOD-02").verdict is Verdict.PASS
    assert outcome(report, "ILK-01").verdict is Verdict.NOT_SHOWN
    assert outcome(report, "WAY-01").verdict is Verdict.NOT_SHOWN
    assert outcome(report, "CMD-01").verdict is Verdict.PASS


def break_the_heater(plc: SimulatedPlc) -> None:
    plc.units["OV-1"].run = lambda slot: PhaseProgress(step=10, fail_code=20)  # type: ignore[method-assign]


async def test_a_phase_that_fails_at_once_is_not_shown_and_its_failure_named() -> None:
    report = await report_on(break_the_heater, "WAY", "CMD", "SEQ-02")
    for check in ("WAY-02", "CMD-03", "CMD-08"):
        assert outcome(report, check).verdict is Verdict.NOT_SHOWN
    assert any("20 HEATER_FAULT" in remark for remark in outcome(report, "WAY-02").remarks)
    assert not report.count(Verdict.FAIL), [one for one in report.outcomes if one.failures]
    assert report.phases == {SLOT: ""}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (Wishes(slots=("OV-1.PX",)), 'no slot .OV-1.PX. - did you mean "OV-1.PH"'),
        (Wishes(phase="BAKING"), "no slot to check has a phase .BAKING."),
        (Wishes(checks=("CMT",)), 'no check has the id .CMT. - did you mean "CMD"'),
    ],
)
async def test_a_wish_that_cannot_be_met_is_refused_with_the_nearest_one(wrong: Wishes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await conform(read_map(MAP_FILE), "modbus://127.0.0.1:9", wrong)
