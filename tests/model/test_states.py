"""The life table against an expectation written down on its own, and the laws of a parent's state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.model.states import (
    AT_REST,
    FINAL,
    TRANSITIONS,
    Command,
    CommandRefused,
    ProceduralState,
    allowed_commands,
    commanded,
    done,
    parent_state,
)

# One row a state, one column a command (start pause resume hold restart stop abort reset update); "." is refused:
# update gives a running phase new parameters and changes no state.
# Written from the example state table of ISA-88 with the acting states starting, completing, resuming and resetting.
COLUMNS = "start pause resume hold restart stop abort reset update".split()
EXPECTED = """
idle        starting .       .        .       .          .        .        .           .
starting    .        .       .        holding .          stopping aborting .           .
running     .        pausing .        holding .          stopping aborting .           .
completing  .        .       .        .       .          stopping aborting .           .
complete    .        .       .        .       .          .        .        resetting   .
pausing     .        .       .        holding .          stopping aborting .           .
paused      .        .       resuming holding .          stopping aborting .           .
resuming    .        .       .        holding .          stopping aborting .           .
holding     .        .       .        .       .          stopping aborting .           .
held        .        .       .        .       restarting stopping aborting .           .
restarting  .        .       .        holding .          stopping aborting .           .
stopping    .        .       .        .       .          .        aborting .           .
stopped     .        .       .        .       .          .        aborting resetting   .
aborting    .        .       .        .       .          .        .        .           .
aborted     .        .       .        .       .          .        .        resetting   .
resetting   .        .       .        .       .          .        .        .           .
"""
TABLE = {row.split()[0]: dict(zip(COLUMNS, row.split()[1:], strict=True)) for row in EXPECTED.strip().splitlines()}
WHEN_DONE = {
    "starting": "running",
    "running": "completing",
    "completing": "complete",
    "pausing": "paused",
    "resuming": "running",
    "holding": "held",
    "restarting": "running",
    "stopping": "stopped",
    "aborting": "aborted",
    "resetting": "idle",
}

S = ProceduralState
C = Command
states = st.sampled_from(ProceduralState)
children = st.lists(states, min_size=1, max_size=6)
commands = st.sampled_from(Command)


def test_the_expectation_names_every_state_and_every_command() -> None:
    assert set(TABLE) == {state.value for state in S}
    assert set(COLUMNS) == {command.value for command in C}


@pytest.mark.parametrize("command", C)
@pytest.mark.parametrize("state", S)
def test_a_command_leads_where_the_expectation_says_or_is_refused(state: S, command: C) -> None:
    expected = TABLE[state.value][command.value]
    legal = {name for name, destination in TABLE[state.value].items() if destination != "."}
    assert {found.value for found in allowed_commands(state)} == legal
    if expected != ".":
        assert commanded(state, command).value == expected
        return
    with pytest.raises(CommandRefused) as refusal:
        commanded(state, command)
    assert f"{command.value} is not possible in state {state.value}" in str(refusal.value)
    assert {found.value for found in refusal.value.legal} == legal
    named = str(refusal.value).partition("possible now: ")[2]
    assert set(named.split(", ")) == (legal or {"none"})


@pytest.mark.parametrize("state", S)
def test_a_finished_acting_state_leads_on_and_a_state_at_rest_stays(state: S) -> None:
    assert done(state).value == WHEN_DONE.get(state.value, state.value)
    assert (state in AT_REST) == (state.value not in WHEN_DONE)


def test_commands_are_offered_in_the_order_people_know_them() -> None:
    assert allowed_commands(S.RUNNING) == (C.PAUSE, C.HOLD, C.STOP, C.ABORT)


def test_a_refusal_leaves_the_table_ready_for_the_next_command() -> None:
    with pytest.raises(CommandRefused):
        commanded(S.HELD, C.PAUSE)
    assert commanded(S.HELD, C.RESTART) is S.RESTARTING


def test_no_pair_of_state_and_trigger_is_listed_twice() -> None:
    pairs = [(trigger, source) for trigger, source, _ in TRANSITIONS]
    assert len(pairs) == len(set(pairs))


@given(children)
def test_a_parent_that_was_never_started_is_idle(below: list[S]) -> None:
    assert parent_state(None, below) is S.IDLE


@given(commands, children)
def test_a_parent_is_complete_exactly_when_every_child_is(command: C, below: list[S]) -> None:
    assert (parent_state(command, below) is S.COMPLETE) == all(state is S.COMPLETE for state in below)


@given(commands, children)
def test_a_parent_rests_only_when_every_child_rests(command: C, below: list[S]) -> None:
    if parent_state(command, below) in AT_REST:
        assert all(state in AT_REST for state in below)


@given(st.sampled_from([C.STOP, C.ABORT]), children)
def test_a_parent_ends_early_only_when_no_child_is_left_held_or_paused(command: C, below: list[S]) -> None:
    if parent_state(command, below) in FINAL:
        assert all(state in FINAL or state is S.IDLE for state in below)


@given(children)
def test_abort_wins_over_whatever_the_children_do(below: list[S]) -> None:
    assert parent_state(C.ABORT, below) in {S.ABORTING, S.ABORTED, S.COMPLETE}


@given(st.sampled_from([C.HOLD, C.PAUSE, C.STOP, C.ABORT]), children)
def test_a_parent_shows_its_command_until_the_children_have_followed(command: C, below: list[S]) -> None:
    acting = {C.HOLD: S.HOLDING, C.PAUSE: S.PAUSING, C.STOP: S.STOPPING, C.ABORT: S.ABORTING}[command]
    reached = {C.HOLD: S.HELD, C.PAUSE: S.PAUSED, C.STOP: S.STOPPED, C.ABORT: S.ABORTED}[command]
    assert parent_state(command, below) in {acting, reached, S.COMPLETE}
    if S.RUNNING in below:
        assert parent_state(command, below) is acting


@given(commands, children)
def test_the_order_of_the_children_does_not_matter(command: C, below: list[S]) -> None:
    ordered = sorted(below)
    assert parent_state(command, below) is parent_state(command, ordered)


@pytest.mark.parametrize(
    ("command", "below", "expected"),
    [
        (C.START, [S.IDLE, S.IDLE], S.RUNNING),
        (C.START, [S.COMPLETE, S.IDLE], S.RUNNING),
        (C.START, [S.COMPLETE, S.COMPLETE], S.COMPLETE),
        (C.HOLD, [S.COMPLETE, S.RUNNING], S.HOLDING),
        (C.HOLD, [S.COMPLETE, S.HELD, S.IDLE], S.HELD),
        (C.HOLD, [S.PAUSED, S.HELD], S.HOLDING),
        (C.RESTART, [S.HELD, S.IDLE], S.RESTARTING),
        (C.RESTART, [S.RESTARTING, S.RUNNING], S.RESTARTING),
        (C.RESTART, [S.RUNNING, S.IDLE], S.RUNNING),
        (C.PAUSE, [S.PAUSED, S.RUNNING], S.PAUSING),
        (C.PAUSE, [S.PAUSED, S.HELD, S.COMPLETE], S.PAUSED),
        (C.RESUME, [S.PAUSED, S.RUNNING], S.RESUMING),
        (C.RESUME, [S.RUNNING], S.RUNNING),
        (C.STOP, [S.HELD, S.COMPLETE], S.STOPPING),
        (C.STOP, [S.STOPPED, S.COMPLETE, S.IDLE], S.STOPPED),
        (C.ABORT, [S.ABORTED, S.STOPPED, S.IDLE], S.ABORTED),
        (C.ABORT, [S.ABORTED, S.PAUSED], S.ABORTING),
        (C.RESET, [S.RESETTING, S.IDLE], S.RESETTING),
        (C.RESET, [S.IDLE, S.IDLE], S.IDLE),
    ],
)
def test_a_parent_follows_its_children(command: C, below: list[S], expected: S) -> None:
    assert parent_state(command, below) is expected
