"""The fake that ships keeps the contract, as far as the kit can see: it is what other tests take for a PLC."""

from __future__ import annotations

import pytest

from mes.plc.conform.conduct import conform
from mes.plc.conform.sheet import Verdict
from mes.plc.conform.wishes import Wishes
from mes.plc.fake import fake_plc
from mes.plc.tagfile import read_map
from tests.plc.bench import MAPS
from tests.plc.conform.oven_plc import LIMITS


@pytest.mark.timeout(240)  # it waits out many silences
async def test_the_fake_keeps_the_contract() -> None:
    tag_map = read_map(MAPS / "oven.toml")
    fake_plc(tag_map, "fake://conform").program.running_scans = 1_000_000
    wishes = Wishes(slots=("OV-1.PH",), limits=LIMITS, tmo_s=1)
    report = await conform(tag_map, "fake://conform", wishes)
    assert [one for one in report.outcomes if one.verdict is Verdict.FAIL] == []
    assert sum(one.verdict is Verdict.PASS for one in report.outcomes) > 50
