"""A dry run waits as long as something may still happen, and no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mes.model.execution import BatchState
from mes.model.states import ProceduralState
from mes.model.waiting import Wait, WaitKind
from mes.rehearsal.patience import QUIET_S, RUN, WAITED, Patience
from tests.rehearsal.portion import PURGE, portion_batch

S = ProceduralState
AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def wait_for(kind: WaitKind) -> Wait:
    return Wait(kind=kind, text="it")


def given_up(state: BatchState, kind: WaitKind, after: timedelta, *, wall_s: float = QUIET_S) -> str:
    patience = Patience(longest_s=3600)
    assert patience.over(state, [wait_for(kind)], AT, 100.0) == ""
    return patience.over(state, [wait_for(kind)], AT + after, 100.0 + wall_s)


@pytest.mark.parametrize("kind", [WaitKind.PERSON, WaitKind.UNIT, WaitKind.SLOT, WaitKind.BREAKPOINT, WaitKind.SYNC])
def test_what_nobody_brings_about_is_given_up_at_once_but_not_while_orders_may_be_on_their_way(kind: WaitKind) -> None:
    assert "nothing that it waits for comes by itself" in given_up(portion_batch(), kind, HOUR)
    assert given_up(portion_batch(), kind, 9 * WAITED, wall_s=QUIET_S / 2) == ""


@pytest.mark.parametrize("kind", [WaitKind.CONDITION, WaitKind.INTERLOCK, WaitKind.TIME])
def test_what_the_plant_or_the_clock_may_end_has_half_a_day(kind: WaitKind) -> None:
    assert given_up(portion_batch(), kind, WAITED) == ""
    assert "13.0 process hours" in given_up(portion_batch(), kind, WAITED + HOUR)


def test_a_phase_may_run_four_times_as_long_as_expected_and_a_day() -> None:
    running = portion_batch(**{PURGE: S.RUNNING})
    assert given_up(running, WaitKind.PERSON, RUN + 4 * HOUR) == ""
    assert "while phases run" in given_up(running, WaitKind.PERSON, RUN + 5 * HOUR)


def test_a_held_batch_is_given_up_with_its_reason() -> None:
    held = replace(portion_batch(**{"": S.HELD}), because="the filter is blocked")
    assert given_up(held, WaitKind.CONDITION, HOUR) == "the batch is held: the filter is blocked"


def test_a_batch_in_which_something_happens_is_never_given_up() -> None:
    patience = Patience(longest_s=0)
    for number, state in enumerate((S.RUNNING, S.COMPLETE, S.IDLE)):
        at, wall_s = AT + number * 100 * HOUR, number * 100.0
        assert patience.over(portion_batch(**{PURGE: state}), [wait_for(WaitKind.PERSON)], at, wall_s) == ""
