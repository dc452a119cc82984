"""The report in its three forms."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

from mes.plc.conform.conduct import ConformanceReport
from mes.plc.conform.sheet import Sheet
from mes.plc.conform.written import as_document, as_junit, as_text

CHECKS = {
    "CMD-04": "Held takes no update",
    "EPO-01": "Old epochs are refused",
    "PWR-02": "No replay",
    "REP-01": "Finite",
}


def report() -> ConformanceReport:
    sheet = Sheet("OV-1.PH", CHECKS)
    for place in range(7):
        seen = f"AckRes 1 \x07 & <{place}>"
        sheet.expect("CMD-04", False, state="11 held", command="Cmd 11", written="CmdSeq 3", seen=seen, contract="7")
    sheet.expect("EPO-01", True, seen="", contract="")
    sheet.remark("PWR-02", "it takes a restart")
    sheet.expect("REP-01", True, seen="", contract="")
    sheet.remark("REP-01", "not with COOL")
    return ConformanceReport(
        plc="OV",
        source="modbus://127.0.0.1:1",
        duration_s=12.5,
        phases={"OV-1.PH": "BAKE"},
        outcomes=tuple(sheet.outcomes()),
        notes=("the PLC has seen epoch 9",),
    )


def test_the_text_tells_first_what_failed_and_last_what_was_shown_in_part() -> None:
    text = as_text(report())
    assert text.startswith("OV at modbus://127.0.0.1:1: 2 passed, 1 failed, 1 not shown (12 s)")
    order = [text.index(part) for part in ("FAILED", "NOT SHOWN", "\nPASSED\n", "SHOWN IN PART ONLY", "Note: ")]
    assert order == sorted(order)
    assert "OV-1.PH in 11 held\n        command  Cmd 11\n        written  CmdSeq 3\n" in text
    assert "OV-1.PH: and 2 more times" in text
    assert "OV-1.PH: it takes a restart\n      PWR-02" in text


def test_the_json_is_the_whole_report() -> None:
    document = json.loads(json.dumps(as_document(report())))
    assert document["counts"] == {"pass": 2, "fail": 1, "not shown": 1}
    verdicts = {outcome["check"]: outcome["verdict"] for outcome in document["outcomes"]}
    assert verdicts == {"CMD-04": "fail", "EPO-01": "pass", "PWR-02": "not shown", "REP-01": "pass"}
    failed = document["outcomes"][0]
    assert (failed["more_failures"], len(failed["failures"])) == (2, 5)
    assert set(failed["failures"][0]) == {"state", "command", "written", "seen", "contract"}


def test_the_junit_report_is_xml_that_build_servers_count() -> None:
    root = ET.fromstring(as_junit(report()))
    (suite,) = root.findall("testsuite")
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "skipped")} == {
        "name": "OV-1.PH",
        "tests": "4",
        "failures": "1",
        "skipped": "1",
    }
    (failure,) = suite.findall("testcase/failure")
    assert failure.get("type") == "CMD-04"
    assert "\x07" not in (failure.text or "")
    assert "AckRes 1 \N{REPLACEMENT CHARACTER} & <0>" in (failure.text or "")
    (skipped,) = suite.findall("testcase/skipped")
    assert skipped.get("message") == "it takes a restart"
