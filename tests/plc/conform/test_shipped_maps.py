"""The shipped maps on the simulated plant: a slot of each, over both protocols; and the command on one of them."""

from __future__ import annotations

import asyncio
import json
import sys
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import plc_sim
from mes.plc.conform.conduct import conform
from mes.plc.conform.sheet import Verdict
from mes.plc.conform.trial import Limits
from mes.plc.conform.wishes import Wishes
from mes.plc.tagfile import read_map

MAPS = Path(plc_sim.__file__).with_name("maps")
SPEED = 20
SLOTS = {"SY": "SV-402.PH", "FM": "RD-851.PH", "UT": "GB-101.PH"}
CHECKS = (
    *("LNK", "HDR", "CMD-01", "CMD-04", *(f"WAY-0{place}" for place in range(1, 9))),
    *("ENA", "ACK", "SEQ-02", "SEQ-04", "BOO", "EPO-01", "EXE-01", "PAR-03", "CHG", "TRN", "NAM"),
)
LIMITS = Limits(rest_s=5.0, listen_s=0.3, lasting_s=0.2, watch_s=0.2)


@asynccontextmanager
async def simulated(scheme: str, *names: str) -> AsyncIterator[dict[str, str]]:
    """The simulated plant in a process of its own; gives the URL of each PLC."""
    maps = [str(MAPS / f"{name.lower()}.toml") for name in names]
    listen = [word for name in names for word in ("--listen", f"{name}={scheme}://127.0.0.1:0")]
    options = ["--speed", str(SPEED), "--seed", "1", "--supply", "dry"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "plc_sim", "--map", *maps, *listen, *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        urls = {}
        for _ in names:
            ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 40))
            urls[ready["ready"]] = ready["url"]
        yield urls
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), 10)


@pytest.mark.timeout(240)  # OPC UA servers take half a minute to start on a busy machine
@pytest.mark.parametrize("scheme", ["modbus", "opc.tcp"])
async def test_a_slot_of_every_shipped_map_conforms(scheme: str) -> None:
    async with simulated(scheme, *SLOTS) as urls:
        reports = await asyncio.gather(
            *(
                conform(
                    read_map(MAPS / f"{name.lower()}.toml"),
                    urls[name],
                    Wishes(slots=(slot,), checks=CHECKS, limits=LIMITS),
                )
                for name, slot in SLOTS.items()
            )
        )
    for report in reports:
        failed = [(one.check, *map(str, one.failures)) for one in report.outcomes if one.verdict is Verdict.FAIL]
        assert not failed, (report.plc, failed)
        not_shown = [(one.check, *one.remarks) for one in report.outcomes if one.verdict is Verdict.NOT_SHOWN]
        assert not not_shown, (report.plc, not_shown)


async def mes(*words: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mes", *words),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 50)
    assert process.returncode is not None
    return process.returncode, out.decode("utf-8"), err.decode("utf-8")


async def test_the_command_asks_checks_and_writes_its_report(tmp_path: Path) -> None:
    conform = ("plc", "conform", str(MAPS / "ut.toml"), "--slot", "GB-101.PH")
    async with simulated("modbus", "UT") as urls:
        where = ("--url", urls["UT"])
        unasked = await mes(*conform, *where)
        file = tmp_path / "conformance.xml"
        good = await mes(*conform, *where, "--yes", "--check", "CMD-01", "--format", "junit", "--output", str(file))
    assert unasked[:2] == (1, "")
    assert "phases will really run on GB-101.PH" in unasked[2]
    assert "add --yes" in unasked[2]
    assert good[0] == 0, good
    assert "1 passed, 0 failed, 0 not shown" in good[1]
    assert "GB-101.PH: tried with INERTISE" in good[2] or "listening whether somebody else" in good[2]
    cases = ET.fromstring(file.read_text("utf-8")).findall("testsuite/testcase")
    assert [case.get("name") for case in cases] == ["CMD-01 Idle takes start and nothing else"]
