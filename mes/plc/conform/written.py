"""The report of a conformance check for people, for programs, and for build servers (JUnit)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from mes.plc.conform.conduct import ConformanceReport
from mes.plc.conform.sheet import Failure, Outcome, Verdict

PARTS = ("command", "written", "seen", "contract")


def as_document(report: ConformanceReport) -> dict[str, Any]:
    """Give the report as one JSON document; docs/reference/conformance.md lists its keys."""
    counts = {verdict.value: report.count(verdict) for verdict in Verdict}
    return {**asdict(report), "outcomes": [_plain(outcome) for outcome in report.outcomes], "counts": counts}


def _plain(outcome: Outcome) -> dict[str, Any]:
    return {**asdict(outcome), "verdict": outcome.verdict.value}


def as_text(report: ConformanceReport) -> str:
    """Give the report as lines for a terminal: what failed first, then what was not shown, then what passed."""
    return "\n".join([*_head(report), *_body(report), *(f"Note: {note}." for note in report.notes)])


def summary(report: ConformanceReport) -> str:
    """Give the report in one line."""
    counts = f"{report.count(Verdict.PASS)} passed, {report.count(Verdict.FAIL)} failed, "
    counts += f"{report.count(Verdict.NOT_SHOWN)} not shown"
    return f"{report.plc} at {report.source}: {counts} ({report.duration_s:.0f} s)"


def _head(report: ConformanceReport) -> Iterator[str]:
    yield summary(report)
    for slot, phase in report.phases.items():
        yield f"  {slot}: " + (f"tried with {phase}" if phase else "no phase came to run")
    yield ""


def _body(report: ConformanceReport) -> Iterator[str]:
    failed = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.FAIL]
    not_shown = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.NOT_SHOWN]
    passed = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.PASS]
    if failed:
        yield "FAILED"
        yield from _failed(failed)
    if not_shown:
        yield "NOT SHOWN"
        yield from _remarked(not_shown)
    if passed:
        yield "PASSED"
        for check, outcomes in _by_check(passed).items():
            yield f"  {check}  {outcomes[0].sentence} ({', '.join(outcome.subject for outcome in outcomes)})"
        yield ""
    if any(outcome.remarks for outcome in passed):
        yield "PASSED, BUT SHOWN IN PART ONLY"
        yield from _remarked(passed)


def _by_check(outcomes: Iterable[Outcome]) -> Mapping[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault(outcome.check, []).append(outcome)
    return found


def _failed(outcomes: Iterable[Outcome]) -> Iterator[str]:
    for check, of_check in _by_check(outcomes).items():
        yield f"  {check}  {of_check[0].sentence}"
        for outcome in of_check:
            for failure in outcome.failures:
                yield from _failure(outcome.subject, failure)
            if outcome.more_failures:
                yield f"      {outcome.subject}: and {outcome.more_failures} more times"
    yield ""


def _remarked(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """Tell each remark once, with the checks and the subjects it is about."""
    about: dict[str, dict[str, list[str]]] = {}
    for outcome in outcomes:
        for remark in outcome.remarks:
            about.setdefault(remark, {}).setdefault(outcome.subject, []).append(outcome.check)
    for remark, subjects in about.items():
        by_checks: dict[tuple[str, ...], list[str]] = {}
        for subject, checks in subjects.items():
            by_checks.setdefault(tuple(checks), []).append(subject)
        for checks_, names in by_checks.items():
            yield f"  {', '.join(names)}: {remark}"
            yield f"      {' '.join(checks_)}"
    yield ""


def _failure(subject: str, failure: Failure) -> Iterator[str]:
    yield f"      {subject}" + (f" in {failure.state}" if failure.state else "")
    for part in PARTS:
        if text := getattr(failure, part):
            yield f"        {part:<8} {text}"


def as_junit(report: ConformanceReport) -> str:
    """Give the report as JUnit XML: a suite for the PLC and one for each slot, what was not shown as skipped."""
    root = ET.Element("testsuites", name=f"MES-Phase v1 conformance of {report.plc}", time=f"{report.duration_s:.3f}")
    subjects = dict.fromkeys(outcome.subject for outcome in report.outcomes)
    for subject in subjects:
        outcomes = [outcome for outcome in report.outcomes if outcome.subject == subject]
        failures = sum(outcome.verdict is Verdict.FAIL for outcome in outcomes)
        skipped = sum(outcome.verdict is Verdict.NOT_SHOWN for outcome in outcomes)
        suite = ET.SubElement(root, "testsuite", name=_printable(subject), errors="0")
        for name, count in (("tests", len(outcomes)), ("failures", failures), ("skipped", skipped)):
            suite.set(name, str(count))
        for outcome in outcomes:
            _add_case(suite, outcome)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add_case(suite: ET.Element, outcome: Outcome) -> None:
    name = f"{outcome.check} {outcome.sentence}"
    case = ET.SubElement(suite, "testcase", classname=_printable(outcome.subject), name=name)
    if outcome.verdict is Verdict.FAIL:
        told = [str(failure) for failure in outcome.failures]
        told += [f"and {outcome.more_failures} more times"] if outcome.more_failures else []
        failure = ET.SubElement(case, "failure", message=_printable(outcome.failures[0].seen), type=outcome.check)
        failure.text = _printable("\n".join(told))
    elif outcome.verdict is Verdict.NOT_SHOWN:
        ET.SubElement(case, "skipped", message=_printable("; ".join(outcome.remarks)))


def _printable(text: str) -> str:
    """Give a text without the characters that XML cannot hold."""
    return "".join(char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text)
