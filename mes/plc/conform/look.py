"""One look at the status of a slot, and the continuity between looks: what StateChg and StatusEnd vouch for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mes.model.reading import Reading
from mes.plc.conform.contract import PlcState, reached, state_words
from mes.plc.conform.sheet import Sheet
from mes.plc.status import STATUS_16, good_number
from mes.plc.tagmap import PARAMETERS, REPORTS, Slot

LATCHED = ("ActExec", "LastExec", *(f"SpAct{place}" for place in range(1, PARAMETERS + 1)))
REPORTED = tuple(f"Rep{place}" for place in range(1, REPORTS + 1))
MOST_STEPS = 6
"""Changes between two looks up to which the way is followed; a slot cannot make more in the time between them."""

AHEAD_S = 0.3
"""Wall seconds in which a State that lags behind its StateChg has to follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The 16-bit part of a status block as one request gave it; `at_s` is when the request was made, in loop time."""

    at_s: float
    state: int
    changes: int
    ack_seq: int
    ack_result: int
    enabled: int
    mode: int
    interlock: int
    step: int
    fail_code: int
    phase_number: int
    end: int

    @property
    def torn(self) -> bool:
        """True when the block was read across a change."""
        return self.changes != self.end

    def __str__(self) -> str:
        return f"State {state_words(self.state)}, StateChg {self.changes}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Latched:
    """The 32-bit part of a status block: execution, last execution, and the parameters in force."""

    active: int
    last: int
    parameters: tuple[float | None, ...]

    def __str__(self) -> str:
        used = max((place for place, value in enumerate(self.parameters, 1) if value != 0.0), default=0)
        shown = ", ".join("bad" if value is None else f"{value:g}" for value in self.parameters[:used]) or "all 0"
        return f"ActExec {self.active}, LastExec {self.last}, SpAct {shown}"


def look_tags(slot: Slot) -> tuple[str, ...]:
    """Give the tags of one look."""
    return tuple(slot.tag(field) for field in STATUS_16)


def look_of(slot: Slot, readings: Mapping[str, Reading], at_s: float) -> Look:
    """Make a look of readings; raises `PlcError` that names a tag that is not good."""
    value = {field: good_number(readings, slot.tag(field)) for field in STATUS_16}
    return Look(
        at_s=at_s,
        state=value["State"],
        changes=value["StateChg"],
        ack_seq=value["AckSeq"],
        ack_result=value["AckRes"],
        enabled=value["CmdEn"],
        mode=value["Mode"],
        interlock=value["Interlock"],
        step=value["Step"],
        fail_code=value["FailCode"],
        phase_number=value["ProcAct"],
        end=value["StatusEnd"],
    )


def latched_of(slot: Slot, readings: Mapping[str, Reading]) -> Latched:
    """Make the latched values of readings; raises `PlcError` that names a tag that is not good."""
    values = [readings[slot.tag(field)].value for field in LATCHED[2:]]
    return Latched(
        active=good_number(readings, slot.tag("ActExec")),
        last=good_number(readings, slot.tag("LastExec")),
        parameters=tuple(None if value is None else float(value) for value in values),
    )


class Continuity:
    """Follows one slot from look to look. `command` is the one under way, `silent` the comm-loss command in force."""

    def __init__(self, sheet: Sheet) -> None:
        self.command = 0
        self.silent = 0
        self._sheet = sheet
        self._last: Look | None = None
        self._ahead_s: float | None = None

    def forget(self) -> None:
        """Begin anew, as after a restart of the PLC."""
        self._last = None
        self._ahead_s = None

    def note(self, look: Look) -> None:
        """Compare a look that is not torn with the one before it."""
        last, self._last = self._last, look
        if last is None:
            return
        if look.ack_seq == last.ack_seq and look.ack_result != last.ack_result:
            seen = f"AckSeq {look.ack_seq} with AckRes {last.ack_result}, then with AckRes {look.ack_result}"
            self._sheet.expect("ACK-03", False, seen=seen, contract="write AckRes, then AckSeq")
        steps = (look.changes - last.changes) & 0xFFFF
        between = f"{last}; {(look.at_s - last.at_s) * 1000:.0f} ms later {look}, StatusEnd {look.end}"
        if self._ahead_s is not None:
            self._judge_ahead(last, look, steps, between, self._ahead_s)
        elif steps == 0:
            same = look.state == last.state
            self._sheet.expect("CHG-01", same, seen=between, contract="one more at every change of state")
        elif steps == 1 and look.state == last.state:
            # Counted without a change, or ahead of it: the next looks tell.
            self._ahead_s = look.at_s
        else:
            self._judge_way(last, look, steps, between)

    def _judge_ahead(self, last: Look, look: Look, steps: int, between: str, ahead_s: float) -> None:
        if look.state != last.state:
            self._ahead_s = None
            contract = "StatusEnd is the value of StateChg, written last"
            self._sheet.expect("TRN-02", False, seen=between, contract=contract)
        elif steps or look.at_s - ahead_s > AHEAD_S:
            self._ahead_s = None
            self._sheet.expect("CHG-02", False, seen=between, contract="one more at every change of state")

    def _judge_way(self, last: Look, look: Look, steps: int, between: str) -> None:
        state = PlcState(last.state)
        possible = reached(state, steps, self.command, self.silent) if steps <= MOST_STEPS else frozenset()
        there = ", ".join(state_words(one) for one in sorted(possible)) or "no state"
        contract = f"one more at every change of state: {steps} after {state_words(state)} is {there}"
        if self._sheet.expect("CHG-02", look.state in possible, seen=between, contract=contract):
            self._sheet.expect("CHG-01", True, seen=between, contract=contract)
            self._sheet.expect("TRN-02", True, seen=between, contract=contract)
