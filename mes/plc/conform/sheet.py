"""What the checks have shown: evidence collected for each slot, and the verdict that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

MOST_FAILURES = 5
"""Failures told of one check on one slot; the others are counted."""


class Verdict(StrEnum):
    """How a check ended; what could not be shown has not passed."""

    PASS = "pass"  # noqa: S105 - the verdict, no secret
    FAIL = "fail"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One proof that the contract is not kept: the situation, what was written and seen, what the contract says."""

    state: str
    command: str
    written: str
    seen: str
    contract: str

    def __str__(self) -> str:
        parts = (("in", self.state), ("command", self.command), ("written", self.written), ("seen", self.seen))
        told = [f"{word} {text}" for word, text in parts if text]
        return "; ".join([*told, f"the contract says: {self.contract}"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Verdict of one check on one slot (or on the PLC): how often it was seen to hold, and what speaks against it.

    `remarks` say what of it could not be shown, also beside a pass.
    """

    check: str
    sentence: str
    subject: str
    verdict: Verdict
    shown: int
    failures: tuple[Failure, ...] = ()
    more_failures: int = 0
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Evidence:
    shown: int = 0
    failures: list[Failure] = field(default_factory=list)
    more: int = 0
    remarks: list[str] = field(default_factory=list)


class Sheet:
    """The evidence on one subject, a slot or the PLC itself."""

    def __init__(self, subject: str, checks: dict[str, str]) -> None:
        self.subject = subject
        self._checks = checks
        self._evidence = {check: _Evidence() for check in checks}

    def expect(
        self,
        check: str,
        holds: bool,
        *,
        contract: str,
        seen: str,
        state: str = "",
        command: str = "",
        written: str = "",
    ) -> bool:
        """Note one observation; gives `holds`."""
        evidence = self._evidence.get(check)
        if evidence is None:
            return holds
        if holds:
            evidence.shown += 1
        elif len(evidence.failures) < MOST_FAILURES:
            evidence.failures.append(
                Failure(state=state, command=command, written=written, seen=seen, contract=contract)
            )
        else:
            evidence.more += 1
        return holds

    def remark(self, checks: str | Iterable[str], why: str) -> None:
        """Note why something about these checks could not be shown."""
        for check in (checks,) if isinstance(checks, str) else checks:
            evidence = self._evidence.get(check)
            if evidence is not None and why not in evidence.remarks:
                evidence.remarks.append(why)

    def failed(self, check: str) -> bool:
        """Say whether something speaks against a check already."""
        return bool(self._evidence[check].failures) if check in self._evidence else False

    def outcomes(self) -> list[Outcome]:
        """Give the verdict of every check of this sheet."""
        return [self._outcome(check, evidence) for check, evidence in self._evidence.items()]

    def _outcome(self, check: str, evidence: _Evidence) -> Outcome:
        verdict = Verdict.FAIL if evidence.failures else Verdict.PASS if evidence.shown else Verdict.NOT_SHOWN
        remarks = tuple(evidence.remarks)
        if verdict is Verdict.NOT_SHOWN and not remarks:
            remarks = ("the check did not come to it",)
        return Outcome(
            check=check,
            sentence=self._checks[check],
            subject=self.subject,
            verdict=verdict,
            shown=evidence.shown,
            failures=tuple(evidence.failures),
            more_failures=evidence.more,
            remarks=remarks,
        )
