"""The table of the check is that of the page on the phase interface, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.phase import PhaseCommand
from mes.plc.codec import single
from mes.plc.conform.block import above, below
from mes.plc.conform.catalogue import CHECKS, chosen_checks
from mes.plc.conform.contract import BY_ITSELF, LEADS_TO, SETTLED, PlcState, next_command, reached

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
INTERFACE = (DOCS / "phase-interface.md").read_text("utf-8")
S, C = PlcState, PhaseCommand
REALS = st.floats(
    width=32, allow_nan=False, allow_infinity=False, allow_subnormal=False, min_value=-(2.0**100), max_value=2.0**100
)


def state(word: str) -> PlcState:
    return PlcState[word.strip().upper()]


def test_every_command_is_legal_where_the_page_says() -> None:
    (table,) = re.findall(r"^## Commands\n(.+?)^Anything else", INTERFACE, re.MULTILINE | re.DOTALL)
    rows = re.findall(r"^\| (\d+) \| (\w+) \| ([a-z, ]+) \| (\w+)[^|]*\|$", table, re.MULTILINE)
    told = {
        (state(one), PhaseCommand(int(number))): state(to) for number, _, where, to in rows for one in where.split(",")
    }
    assert len(rows) == 9
    assert told == {(here, command): there for here, row in LEADS_TO.items() for command, there in row.items()}


def test_every_acting_state_ends_where_the_page_says() -> None:
    (table,) = re.findall(r"\| acting state \| ends in \| when \|\n\|[-|]+\|\n((?:\|.*\n)+)", INTERFACE)
    ends: dict[PlcState, set[PlcState]] = {}
    for row in table.splitlines():
        acting, ending, _ = (cell.strip() for cell in row.strip("|").split("|"))
        states = [state(one) for one in re.findall(r"\w+", ending.split(" on ")[0]) if one != "or"]
        for place, one in enumerate(acting.split(",")):
            several = len(acting.split(",")) == len(states) > 1
            ends[state(one)] = {states[place]} if several else set(states)
    tripped = {S.STARTING, S.RESTARTING, S.RESUMING}  # rule 6: an interlock
    wanted = {acting: ending | ({S.HOLDING} if acting in tripped else set()) for acting, ending in ends.items()}
    assert {acting: set(ending) for acting, ending in BY_ITSELF.items()} == wanted


@pytest.mark.parametrize("here", SETTLED)
@pytest.mark.parametrize("there", SETTLED - {S.COMPLETE})
def test_commands_lead_from_every_settled_state_to_every_other(here: PlcState, there: PlcState) -> None:
    if here is not there:
        command = next_command(here, there)
        assert command in LEADS_TO[here]


def test_a_state_is_reached_in_as_many_changes_as_lie_on_the_way() -> None:
    assert reached(S.IDLE, 2, C.START) == {S.RUNNING, S.HOLDING}
    assert reached(S.RUNNING, 2) == {S.COMPLETE, S.HELD}
    assert reached(S.IDLE, 1) == frozenset()
    assert reached(S.PAUSED, 2, 0, C.HOLD) == {S.HELD}


@given(REALS)
def test_nothing_lies_between_a_limit_and_its_neighbours(limit: float) -> None:
    value = single(limit)
    assert below(limit) < value < above(limit)
    for neighbour in (below(limit), above(limit)):
        assert single(neighbour) == neighbour
        assert single((neighbour + value) / 2) in (neighbour, value) or value == 0.0


def test_every_check_is_in_the_reference() -> None:
    page = (DOCS / "conformance.md").read_text("utf-8")
    told = dict(re.findall(r"^\| ([A-Z]{3}-\d\d) \| (.+?) \|$", page, re.MULTILINE))
    assert told == CHECKS


def test_checks_are_chosen_by_how_their_ids_begin() -> None:
    assert chosen_checks(()) == set(CHECKS)
    assert chosen_checks(("epo-01", "TRN")) == {"EPO-01", "TRN-01", "TRN-02"}
