"""Every wrong PLC program is found, by the check that is there for it; the right one is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio

from mes.plc.conform.conduct import ConformanceReport
from mes.plc.conform.sheet import Verdict
from tests.plc.conform.oven_plc import Spoil, right, tried
from tests.plc_sim import mutants as m
from tests.plc_sim.mutants import with_header, with_slots

AT_ONCE = 6
ONE, ALL = ("OV-1.PH",), ()


@dataclass(frozen=True)
class Case:
    """A program, what is checked of it (ids or their beginnings, on these slots), and exactly what has to fail."""

    spoil: Spoil
    fails: frozenset[str]
    checks: tuple[str, ...]
    slots: tuple[str, ...] = ONE


def case(spoil: Spoil, fails: str, checks: str, slots: tuple[str, ...] = ONE) -> Case:
    return Case(spoil, frozenset(fails.split()), tuple(checks.split()), slots)


CASES = {
    "right": case(right, "", "HDR CMD WAY ENA ACK SEQ BOO EPO EXE ORD PAR UPD REP CHG TRN NAM MOD PWR"),
    "right in silence": case(right, "", "TMO", ALL),
    "acknowledges before acting": case(with_slots(m.AcknowledgesBeforeActing), "ACK-02", "ACK-02"),
    "writes AckRes late": case(with_slots(m.WritesAckResLate), "ACK-03", "ACK-03"),
    "clears the commit word": case(with_slots(m.ClearsTheCommitWord), "ACK-05", "ACK-05"),
    "accepts old epoch": case(with_slots(m.AcceptsOldEpoch), "EPO-01 ORD-02", "EPO-01 EPO-02 ORD"),
    "ignores the low epoch word": case(with_slots(m.IgnoresTheLowEpochWord), "EPO-02", "EPO-01 EPO-02"),
    "epoch per slot": case(with_slots(m.HasAnEpochForEachSlot), "EPO-04", "EPO-03 EPO-04 EPO-05", ALL),
    "epoch of accepted commands only": case(
        with_slots(m.RemembersTheEpochOfAcceptedCommandsOnly), "EPO-05", "EPO-03 EPO-05 EPO-06"
    ),
    "wrong boot raises the epoch": case(with_slots(m.LetsAWrongBootRaiseTheEpoch), "EPO-06", "EPO-03 EPO-05 EPO-06"),
    "16-bit epochs": case(with_slots(m.ComparesEpochsAs16Bits), "EPO-07", "EPO-03 EPO-07"),
    "ignores wrong boot": case(with_slots(m.IgnoresWrongBoot), "BOO-01 ORD-01", "BOO ORD-01"),
    "epoch before boot": case(with_slots(m.JudgesTheEpochBeforeTheBoot), "ORD-01", "BOO ORD"),
    "replays a left-over command": case(with_slots(m.ReplaysALeftOverCommand), "PWR-02", "PWR"),
    "forgets LastExec at power-up": case(m.forgets_last_exec_at_power_up, "PWR-04", "PWR EXE-03"),
    "keeps its BootId": case(m.keeps_its_boot_id, "PWR-01", "PWR-01"),
    "reacts to CmdSeq 0": case(with_slots(m.ReactsToCmdSeq0), "SEQ-02 SEQ-03", "SEQ-02 SEQ-03"),
    "acts on the same word again": case(with_slots(m.ActsOnTheSameWordAgain), "SEQ-01", "SEQ-01"),
    "wants growing commit words": case(with_slots(m.WantsGrowingCommitWords), "SEQ-04", "SEQ"),
    "starts the same execution again": case(with_slots(m.StartsTheSameExecutionAgain), "EXE-02", "EXE"),
    "forgets LastExec": case(with_slots(m.ForgetsLastExec), "EXE-03", "EXE"),
    "takes ExecId 0": case(with_slots(m.TakesExecId0), "EXE-01", "EXE-01"),
    "updates any execution": case(with_slots(m.UpdatesAnyExecution), "EXE-05", "EXE UPD"),
    "accepts NaN": case(with_slots(m.AcceptsNan), "PAR-03", "PAR-01 PAR-02 PAR-03 PAR-04"),
    "clamps parameters": case(with_slots(m.ClampsParameters), "PAR-01 PAR-02 PAR-04", "PAR-01 PAR-02 PAR-03 PAR-04"),
    "exclusive limits": case(with_slots(m.HasExclusiveLimits), "PAR-05", "PAR-05"),
    "parameters before state": case(with_slots(m.JudgesParametersBeforeTheState), "ORD-04", "ORD"),
    "updates when held": case(with_slots(m.UpdatesWhenHeld), "CMD-04", "CMD-02 CMD-04 UPD-01"),
    "holds when complete": case(with_slots(m.HoldsWhenComplete), "CMD-05", "CMD-01 CMD-05"),
    "stops on an unknown command": case(with_slots(m.StopsOnAnUnknownCommand), "CMD-09", "CMD-09 CMD-02"),
    "takes hold while stopping": case(m.takes_hold_while_stopping, "CMD-08", "CMD-08"),
    "swaps SpAct words": case(with_slots(m.ShowsAskedParametersWrongly), "PAR-06", "PAR-06 EXE-04"),
    "does not count some changes": case(with_slots(m.DoesNotCountSomeChanges), "CHG-01", "CHG-01"),
    "writes StatusEnd first": case(with_slots(m.WritesStatusEndFirst), "TRN-02", "TRN"),
    "leaves StatusEnd": case(with_slots(m.LeavesStatusEnd), "TRN-01", "TRN"),
    "lies in CmdEn": case(with_slots(m.LiesInCmdEn), "ENA-01 ENA-02", "ENA CMD-01"),
    "unnamed interlock": case(with_slots(m.ShowsAnUnnamedInterlock), "NAM-01", "NAM"),
    "a state of its own": case(with_slots(m.ShowsAStateOfItsOwn), "NAM-04", "NAM"),
    "reports after the end": case(with_slots(m.KeepsReportingAfterTheEnd), "REP-02", "REP"),
    "reports after reset": case(with_slots(m.KeepsReportsAfterReset), "REP-03", "REP"),
    "leaves held at once": case(with_slots(m.LeavesHeldAtOnce), "CHG-02", "CHG"),
    "no comm-loss action": case(with_slots(m.HasNoCommLossAction), "TMO-02", "TMO"),
    "stops instead of holding": case(with_slots(m.StopsInsteadOfHolding), "TMO-02", "TMO"),
    "goes on when the MES is back": case(with_slots(m.GoesOnWhenTheMesIsBack), "TMO-04", "TMO"),
    "comm-loss with MesTmo 0": case(with_header(m.ActsWithoutATimeOut), "TMO-05", "TMO"),
    "comm-loss too soon": case(with_header(m.ActsTooSoon), "TMO-01 TMO-06", "TMO"),
    "counts while switched off": case(with_header(m.CountsSilenceWhileSwitchedOff), "TMO-06", "TMO"),
    "CommOk for ever": case(with_header(m.ShowsTheMesAliveForEver), "TMO-03", "TMO"),
    "no echo": case(with_header(m.EchoesNothing), "HDR-05", "HDR"),
    "slow heart": case(with_header(m.BeatsSlowly), "HDR-04", "HDR"),
    "another program": case(with_header(m.RunsAnotherProgram), "HDR-02", "HDR"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reports() -> AsyncIterator[dict[str, ConformanceReport]]:
    """All programs tried at once, a few at a time: each mostly waits."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> tuple[str, ConformanceReport]:
        async with turns:
            wanted = CASES[name]
            return name, await tried(wanted.spoil, slots=wanted.slots, checks=wanted.checks)

    yield dict(await asyncio.gather(*map(one, CASES)))


@pytest.mark.timeout(300)  # the first one waits for all programs to be tried
@pytest.mark.parametrize("name", CASES)
async def test_a_wrong_program_is_found_by_the_check_for_it(name: str, reports: dict[str, ConformanceReport]) -> None:
    report = reports[name]
    failed = {outcome.check: outcome for outcome in report.outcomes if outcome.verdict is Verdict.FAIL}
    assert set(failed) == CASES[name].fails, [str(failure) for one in failed.values() for failure in one.failures]
    for outcome in failed.values():
        for failure in outcome.failures:
            assert failure.seen
            assert failure.contract
