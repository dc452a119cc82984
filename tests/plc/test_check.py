"""Checking a map offline, and against a live PLC that differs from it in one thing at a time."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from mes.plc.check import ProbeReport, check, probe
from mes.plc.drivers import open_port
from mes.plc.port import PlcError
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMapError
from tests.plc.bench import MAPS, Bench

OVEN = MAPS / "oven.toml"

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_good_map_is_counted() -> None:
    report = check(OVEN)
    assert report.errors == ()
    assert (report.plc, report.units, report.slots, report.phases) == ("TP", 2, 2, 3)
    assert report.tags == len(read_map(OVEN).tags)


async def test_a_bad_map_gives_its_errors(tmp_path: Path) -> None:
    bad = _changed(tmp_path, "scan_ms = 20", "scan_ms = 0")
    report = check(bad)
    assert len(report.errors) == 1
    assert "scan_ms = 0" in report.errors[0]


async def test_a_plc_that_fits_its_map_gives_no_finding(bench: Bench) -> None:
    report = await _probe(bench, OVEN)
    assert report.findings == ()
    assert report.good == len(bench.tag_map.tags)
    assert report.source == bench.open_port().source


async def test_another_program_and_version_are_found(bench: Bench, tmp_path: Path) -> None:
    report = await _probe(bench, _changed(tmp_path, "program_id = 3735928559", "program_id = 7"))
    assert [finding.place for finding in report.findings] == ["TP.ProgramId"]
    assert "the PLC shows 3735928559, the tag map says 7" in str(report.findings[0])


async def test_a_heart_that_does_not_beat_is_found(bench: Bench) -> None:
    bench.plc.scanning = False
    report = await _probe(bench, OVEN)
    if not report.findings:  # a last beat was still on its way when the first look was taken
        report = await _probe(bench, OVEN)
    assert [finding.place for finding in report.findings] == ["TP.PlcHb"]
    assert "is the PLC in RUN?" in report.findings[0].text


async def test_a_value_outside_its_range_is_found(bench: Bench) -> None:
    bench.plc.force("OV-1.TC_CORE", math.nan)
    report = await _probe(bench, OVEN, settled="OV-1.TC_CORE")
    assert [finding.place for finding in report.findings] == ["OV-1.TC_CORE"]


async def test_a_plc_that_is_not_there_is_a_finding(bench: Bench) -> None:
    bench.lose_link(down=True)
    report = await _probe(bench, OVEN)
    assert [finding.place for finding in report.findings] == ["connection"]
    assert report.good == 0


@pytest.mark.parametrize("standing_bench", ["opcua"], indirect=True)
async def test_a_missing_node_is_told_with_the_nearest_one_and_a_wrong_type_by_both(
    bench: Bench, tmp_path: Path
) -> None:
    path = _changed(tmp_path, '"OV-1.TC_CORE"', '"OV-1.TC_CORR"', ('type = "UDINT"', 'type = "REAL"'))
    report = await probe(path, bench.url)
    found = {finding.place: finding.text for finding in report.findings}
    assert set(found) == {"OV-1.TC_CORR", "OV-1.CYCLES"}
    assert "no node 'OV-1.TC_CORR'; the nearest one there is 'OV-1.TC_CORE'" in found["OV-1.TC_CORR"]
    assert "is UInt32 on the PLC, the tag map says REAL" in found["OV-1.CYCLES"]


@pytest.mark.parametrize("standing_bench", ["opcua"], indirect=True)
async def test_a_missing_namespace_is_told_with_the_nearest_one(bench: Bench, tmp_path: Path) -> None:
    report = await probe(_changed(tmp_path, "urn:test:tp", "urn:test:tq"), bench.url)
    assert len(report.findings) == 1
    assert "has no namespace 'urn:test:tq' - did you mean" in report.findings[0].text


@pytest.mark.parametrize("standing_bench", ["modbus"], indirect=True)
async def test_a_refused_modbus_block_is_told_with_every_tag_in_it(bench: Bench, tmp_path: Path) -> None:
    report = await probe(_changed(tmp_path, "modbus = 5010", "modbus = 6010"), bench.url)
    assert len(report.findings) == 1
    assert report.findings[0].place == "registers 6010..6011 (ST-2.SPEED)"
    assert "exception 2 (illegal data address)" in report.findings[0].text
    assert report.findings[0].text.endswith("tags in it: ST-2.SPEED")
    assert report.good == len(bench.tag_map.tags) - 1


async def test_a_map_that_is_wrong_is_not_compared_with_anything(tmp_path: Path) -> None:
    with pytest.raises(TagMapError, match="scan_ms"):
        await probe(_changed(tmp_path, "scan_ms = 20", "scan_ms = 0"))


async def test_an_unknown_scheme_is_answered_with_the_known_ones() -> None:
    with pytest.raises(PlcError, match=r'no driver for the scheme .modbuss.* - did you mean "modbus".*opc\.tcp://'):
        open_port(read_map(OVEN), "modbuss://127.0.0.1:1")


async def _probe(bench: Bench, path: Path, *, settled: str = "") -> ProbeReport:
    """Probe through the bench; a server may show a forced value a moment later, so ask until `settled` is told."""
    for _ in range(50):
        report = await probe(path, bench.url, open_port=bench.open_port)
        if not settled or any(finding.place == settled for finding in report.findings):
            break
    return report


def _changed(folder: Path, old: str, new: str, *more: tuple[str, str]) -> Path:
    text = OVEN.read_text(encoding="utf-8")
    for before, after in ((old, new), *more):
        assert before in text
        text = text.replace(before, after, 1)
    path = folder / "changed.toml"
    path.write_text(text, encoding="utf-8")
    return path
